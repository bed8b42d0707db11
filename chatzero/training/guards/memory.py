"""Out of memory: the same batch, split finer, once more. The loss is a sum divided once, so the result is the same."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from chatzero.data.batch import LMBatch, Seq2SeqBatch
from chatzero.errors import TrainingError
from chatzero.language import tr
from chatzero.training.guards.remark import Remark
from chatzero.training.state import TrainState

Result = TypeVar("Result")
# What allocators say where they raise no exception of their own: the CPU's on Linux, on Windows, and Apple's GPU.
_WORDS = ("can't allocate memory", "not enough memory", "MPS backend out of memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether this is an allocator's refusal, on any device."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)


def split_until_it_fits(
    state: TrainState,
    batch: LMBatch | Seq2SeqBatch,
    least: int,
    learn: Callable[[Sequence[LMBatch | Seq2SeqBatch]], Result],
) -> Result:
    """`learn` from the batch in micro-batches: in `least`, or as many as `state` found, or more until they fit.

    What was found stays in `state.splits`. Raises `TrainingError` when a single row does not fit; in a team at once,
    as the others wait for this process in the middle of their own attempt.
    """
    while True:
        splits = max(least, state.splits)
        random = torch.get_rng_state()
        try:
            return learn(batch.split(splits))
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if splits >= batch.num_rows:
                raise _too_large() from error
            if state.together.team.size > 1:
                raise _too_large_in_a_team(splits) from error
        # Only here is what the failed attempt held let go of: the exception held its frames.
        state.model.zero_grad(set_to_none=True)
        torch.set_rng_state(random)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        state.splits = min(2 * splits, batch.num_rows)


def split_remark(step: int, splits: int) -> Remark:
    """What to say when a finer split was found."""
    return Remark(
        step=step,
        name=f"split {splits}",
        what=(
            f"step {step} did not fit in memory: the same batch is now computed in {splits} parts",
            f"第 {step} 步内存不足：同一批次现在分 {splits} 份计算",
        ),
        why=(
            "what the layers remember for the backward pass grows with the batch",
            "反向传播要保存的中间结果随批次增大",
        ),
        do=(
            "nothing: the result is the same, a step takes a little longer",
            "无需处理：结果不变，每步稍慢一些",
        ),
    )


def _too_large_in_a_team(splits: int) -> TrainingError:
    return TrainingError(
        what=tr(f"out of memory, with the part of this process in {splits}", f"内存不足：本进程的部分已分 {splits} 份"),
        why=tr("the other processes cannot be asked to begin this step anew", "无法要求其他进程重新开始这一步"),
        do=tr(
            f"run the same command with --set train.accumulate={2 * splits}: it goes on from the last checkpoint, and "
            "the result is the same",
            f"在同一命令后加 --set train.accumulate={2 * splits}：会从上一个检查点继续，结果不变",
        ),
    )


def _too_large() -> TrainingError:
    return TrainingError(
        what=tr("out of memory, with one row at a time", "逐行计算仍然内存不足"),
        why=tr("the model itself or a single row is too large for this device", "模型本身或单独一行对该设备来说太大"),
        do=tr(
            "use a smaller model.size or model.max_seq_len; `chatzero doctor` says what fits",
            "请用更小的 model.size 或 model.max_seq_len；`chatzero doctor` 会给出可用的大小",
        ),
    )
