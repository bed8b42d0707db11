"""`--lang` and `--debug`: what every command takes, before or after the verb.

They are read ahead of everything else, because the help texts of the verbs are written in the language they name.
Standard library only: `start.py` reads them before anything is installed.
"""

import ctypes
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chatzero.errors import ConfigError
from chatzero.language import Lang, detect_language, tr

LANGUAGE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """`lang` is None when not given; `words` are all the others, in order."""

    lang: Lang | None
    debug: bool
    words: tuple[str, ...]


def split_global_options(words: Sequence[str]) -> GlobalOptions:
    """Take `--lang zh`, `--lang=zh` and `--debug` out of the words; after `--` nothing is an option.

    Raises `ConfigError` for a language that is missing or not spoken here.
    """
    lang: Lang | None = None
    debug = False
    rest: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            rest.extend(words[at:])
            break
        if word == "--debug":
            debug = True
        elif word == "--lang":
            at += 1
            lang = _language(words[at] if at < len(words) else "")
        elif word.startswith("--lang="):
            lang = _language(word.removeprefix("--lang="))
        else:
            rest.append(word)
        at += 1
    return GlobalOptions(lang, debug, tuple(rest))


def reader_language(environ: Mapping[str, str]) -> Lang:
    """The language of the person at this machine: the locale variables, else what Windows is set to."""
    if sys.platform == "win32" and not any(environ.get(name) for name in LANGUAGE_VARIABLES):
        primary_language = ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF
        return "zh" if primary_language == 0x04 else "en"  # 0x04: LANG_CHINESE
    return detect_language(environ)


def _language(name: str) -> Lang:
    if name == "zh":
        return "zh"
    if name == "en":
        return "en"
    raise ConfigError(
        what=tr(f"--lang {name!r} is not a language I speak", f"--lang {name!r} 不是可用的语言"),
        why=tr("ChatZero speaks zh (Chinese) and en (English)", "ChatZero 会说 zh（中文）和 en（英文）"),
        do="--lang zh | --lang en",
    )
