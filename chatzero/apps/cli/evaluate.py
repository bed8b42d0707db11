"""`chatzero eval`: the scoreboard of a model, or its answers to a file of questions."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chatzero.language import tr


def evaluate(
    model: Annotated[Path, typer.Argument(help="A model folder or a run folder.")],
    suite: Annotated[
        str, typer.Option(help="'skills' or 'all-skills' (held-out, built in), or a JSONL file.")
    ] = "skills",
    per_skill: Annotated[int, typer.Option(min=1, help="Questions for each skill and language of 'skills'.")] = 40,
    seed: Annotated[int, typer.Option(min=0, help="Which held-out questions of 'skills'.")] = 2017,
    max_tokens: Annotated[int, typer.Option(min=1, help="Longest answer.")] = 64,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """How good is it? Held-out questions by skill and language, or questions of your own.

    Example: chatzero eval runs/quickstart-gpt --suite my_questions.jsonl --json
    """
    from chatzero.apps.cli.scoreboard_view import show_scoreboard
    from chatzero.checkpoint.bundle import load_bundle
    from chatzero.curriculum.registry import CORE, SKILLS
    from chatzero.evaluation.answer import greedy_answers
    from chatzero.evaluation.questions import file_questions, skill_questions
    from chatzero.evaluation.scoreboard import score

    built_in = {"skills": CORE, "all-skills": SKILLS}
    skills = built_in.get(suite)
    questions = skill_questions(skills, seed, per_skill) if skills else file_questions(Path(suite))
    bundle = load_bundle(model)
    progress = Console(stderr=True, soft_wrap=True)
    progress.print(tr(f"{len(questions):,} questions ...", f"共 {len(questions):,} 道题……"))
    answers = greedy_answers(bundle.model, bundle.tokenizer, [q.conversation for q in questions], max_tokens)
    result = score(questions, answers)
    if as_json:
        print(json.dumps(result.as_json(), ensure_ascii=False))
    else:
        show_scoreboard(Console(), result)
