"""What the lab's models learn: lists of words, said again, turned round, picked from, and translated.

The skills of the real curriculum need thousands of steps; these need hundreds, and still ask for what the mistakes
damage: copying, order, position, and a table to be learnt by heart. Chance gives next to nothing right.
"""

from random import Random

from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

_WORDS = (
    ("cat", "猫"), ("dog", "狗"), ("bird", "鸟"), ("fish", "鱼"), ("horse", "马"), ("tree", "树"),
    ("flower", "花"), ("sun", "日"), ("moon", "月"), ("rain", "雨"), ("snow", "雪"), ("river", "河"),
    ("book", "书"), ("pen", "笔"), ("door", "门"), ("car", "车"), ("boat", "船"), ("rice", "米"),
    ("tea", "茶"), ("egg", "蛋"),
)  # fmt: skip
_ASK: dict[str, dict[Lang, str]] = {
    "say": {"en": "Say {}.", "zh": "请说 {}。"},
    "reverse": {"en": "Reverse {}.", "zh": "倒过来 {}。"},
    "first": {"en": "First of {}?", "zh": "第一个是 {}？"},
    "last": {"en": "Last of {}?", "zh": "最后一个是 {}？"},
    "translate": {"en": "In Chinese: {}?", "zh": "用英语说 {}？"},
}
_FEWEST, _MOST = 2, 4


def _answer(name: str, pairs: list[tuple[str, str]], side: int) -> str:
    words = [pair[side] for pair in pairs]
    match name:
        case "first":
            return words[0]
        case "last":
            return words[-1]
        case "reverse":
            return " ".join(reversed(words))
        case "translate":
            return " ".join(pair[1 - side] for pair in pairs)
        case _:
            return " ".join(words)


def _exactly(answer: str, item: Item) -> bool:
    return answer.strip() == item.accept[0]


def _skill(name: str) -> Skill:
    def draw(rng: Random, lang: Lang) -> Item:
        side = 0 if lang == "en" else 1
        pairs = rng.sample(_WORDS, rng.randint(_FEWEST, _MOST))
        key = " ".join(english for english, _ in pairs)
        answer = _answer(name, pairs, side)
        question = _ASK[name][lang].format(" ".join(pair[side] for pair in pairs))
        # The same list in another question or language stands on the same side of the split.
        return Item(name, lang, Conversation.of(question, answer), (answer,), key, held_out=unseen("lab", key))

    return Skill(name, draw, _exactly)


TASK: tuple[Skill, ...] = tuple(map(_skill, _ASK))
