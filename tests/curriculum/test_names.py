"""Names: many, split by a hash alone, and never one inside another."""

from random import Random

import pytest

from chatzero.curriculum.names import HELD_OUT_SHARE, draw_names, is_held_out
from chatzero.curriculum.skill import Lang

LANGS: tuple[Lang, ...] = ("en", "zh")


@pytest.mark.parametrize("lang", LANGS)
def test_all_names_of_a_draw_are_of_one_side(lang: Lang) -> None:
    rng = Random(1)
    sides = []
    for _ in range(1500):
        names, held_out = draw_names(rng, lang, 3)
        assert {is_held_out(name) for name in names} == {held_out}
        assert not any(a != b and a.casefold() in b.casefold() for a in names for b in names)
        assert len(set(names)) == 3
        sides.append(held_out)
    assert abs(sum(sides) / len(sides) - HELD_OUT_SHARE) < 0.03


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("held_out", [False, True])
def test_one_side_can_be_asked_for(lang: Lang, held_out: bool) -> None:
    rng = Random(2)
    for _ in range(200):
        (name,), side = draw_names(rng, lang, 1, held_out=held_out)
        assert side is held_out
        assert is_held_out(name) is held_out


@pytest.mark.parametrize("lang", LANGS)
def test_there_are_too_many_to_learn_by_heart(lang: Lang) -> None:
    rng = Random(3)
    assert len({draw_names(rng, lang, 1)[0] for _ in range(8000)}) > 2500


def test_the_side_of_a_name_does_not_depend_on_its_capitals() -> None:
    rng = Random(4)
    for _ in range(300):
        (name,), _ = draw_names(rng, "en", 1)
        assert is_held_out(name.lower()) is is_held_out(name)
        assert name == name.capitalize()


def test_a_chinese_nickname_has_no_surname() -> None:
    rng = Random(5)
    for _ in range(300):
        (name,), _ = draw_names(rng, "zh", 1, nicknames=True)
        assert name[0] == "小" or name[0] == name[1]
        assert len(name) == 2
