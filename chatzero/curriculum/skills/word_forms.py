"""Forms of words: the plural and the past tense in English, the measure word in Chinese.

A Chinese question may ask for an English form too. Held out: combinations of word and phrasing; each word is taught
in other phrasings.
"""

from random import Random

from chatzero.curriculum.mentions import mentions_only
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.curriculum.words import WORDS
from chatzero.text.conversation import Conversation

NAME = "word_forms"
ENGLISH_SHARE = 0.4  # of the Chinese questions

_PLURAL = Phrasings(
    en=(
        'What is the plural of [{w}|"{w}"|“{w}”]?',
        "What's the plural [form of|of] {w}?",
        "One {w}, two what?",
        'How do you write [{w}|"{w}"] in the plural?',
        'Give me the plural of [{w}|"{w}"].',
        'Put [{w}|"{w}"] [in|into] the plural.',
        "plural of {w}",
        'Which plural does [{w}|"{w}"] have?',
    ),
    zh=(
        "{w}的复数[是什么|怎么写]？",
        "英语单词[{w}|“{w}”]的复数形式是什么？",
        "{w}的复数形式",
        "写出{w}的复数。",
        "{w}变成复数怎么写？",
        "把{w}变成复数。",
    ),
)
_PAST = Phrasings(
    en=(
        'What is the past tense of [{w}|"{w}"|“{w}”]?',
        "What's the past [form|tense form] of {w}?",
        "Today I {w}, yesterday I what?",
        'How do you write [{w}|"{w}"] in the past?',
        'Give me the past tense of [{w}|"{w}"].',
        'Put [{w}|"{w}"] [in|into] the past tense.',
        "past tense of {w}",
        'Which past tense does [{w}|"{w}"] have?',
    ),
    zh=(
        "{w}的过去式[是什么|怎么写]？",
        "英语动词[{w}|“{w}”]的过去式是什么？",
        "{w}的过去式",
        "写出{w}的过去式。",
        "{w}变成过去式怎么写？",
        "把{w}变成过去式。",
    ),
)
_MEASURE_WORD = Phrasings(
    en=(),
    zh=(
        "[“{w}”|{w}]的量词是什么？",
        "[“{w}”|{w}]用什么量词？",
        "一什么{w}？",
        "[一（ ）{w}|一( ){w}|一____{w}]，填什么量词？",
        "填量词：[一（ ）{w}|一____{w}]",
        "数[“{w}”|{w}]的时候用什么量词？",
        "[“{w}”|{w}]前面用什么量词？",
        "形容{w}的量词是哪个？",
        "说出[“{w}”|{w}]的量词。",
        "{w}的量词",
        "[“{w}”|{w}]应该用哪个量词？",
        "是一个{w}还是一什么{w}？",
    ),
)
# Other measure words that are right too.
_ALSO_MEASURE: dict[str, str] = {
    "猫": "个",
    "狗": "条",
    "牛": "只",
    "猪": "只",
    "狮子": "只",
    "大象": "只",
    "熊": "只",
    "马": "只",
    "船": "只艘",
    "鸡蛋": "只枚",
    "蛋糕": "个",
    "面包": "块片",
    "杯子": "只",
    "手机": "台",
    "医院": "所",
    "商店": "间",
    "餐厅": "间",
    "图书馆": "座家所",
    "公园": "座",
    "动物园": "座家",
    "博物馆": "家",
    "机场": "个",
    "城市": "个",
    "房子": "栋间所套",
    "花": "支枝",
    "香蕉": "个",
    "胡萝卜": "个",
    "黄瓜": "条",
    "葡萄": "粒",
    "樱桃": "个",
    "草莓": "个",
    "白菜": "颗",
    "画": "张",
    "钟": "个",
    "桌子": "个",
    "床": "个",
    "沙发": "个",
    "书桌": "个",
    "汽车": "台",
    "雨伞": "个",
    "笔": "根",
    "铅笔": "根",
    "窗户": "个",
    "门": "个",
    "嘴": "个",
    "老师": "名个",
    "医生": "名个",
    "农民": "名个",
    "学生": "位个",
    "护士": "位个",
    "厨师": "位个",
    "歌手": "位个",
    "朋友": "个",
    "妈妈": "个",
    "爸爸": "个",
    "孩子": "名",
    "河": "道",
    "饺子": "只",
    "肉": "片",
}
_NOUNS = tuple(word for word in WORDS if word.countable)
_VERBS = tuple(word for word in WORDS if word.kind == "verb")
_MEASURED = tuple(word for word in WORDS if word.measure and word.kind != "sport")
_ANSWER: dict[str, dict[Lang, str]] = {
    "plural": {"en": "The plural is {form}.", "zh": "复数是 {form}。"},
    "past": {"en": "The past tense is {form}.", "zh": "过去式是 {form}。"},
}


def _english(rng: Random, lang: Lang) -> Item:
    kind = "past" if rng.random() < 0.4 else "plural"
    word = rng.choice(_VERBS if kind == "past" else _NOUNS)
    question, phrasing = (_PAST if kind == "past" else _PLURAL).draw(rng, lang, w=word.en)
    return _item(
        lang, question, _ANSWER[kind][lang].format(form=word.form), (word.form,), f"{kind} {word.en} {phrasing}"
    )


def _chinese(rng: Random) -> Item:
    word = rng.choice(_MEASURED)
    question, phrasing = _MEASURE_WORD.draw(rng, "zh", w=word.zh)
    measures = word.measure + _ALSO_MEASURE.get(word.zh, "")
    accept = tuple(f"一{measure}" for measure in measures)
    return _item("zh", question, f"一{word.measure}{word.zh}。", accept, f"measure {word.zh} {phrasing}")


def _item(lang: Lang, question: str, answer: str, accept: tuple[str, ...], key: str) -> Item:
    return Item(NAME, lang, Conversation.of(question, answer), accept, key, unseen(NAME, key))


def draw(rng: Random, lang: Lang) -> Item:
    return _english(rng, lang) if lang == "en" or rng.random() < ENGLISH_SHARE else _chinese(rng)


check = mentions_only(
    [
        *(form for word in (*_NOUNS, *_VERBS) for form in (word.en, word.form)),
        *(f"一{measure}" for word in _MEASURED for measure in word.measure + _ALSO_MEASURE.get(word.zh, "")),
    ]
)

skill = Skill(name=NAME, draw=draw, check=check, weight=1.5)
