"""After a loss or gradient that is not a number: write down the batch, go back, go on more carefully.

Back means the last checkpoint, whole: weights, optimizer, random generator, step. More carefully means without the
rows that give no number, where it is they; otherwise with half the learning rate. After a few times the run stops with
advice: something is wrong that more patience does not mend.
"""

import json
from dataclasses import asdict
from pathlib import Path

import torch

from chatzero.checkpoint.atomic import write_whole
from chatzero.data.batch import IGNORE, LMBatch, Seq2SeqBatch
from chatzero.errors import TrainingError
from chatzero.language import tr
from chatzero.shapes import Tensor
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.checkpoints import newest_state
from chatzero.training.guards.finite import Cause, NotFiniteError, find_cause
from chatzero.training.guards.remark import Remark
from chatzero.training.sharding import whole_model
from chatzero.training.state import TrainState

MOST_HEALS = 3
_NAME = "not finite"


def heal(
    folder: Path,
    state: TrainState,
    fault: NotFiniteError,
    batch: LMBatch | Seq2SeqBatch,
    dtype: torch.dtype,
    tokenizer: Tokenizer,
) -> Remark:
    """Put `state` back to the last checkpoint, ready to go on, and say what was done and why.

    Time is not put back: it is spent. Raises `TrainingError` after `MOST_HEALS` times. In a team the leader looks for
    the cause, in the whole batch, and all do the same about it.
    """
    team = state.together.team
    model = whole_model(state.model, team)
    found = json.loads(team.told(lambda: json.dumps(asdict(find_cause(model, batch, dtype)))))
    cause = Cause(found["place"], found["name"], tuple(found["rows"]))
    record = folder / "faults" / f"step-{fault.step:08d}.json"
    if team.leads:
        _write_down(record, fault, cause, batch, tokenizer)
    remarks, elapsed_s = state.remarks, state.elapsed_s
    factor, left_out = state.learning_rate_factor, state.left_out
    if sum(remark.name == _NAME for remark in remarks) >= MOST_HEALS:
        raise _given_up(fault, cause, record)
    saved, _ = newest_state(folder / "checkpoints", state)
    if saved is None:
        raise _given_up(fault, cause, record)
    state.restore(saved)
    state.elapsed_s, state.learning_rate_factor, state.left_out = elapsed_s, factor, left_out
    if cause.place == "rows":
        before = state.left_out.get(fault.step - 1, [])
        there = [row for row in range(batch.num_rows + len(before)) if row not in before]
        state.left_out[fault.step - 1] = sorted([*before, *(there[row] for row in cause.rows)])
        done = ("goes on without them", "去掉这些行后继续")
    else:
        state.learning_rate_factor *= 0.5
        done = (
            f"goes on with {state.learning_rate_factor:g} of the learning rate",
            f"以原学习率的 {state.learning_rate_factor:g} 倍继续",
        )
    remark = Remark(
        step=fault.step,
        name=_NAME,
        what=(
            f"step {fault.step}: loss {fault.loss}, gradient norm {fault.grad_norm}; the update was refused, training "
            f"went back to step {state.step} and {done[0]}",
            f"第 {fault.step} 步：loss {fault.loss}，梯度范数 {fault.grad_norm}；更新已被拒绝，"
            f"训练退回第 {state.step} 步，{done[1]}",
        ),
        why=cause.words,
        do=(
            f"nothing now; if it happens again, use a lower train.learning_rate (the batch is in {record.name})",
            f"现在无需处理；如果再次发生，请降低 train.learning_rate（该批次保存在 {record.name}）",
        ),
    )
    state.remarks = [*remarks, remark]
    return remark


def _write_down(
    record: Path, fault: NotFiniteError, cause: Cause, batch: LMBatch | Seq2SeqBatch, tokenizer: Tokenizer
) -> None:
    """The batch with its text, to look at, and as ids, to repeat it."""
    inputs = batch.token_ids if isinstance(batch, LMBatch) else batch.source_ids
    rows = [
        {
            "row": row,
            "inputs": ids,
            "targets": targets,
            "text": tokenizer.decode(_known(ids, tokenizer)),
            "target_text": tokenizer.decode(_known(targets, tokenizer)),
        }
        for row, (ids, targets) in enumerate(zip(_lists(inputs), _lists(batch.targets), strict=True))
    ]
    document = {
        "step": fault.step,
        "loss": str(fault.loss),
        "grad_norm": str(fault.grad_norm),
        "learning_rate": fault.learning_rate,
        "cause": {"place": cause.place, "name": cause.name, "rows": cause.rows},
        "rows": rows,
    }
    write_whole(record, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def _lists(ids: Tensor) -> list[list[int]]:
    rows: list[list[int]] = ids.tolist()
    return rows


def _known(ids: list[int], tokenizer: Tokenizer) -> list[int]:
    return [i for i in ids if i not in (IGNORE, tokenizer.pad_id)]


def _given_up(fault: NotFiniteError, cause: Cause, record: Path) -> TrainingError:
    return TrainingError(
        what=tr(
            f"the loss or gradient is not finite again, at step {fault.step}, after {MOST_HEALS} ways back",
            f"退回 {MOST_HEALS} 次之后，第 {fault.step} 步的 loss 或梯度仍不是有限数",
        ),
        why=tr(*cause.words),
        do=tr(
            f"use a quarter of the learning rate ({fault.learning_rate:.2g} now) or precision = 'float32'; look at "
            f"the batch in {record}; then train anew with --resume never",
            f"把学习率降到四分之一（现为 {fault.learning_rate:.2g}），或设 precision = 'float32'；"
            f"查看 {record} 中的批次；然后用 --resume never 重新训练",
        ),
    )
