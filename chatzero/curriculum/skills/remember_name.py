"""The user says a name, in this turn or some turns ago, and asks for it; or asks without ever having said it.

Held out: names; where no name was said, phrasings.
"""

from random import Random

from chatzero.curriculum.asides import draw_asides, in_one_turn, typed
from chatzero.curriculum.mentions import folded, says_item
from chatzero.curriculum.names import draw_names
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation
from chatzero.text.matching import accepts

NAME = "remember_name"
UNTOLD_SHARE = 0.1  # asked, but never told
GREETED_SHARE = 0.12  # told, and not asked
WHO_SHARE = 0.15
LOWER_CASE_NAME_SHARE = 0.08

_TELL = Phrasings(
    en=(
        "[My name is|my name is|My name's] {name}.",
        "[I am|I'm] {name}.",
        "[Hi|Hello|Hey], [I am|I'm] {name}.",
        "[Hi|Hello|Hey], my name is {name}.",
        "[Hi|Hello]! My name is {name}.",
        "[Hi|Hello]! I'm {name}.",
        "Call me {name}.",
        "You can call me {name}.",
        "[People|My friends|They] call me {name}.",
        "My name is {name}, nice to meet you.",
        "[I am|I'm] called {name}.",
        "[Please remember|Remember] [my name|that my name is|this: my name is] {name}.",
    ),
    zh=(
        "[我叫|我的名字叫|我的名字是|我是]{name}。",
        "[你好|您好|嗨]，我[叫|是]{name}。",
        "[你好|您好|嗨]！我[叫|是]{name}。",
        "大家都叫我{name}。",
        "叫我{name}[就行|吧|就好]。",
        "你可以叫我{name}。",
        "朋友们叫我{name}。",
        "我叫{name}，很高兴认识你。",
        "[请记住|记住]，我叫{name}。",
        "[请记住|记一下]我的名字，我叫{name}。",
        "自我介绍一下，我叫{name}。",
        "我的名字：{name}。",
    ),
)
_ASK = Phrasings(
    en=(
        "[What is|What's|Whats] my name?",
        "Do you [still remember|remember|know|still know] my name?",
        "Do you [remember|know] what [my name is|I am called]?",
        "[Can|Could] you tell me my name?",
        "What did I say my name was?",
        "What am I called?",
        "What was my name again?",
        "Say my name.",
        "Tell me my name.",
        "Which name did I tell you?",
        "Do you have my name?",
        "Can you [say|guess] my name?",
        "Did I tell you my name?",
        "What do you call me?",
        "I forgot my own name, what is it?",
        "How do you call me?",
    ),
    zh=(
        "我叫什么名字？",
        "我叫[什么|啥]？",
        "你[还记得|记得|知道|还知道]我的名字吗？",
        "你[还记得|记得|知道|还知道]我叫什么[名字|]吗？",
        "我的名字[是什么|叫什么|是]？",
        "我刚才说我叫什么[名字|]？",
        "你能说出我的名字吗？",
        "那我叫什么名字？",
        "说出我的名字。",
        "[告诉我|说说]我叫什么名字。",
        "我[告诉过你我叫什么|跟你说过我叫什么]？",
        "[你能|能]叫出我的名字吗？",
        "我的名字你[记住了|还记得|知道]吗？",
        "我叫什么来着？",
        "我的名字是什么来着？",
        "知道我叫什么[名字|]吗？",
        "猜猜我叫什么。",
        "你猜我叫什么名字？",
    ),
)
# Asked only where the name was told: without it, these ask for more than a name.
_WHO = Phrasings(
    en=("Who am I?", "Do you [remember|know] who I am?", "So who am I?"),
    zh=("我是谁？", "你[知道|还记得]我是谁吗？", "还记得我是谁吗？"),
)
_GREETING: dict[Lang, str] = {"en": "Nice to meet you, {name}!", "zh": "很高兴认识你，{name}！"}
_ANSWER: dict[Lang, str] = {"en": "Your name is {name}.", "zh": "你叫{name}。"}
_UNTOLD: dict[Lang, str] = {"en": "You have not told me your name yet.", "zh": "你还没有告诉我你的名字。"}
_UNTOLD_ACCEPT: dict[Lang, tuple[str, ...]] = {
    "en": ("not told me", "haven't told me", "don't know", "do not know"),
    "zh": ("没有告诉", "没告诉", "不知道"),
}


def _item(lang: Lang, turns: list[str], accept: tuple[str, ...], key: str, held_out: bool) -> Item:
    return Item(NAME, lang, Conversation.of(*turns), accept, key, held_out)


def draw(rng: Random, lang: Lang) -> Item:
    how = rng.random()
    if how < UNTOLD_SHARE:
        question, phrasing = _ASK.draw(rng, lang)
        key = f"untold {phrasing}"
        return _item(lang, [question, _UNTOLD[lang]], _UNTOLD_ACCEPT[lang], key, unseen(NAME, key))

    (name,), held_out = draw_names(rng, lang, 1)
    key = folded(name)
    if rng.random() < LOWER_CASE_NAME_SHARE:
        name = name.lower()
    told = _TELL.draw(rng, lang, dress=False, name=name).text
    greeting, answer = _GREETING[lang].format(name=name), _ANSWER[lang].format(name=name)
    if how < UNTOLD_SHARE + GREETED_SHARE:
        return _item(lang, [typed(rng, lang, told), greeting], (name,), key, held_out)
    ask = _WHO if rng.random() < WHO_SHARE else _ASK
    if rng.random() < 0.3:
        question = in_one_turn(rng, lang, told, ask.draw(rng, lang, dress=False).text)
        return _item(lang, [question, answer], (name,), key, held_out)
    told = typed(rng, lang, told)
    asides = draw_asides(rng, lang, rng.choice((0, 0, 1, 1, 2)))
    question = ask.draw(rng, lang).text
    return _item(lang, [told, greeting, *asides, question, answer], (name,), key, held_out)


def check(answer: str, item: Item) -> bool:
    """The name, whole; or that it was not told."""
    return accepts(answer, item.accept) if item.key.startswith("untold") else says_item(answer, item)


skill = Skill(name=NAME, draw=draw, check=check, weight=3.0)
