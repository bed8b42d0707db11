"""`chatzero eval`: the scoreboard of a model, or its answers to a file of questions."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from tqdm import tqdm

from chatzero.apps.cli.engine_option import EngineOption, PrecisionOption, speaker
from chatzero.interop.engine_names import require_engine
from chatzero.language import tr


def evaluate(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help=tr("A model folder or a run folder.", "模型文件夹或运行文件夹。"))
    ],
    suite: Annotated[
        str,
        typer.Option(
            metavar="skills|all-skills|FILE.jsonl",
            help=tr(
                "The held-out questions of the built-in skills, or your own.", "内置技能的留出题，或你自己的题目文件。"
            ),
        ),
    ] = "skills",
    per_skill: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            help=tr("Questions for each built-in skill and language.", "每项内置技能、每种语言的题数。"),
        ),
    ] = 40,
    seed: Annotated[
        int, typer.Option(min=0, metavar="N", help=tr("Which built-in questions.", "抽取内置题目的随机种子。"))
    ] = 2017,
    max_tokens: Annotated[
        int, typer.Option(min=1, metavar="N", help=tr("The longest answer.", "回答的最大长度（词元）。"))
    ] = 64,
    engine: EngineOption = "torch",
    precision: PrecisionOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=tr("Print one JSON document.", "输出一个 JSON 文档。"))
    ] = False,
) -> None:
    """How good is it? Held-out questions by skill and language, or questions of your own.

    Example: chatzero eval runs/quickstart-gpt --suite my_questions.jsonl --json
    """
    require_engine(engine)
    from chatzero.apps.cli.scoreboard_view import show_scoreboard
    from chatzero.checkpoint.bundle import load_bundle
    from chatzero.curriculum.registry import CORE, SKILLS
    from chatzero.evaluation.answer import each_greedy_answer
    from chatzero.evaluation.questions import file_questions, skill_questions
    from chatzero.evaluation.scoreboard import score

    built_in = {"skills": CORE, "all-skills": SKILLS}
    skills = built_in.get(suite)
    questions = skill_questions(skills, seed, per_skill) if skills else file_questions(Path(suite))
    bundle = load_bundle(model)
    progress = Console(stderr=True, soft_wrap=True)
    progress.print(tr(f"{len(questions):,} questions ...", f"共 {len(questions):,} 道题……"))
    asked = [question.conversation for question in questions]
    answers = each_greedy_answer(speaker(bundle, engine, precision), bundle.tokenizer, asked, max_tokens)
    # disable=None: no bar where stderr is not a terminal
    said = list(tqdm(answers, total=len(asked), unit="", leave=False, disable=None, file=sys.stderr))
    if too_long := said.count(None):
        progress.print(
            tr(
                f"{too_long:,} of them do not fit the model's window of {bundle.model.config.max_seq_len} tokens: "
                "counted as wrong.",
                f"其中 {too_long:,} 道超出模型 {bundle.model.config.max_seq_len} 个词元的窗口，按答错计。",
            )
        )
    result = score(questions, [answer or "" for answer in said])
    if as_json:
        print(json.dumps(result.as_json(), ensure_ascii=False))
    else:
        show_scoreboard(Console(), result)
