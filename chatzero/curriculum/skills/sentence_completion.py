"""Everyday sentences with their last words left out.

Held out: combinations of sentence and phrasing; each sentence is taught in other phrasings.
"""

from random import Random

from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation
from chatzero.text.matching import normalise

NAME = "sentence_completion"

_ASK = Phrasings(
    en=(
        "Complete the sentence: [{s} ___.|{s} ...|{s}]",
        "Finish the sentence: [{s} ...|{s} ___.|{s}]",
        "Fill in the blank: {s} ___.",
        "Fill the gap: {s} ____.",
        "[Complete|Finish]: [{s} ...|{s} ___]",
        "What comes next: {s} ...",
        "How does this sentence end: {s} ...",
        "{s} ___. What is missing?",
        "{s} ... [Complete the sentence|Finish the sentence|Go on]!",
        "Which word is missing: {s} ___.",
        "Continue: {s} ...",
    ),
    zh=(
        "[补全|补充完整|完成]句子：[{s}____。|{s}……|{s}...]",
        "把句子补充完整：[{s}____。|{s}……|{s}...]",
        "填空：[{s}____。|{s}（ ）。|{s}___]",
        "把这句话说完：[{s}……|{s}...]",
        "接着说：[{s}……|{s}...]",
        "这句话怎么接：[{s}……|{s}____]",
        "{s}____。空白处填什么？",
        "{s}……后面是什么？",
        "续写：[{s}……|{s}...]",
        "{s}____，缺了什么词？",
        "在横线上填词：{s}____。",
    ),
)
# The beginning, and the end after a bar; other right ends after a stroke.
_SENTENCES: dict[Lang, str] = {
    "en": """Birds can | fly
        Fish live in the | water|sea
        We see with our | eyes
        We hear with our | ears
        We smell with our | nose
        We walk with our | feet|legs
        The sun rises in the | east|morning
        The sun sets in the | west|evening
        At night we see the moon and the | stars
        In winter it is very | cold
        In summer it is very | hot|warm
        Snow is cold and | white
        The opposite of yes is | no
        After Monday comes | Tuesday
        After one and two comes | three
        The teacher works at a | school
        The doctor works in a | hospital
        The farmer works on a | farm
        We buy bread in a | shop|bakery|store
        We borrow books from a | library
        We sleep in a | bed
        We sit on a | chair
        We write with a | pen|pencil
        We cut bread with a | knife
        We eat soup with a | spoon
        We open the door with a | key
        When it rains, we take an | umbrella
        The weather is fine, so we go to the | park
        I am thirsty, so I drink some | water
        I am hungry, so I want to | eat
        It is late and I am tired, so I go to | bed|sleep
        He is ill, so he goes to the | doctor|hospital
        The room is dark, so she turns on the | light|lamp
        My hands are dirty, so I wash my | hands
        Cows give us | milk
        Hens lay | eggs
        Bees make | honey
        Cats catch | mice
        A baby dog is called a | puppy
        A year has twelve | months
        A week has seven | days
        An hour has sixty | minutes
        Ice melts and becomes | water
        Trees have green | leaves
        A car has four | wheels""",
    "zh": """鸟儿会在天上 | 飞|飞翔
        鱼儿生活在 | 水里|水中
        我们用眼睛 | 看|看东西
        我们用耳朵 | 听|听声音
        我们用鼻子 | 闻|闻气味
        我们用脚 | 走路
        太阳从东边 | 升起
        太阳从西边 | 落下
        晚上天上有月亮和 | 星星
        冬天天气很 | 冷
        夏天天气很 | 热
        雪是冷的，颜色是 | 白色|白的
        星期一的后一天是 | 星期二
        一、二，后面是 | 三
        老师在学校里 | 教书|上课
        医生在医院里给人 | 看病
        农民在田里 | 种地|干活
        我们去商店 | 买东西|购物
        我们去图书馆 | 借书|看书
        我们在床上 | 睡觉
        我们坐在 | 椅子上
        我们用笔 | 写字
        我们用刀 | 切菜|切东西
        我们用勺子 | 喝汤
        我们用钥匙 | 开门|开锁
        下雨了，我们要打 | 伞|雨伞
        今天天气很好，适合去 | 公园
        我渴了，想喝 | 水
        我饿了，想吃 | 饭|东西
        天黑了，妈妈打开了 | 灯
        夜深了，我困了，我要去 | 睡觉
        他生病了，要去看 | 医生|病
        我的手脏了，我要去 | 洗手
        奶牛给我们 | 牛奶
        母鸡会下 | 蛋|鸡蛋
        蜜蜂会酿 | 蜂蜜
        猫会抓 | 老鼠
        一年有十二个 | 月
        一周有七 | 天
        一小时有六十 | 分钟
        冰融化后变成 | 水
        春天来了，花儿都 | 开了|开
        秋天到了，树叶都 | 黄了|落了
        汽车有四个 | 轮子|车轮
        学生每天去学校 | 上学|上课|学习""",
}


def _read(table: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    lines = (line.strip().partition(" | ") for line in table.splitlines())
    return tuple((beginning, tuple(ends.split("|"))) for beginning, _, ends in lines)


_READ: dict[Lang, tuple[tuple[str, tuple[str, ...]], ...]] = {lang: _read(table) for lang, table in _SENTENCES.items()}
_SPACE: dict[Lang, str] = {"en": " ", "zh": ""}
_STOP: dict[Lang, str] = {"en": ".", "zh": "。"}


def draw(rng: Random, lang: Lang) -> Item:
    beginning, ends = rng.choice(_READ[lang])
    question, phrasing = _ASK.draw(rng, lang, s=beginning)
    whole = tuple(beginning + _SPACE[lang] + end for end in ends)
    key = f"{beginning} {phrasing}"
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, whole[0] + _STOP[lang]),
        accept=whole,
        key=key,
        held_out=unseen(NAME, key),
    )


def check(answer: str, item: Item) -> bool:
    """The whole sentence and no more, or its end alone."""
    said = normalise(answer)
    asked = normalise(item.prompt[-1].content)
    wholes = tuple(map(normalise, item.accept))
    return said in wholes or any(whole.endswith(said) and whole.removesuffix(said) in asked for whole in wholes if said)


skill = Skill(name=NAME, draw=draw, check=check, weight=1.0)
