"""The scoreboard of a model beside what it must beat: the same model untrained, and the nearest training question."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from chatzero.curriculum.skill import Skill
from chatzero.evaluation.answer import greedy_answers
from chatzero.evaluation.baseline import nearest_answers
from chatzero.evaluation.questions import Question, skill_questions
from chatzero.evaluation.scoreboard import Scoreboard, score
from chatzero.models.build import build
from chatzero.models.interface import LanguageModel
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer

BOARD_SEED = 20_261_129  # drawn anew after the last change of the skills: these questions were never looked at
PER_CELL = 80
_UNTRAINED_PER_CELL = 2  # it gets nothing right: a few questions show it
_BASELINE_PER_CELL = 10
_UNTRAINED_TOKENS = 24


@dataclass(frozen=True)
class Verdict:
    """The model's scoreboard, and the two others on a part of the same questions."""

    model: Scoreboard
    untrained: Scoreboard
    nearest: Scoreboard | None


def verdict(
    model: LanguageModel, tokenizer: Tokenizer, skills: Sequence[Skill], known: Sequence[Conversation]
) -> Verdict:
    """All three scoreboards over the held-out questions of `skills`. `known` are training conversations."""
    questions = skill_questions(skills, BOARD_SEED, PER_CELL)
    some = _few_of_each(questions, _BASELINE_PER_CELL)
    few = _few_of_each(questions, _UNTRAINED_PER_CELL)
    blank = build(model.config, torch.Generator().manual_seed(0)).eval()
    blank_answers = greedy_answers(blank, tokenizer, [q.conversation for q in few], _UNTRAINED_TOKENS)
    nearest = score(some, nearest_answers([q.conversation for q in some], known)) if known else None
    answers = greedy_answers(model, tokenizer, [q.conversation for q in questions])
    return Verdict(score(questions, answers), score(few, blank_answers), nearest)


def _few_of_each(questions: Sequence[Question], count: int) -> list[Question]:
    """The first `count` questions of every skill and language."""
    seen: dict[tuple[str, str], int] = {}
    chosen = []
    for question in questions:
        cell = (question.lang, question.skill)
        seen[cell] = seen.get(cell, 0) + 1
        if seen[cell] <= count:
            chosen.append(question)
    return chosen
