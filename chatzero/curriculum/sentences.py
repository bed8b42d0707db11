"""A small grammar of everyday sentences in both languages: "She is reading a book." <-> 她在看书。

Each pattern combines subjects, things, numbers and places; a sentence carries every wording that is right, the one
we teach first. Not here: how a translation is asked for (`skills.translate_zh_en`, `skills.translate_en_zh`).
"""

from collections.abc import Iterator
from functools import cache
from itertools import accumulate, permutations, product
from random import Random
from typing import Literal, NamedTuple

from chatzero.curriculum.words import BY_KIND, Word

Person = Literal["I", "you", "he", "they"]  # how the verb is formed; "we" goes like "they"


class Sentence(NamedTuple):
    """The same sentence in both languages, each in all its right wordings."""

    en: tuple[str, ...]
    zh: tuple[str, ...]


class _Subject(NamedTuple):
    en: str
    zh: str
    person: Person


class _Action(NamedTuple):
    """To read a book: with he, reads a book; now, reading a book."""

    base: str
    third: str
    now: str
    zh: str


_PRONOUNS = (
    _Subject("I", "我", "I"),
    _Subject("You", "你", "you"),
    _Subject("He", "他", "he"),
    _Subject("She", "她", "he"),
    _Subject("We", "我们", "they"),
    _Subject("They", "他们", "they"),
)
_SUBJECTS = (
    *_PRONOUNS,
    _Subject("My mother", "我妈妈", "he"),
    _Subject("My father", "我爸爸", "he"),
    _Subject("My friend", "我的朋友", "he"),
    _Subject("The teacher", "老师", "he"),
    _Subject("The children", "孩子们", "they"),
    _Subject("Tom", "汤姆", "he"),
    _Subject("Anna", "安娜", "he"),
)
_SEVERAL = (
    _Subject("Tom and Anna", "汤姆和安娜", "they"),
    _Subject("My friends", "我的朋友们", "they"),
    _Subject("My parents", "我父母", "they"),
)
_OWNERS = (("my", "我的"), ("your", "你的"), ("his", "他的"), ("her", "她的"), ("our", "我们的"), ("their", "他们的"))
_ACTIONS = tuple(
    _Action(*line.strip().split("|"))
    for line in """
    read a book|reads a book|reading a book|看书
    drink tea|drinks tea|drinking tea|喝茶
    drink coffee|drinks coffee|drinking coffee|喝咖啡
    drink water|drinks water|drinking water|喝水
    eat an apple|eats an apple|eating an apple|吃苹果
    eat noodles|eats noodles|eating noodles|吃面条
    eat rice|eats rice|eating rice|吃米饭
    write a letter|writes a letter|writing a letter|写信
    listen to music|listens to music|listening to music|听音乐
    watch TV|watches TV|watching TV|看电视
    cook|cooks|cooking|做饭
    sleep|sleeps|sleeping|睡觉
    sing|sings|singing|唱歌
    dance|dances|dancing|跳舞
    swim|swims|swimming|游泳
    run|runs|running|跑步
    work|works|working|工作
    draw|draws|drawing|画画
    play football|plays football|playing football|踢足球
    play basketball|plays basketball|playing basketball|打篮球
    play the piano|plays the piano|playing the piano|弹钢琴
    learn English|learns English|learning English|学英语
    learn Chinese|learns Chinese|learning Chinese|学中文
    wash clothes|washes clothes|washing clothes|洗衣服
    """.strip().splitlines()
)
_CAN = tuple(
    action for action in _ACTIONS if action.zh in ("做饭", "唱歌", "跳舞", "游泳", "画画", "踢足球", "打篮球", "弹钢琴")
)
_FEELINGS = (("happy", "高兴"), ("sad", "难过"), ("tired", "累"), ("busy", "忙"), ("hungry", "饿"), ("angry", "生气"))
_ADJECTIVES = (
    ("big", "大"),
    ("small", "小"),
    ("new", "新"),
    ("old", "旧"),
    ("clean", "干净"),
    ("dirty", "脏"),
    ("beautiful", "漂亮"),
    ("expensive", "贵"),
    ("cheap", "便宜"),
)
_PLACES = (
    ("the park", "公园"),
    ("the zoo", "动物园"),
    ("school", "学校"),
    ("the library", "图书馆"),
    ("the hospital", "医院"),
    ("the beach", "海滩"),
    ("the museum", "博物馆"),
    ("the shop", "商店"),
    ("the restaurant", "餐厅"),
    ("the airport", "机场"),
    ("the bank", "银行"),
)
_NUMBERS = (("two", "两"), ("three", "三"), ("four", "四"), ("five", "五"), ("ten", "十"))
_WHERE = (
    ("on", "上", "table chair bed desk"),
    ("under", "下面", "table chair bed tree"),
    ("in", "里", "box bag house car"),
)
_NAMES = (
    ("Tom", "汤姆"),
    ("Anna", "安娜"),
    ("Peter", "彼得"),
    ("Mary", "玛丽"),
    ("David", "大卫"),
    ("Lucy", "露西"),
    ("Jack", "杰克"),
)
_WEATHER = (("hot", "热"), ("cold", "冷"), ("warm", "暖和"), ("cool", "凉快"))


def _pick(names: str) -> tuple[Word, ...]:
    by_name = {word.en: word for kind in BY_KIND if kind != "verb" for word in BY_KIND[kind]}
    return tuple(by_name[name] for name in names.split())


_LIKED = tuple(word for kind in ("animal", "fruit", "drink", "food", "sport") for word in BY_KIND[kind])
_OWNED = _pick("cat dog bird book pen pencil bag car bicycle phone computer cup umbrella hat coat key chair toy")
_COLOURED = _pick("cat dog bird apple flower car bag hat coat shirt skirt cup")
_DESCRIBED = _pick("car book bag hat shirt house cup phone computer table chair bicycle")
_PLACED = _pick("cat dog book pen key phone hat cup toy")
_COLOURS = BY_KIND["colour"][:6]
_RELATIVES = _pick("mother father friend teacher")
_JOBS = tuple(word for word in BY_KIND["person"] if word.en not in ("mother", "father", "child", "friend"))


def _be(person: Person) -> str:
    return {"I": "am", "he": "is"}.get(person, "are")


def _many(word: Word) -> str:
    """'apples', 'tea'."""
    return word.form or word.en


def _short(text: str) -> tuple[str, ...]:
    """The sentence as it is, and with its usual contraction."""
    for long, short in _CONTRACTIONS:
        if long in text:
            return text, text.replace(long, short, 1)
    return (text,)


_CONTRACTIONS = (
    ("do not", "don't"),
    ("does not", "doesn't"),
    ("are not", "aren't"),
    ("is not", "isn't"),
    ("I am ", "I'm "),
    ("You are ", "You're "),
    ("We are ", "We're "),
    ("They are ", "They're "),
    ("He is ", "He's "),
    ("She is ", "She's "),
    (" name is ", " name's "),
    ("It is ", "It's "),
    (" will ", "'ll "),
)


def _like() -> Iterator[Sentence]:
    for s, word in product(_SUBJECTS, _LIKED):
        verb = "likes" if s.person == "he" else "like"
        yield Sentence((f"{s.en} {verb} {_many(word)}.",), (f"{s.zh}喜欢{word.zh}。",))
    for s, colour, word in product(_PRONOUNS, _COLOURS, _COLOURED):
        verb = "likes" if s.person == "he" else "like"
        plain = colour.also_zh[0] + word.zh
        yield Sentence(
            (f"{s.en} {verb} {colour.en} {word.form}.",),
            (f"{s.zh}喜欢{colour.zh}的{word.zh}。", f"{s.zh}喜欢{plain}。"),
        )


def _like_two() -> Iterator[Sentence]:
    for s, (one, two) in product(
        _PRONOUNS, (*permutations(BY_KIND["fruit"][:8], 2), *permutations(BY_KIND["drink"], 2))
    ):
        verb = "likes" if s.person == "he" else "like"
        yield Sentence((f"{s.en} {verb} {_many(one)} and {_many(two)}.",), (f"{s.zh}喜欢{one.zh}和{two.zh}。",))


def _dislike() -> Iterator[Sentence]:
    for s, word in product(_SUBJECTS, _LIKED):
        do = "does not" if s.person == "he" else "do not"
        yield Sentence(_short(f"{s.en} {do} like {_many(word)}."), (f"{s.zh}不喜欢{word.zh}。",))


def _ask_like() -> Iterator[Sentence]:
    for s, word in product(_PRONOUNS[1:4], _LIKED):
        do = "Does" if s.person == "he" else "Do"
        yield Sentence((f"{do} {s.en.lower()} like {_many(word)}?",), (f"{s.zh}喜欢{word.zh}吗？",))


def _doing() -> Iterator[Sentence]:
    for s, act in product(_SUBJECTS, _ACTIONS):
        yield Sentence(_short(f"{s.en} {_be(s.person)} {act.now}."), (f"{s.zh}在{act.zh}。", f"{s.zh}正在{act.zh}。"))


def _want() -> Iterator[Sentence]:
    for s, act in product(_SUBJECTS, _ACTIONS):
        verb = "wants" if s.person == "he" else "want"
        yield Sentence((f"{s.en} {verb} to {act.base}.",), (f"{s.zh}想{act.zh}。", f"{s.zh}想要{act.zh}。"))


def _tomorrow() -> Iterator[Sentence]:
    for s, act in product(_SUBJECTS, _ACTIONS):
        zh = (f"{s.zh}明天要{act.zh}。", f"明天{s.zh}要{act.zh}。", f"{s.zh}明天会{act.zh}。")
        yield Sentence((f"{s.en} will {act.base} tomorrow.",), zh)


def _every_day() -> Iterator[Sentence]:
    for s, act in product(_SUBJECTS, _ACTIONS):
        verb = act.third if s.person == "he" else act.base
        yield Sentence((f"{s.en} {verb} every day.",), (f"{s.zh}每天{act.zh}。", f"{s.zh}每天都{act.zh}。"))


def _can() -> Iterator[Sentence]:
    for s, act in product(_SUBJECTS, _CAN):
        yield Sentence((f"{s.en} can {act.base}.",), (f"{s.zh}会{act.zh}。",))


def _have() -> Iterator[Sentence]:
    for s, word in product(_SUBJECTS, _OWNED):
        verb = "has" if s.person == "he" else "have"
        yield Sentence((f"{s.en} {verb} {word.with_article}.",), (f"{s.zh}有一{word.measure}{word.zh}。",))
    for s, (number, zh), word in product(_PRONOUNS, _NUMBERS, _OWNED):
        verb = "has" if s.person == "he" else "have"
        yield Sentence((f"{s.en} {verb} {number} {word.form}.",), (f"{s.zh}有{zh}{word.measure}{word.zh}。",))


def _ask_have() -> Iterator[Sentence]:
    for word in _OWNED:
        yield Sentence(
            (f"Do you have {word.with_article}?",), (f"你有{word.zh}吗？", f"你有一{word.measure}{word.zh}吗？")
        )


def _job() -> Iterator[Sentence]:
    for s, job in product((*_SUBJECTS, *_SEVERAL), _JOBS):
        if s.en in ("The teacher", "The children"):
            continue
        noun = job.form if s.person == "they" else job.with_article
        one = (f"{s.zh}是一{job.measure}{job.zh}。", f"{s.zh}是一名{job.zh}。", f"{s.zh}是一个{job.zh}。")
        zh = (f"{s.zh}是{job.zh}。", *(one if s.person != "they" else (f"{s.zh}都是{job.zh}。",)))
        yield Sentence(_short(f"{s.en} {_be(s.person)} {noun}."), tuple(dict.fromkeys(zh)))


def _this_is() -> Iterator[Sentence]:
    for (this, zh), (owner, whose), word in product((("This", "这"), ("That", "那")), _OWNERS, (*_OWNED, *_RELATIVES)):
        wordings = [f"{zh}是{whose}{word.zh}。"]
        if word in _RELATIVES:
            wordings.insert(0, f"{zh}是{whose[:-1]}{word.zh}。" if word.en != "friend" else wordings[0])
        yield Sentence((f"{this} is {owner} {word.en}.",), tuple(dict.fromkeys(wordings)))


def _thing_is() -> Iterator[Sentence]:
    for (this, zh), word in product((("This", "这"), ("That", "那")), (*_DESCRIBED, *_COLOURED[:5])):
        subjects = tuple(dict.fromkeys((f"{zh}{word.measure}{word.zh}", f"{zh}个{word.zh}")))
        if word in _DESCRIBED:
            for adjective, quality in _ADJECTIVES:
                yield Sentence(
                    (f"{this} {word.en} is {adjective}.",), tuple(f"{subject}很{quality}。" for subject in subjects)
                )
        for colour in _COLOURS:
            yield Sentence(
                (f"{this} {word.en} is {colour.en}.",), tuple(f"{subject}是{colour.zh}的。" for subject in subjects)
            )


def _want_thing() -> Iterator[Sentence]:
    for s, word in product(_PRONOUNS, (*_OWNED, *BY_KIND["fruit"][:8])):
        verb = "wants" if s.person == "he" else "want"
        thing = f"一{word.measure}{word.zh}"
        yield Sentence((f"{s.en} {verb} {word.with_article}.",), (f"{s.zh}想要{thing}。", f"{s.zh}要{thing}。"))


def _name() -> Iterator[Sentence]:
    for (owner, who), (name, zh) in product((("My", "我"), ("His", "他"), ("Her", "她")), _NAMES):
        yield Sentence(
            _short(f"{owner} name is {name}."), (f"{who}叫{zh}。", f"{who}的名字叫{zh}。", f"{who}的名字是{zh}。")
        )


def _at() -> Iterator[Sentence]:
    for s, (place, zh) in product(_SUBJECTS, (("home", "家"), *_PLACES)):
        be = _be(s.person)
        ways = _short(f"{s.en} {be} at {place}.")
        also = (f"{s.en} {be} in {place}.",) if place.startswith("the") else ()
        yield Sentence((*ways, *also), (f"{s.zh}在{zh}。", *((f"{s.zh}在{zh}里。",) if zh != "家" else ())))


def _feel() -> Iterator[Sentence]:
    for s, (feeling, zh) in product(_SUBJECTS, _FEELINGS):
        be = _be(s.person)
        yield Sentence((*_short(f"{s.en} {be} {feeling}."), f"{s.en} {be} very {feeling}."), (f"{s.zh}很{zh}。",))
        yield Sentence(_short(f"{s.en} {be} very {feeling}."), (f"{s.zh}非常{zh}。", f"{s.zh}很{zh}。"))
        yield Sentence(_short(f"{s.en} {be} not {feeling}."), (f"{s.zh}不{zh}。",))


def _go() -> Iterator[Sentence]:
    for s, (place, zh) in product(_SUBJECTS, _PLACES):
        yield Sentence((f"{s.en} {'wants' if s.person == 'he' else 'want'} to go to {place}.",), (f"{s.zh}想去{zh}。",))
        yield Sentence((f"{s.en} will go to {place} tomorrow.",), (f"{s.zh}明天要去{zh}。", f"明天{s.zh}要去{zh}。"))
        yield Sentence((f"{s.en} went to {place} yesterday.",), (f"{s.zh}昨天去了{zh}。", f"昨天{s.zh}去了{zh}。"))


def _placed() -> Iterator[tuple[Word, str, Word, tuple[str, ...]]]:
    for preposition, zh, places in _WHERE:
        for word, place in product(_PLACED, _pick(places)):
            wheres = {"上": ("上", "上面"), "下面": ("下面", "下", "底下"), "里": ("里", "里面")}[zh]
            yield word, preposition, place, tuple(place.zh + where for where in wheres)


def _is_where() -> Iterator[Sentence]:
    for word, preposition, place, wheres in _placed():
        en = f"The {word.en} is {preposition} the {place.en}."
        yield Sentence((en,), tuple(f"{word.zh}在{where}。" for where in wheres))


def _there_is() -> Iterator[Sentence]:
    for word, preposition, place, wheres in _placed():
        en = f"There is {word.with_article} {preposition} the {place.en}."
        yield Sentence((en,), tuple(f"{where}有一{word.measure}{word.zh}。" for where in wheres))


def _ask_where() -> Iterator[Sentence]:
    for (owner, whose), word in product(_OWNERS, _OWNED):
        yield Sentence((f"Where is {owner} {word.en}?",), (f"{whose}{word.zh}在哪里？", f"{whose}{word.zh}在哪儿？"))


def _weather() -> Iterator[Sentence]:
    for adjective, zh in _WEATHER:
        yield Sentence(
            (f"It is {adjective} today.", f"Today it is {adjective}.", f"It's {adjective} today."), (f"今天很{zh}。",)
        )
        yield Sentence((f"It was {adjective} yesterday.", f"Yesterday it was {adjective}."), (f"昨天很{zh}。",))
        yield Sentence((f"It will be {adjective} tomorrow.", f"Tomorrow it will be {adjective}."), (f"明天会很{zh}。",))
        yield Sentence((f"It is not {adjective} today.", f"Today it is not {adjective}."), (f"今天不{zh}。",))


_PATTERNS = (
    _like,
    _like_two,
    _dislike,
    _ask_like,
    _doing,
    _want,
    _tomorrow,
    _every_day,
    _can,
    _have,
    _ask_have,
    _want_thing,
    _name,
    _at,
    _job,
    _this_is,
    _thing_is,
    _feel,
    _go,
    _is_where,
    _there_is,
    _ask_where,
    _weather,
)


def _with_parents(sentence: Sentence) -> Sentence:
    """我妈妈 is 我的妈妈 too."""
    also = (zh.replace("我妈妈", "我的妈妈").replace("我爸爸", "我的爸爸") for zh in sentence.zh)
    return Sentence(sentence.en, tuple(dict.fromkeys((*sentence.zh, *also))))


@cache
def patterns() -> tuple[tuple[Sentence, ...], ...]:
    """Every sentence of the grammar, by pattern."""
    return tuple(tuple(_with_parents(sentence) for sentence in pattern()) for pattern in _PATTERNS)


@cache
def _cumulative_weights() -> tuple[float, ...]:
    # The root of its size: a pattern of few sentences is neither rare nor learnt by heart.
    return tuple(accumulate(max(len(sentences), 64) ** 0.5 for sentences in patterns()))


def draw_sentence(rng: Random) -> Sentence:
    """Any sentence of the grammar."""
    return rng.choice(rng.choices(patterns(), cum_weights=_cumulative_weights())[0])


def draw_wording(rng: Random, wordings: tuple[str, ...]) -> str:
    """One wording as it may be typed inside a question: mostly the plain one, often without its final mark."""
    wording = wordings[0] if rng.random() < 0.7 else rng.choice(wordings)
    return wording if rng.random() < 0.5 else wording.rstrip(".。?？")
