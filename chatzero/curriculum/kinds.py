"""The kinds of things (animal, fruit, colour ...) as people name them, and which belong apart in a question.

The words of each kind stand in `words`. Not here: questions (`skills.categories`, `skills.odd_one_out`).
"""

from dataclasses import dataclass

from chatzero.curriculum.skill import Lang
from chatzero.curriculum.words import BY_KIND, Word

MOST_WORDS = 12  # of a kind: enough to see what they have in common


@dataclass(frozen=True)
class Kind:
    """A kind of things. `name` goes after "is" ("an animal"); `plural` after "some" and "three"."""

    id: str
    name: dict[Lang, str]
    plural: dict[Lang, str]
    counted: dict[Lang, str]  # "two ...": animals, pieces of clothing; in Chinese with its measure word
    words: tuple[Word, ...]
    also: tuple[str, ...] = ()  # other names for it, in any language


def _kind(id_: str, en: str, plural: str, zh: str, measure: str = "种", also: tuple[str, ...] = ()) -> Kind:
    words = tuple(word for word in BY_KIND[id_] if word.en != "home")[:MOST_WORDS]
    counted = plural if " " in en else f"kinds of {en}"
    return Kind(
        id=id_,
        name={"en": en, "zh": zh},
        plural={"en": plural, "zh": zh},
        counted={"en": counted, "zh": measure + zh},
        words=words,
        also=also,
    )


KINDS: tuple[Kind, ...] = (
    _kind("animal", "an animal", "animals", "动物"),
    _kind("fruit", "a fruit", "fruits", "水果"),
    _kind("vegetable", "a vegetable", "vegetables", "蔬菜"),
    _kind("food", "food", "foods", "食物", also=("食品",)),
    _kind("drink", "a drink", "drinks", "饮料", also=("饮品",)),
    _kind("colour", "a colour", "colours", "颜色", also=("a color", "色彩")),
    _kind("body part", "a body part", "body parts", "身体部位", "个", also=("part of the body", "身体的一部分")),
    _kind("clothing", "clothing", "clothes", "衣物", "件", also=("clothes", "衣服", "服装")),
    _kind("furniture", "furniture", "furniture", "家具", "件"),
    _kind("vehicle", "a vehicle", "vehicles", "交通工具"),
    _kind("place", "a place", "places", "地方", "个", also=("地点", "场所")),
    _kind("instrument", "an instrument", "instruments", "乐器", also=("musical instrument",)),
    _kind("sport", "a sport", "sports", "运动", also=("体育运动",)),
)
BY_ID: dict[str, Kind] = {kind.id: kind for kind in KINDS}

# An apple is food too, and so is a duck to some: food never stands against these.
_EDIBLE = ("animal", "fruit", "vegetable", "drink")


def apart(kind: Kind) -> tuple[Kind, ...]:
    """The kinds to which nothing of `kind` belongs."""
    too_near = {"food": _EDIBLE} | dict.fromkeys(_EDIBLE, ("food",))
    return tuple(other for other in KINDS if other is not kind and other.id not in too_near.get(kind.id, ()))
