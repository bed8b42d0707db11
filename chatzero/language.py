"""Which language ChatZero speaks to its reader: English or Chinese.

Chosen once, at the door (`--lang`, else the locale); every message is written in both languages side by side, so
that neither can drift from the other: `tr("file not found", "找不到文件")`.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Literal

Lang = Literal["zh", "en"]

_language: ContextVar[Lang] = ContextVar("chatzero_language", default="en")


def set_language(lang: Lang) -> None:
    """Speak `lang` from now on."""
    _language.set(lang)


def current_language() -> Lang:
    """The language spoken now."""
    return _language.get()


def detect_language(environ: Mapping[str, str]) -> Lang:
    """The reader's language by the POSIX rule: the first of LC_ALL, LC_MESSAGES, LANG that is set decides."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def tr(en: str, zh: str) -> str:
    """The text in the language spoken now."""
    return zh if _language.get() == "zh" else en
