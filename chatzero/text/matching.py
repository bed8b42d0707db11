"""Is an answer right? The one rule that the scoreboard and `chatzero eval FILE` share."""

import unicodedata
from collections.abc import Iterable


def normalise(text: str) -> str:
    """`text` in NFKC, case-folded, without spaces and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not c.isspace() and not unicodedata.category(c).startswith("P"))


def accepts(answer: str, accept: Iterable[str]) -> bool:
    """Does the answer contain one of the accepted strings, both normalised?"""
    said = normalise(answer)
    return any(wanted in said for wanted in map(normalise, accept) if wanted)
