"""Recipe -> trained model with report, shown as it happens: what `quickstart` and `train` have in common."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
import typer
from rich.console import Console

from chatzero.apps.cli.progress import SAMPLE_QUESTIONS, follow, reading_bar
from chatzero.apps.cli.runs import note_run
from chatzero.apps.cli.scoreboard_view import show_scoreboard
from chatzero.checkpoint.atomic import write_whole
from chatzero.checkpoint.bundle import MODEL_FOLDER, load_bundle, save_bundle
from chatzero.curriculum.registry import skills_of
from chatzero.evaluation.answer import MAX_ANSWER_TOKENS
from chatzero.language import tr
from chatzero.pipeline.judge import verdict
from chatzero.pipeline.large_data import no_bar
from chatzero.pipeline.materials import Corpus, gather
from chatzero.pipeline.recipe import Recipe
from chatzero.pipeline.report import RunFacts, model_card, report
from chatzero.text.conversation import Conversation
from chatzero.training.guards.answers import answer_verdicts
from chatzero.training.precision import faster_precision
from chatzero.training.report import read_metrics
from chatzero.training.run import Event, Materials, Resume, Stopped, read_run_file, run
from chatzero.training.team import Team, joined_team, was_restarted

_BASELINE_CONVERSATIONS = 20_000
_SAMPLES = 6
_SAMPLE_CHARACTERS = 48  # question and answer stand on one line


def carry_out(recipe: Recipe, folder: Path, resume: Resume, console: Console) -> None:
    """Train by the recipe in `folder`; at the horizon write the report and show the scoreboard.

    Stopped by a signal it says that everything is kept, and leaves with the exit code of that signal. Started by
    torchrun, all processes train together, and only the leader speaks.
    """
    with joined_team(recipe.train.device) as team:
        console = console if team.leads else Console(quiet=True)
        resume = "auto" if was_restarted() else resume
        bar = reading_bar if team.leads else no_bar
        materials, corpus = team.leader_first(lambda: gather(recipe, folder, console.print, bar))
        recipe = _with_precision(recipe, folder, resume, materials, console, team)
        data = _about_data(recipe, corpus)
        materials = replace(materials, card=data)
        events = run(folder, materials, recipe.train, recipe.model_dump(mode="json"), resume, team)
        in_parts = team.size > 1 and recipe.train.parallel == "fsdp"
        if team.leads:
            note_run(folder)
            # A model in parts cannot answer here: it would take all processes.
            questions = () if in_parts else sample_questions(corpus, recipe)
            stopped = follow(events, materials.model, materials.tokenizer, recipe.train, folder, questions)
        else:
            stopped = _to_the_end(events)
    if stopped.finished and not team.leads:
        return
    if stopped.finished:
        if in_parts:
            device = next(materials.model.parameters()).device
            materials = replace(materials, model=load_bundle(folder / MODEL_FOLDER, device).model)
        _judge(recipe, folder, materials, corpus, stopped, data, console)
        return
    console.print(
        tr(
            "Interrupted; everything is kept. The same command resumes.",
            "已中断，进度已保存。再次运行同一命令即可继续。",
        )
    )
    raise typer.Exit(128 + stopped.signal_number)


def _to_the_end(events: Iterable[Event]) -> Stopped:
    """Carry the run out without a word."""
    *_, stopped = events
    assert isinstance(stopped, Stopped), "a run ends with Stopped"
    return stopped


def sample_questions(corpus: Corpus, recipe: Recipe) -> Sequence[str]:
    """What the model is asked now and then while it trains: of the person's own held-out questions, if there are."""
    if recipe.data is None:
        return SAMPLE_QUESTIONS
    asked = (source.messages for source in corpus.held_out if isinstance(source, Conversation))
    firsts = [next(message.content for message in messages if message.role == "user") for messages in asked]
    short = [words for words in dict.fromkeys(firsts) if len(words) <= _SAMPLE_CHARACTERS and "\n" not in words]
    return short[:: max(1, len(short) // _SAMPLES)][:_SAMPLES] or SAMPLE_QUESTIONS


def _with_precision(
    recipe: Recipe, folder: Path, resume: Resume, materials: Materials, console: Console, team: Team
) -> Recipe:
    """The recipe with its precision decided, in a team by the leader."""
    if recipe.train.precision != "auto":
        return recipe
    precision = team.told(lambda: _precision(folder, resume, materials, console))
    return recipe.model_copy(update={"train": recipe.train.model_copy(update={"precision": precision})})


def _precision(folder: Path, resume: Resume, materials: Materials, console: Console) -> str:
    """As the run began, or by measuring a step in each."""
    there = read_run_file(folder) if resume == "auto" else None
    train = there.settings.get("train") if there is not None else None
    if isinstance(train, dict) and train.get("precision") in ("float32", "bfloat16"):
        return str(train["precision"])
    precision, seconds = faster_precision(materials.model, materials.loader.batch_at(0))
    measured = ", ".join(f"{name} {s:.3f} s" for name, s in seconds.items())
    console.print(tr(f"Precision: {precision} (a step: {measured})", f"精度：{precision}（实测每步：{measured}）"))
    return precision


def _judge(
    recipe: Recipe, folder: Path, materials: Materials, corpus: Corpus, stopped: Stopped, data: str, console: Console
) -> None:
    """Scoreboard, report.md and the model card. The built-in skills are asked only of a model that was taught them."""
    last_look = next(row for row in reversed(read_metrics(folder / "metrics.jsonl")) if row["kind"] == "eval")
    model, tokenizer = materials.model.eval(), materials.tokenizer
    result = None
    remarks = list(stopped.remarks)
    if recipe.builtin is not None:
        console.print(tr("Asking the held-out questions ...", "正在回答留出题……"))
        known = [source for source in corpus.training if isinstance(source, Conversation)]
        result = verdict(model, tokenizer, skills_of(recipe.builtin.skills), known[:_BASELINE_CONVERSATIONS])
        show_scoreboard(console, result.model, result)
        answers = [tokenizer.encode(answered.answer) for answered in result.model.answered]
        remarks += answer_verdicts(answers, MAX_ANSWER_TOKENS, stopped.step)
    facts = RunFacts(
        config=model.config,
        step=stopped.step,
        elapsed_s=stopped.elapsed_s,
        held_out_loss=float(str(last_look["loss"])),
        bits_per_byte=float(str(last_look["bits_per_byte"])),
        device=str(next(model.parameters()).device),
        precision=f"{recipe.train.precision}, {torch.get_num_threads()} threads",
        seed=recipe.train.seed,
        remarks=tuple(map(str, remarks)),
    )
    write_whole(folder / "report.md", report(facts, result))
    save_bundle(folder / MODEL_FOLDER, model, tokenizer, model_card(facts, result, data))
    console.print(tr(f"Everything is in {folder}", f"全部结果都在 {folder}"))


def _about_data(recipe: Recipe, corpus: Corpus) -> str:
    parts = []
    if recipe.builtin is not None:
        parts.append(
            tr(
                f"{recipe.builtin.examples:,} conversations from ChatZero's built-in bilingual curriculum (MIT).",
                f"{recipe.builtin.examples:,} 段对话，来自 ChatZero 内置双语课程（MIT）。",
            )
        )
    if recipe.data is not None:
        names = ", ".join(
            Path(str(file)).name for file in (recipe.data.files or (recipe.data.source, recipe.data.target))
        )
        parts.append(tr(f"Your files: {names} (their own licence).", f"你的文件：{names}（以其自身许可为准）。"))
    return "\n".join(parts)
