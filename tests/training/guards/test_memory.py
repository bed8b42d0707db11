"""Out of memory: split finer, same result; a real refusal by the system is recognised; one row too many is said."""

import copy
import subprocess
import sys

import pytest
import torch

from chatzero.errors import TrainingError
from chatzero.training import distributed as distributed_module
from chatzero.training.config import TrainConfig
from chatzero.training.guards.memory import is_out_of_memory
from chatzero.training.objective import batch_loss
from chatzero.training.optimizer import build_optimizers
from chatzero.training.state import TrainState
from chatzero.training.step import train_step
from tests import small


def refuse_above(rows: int, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    real = batch_loss

    def small_memory(model: object, batch: object, label_smoothing: float = 0.0) -> object:
        if batch.num_rows > rows:  # type: ignore[attr-defined]
            raise error
        return real(model, batch, label_smoothing)  # type: ignore[arg-type]

    monkeypatch.setattr(distributed_module, "batch_loss", small_memory)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        MemoryError(),
    ],
)
def test_the_same_batch_in_finer_parts_gives_the_same_weights(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = small.tokenizer()
    blank = small.model("gpt", tokens, dropout=0.0).double()
    batch = small.loader("gpt", tokens).batch_at(0)
    config = TrainConfig(steps=10, warmup=0.0)

    def trained() -> TrainState:
        model = copy.deepcopy(blank)
        state = TrainState(model, build_optimizers(model, config))
        train_step(state, batch, 0.0, config, torch.float32)
        return state

    whole = trained()
    refuse_above(batch.num_rows // 3, monkeypatch, error)
    split = trained()
    assert whole.splits == 1
    assert split.splits == 4
    for name, parameter in whole.model.named_parameters():
        # float64: only the order of summation differs. 1e-6 leaves room for Adam, which divides by tiny numbers
        assert torch.allclose(parameter, split.model.get_parameter(name), atol=1e-6), name


def test_a_row_that_does_not_fit_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = small.tokenizer()
    model = small.model("gpt", tokens)
    config = TrainConfig(steps=10)
    refuse_above(0, monkeypatch, MemoryError())
    state = TrainState(model, build_optimizers(model, config))
    with pytest.raises(TrainingError, match="one row at a time"):
        train_step(state, small.loader("gpt", tokens).batch_at(0), 0.0, config, torch.float32)


def test_other_errors_are_not_taken_for_it() -> None:
    assert not is_out_of_memory(RuntimeError("shapes cannot be multiplied"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no limit on the memory of a process")
def test_the_refusal_of_the_real_system_is_recognised() -> None:
    program = (
        "import resource, torch\n"
        "from chatzero.training.guards.memory import is_out_of_memory\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 2**28, used + 2**28))\n"
        "try:\n    torch.empty(2**30)\n"
        "except RuntimeError as error:\n    print(is_out_of_memory(error))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
