"""BLEU and chrF of translations, by sacrebleu, each with the signature that says how it was counted.

Papineni et al. 2002; Popović 2015; Post 2018: a score without its signature cannot be compared with any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from chatzero.errors import DataError
from chatzero.language import tr

Tokenize = Literal["13a", "zh", "char", "intl", "none"]


@dataclass(frozen=True)
class TranslationScore:
    """0 to 100, the more the better. `precisions`: of 1- to 4-grams; `brevity`: 1 when nothing is too short."""

    bleu: float
    precisions: tuple[float, ...]
    brevity: float
    bleu_signature: str
    chrf: float
    chrf_signature: str
    lines: int

    def as_json(self) -> dict[str, object]:
        return {
            "lines": self.lines,
            "bleu": round(self.bleu, 2),
            "precisions": [round(precision, 1) for precision in self.precisions],
            "brevity_penalty": round(self.brevity, 3),
            "bleu_signature": self.bleu_signature,
            "chrf": round(self.chrf, 2),
            "chrf_signature": self.chrf_signature,
        }

    def __str__(self) -> str:
        grams = "/".join(f"{precision:.1f}" for precision in self.precisions)
        return (
            f"BLEU {self.bleu:.2f} ({grams}, BP {self.brevity:.3f})  {self.bleu_signature}\n"
            f"chrF {self.chrf:.2f}  {self.chrf_signature}"
        )


def score_translations(
    translations: Sequence[str], references: Sequence[str], tokenize: Tokenize = "13a"
) -> TranslationScore:
    """Scores of a whole text. `tokenize` "none" is for text that is cut into words already ("tokenised BLEU").

    Raises `DataError` when there are not as many references as translations.
    """
    if len(translations) != len(references) or not references:
        raise DataError(
            what=tr(
                f"{len(translations)} translations, {len(references)} references",
                f"译文 {len(translations)} 行，参考译文 {len(references)} 行",
            ),
            why=tr("line n of one is compared with line n of the other", "两者逐行对比"),
            do=tr("name the reference of this very text", "请指定与该文本对应的参考译文"),
        )
    bleu = BLEU(tokenize=tokenize, force=tokenize == "none")
    chrf = CHRF()
    counted = bleu.corpus_score(list(translations), [list(references)])
    letters = chrf.corpus_score(list(translations), [list(references)])
    return TranslationScore(
        bleu=counted.score,
        precisions=tuple(counted.precisions),
        brevity=counted.bp,
        bleu_signature=str(bleu.get_signature()),
        chrf=letters.score,
        chrf_signature=str(chrf.get_signature()),
        lines=len(references),
    )
