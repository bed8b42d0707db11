"""Facts a person may tell about themselves: the ways to tell each, to ask for it, and to answer. A table.

Not here: how a conversation is made of them (`skills.remember_fact`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from chatzero.curriculum.names import draw_names
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Lang
from chatzero.curriculum.words import BY_KIND

Value = Callable[[Random, Lang], str]


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


_CITIES: dict[Lang, tuple[str, ...]] = {
    "en": _split(
        "Beijing,Shanghai,Hangzhou,Xian,Chengdu,London,Paris,Rome,Berlin,Madrid,Oslo,Vienna,Cairo,Tokyo,Seoul,Boston,"
        "Chicago,Toronto,Sydney,Lima,Athens,Dublin,Prague,Moscow,New York"
    ),
    "zh": _split(
        "北京,上海,杭州,西安,成都,广州,深圳,武汉,南京,重庆,苏州,天津,青岛,长沙,昆明,厦门,大连,拉萨,哈尔滨,伦敦,巴黎,东京,"
        "纽约,悉尼"
    ),
}
_HOBBIES: dict[Lang, tuple[str, ...]] = {
    "en": _split("reading,painting,cooking,dancing,singing,fishing,chess,running,swimming,hiking,gardening"),
    "zh": _split("看书,画画,做饭,跳舞,唱歌,钓鱼,下棋,跑步,游泳,爬山,摄影,书法"),
}
_PETS: dict[Lang, tuple[str, ...]] = {
    "en": _split("cat,dog,bird,rabbit,fish,snake,mouse,frog,duck,horse,parrot,turtle,hamster,goat"),
    "zh": _split("猫,狗,小鸟,兔子,金鱼,蛇,仓鼠,青蛙,鸭子,马,鹦鹉,乌龟,羊"),
}
_JOBS: dict[Lang, tuple[str, ...]] = {
    "en": _split("teacher,student,doctor,nurse,cook,farmer,singer,driver,writer,painter,lawyer,pilot"),
    "zh": _split("老师,学生,医生,护士,厨师,农民,歌手,司机,作家,画家,律师,飞行员"),
}


def _of_kind(*kinds: str) -> Value:
    words = tuple(word for kind in kinds for word in BY_KIND[kind])
    return lambda rng, lang: rng.choice(words).text(lang)


def _listed(table: dict[Lang, tuple[str, ...]]) -> Value:
    return lambda rng, lang: rng.choice(table[lang])


def _number(rng: Random, lang: Lang) -> str:
    return str(rng.randint(2, 99))


def _name(rng: Random, lang: Lang) -> str:
    return draw_names(rng, lang, 1)[0][0]


@dataclass(frozen=True)
class PersonalFact:
    """One thing to tell. `is_name` says that its value is the name of somebody, so that it is split by the name."""

    id: str
    value: Value
    tell: Phrasings
    ask: Phrasings
    answer: dict[Lang, str]

    @property
    def is_name(self) -> bool:
        return self.value is _name


def _fact(
    id_: str,
    value: Value,
    en: tuple[tuple[str, ...], tuple[str, ...], str],
    zh: tuple[tuple[str, ...], tuple[str, ...], str],
) -> PersonalFact:
    tell, ask = Phrasings(en=en[0], zh=zh[0]), Phrasings(en=en[1], zh=zh[1])
    return PersonalFact(id_, value, tell, ask, {"en": en[2], "zh": zh[2]})


def _favourite(en: str, zh: str, value: Value, *, verb: str = "喜欢", the: str = "") -> PersonalFact:
    """My favourite colour, food, animal, ... `the` stands before the value where English wants an article."""
    return _fact(
        f"favourite {en}",
        value,
        (
            (
                f"My [favourite|favorite] {en} is {the}{{v}}.",
                f"The {en} I like [best|most] is {the}{{v}}.",
                f"{the}{{v}} is my favourite {en}.",
            ),
            (
                f"[What is|What's] my [favourite|favorite] {en}?",
                f"[Which|What] {en} do I like [best|most]?",
                f"Do you [remember|know|still remember] my favourite {en}?",
                f"Tell me my favourite {en}.",
            ),
            f"Your favourite {en} is {the}{{v}}.",
        ),
        (
            (
                f"我最{verb}的{zh}是{{v}}。",
                f"我最{verb}{{v}}。",
                f"{{v}}是我最{verb}的{zh}。",
                f"{zh}里我最{verb}{{v}}。",
            ),
            (
                f"我最{verb}[的{zh}是什么|什么{zh}]？",
                f"你[还记得|记得|知道]我最{verb}[什么{zh}|的{zh}|的{zh}是什么]吗？",
                f"我刚才说我最{verb}什么{zh}？",
                f"说出我最{verb}的{zh}。",
            ),
            f"你最{verb}的{zh}是{{v}}。",
        ),
    )


def _coloured(en: str, zh: str, measure: str) -> PersonalFact:
    """My car is red."""
    return _fact(
        f"colour of {en}",
        _of_kind("colour"),
        (
            (f"My {en} is {{v}}.", f"I have a {{v}} {en}.", f"The colour of my {en} is {{v}}."),
            (
                f"What [colour|color] is my {en}?",
                f"Which colour is my {en}?",
                f"Do you [remember|know] the colour of my {en}?",
                f"[What is|What's] the [colour|color] of my {en}?",
            ),
            f"Your {en} is {{v}}.",
        ),
        (
            (f"我的{zh}是{{v}}的。", f"我有一{measure}{{v}}的{zh}。", f"我的{zh}的颜色是{{v}}。"),
            (
                f"我的{zh}是什么颜色[的|]？",
                f"你[记得|知道|还记得]我的{zh}是什么颜色吗？",
                f"我的{zh}的颜色是什么？",
                f"说说我的{zh}是什么颜色。",
            ),
            f"你的{zh}是{{v}}的。",
        ),
    )


def _named(en: str, zh: str, measure: str) -> PersonalFact:
    """My dog is called Rex."""
    return _fact(
        f"name of {en}",
        _name,
        (
            (
                f"My {en} is called {{v}}.",
                f"My {en}'s name is {{v}}.",
                f"The name of my {en} is {{v}}.",
                f"I have a {en} called {{v}}.",
            ),
            (
                f"[What is|What's] [my {en}'s name|the name of my {en}]?",
                f"What is my {en} called?",
                f"Do you [remember|know] [my {en}'s name|the name of my {en}]?",
                f"Tell me the name of my {en}.",
            ),
            f"Your {en} is called {{v}}.",
        ),
        (
            (
                f"我的{zh}叫{{v}}。",
                f"我的{zh}名字叫{{v}}。",
                f"我[|还]有一{measure}{zh}，叫{{v}}。",
                f"我的{zh}的名字是{{v}}。",
            ),
            (
                f"我的{zh}叫什么[名字|]？",
                f"你[还记得|记得|知道]我的{zh}叫什么[名字|]吗？",
                f"我的{zh}的名字是什么？",
                f"说出我的{zh}的名字。",
            ),
            f"你的{zh}叫{{v}}。",
        ),
    )


FACTS: tuple[PersonalFact, ...] = (
    _favourite("colour", "颜色", _of_kind("colour")),
    _favourite("animal", "动物", _of_kind("animal"), the="the "),
    _favourite("fruit", "水果", _of_kind("fruit")),
    _favourite("drink", "饮料", _of_kind("drink"), verb="爱喝"),
    _favourite("food", "食物", _of_kind("food", "vegetable"), verb="爱吃"),
    _favourite("sport", "运动", _of_kind("sport")),
    _favourite("city", "城市", _listed(_CITIES)),
    _coloured("car", "车", "辆"),
    _coloured("bag", "书包", "个"),
    _coloured("hat", "帽子", "顶"),
    _named("dog", "狗", "只"),
    _named("cat", "猫", "只"),
    _named("friend", "朋友", "个"),
    _named("teacher", "老师", "位"),
    _fact(
        "city",
        _listed(_CITIES),
        (
            ("I live in {v}.", "My home is in {v}.", "I [come from|am from] {v}.", "The city I live in is {v}."),
            (
                "Where do I live?",
                "[Which|What] city do I live in?",
                "Do you [remember|know] where I live?",
                "Where is my home?",
            ),
            "You live in {v}.",
        ),
        (
            ("我住在{v}。", "我家在{v}。", "我在{v}生活。", "我是{v}人，住在{v}。"),
            (
                "我住在[哪里|哪儿|哪个城市]？",
                "我家在[哪里|哪儿|哪个城市]？",
                "你[还记得|记得|知道]我住在[哪里|哪儿]吗？",
                "我刚才说我住在哪里？",
            ),
            "你住在{v}。",
        ),
    ),
    _fact(
        "pet",
        _listed(_PETS),
        (
            ("My pet is {a} {v}.", "I have a pet {v}.", "I keep {a} {v} as a pet."),
            (
                "What pet do I have?",
                "[What is|What's] my pet?",
                "What kind of pet do I have?",
                "Do you [remember|know] what pet I have?",
            ),
            "Your pet is {a} {v}.",
        ),
        (
            ("我的宠物是{v}。", "我养的宠物是{v}。", "我家的宠物是{v}。"),
            ("我的宠物是什么？", "我养了什么宠物？", "你[还记得|记得|知道]我的宠物是什么吗？", "我家有什么宠物？"),
            "你的宠物是{v}。",
        ),
    ),
    _fact(
        "number",
        _number,
        (
            ("My lucky number is {v}.", "{v} is my lucky number.", "The number {v} brings me luck."),
            (
                "[What is|What's] my lucky number?",
                "Which number is my lucky [one|number]?",
                "Do you [remember|know] my lucky number?",
                "Tell me my lucky number.",
            ),
            "Your lucky number is {v}.",
        ),
        (
            ("我的幸运数字是{v}。", "{v}是我的幸运数字。", "数字{v}能给我带来好运。"),
            (
                "我的幸运数字是[多少|几|什么]？",
                "你[还记得|记得|知道]我的幸运数字[是多少|]吗？",
                "我刚才说的幸运数字是[几|多少]？",
                "说出我的幸运数字。",
            ),
            "你的幸运数字是{v}。",
        ),
    ),
    _fact(
        "age",
        _number,
        (
            ("I am {v} years old.", "My age is {v}.", "I [have turned|turned|just turned] {v}."),
            ("How old am I?", "[What is|What's] my age?", "Do you [remember|know] how old I am?", "Tell me my age."),
            "You are {v} years old.",
        ),
        (
            ("我今年{v}岁。", "我{v}岁[了|]。", "我的年龄是{v}岁。"),
            ("我[今年|]多大[了|]？", "我[今年|]几岁[了|]？", "你[还记得|记得|知道]我几岁吗？", "我的年龄是多少？"),
            "你今年{v}岁。",
        ),
    ),
    _fact(
        "room",
        _number,
        (
            ("My room number is {v}.", "I am in room {v}.", "I [stay|live] in room {v}."),
            (
                "[What is|What's] my room number?",
                "[Which|What] room am I in?",
                "Do you [remember|know] my room number?",
                "Tell me my room number.",
            ),
            "You are in room {v}.",
        ),
        (
            ("我的房间号是{v}。", "我住{v}号房间。", "我在{v}号房。"),
            ("我的房间号是多少？", "我住[几号房间|哪个房间]？", "你[还记得|记得|知道]我的房间号吗？", "我在几号房？"),
            "你住{v}号房间。",
        ),
    ),
    _fact(
        "hobby",
        _listed(_HOBBIES),
        (
            ("My hobby is {v}.", "In my free time I like {v}.", "My favourite hobby is {v}."),
            (
                "[What is|What's] my hobby?",
                "What do I like [doing|to do] in my free time?",
                "Do you [remember|know] my hobby?",
                "Tell me my hobby.",
            ),
            "Your hobby is {v}.",
        ),
        (
            ("我的爱好是{v}。", "我平时喜欢{v}。", "我有空的时候喜欢{v}。"),
            ("我的爱好是什么？", "我平时喜欢做什么？", "你[还记得|记得|知道]我的爱好吗？", "我有什么爱好？"),
            "你的爱好是{v}。",
        ),
    ),
    _fact(
        "job",
        _listed(_JOBS),
        (
            ("I am a {v}.", "I work as a {v}.", "I have a job as a {v}."),
            (
                "[What is|What's] my job?",
                "What do I do for a living?",
                "Do you [remember|know] my job?",
                "What do I work as?",
            ),
            "You are a {v}.",
        ),
        (
            ("我是一名{v}。", "我的工作是{v}。", "我的职业是{v}。"),
            ("我的工作是什么？", "我是做什么[工作|]的？", "你[还记得|记得|知道]我的工作吗？", "我的职业是什么？"),
            "你是一名{v}。",
        ),
    ),
)
