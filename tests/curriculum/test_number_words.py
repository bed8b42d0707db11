import pytest

from chatzero.curriculum.number_words import LARGEST, in_words, last_spoken
from chatzero.language import Lang


@pytest.mark.parametrize(
    ("n", "en", "zh"),
    [
        (0, "zero", "零"),
        (10, "ten", "十"),
        (17, "seventeen", "十七"),
        (40, "forty", "四十"),
        (42, "forty-two", "四十二"),
    ],
)
def test_in_words(n: int, en: str, zh: str) -> None:
    assert (in_words(n, "en"), in_words(n, "zh")) == (en, zh)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_number_comes_back(lang: Lang) -> None:
    assert [last_spoken(in_words(n, lang)) for n in range(LARGEST + 1)] == list(range(LARGEST + 1))


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("Seven plus ten is seventeen.", 17),
        ("七加十等于十七。", 17),
        ("It is 7", 7),
        ("often", None),
        ("十十", None),
        ("", None),
    ],
)
def test_last_spoken(text: str, n: int | None) -> None:
    assert last_spoken(text) == n
