"""Right answers counted, by language and skill. Who answers (a model, a baseline) is not known here."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatzero.evaluation.questions import Question


@dataclass(frozen=True)
class Answered:
    """One question, the answer given, and whether it is right."""

    question: Question
    answer: str
    right: bool


@dataclass(frozen=True)
class Scoreboard:
    """All answers, and the counts made from them."""

    answered: tuple[Answered, ...]

    @property
    def right(self) -> int:
        return sum(a.right for a in self.answered)

    @property
    def total(self) -> int:
        return len(self.answered)

    def by_cell(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(lang, skill) -> (right, total), in the order in which they were asked."""
        counts: dict[tuple[str, str], tuple[int, int]] = {}
        for a in self.answered:
            cell = (a.question.lang, a.question.skill)
            right, total = counts.get(cell, (0, 0))
            counts[cell] = (right + a.right, total + 1)
        return counts

    def share(self, *, lang: str | None = None, skill: str | None = None) -> float:
        """The share of right answers, of one language or one skill or of both."""
        chosen = [
            (right, total)
            for (cell_lang, cell_skill), (right, total) in self.by_cell().items()
            if lang in (None, cell_lang) and skill in (None, cell_skill)
        ]
        return sum(right for right, _ in chosen) / max(1, sum(total for _, total in chosen))

    def as_json(self) -> dict[str, object]:
        """The stable form that `chatzero eval --json` prints."""
        return {
            "total": self.total,
            "right": self.right,
            "by": {f"{lang}/{skill}": [right, total] for (lang, skill), (right, total) in self.by_cell().items()},
            "answers": [
                {
                    "lang": a.question.lang,
                    "skill": a.question.skill,
                    "messages": [{"role": m.role, "content": m.content} for m in a.question.conversation.messages],
                    "answer": a.answer,
                    "right": a.right,
                }
                for a in self.answered
            ],
        }


def score(questions: Sequence[Question], answers: Sequence[str]) -> Scoreboard:
    """Judge the answers to the questions, in the same order."""
    return Scoreboard(
        tuple(Answered(q, answer, q.is_right(answer)) for q, answer in zip(questions, answers, strict=True))
    )
