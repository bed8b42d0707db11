"""North and south, left and right: turning, opposite directions, and where the other one is.

"The school is north of the park. Where is the park?" Held out: combinations of two places and a direction; for
turning and opposites, of direction and phrasing.
"""

from random import Random

from chatzero.curriculum.mentions import mentions_only
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.curriculum.words import BY_KIND, Word
from chatzero.text.conversation import Conversation
from chatzero.text.matching import accepts

NAME = "directions"

_COMPASS: dict[Lang, tuple[str, ...]] = {"en": ("north", "east", "south", "west"), "zh": ("北", "东", "南", "西")}
_TURNS: dict[Lang, tuple[tuple[str, int], ...]] = {
    "en": (("left", 3), ("right", 1), ("around", 2)),
    "zh": (("左", 3), ("右", 1), ("后", 2)),
}
# (direction, its opposite), as they stand in "The cup is ... the box".
_BESIDE: dict[Lang, tuple[tuple[str, str], ...]] = {
    "en": (("to the left of", "to the right of"), ("above", "below"), ("in front of", "behind")),
    "zh": (("左边", "右边"), ("上面", "下面"), ("前面", "后面")),
}

_TURN = Phrasings(
    en=(
        "I [face|am facing] {facing} and turn {turn}. [Which way|Which direction] do I face[ now|]?",
        "I [face|am facing] {facing}. I turn {turn}. [Which way do I face|Where do I look][ now|]?",
        "If I [face|look] {facing} and turn {turn}, [which way|which direction] do I face?",
        "You face {facing} and turn {turn}. Which way do you face?",
        "Facing {facing}, I turn {turn}. Which direction is that?",
        "When I look {facing} and turn {turn}, where do I look?",
        "[Tom|Anna] faces {facing} and turns {turn}. Which way is that?",
        "I walk {facing}, then turn {turn}. Which way do I walk now?",
    ),
    zh=(
        "我面向{facing}，向{turn}转，现在面向[哪里|哪边|哪个方向]？",
        "我面朝{facing}，[然后向|再向]{turn}转，[现在朝哪|我面朝哪个方向]？",
        "如果我面向{facing}，向{turn}转后面向[哪个方向|哪边]？",
        "面向{facing}向{turn}转，是什么方向？",
        "脸朝{facing}，向{turn}转，这时脸朝哪边？",
        "小明面向{facing}，向{turn}转，他现在面向[哪里|哪个方向]？",
        "我往{facing}走，然后向{turn}转，现在往哪边走？",
        "面朝{facing}时向{turn}转，会面朝哪个方向？",
    ),
)
_OPPOSITE = Phrasings(
    en=(
        "[What is|What's] the opposite direction of {facing}?",
        "Which direction is opposite to {facing}?",
        "If I go {facing}, which way is back?",
        "The opposite direction of {facing} is [which|what]?",
        "I went {facing}. Which way do I go to come back?",
    ),
    zh=(
        "{facing}的[相反方向|反方向]是[什么|哪边]？",
        "和{facing}相反的方向是[哪边|什么]？",
        "我往{facing}走，回来要往哪边走？",
        "{facing}的对面是哪个方向？",
        "与{facing}方向相反的是哪边？",
    ),
)
_PLACES = Phrasings(
    en=(
        "The {a} is {where} the {b}. Where is the {b}?",
        "The {a} is {where} the {b}. So where is the {b}?",
        "The {a} is {where} the {b}. Where is the {b} from the {a}?",
        "If the {a} is {where} the {b}, where is the {b}?",
        "Since the {a} is {where} the {b}, where is the {b}?",
        "Where is the {b} if the {a} is {where} the {b}?",
    ),
    zh=(
        "{a}在{b}的{where}[，|。]{b}在{a}的[哪边|哪里|哪一边|什么方向]？",
        "{a}位于{b}的{where}，{b}位于{a}的哪边？",
        "如果{a}在{b}的{where}，那么{b}在{a}的哪边？",
        "{a}在{b}{where}，{b}在{a}哪边？",
        "已知{a}在{b}的{where}，{b}在{a}的哪边？",
        "{a}在{b}的{where}，那{b}在{a}的什么地方？",
    ),
)
_THINGS = tuple(word for word in BY_KIND["thing"] if word.countable and word.en not in ("house", "window", "door"))
_SITES = tuple(word for word in BY_KIND["place"] if word.en not in ("home", "city"))


def _turn(rng: Random, lang: Lang) -> Item:
    """Facing north, turning left."""
    start = rng.randrange(4)
    turn, quarters = rng.choice(_TURNS[lang])
    facing, found = _COMPASS[lang][start], _COMPASS[lang][(start + quarters) % 4]
    question, phrasing = _TURN.draw(rng, lang, facing=facing, turn=turn)
    answer = f"That is {found}." if lang == "en" else f"是{found}边。"
    return _item(lang, question, answer, (found,), f"turn {facing} {turn} {phrasing}")


def _opposite(rng: Random, lang: Lang) -> Item:
    """The other way."""
    start = rng.randrange(4)
    facing, found = _COMPASS[lang][start], _COMPASS[lang][(start + 2) % 4]
    side = facing if lang == "en" else facing + "边"
    question, phrasing = _OPPOSITE.draw(rng, lang, facing=side)
    answer = f"That is {found}." if lang == "en" else f"是{found}边。"
    return _item(lang, question, answer, (found,), f"opposite {facing} {phrasing}")


def _places(rng: Random, lang: Lang) -> Item:
    """Where the second of two is, seen from the first."""
    if rng.random() < 0.5:
        start = rng.randrange(4)
        shape = "{} of" if lang == "en" else "{}边"
        there, back = (shape.format(_COMPASS[lang][(start + turned) % 4]) for turned in (0, 2))
        a, b = _two(rng, _SITES, lang)
    else:
        there, back = rng.sample(rng.choice(_BESIDE[lang]), 2)
        a, b = _two(rng, _THINGS, lang)
    question = _PLACES.draw(rng, lang, a=a, b=b, where=there).text
    answer = f"The {b} is {back} the {a}." if lang == "en" else f"{b}在{a}的{back}。"
    return _item(lang, question, answer, (answer,), f"{a} {there} {b}")


def _two(rng: Random, words: tuple[Word, ...], lang: Lang) -> tuple[str, str]:
    one, other = rng.sample(words, 2)
    return one.text(lang), other.text(lang)


def _item(lang: Lang, question: str, answer: str, accept: tuple[str, ...], key: str) -> Item:
    return Item(NAME, lang, Conversation.of(question, answer), accept, key, unseen(NAME, key))


def draw(rng: Random, lang: Lang) -> Item:
    return rng.choice((_turn, _turn, _opposite, _places, _places))(rng, lang)


_mentions_direction = mentions_only(direction for directions in _COMPASS.values() for direction in directions)


def check(answer: str, item: Item) -> bool:
    """The direction, and no other; between two places or things, the whole sentence."""
    one_word = item.key.startswith(("turn", "opposite"))
    return _mentions_direction(answer, item) if one_word else accepts(answer, item.accept)


skill = Skill(name=NAME, draw=draw, check=check, weight=1.2)
