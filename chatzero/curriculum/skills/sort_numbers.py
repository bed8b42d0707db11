"""Putting three to five numbers below 100 in order, from small to large or from large to small.

Held out: the set of numbers, in whatever order it is given and wanted.
"""

from random import Random

from chatzero.curriculum.checkers import numbers_in_order
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang, Skill, unseen
from chatzero.text.conversation import Conversation

NAME = "sort_numbers"

_ASK = Phrasings(
    en=(
        "Sort these numbers {order}: {numbers}.",
        "Sort {numbers} {order}.",
        "Put these numbers in order {order}: {numbers}.",
        "Put {numbers} in order, {order}.",
        "Order these numbers {order}: {numbers}.",
        "Arrange {numbers} {order}.",
        "Arrange these numbers {order}: {numbers}.",
        "Write these numbers {order}: {numbers}.",
        "List these numbers {order}: {numbers}.",
        "[Can|Could] you sort these numbers {order}: {numbers}?",
        "What are these numbers {order}: {numbers}?",
        "{numbers}: [can you sort them|how do you sort them] {order}?",
        "Sort {order}: {numbers}.",
    ),
    zh=(
        "把{numbers}{order}排列。",
        "把{numbers}{order}排序。",
        "把这些数{order}排列：{numbers}。",
        "把下面的数{order}[排好|排序|排一排]：{numbers}。",
        "将{numbers}{order}排列。",
        "{order}排列：{numbers}。",
        "{order}排序：{numbers}。",
        "给{numbers}{order}排个序。",
        "{numbers}，{order}怎么排？",
        "{numbers}{order}排列是什么？",
        "{order}写出这些数：{numbers}。",
        "这几个数{order}怎么排：{numbers}？",
    ),
)
_UP: dict[Lang, tuple[str, ...]] = {
    "en": (
        "from small to large",
        "from smallest to largest",
        "in ascending order",
        "in increasing order",
        "from least to greatest",
    ),
    "zh": ("从小到大", "从小到大", "按从小到大的顺序", "由小到大", "按升序"),
}
_DOWN: dict[Lang, tuple[str, ...]] = {
    "en": (
        "from large to small",
        "from largest to smallest",
        "in descending order",
        "in decreasing order",
        "from greatest to least",
    ),
    "zh": ("从大到小", "从大到小", "按从大到小的顺序", "由大到小", "按降序"),
}
_SEPARATORS: dict[Lang, tuple[str, ...]] = {"en": (", ", ", ", " ", ","), "zh": ("，", "、", " ", ",")}


def _draw_numbers(rng: Random) -> list[int]:
    """Different numbers: of one digit; of two, where the first digit decides; or of both kinds."""
    how = rng.random()
    if how < 0.42:
        return rng.sample(range(10), rng.choice((3, 3, 4, 4, 5)))
    if how < 0.86:
        return [10 * tens + rng.randrange(10) for tens in rng.sample(range(1, 10), rng.choice((3, 3, 4)))]
    return rng.sample(range(10), 1) + rng.sample(range(10, 100), 2)


def draw(rng: Random, lang: Lang) -> Item:
    numbers = _draw_numbers(rng)
    rng.shuffle(numbers)
    down = rng.random() < 0.5
    separator = rng.choice(_SEPARATORS[lang])
    question, _ = _ASK.draw(
        rng,
        lang,
        numbers=separator.join(map(str, numbers)),
        order=rng.choice((_DOWN if down else _UP)[lang]),
    )
    first = {"en": ("Smallest first: ", "Largest first: "), "zh": ("从小到大：", "从大到小：")}[lang][down]
    ordered = separator.join(map(str, sorted(numbers, reverse=down)))
    key = ",".join(map(str, sorted(numbers)))
    return Item(
        skill=NAME,
        lang=lang,
        conversation=Conversation.of(question, first + ordered),
        accept=(ordered,),
        key=key,
        held_out=unseen(NAME, key),
    )


skill = Skill(name=NAME, draw=draw, check=numbers_in_order, weight=3.8)
