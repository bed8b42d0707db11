"""Items drawn from a skill by its name: what the tests of the skills look at."""

from functools import cache
from importlib import import_module
from random import Random
from types import ModuleType

from chatzero.curriculum.skill import Item, Lang, Skill

DRAWS = 600


def module_of(name: str) -> ModuleType:
    return import_module(f"chatzero.curriculum.skills.{name}")


def skill_of(name: str) -> Skill:
    skill = module_of(name).skill
    assert isinstance(skill, Skill)
    return skill


def draw(name: str, lang: Lang, seed: int, n: int) -> tuple[Item, ...]:
    skill, rng = skill_of(name), Random(seed)
    return tuple(skill.draw(rng, lang) for _ in range(n))


@cache
def items_of(name: str, lang: Lang, n: int = DRAWS) -> tuple[Item, ...]:
    return draw(name, lang, 7, n)
