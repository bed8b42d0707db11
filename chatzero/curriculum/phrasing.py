"""Many ways to put one question: phrasings with slots, and the small noise of real typing around them.

    ASK = Phrasings(
        en=("What is {a} + {b}?", "Add {a} [and|to] {b}.", "{a}+{b}"),
        zh=("{a}加{b}[等于|是]多少？", "算一下{a}+{b}。", "{a}+{b}"),
    )
    text, phrasing = ASK.draw(rng, "en", a=3, b=4)    # "Please tell me: what is 3 + 4?", "en0"

How to write a phrasing:
- `{name}` is a slot, filled by the keyword of that name; `[x|y]` is one of x, y (either may be empty).
- Write it whole, with its capital letter and its final mark; the mark says what kind of sentence it is:
  `?` `？` a question ("Please tell me: ...", "请问，..."), `.` `。` `!` `！` a request ("Please ...", "请..."; so begin
  it with the verb, not with "please" or "请"), anything else, also `...`, a fragment (only "Hi! ...", "你好！...").
- The engine itself drops the final mark, drops capitals and types Chinese marks in ASCII now and then.
- `phrasing` names the line (not the choice in brackets, nor the lead-in), so that a held-out combination of fact and
  phrasing stays new: `unseen(word, phrasing)`. Lines that differ only in spaces and marks share a name.

About three questions in four are bare: neither lead-in nor ending. Not here: what is asked (`skills`).
"""

import re
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import NamedTuple

from chatzero.language import Lang
from chatzero.text.matching import normalise

BARE_SHARE = 0.75

# {lang: {kind: lead-ins}}. A lead-in that ends in "!" or "！" starts a new sentence; after the others the sentence
# goes on in lower case.
_LEAD_INS: dict[Lang, dict[str, tuple[str, ...]]] = {
    "en": {
        "question": (
            "Please tell me: ",
            "Please tell me, ",
            "Tell me: ",
            "Quick question: ",
            "A question: ",
            "I have a question: ",
            "Hi, ",
            "Hello! ",
            "Hey, ",
            "Excuse me, ",
            "So, ",
            "Question: ",
        ),
        "request": ("Please ", "Please ", "Please ", "Hi! ", "Hello! ", "Can you help me? ", "Hi, please ", "Now "),
        "fragment": ("Hi! ", "Hello! ", "Question: ", "Please help: ", "Next question: "),
    },
    "zh": {
        "question": (
            "请问，",
            "请问",
            "请问：",
            "请告诉我，",
            "请告诉我：",
            "告诉我，",
            "我想知道，",
            "问一下，",
            "我问你，",
            "你好，",
            "你好！",
            "问题：",
        ),
        "request": ("请", "请", "请", "请你", "帮我", "麻烦", "你好，请", "请帮我"),
        "fragment": ("你好！", "问题：", "题目：", "帮我看看：", "下一题："),
    },
}
_ENDINGS: dict[Lang, tuple[str, ...]] = {
    "en": (" Thanks!", " Thank you.", " Thanks.", " Thank you!"),
    "zh": ("谢谢！", "谢谢。", "谢谢你！", "谢谢啦！"),
}
_LEAD_IN_SHARE = 0.75  # of the dressed questions; the rest has an ending, and some have both
_BOTH_SHARE = 0.15
_NO_FINAL_MARK = {"question": 0.25, "request": 0.45, "fragment": 0.0}
_LOWER_CASE_SHARE = 0.25
_ASCII_MARKS_SHARE = 0.15
_ASCII_MARKS = str.maketrans({"，": ",", "？": "?", "：": ":", "！": "!", "；": ";", "（": "(", "）": ")"})
_KIND_OF_MARK = {"?": "question", "？": "question"} | dict.fromkeys(".。!！", "request")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")


class Question(NamedTuple):
    """The words of a question, and the id of the line they come from."""

    text: str
    phrasing: str


@dataclass(frozen=True, slots=True)
class _Variant:
    """One phrasing with its bracketed choices made."""

    phrasing: str
    text: str
    kind: str


@dataclass(frozen=True)
class Phrasings:
    """Several ways to ask the same thing, in each language."""

    en: tuple[str, ...]
    zh: tuple[str, ...]
    _lines: dict[Lang, tuple[tuple[_Variant, ...], ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names: dict[str, str] = {}
        lines = {lang: _variants(lang, written, names) for lang, written in (("en", self.en), ("zh", self.zh))}
        object.__setattr__(self, "_lines", lines)

    def draw(self, rng: Random, lang: Lang, *, dress: bool = True, **slots: object) -> Question:
        """A question in one of the phrasings. `dress=False` leaves out lead-in, ending and typing noise."""
        variant = rng.choice(rng.choice(self._lines[lang]))
        text = variant.text.format_map(slots)
        return Question(_dress(rng, lang, variant, text) if dress else text, variant.phrasing)

    def names(self, lang: Lang) -> tuple[str, ...]:
        """The ids `draw` can return."""
        return tuple(variants[0].phrasing for variants in self._lines[lang])


def _variants(lang: str, lines: tuple[str, ...], names: dict[str, str]) -> tuple[tuple[_Variant, ...], ...]:
    """Each line's variants. Lines with the same words share a name, in both languages ("{a}x{b}").

    Else a question held out under one name would stand in the training set under the other.
    """
    variants = []
    for i, line in enumerate(lines):
        texts = _expand(line)
        words = [normalise(text) for text in texts]
        name = next((names[said] for said in words if said in names), f"{lang}{i}")
        for said in words:
            names.setdefault(said, name)
        variants.append(tuple(_Variant(name, text, _kind(text)) for text in texts))
    return tuple(variants)


def _expand(text: str) -> tuple[str, ...]:
    """'a[b|c]d' -> ('abd', 'acd')."""
    parts = _CHOICE.split(text)  # even places are plain text, odd places the choices
    choices = [part.split("|") if i % 2 else [part] for i, part in enumerate(parts)]
    return tuple("".join(chosen) for chosen in product(*choices))


def _kind(text: str) -> str:
    return "fragment" if text.endswith("...") else _KIND_OF_MARK.get(text[-1], "fragment")


def _unmarked(variant: _Variant) -> str:
    return variant.text if variant.kind == "fragment" else variant.text[:-1].rstrip()


def _dress(rng: Random, lang: Lang, variant: _Variant, text: str) -> str:
    """Around the sentence: a lead-in, an ending, or neither; and the noise of real typing."""
    lead_in = ending = ""
    if rng.random() >= BARE_SHARE:
        where = rng.random()
        if where < _LEAD_IN_SHARE:
            lead_in = rng.choice(_LEAD_INS[lang][variant.kind])
        if where >= _LEAD_IN_SHARE - _BOTH_SHARE and variant.kind != "fragment":
            ending = rng.choice(_ENDINGS[lang])
    if not ending and rng.random() < _NO_FINAL_MARK[variant.kind]:
        text = text[:-1].rstrip()
    starts_with_slot = variant.text.startswith("{")
    if lang == "zh":
        text = lead_in + text + ending
        return text.translate(_ASCII_MARKS) if rng.random() < _ASCII_MARKS_SHARE else text
    if lead_in and not lead_in.endswith(("! ", "? ")) and not starts_with_slot:
        text = _lower_first(text)
    text = lead_in + text + ending
    if rng.random() < _LOWER_CASE_SHARE and (lead_in or not starts_with_slot):
        text = _lower_first(text)
    return text


def _lower_first(text: str) -> str:
    """Without its first capital, unless that is the word "I"."""
    return text if text[:2] in ("I ", "I'") else text[:1].lower() + text[1:]
