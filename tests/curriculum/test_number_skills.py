"""The contract of a skill, kept by every skill about numbers, letters and time; then what each one must know."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

import pytest

from chatzero.curriculum.checkers import numbers_in, words_in
from chatzero.curriculum.phrasing import Phrasings
from chatzero.curriculum.skill import Item, Lang
from chatzero.curriculum.skills.addition import show_sum
from chatzero.curriculum.skills.subtraction import show_difference
from chatzero.text.conversation import Conversation
from chatzero.text.matching import accepts
from tests.curriculum.drawn import DRAWS, draw, items_of, module_of, skill_of

_NAMES = (
    "addition subtraction multiplication arithmetic_words compare parity count_items sort_numbers sequences "
    "reverse_list spell_word first_last weekdays months_dates clock_time unit_conversion word_problems"
)
LANGS: tuple[Lang, ...] = ("en", "zh")
CELLS = [(name, lang) for name in _NAMES.split() for lang in LANGS]

every_cell = pytest.mark.parametrize(("name", "lang"), CELLS)


def _question(item: Item) -> str:
    return item.prompt[-1].content


@every_cell
def test_the_true_answer_is_accepted(name: str, lang: Lang) -> None:
    for item in items_of(name, lang):
        assert (item.skill, item.lang) == (name, lang)
        assert item.conversation.answered
        assert skill_of(name).check(item.answer, item), item
        assert accepts(item.answer, item.accept), item


def _kind_of_answer(item: Item) -> str:
    """Its shape: an answer of one kind may rightly hold another kind's (a month, and its days)."""
    return re.sub(r"\d+", "#", re.sub(r"[a-z一-鿿]{2,}", "w", item.accept[0]))


@every_cell
def test_the_answer_to_another_question_is_refused(name: str, lang: Lang) -> None:
    check = skill_of(name).check
    items = items_of(name, lang)
    tried = 0
    for item, other in pairwise(items):
        if item.accept != other.accept and _kind_of_answer(item) == _kind_of_answer(other):
            assert not check(other.answer, item), (item, other.answer)
            tried += 1
    assert tried >= 10


@every_cell
def test_silence_and_talk_beside_the_point_are_refused(name: str, lang: Lang) -> None:
    for item in items_of(name, lang)[:100]:
        for nothing in ("", "...", "I do not know.", "我不知道。", "Hello! How are you?"):
            assert not skill_of(name).check(nothing, item), (item, nothing)


@every_cell
def test_a_number_with_a_digit_too_many_is_refused(name: str, lang: Lang) -> None:
    """15 for 5, and 51 for 5."""
    for item in items_of(name, lang)[:300]:
        if item.accept[0].isdecimal():
            before, _, after = item.answer.rpartition(item.accept[0])
            for wrong in (f"1{item.accept[0]}", f"{item.accept[0]}1"):
                assert not skill_of(name).check(before + wrong + after, item), (item, before + wrong + after)


@every_cell
def test_no_key_and_no_question_is_on_both_sides(name: str, lang: Lang) -> None:
    items = items_of(name, lang) + draw(name, lang, 8, 2 * DRAWS)
    held_out = [item for item in items if item.held_out]
    training = [item for item in items if not item.held_out]
    assert not {item.key for item in held_out} & {item.key for item in training}
    assert not {_question(item) for item in held_out} & {_question(item) for item in training}


@every_cell
def test_about_a_tenth_is_held_out(name: str, lang: Lang) -> None:
    share = sum(item.held_out for item in items_of(name, lang)) / DRAWS
    assert 0.05 < share < 0.15


@every_cell
def test_the_draw_is_a_function_of_the_seed(name: str, lang: Lang) -> None:
    assert draw(name, lang, 3, 40) == draw(name, lang, 3, 40)
    assert draw(name, lang, 3, 40) != draw(name, lang, 4, 40)


@every_cell
def test_texts_fit(name: str, lang: Lang) -> None:
    assert max(len(_question(item)) for item in items_of(name, lang)) <= 140
    assert max(len(item.answer) for item in items_of(name, lang)) <= 80


@every_cell
def test_questions_vary(name: str, lang: Lang) -> None:
    assert len({_question(item) for item in items_of(name, lang)}) > DRAWS / 3
    tables: Iterable[object] = vars(module_of(name)).values()
    phrasings = [
        entry
        for table in tables
        for entry in (table.values() if isinstance(table, dict) else (table,))
        if isinstance(entry, Phrasings)
    ]
    assert sum(len(entry.names(lang)) for entry in set(phrasings)) >= 10


@every_cell
def test_each_language_keeps_to_itself(name: str, lang: Lang) -> None:
    items = items_of(name, lang)
    chinese = sum(bool(re.search(r"[一-鿿]", _question(item) + item.answer)) for item in items) / len(items)
    assert chinese == 0 if lang == "en" else chinese > 0.5


@every_cell
def test_every_equation_in_an_answer_is_true(name: str, lang: Lang) -> None:
    for item in items_of(name, lang):
        for left, right in re.findall(r"(\d+(?:[-+×]\d+)+)=(\d+)", item.answer):
            total = 1 if "×" in left else 0
            for sign, digits in re.findall(r"([-+×]?)(\d+)", left):
                total = total * int(digits) if "×" in left else total + int(sign + digits)
            assert total == int(right), item


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        (3, 4, "3+4=7"),
        (7, 8, "7+8=15"),
        (47, 38, "47+38: ones 7+8=15, tens 4+3=7, 7+1=8, so 85."),
        (98, 62, "98+62: ones 8+2=10, tens 9+6=15, 15+1=16, so 160."),
        (40, 2, "40+2: ones 0+2=2, tens 4+0=4, so 42."),
        (5, 95, "5+95: ones 5+5=10, tens 0+9=9, 9+1=10, so 100."),
    ],
)
def test_sums_show_their_columns(a: int, b: int, answer: str) -> None:
    assert show_sum(a, b, "en") == answer


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        (8, 3, "8-3=5"),
        (12, 7, "12-7=5"),
        (13, 2, "13-2: ones 3-2=1, tens 1-0=1, so 11."),
        (52, 17, "52-17: ones 12-7=5, tens 5-1=4, 4-1=3, so 35."),
        (52, 48, "52-48: ones 12-8=4, tens 5-1=4, 4-4=0, so 4."),
        (60, 3, "60-3: ones 10-3=7, tens 6-1=5, 5-0=5, so 57."),
        (41, 41, "41-41: ones 1-1=0, tens 4-4=0, so 0."),
    ],
)
def test_differences_show_their_columns(a: int, b: int, answer: str) -> None:
    assert show_difference(a, b, "en") == answer


@pytest.mark.parametrize("lang", LANGS)
def test_columns_are_right_for_every_pair(lang: Lang) -> None:
    for a in range(100):
        for b in range(a + 1):
            assert numbers_in(show_sum(a, b, lang))[-1] == str(a + b)
            assert numbers_in(show_difference(a, b, lang))[-1] == str(a - b)


@pytest.mark.parametrize("lang", LANGS)
def test_sorting_keeps_the_numbers_of_the_question(lang: Lang) -> None:
    for item in items_of("sort_numbers", lang):
        asked, answered = (list(map(int, numbers_in(text))) for text in (_question(item), item.answer))
        falling = re.search(r"descending|decreasing|from large|from greatest|大到小|降", _question(item)) is not None
        assert answered == sorted(asked, reverse=falling), item


@pytest.mark.parametrize("lang", LANGS)
def test_a_list_backwards_is_the_list_of_the_question(lang: Lang) -> None:
    for item in items_of("reverse_list", lang):
        if ":" not in item.key and " " in item.key:  # neither a word nor a number
            assert list(reversed(words_in(item.answer))) == item.key.split(" ")
            asked = re.sub(r"[^\w]", "", _question(item))
            assert item.key.replace(" ", "") in asked, item


@pytest.mark.parametrize("lang", LANGS)
def test_weekdays_agree_with_the_calendar(lang: Lang) -> None:
    days = [date(2024, 1, 1) + timedelta(i) for i in range(7)]  # a Monday and what follows
    for item in items_of("weekdays", lang):
        named = re.search(r"([A-Z][a-z]+)([+-]\d)", item.key)
        assert named is not None
        day = next(day for day in days if day.strftime("%A") == named[1]) + timedelta(int(named[2]))
        wanted = day.strftime("%A") if lang == "en" else f"星期{'一二三四五六日'[day.weekday()]}"
        assert item.answer.rstrip(".。").endswith(wanted), item


def test_days_of_the_months_agree_with_the_calendar() -> None:
    for month in range(1, 13):
        wanted = f"{monthrange(2023, month)[1]}天"
        answers = {item.answer for item in items_of("months_dates", "zh") if item.answer.startswith(f"{month}月有")}
        assert answers
        assert all(wanted in answer for answer in answers)


@pytest.mark.parametrize(
    ("name", "lang", "answer", "accept", "right"),
    [
        ("weekdays", "zh", "是周日。", "星期日", True),
        ("weekdays", "zh", "星期天", "星期日", True),
        ("weekdays", "en", "Monday or Tuesday", "Monday", False),
        ("weekdays", "en", "Monday, +1 Tuesday, +2 Wednesday.", "Wednesday", True),
        ("months_dates", "zh", "十一月。", "11月", True),
        ("months_dates", "zh", "11月。", "1月", False),
        ("months_dates", "en", "March is month 13.", "3", False),
        ("clock_time", "zh", "是13点。", "1点", True),
        ("clock_time", "zh", "5:30", "5点半", True),
        ("clock_time", "zh", "是5点。", "5点半", False),
        ("clock_time", "en", "It is 5:20.", "5:25", False),
        ("spell_word", "en", "c-a-t-s", "c-a-t", False),
        ("spell_word", "en", "C, A, T", "c-a-t", True),
        ("spell_word", "en", "cat", "c-a-t", False),
        ("spell_word", "zh", "学习", "学、习", False),
        ("parity", "en", "8 is even, not odd.", "even", False),
        ("reverse_list", "en", "t-a-c", "t-a-c", True),
        ("reverse_list", "en", "c-a-t", "t-a-c", False),
        ("arithmetic_words", "en", "Ten plus seven is seventeen.", "seven", False),
        ("arithmetic_words", "zh", "十加七等于17", "十七", True),
    ],
)
def test_what_counts_as_right(name: str, lang: Lang, answer: str, accept: str, right: bool) -> None:
    item = next(item for item in items_of(name, lang) if item.accept[0] == accept or accept in item.accept)
    item = Item(name, lang, item.conversation, (accept,), item.key, item.held_out)
    assert skill_of(name).check(answer, item) is right


@pytest.mark.parametrize(
    ("true_answer", "accept", "answer", "right"),
    [
        ("47 is smaller, 74 is larger.", "74 is larger", "74 is larger, 47 is smaller.", True),
        ("47 is smaller, 74 is larger.", "74 is larger", "47", False),
        ("47 is smaller, 74 is larger.", "74 is larger", "47<74, so 74 is the greater.", True),
        ("47 is smaller, 74 is larger.", "74 is larger", "47>74, so 74 is larger.", False),
        ("47 is smaller, 74 is larger.", "74 is larger", "47 is larger, 74 is smaller.", False),
        ("47更小，74更大。", "47更小", "47比74小。", True),
        ("47更小，74更大。", "47更小", "47比74大。", False),
        ("47比74小。", "74 is larger than 47", "Yes.", False),
    ],
)
def test_claims_about_two_numbers(true_answer: str, accept: str, answer: str, right: bool) -> None:
    item = Item("compare", "en", Conversation.of("?", true_answer), (accept,), "", False)
    assert skill_of("compare").check(answer, item) is right
