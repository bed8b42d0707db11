"""`--lang` and `--debug` are found wherever they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatzero.apps.cli.global_options import GlobalOptions, reader_language, split_global_options
from chatzero.errors import ConfigError
from chatzero.language import set_language


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], GlobalOptions(None, False, ())),
        (["--lang", "zh", "chat"], GlobalOptions("zh", False, ("chat",))),
        (["chat", "--lang=en", "-p", "hi"], GlobalOptions("en", False, ("chat", "-p", "hi"))),
        (["eval", "m", "--debug", "--json"], GlobalOptions(None, True, ("eval", "m", "--json"))),
        (
            ["chat", "--", "--lang", "fr", "--debug"],
            GlobalOptions(None, False, ("chat", "--", "--lang", "fr", "--debug")),
        ),
        (["--lang", "en", "--lang", "zh"], GlobalOptions("zh", False, ())),
    ],
)
def test_split(words: list[str], expected: GlobalOptions) -> None:
    assert split_global_options(words) == expected


@pytest.mark.parametrize(("words", "named"), [(["--lang", "fr"], "'fr'"), (["--lang"], "''"), (["--lang="], "''")])
def test_a_language_that_is_not_spoken(words: list[str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        split_global_options(words)
    set_language("zh")
    with pytest.raises(ConfigError, match="不是可用的语言"):
        split_global_options(words)


@given(words=st.lists(st.text(max_size=8).filter(lambda word: not word.startswith("--"))), at=st.integers(0, 8))
def test_where_the_options_stand_changes_nothing(words: list[str], at: int) -> None:
    mixed = [*words[:at], "--lang", "zh", "--debug", *words[at:]]
    assert split_global_options(mixed) == GlobalOptions("zh", True, tuple(words))


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({"LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_of_the_reader(environ: dict[str, str], lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert reader_language(environ) == lang
