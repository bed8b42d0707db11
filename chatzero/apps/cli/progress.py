"""What a person sees while a run trains: a bar, the two losses, and the model's answers as they get better."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from chatzero.evaluation.answer import greedy_answers
from chatzero.language import tr
from chatzero.models.interface import LanguageModel
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.config import TrainConfig
from chatzero.training.guards.answers import answer_verdicts
from chatzero.training.guards.remark import Remark
from chatzero.training.report import EvalReport, StepReport
from chatzero.training.run import Event, Resumed, Stopped
from chatzero.training.told import tell_remark, tell_sample

SAMPLE_QUESTIONS = ("你是谁？", "Who are you?", "23+45等于多少？", "What is the opposite of hot?")
T = TypeVar("T")
_REFRESH_S = 0.5
_PACE_KNOWN_AFTER_S = 3.0
_SAMPLE_TOKENS = 40
_ANSWERS_COUNT_FROM = 0.5
"""Share of the way before which bad answers are no news."""


def reading_bar(things: Iterator[T], words: str, total: int | None) -> Iterable[T]:
    """How many rows of large data were read. Silent where nobody looks on."""
    return tqdm(things, desc=words, total=total, unit="row", unit_scale=True, disable=None, file=sys.stderr)


def follow(
    events: Iterable[Event],
    model: LanguageModel,
    tokenizer: Tokenizer,
    config: TrainConfig,
    folder: Path,
    questions: Sequence[str] = SAMPLE_QUESTIONS,
) -> Stopped:
    """Show the run on stderr until it stops. A few answers at each look at the held-out loss.

    They and the remarks are also kept in `folder`, the run's, for those who look on from elsewhere.
    """
    stopped: Stopped | None = None
    held_out: float | None = None
    tokens, seconds, drawn, way = 0, 0.0, 0.0, 0.0
    said: set[str] = set()
    bar_format = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} {postfix}"
    with tqdm(
        total=config.steps, desc=tr("training", "训练"), unit="step", bar_format=bar_format, file=sys.stderr
    ) as bar:
        for event in events:
            match event:
                case Resumed():
                    for line in event.skipped:
                        bar.write(
                            tr(f"Damaged checkpoint passed over: {line}", f"跳过损坏的检查点：{line}"), file=sys.stderr
                        )
                    bar.write(tr(f"Resuming at step {event.step}", f"从第 {event.step} 步继续训练"), file=sys.stderr)
                    if event.changed:
                        bar.write(_otherwise(event.changed), file=sys.stderr)
                    bar.n = event.step
                case StepReport():
                    tokens, seconds, way = tokens + event.tokens, seconds + event.seconds, event.progress
                    if time.monotonic() - drawn > _REFRESH_S:
                        bar.n = event.step
                        bar.total = config.steps or _steps_at_this_pace(event)
                        bar.set_postfix_str(_postfix(event, held_out, tokens / seconds), refresh=False)
                        bar.refresh()
                        drawn, tokens, seconds = time.monotonic(), 0, 0.0
                case EvalReport():
                    held_out = event.loss
                    asked = [Conversation.of(question) for question in questions]
                    answers = greedy_answers(model, tokenizer, asked, _SAMPLE_TOKENS) if asked else []
                    bar.write(_samples(event.step, held_out, questions, answers), file=sys.stderr)
                    tell_sample(folder, event.step, list(zip(questions, answers, strict=True)))
                    if way >= _ANSWERS_COUNT_FROM:
                        ids = [tokenizer.encode(answer) for answer in answers]
                        for remark in answer_verdicts(ids, _SAMPLE_TOKENS, event.step):
                            if remark.name not in said:
                                said.add(remark.name)
                                bar.write(str(remark), file=sys.stderr)
                                tell_remark(folder, remark)
                case Remark():
                    bar.write(str(event), file=sys.stderr)
                    tell_remark(folder, event)
                case Stopped():
                    stopped = event
                    bar.n = bar.total = event.step
                    bar.refresh()
    assert stopped is not None, "a run ends with Stopped"
    return stopped


def _otherwise(changed: Sequence[str]) -> str:
    facts = "; ".join(changed)
    return tr(
        f"Not as when the checkpoint was written ({facts}): the result may differ in its last digits",
        f"与写入检查点时不同（{facts}）：结果的末几位可能有差别",
    )


def _pace_known(event: StepReport) -> bool:
    """Not before some seconds, and not at the first step, whose progress is zero however long it took."""
    return event.elapsed_s > _PACE_KNOWN_AFTER_S and event.progress > 0.0


def _steps_at_this_pace(event: StepReport) -> int | None:
    """How many steps a run by the clock will have made; None while it is too early to say."""
    return round(event.step / event.progress) if _pace_known(event) else None


def _postfix(event: StepReport, held_out: float | None, tokens_per_s: float) -> str:
    look = "-" if held_out is None else f"{held_out:.3f}"
    left = "-"
    if _pace_known(event):
        left_s = round(event.elapsed_s * (1 - event.progress) / event.progress)
        left = f"{left_s // 60}:{left_s % 60:02d}"
    return tr(
        f"loss {event.loss:.3f}, held-out {look}, {tokens_per_s:,.0f} tokens/s, ETA {left}",
        f"loss {event.loss:.3f}，留出集 {look}，{tokens_per_s:,.0f} token/秒，剩余 {left}",
    )


def _samples(step: int, held_out: float, questions: Sequence[str], answers: Sequence[str]) -> str:
    """The model's answers now, greedy, to the same few questions each time."""
    lines = [tr(f"step {step}, held-out loss {held_out:.3f}", f"第 {step} 步，留出集 loss {held_out:.3f}")]
    return "\n".join([*lines, *(f"  {q}  ->  {a}" for q, a in zip(questions, answers, strict=True))])
