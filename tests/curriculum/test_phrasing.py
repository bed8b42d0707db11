import re
from random import Random

import pytest

from chatzero.curriculum.phrasing import BARE_SHARE, Phrasings, Question
from chatzero.language import Lang

ASK = Phrasings(
    en=("What is {a} + {b}?", "Add {a} [and|to] {b}.", "{a} or {b}, ..."),
    zh=("{a}加{b}[等于|是]多少？", "算一下{a}，{b}。", "{a}，{b}，..."),
)
LANGS: tuple[Lang, ...] = ("en", "zh")


def _texts(lang: Lang, n: int = 3000) -> list[Question]:
    rng = Random(5)
    return [ASK.draw(rng, lang, a=3, b=4) for _ in range(n)]


@pytest.mark.parametrize("lang", LANGS)
def test_every_line_is_drawn_about_equally_often(lang: Lang) -> None:
    names = [phrasing for _, phrasing in _texts(lang)]
    assert set(names) == set(ASK.names(lang)) == {f"{lang}{i}" for i in range(3)}
    assert all(abs(names.count(name) / len(names) - 1 / 3) < 0.05 for name in set(names))


def test_undressed_text_is_one_of_the_lines_written_out() -> None:
    rng = Random(0)
    drawn = {ASK.draw(rng, "en", dress=False, a=3, b=4).text for _ in range(200)}
    assert drawn == {"What is 3 + 4?", "Add 3 and 4.", "Add 3 to 4.", "3 or 4, ..."}


@pytest.mark.parametrize("lang", LANGS)
def test_about_half_of_the_questions_are_bare(lang: Lang) -> None:
    texts = [text for text, phrasing in _texts(lang) if phrasing == f"{lang}0"]
    undressed = re.compile(r"what is 3 \+ 4\??|3加4(等于|是)多少[？?]?", re.IGNORECASE)
    bare = sum(undressed.fullmatch(text) is not None for text in texts) / len(texts)
    assert abs(bare - BARE_SHARE) < 0.06


def test_lead_ins_fit_the_kind_of_sentence() -> None:
    english = [text for text, _ in _texts("en")]
    assert "Please tell me: what is 3 + 4?" in english
    assert "Please add 3 and 4." in english
    assert not any(text.startswith(("Please what", "Tell me: add", "Please 3")) for text in english)
    chinese = [text for text, _ in _texts("zh")]
    assert "请问，3加4是多少？" in chinese
    assert "请算一下3，4。" in chinese
    assert not any(text.startswith(("请3", "请问算", "请问，算")) for text in chinese)


def test_typing_noise_drops_marks_and_capitals_and_writes_ascii_marks() -> None:
    english = {text for text, _ in _texts("en")}
    assert {"What is 3 + 4", "what is 3 + 4?", "Add 3 and 4", "3 or 4, ..."} <= english
    assert "3 or 4, .." not in english
    chinese = {text for text, _ in _texts("zh")}
    assert {"3加4是多少", "3加4是多少?", "算一下3,4。"} <= chinese


def test_a_question_is_lowered_after_a_lead_in_but_the_word_i_and_slots_are_not() -> None:
    rng = Random(1)
    ask = Phrasings(en=("I have {n}. How many?", "{name} has {n}. How many?"), zh=("{n}？",))
    texts = [ask.draw(rng, "en", n=2, name="Tom").text for _ in range(400)]
    assert any(text.startswith("Hi, I have") for text in texts)
    assert any(text.startswith("Hi, Tom has") for text in texts)
    assert not any("i have 2" in text or "tom has" in text for text in texts)


@pytest.mark.parametrize(
    ("first", "second"),
    [("{a}+{b}=?", "{a}+{b}="), ("Add {a}.", "add {a}"), ("{a}，[多少|几]？", "{a},几?")],
)
def test_lines_with_the_same_words_share_a_name(first: str, second: str) -> None:
    """In both languages: what is held out under one name must not be taught under the other."""
    together = Phrasings(en=(first, second, "More {a}?"), zh=("{a}是什么？",))
    assert together.names("en") == ("en0", "en0", "en2")
    apart = Phrasings(en=(first,), zh=(second, "{a}是什么？"))
    assert apart.names("zh") == ("en0", "zh1")


def test_the_draw_is_a_function_of_the_generator() -> None:
    assert _texts("en", 50) == _texts("en", 50)
