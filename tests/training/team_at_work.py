"""Teams of processes that really train, for `test_team`: `python -m tests.training.team_at_work FOLDER`.

Every member is forked from this process, which has only imported and read the data. Prints one JSON document: of each
scene, what each of its members saw. A member that fails says why.
"""

import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib.figure  # noqa: F401  (once, and not in every member)
import torch
from torch.distributed import checkpoint, fsdp  # noqa: F401
from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import allreduce_hook
from torch.utils._python_dispatch import TorchDispatchMode

from chatzero.checkpoint.tensors import read_tensors
from chatzero.data.loader import Loader
from chatzero.errors import TrainingError
from chatzero.models.sizes import Arch
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.config import TrainConfig
from chatzero.training.distributed import Replicated, together
from chatzero.training.guards.remark import Remark
from chatzero.training.loop import own_part
from chatzero.training.optimizer import build_optimizers
from chatzero.training.report import EvalReport, StepReport
from chatzero.training.run import Event, Materials, Resumed, Stopped, run
from chatzero.training.state import TrainState
from chatzero.training.step import train_step
from chatzero.training.team import Team, joined_team
from tests import small

CONFIG = TrainConfig(steps=6, batch_tokens=400, eval_every=3, save_every=2, precision="float32", seed=3)
ARCHS: tuple[Arch, ...] = ("gpt", "transformer")
TOKENS: Tokenizer = small.tokenizer()
LOADERS: dict[str, Loader] = {arch: small.loader(arch, TOKENS) for arch in ARCHS}
Seen = dict[str, object]


def materials(arch: Arch, dropout: float) -> Materials:
    loader = LOADERS[arch]
    model = small.model(arch, TOKENS, dropout)
    return Materials(model, TOKENS, loader, list(loader.in_order())[:2], 3.0, "card")


def train(folder: Path, team: Team, arch: Arch = "gpt", dropout: float = 0.0, **changes: object) -> Iterator[Event]:
    config = CONFIG.model_copy(update=changes)
    return run(folder, materials(arch, dropout), config, {"arch": arch}, team=team)


def told(events: Iterator[Event]) -> Seen:
    """What a member saw of a run."""
    seen = list(events)
    stopped = seen[-1]
    assert isinstance(stopped, Stopped)
    return {
        "losses": [event.loss for event in seen if isinstance(event, StepReport)],
        "norms": [event.grad_norm for event in seen if isinstance(event, StepReport)],
        "tokens": [(event.tokens, event.padded_tokens) for event in seen if isinstance(event, StepReport)],
        "held_out": [event.loss for event in seen if isinstance(event, EvalReport)],
        "remarks": [(event.step, event.name, event.why[0]) for event in seen if isinstance(event, Remark)],
        "resumed": [(event.step, list(event.changed)) for event in seen if isinstance(event, Resumed)],
        "stopped": (stopped.step, stopped.finished, stopped.signal_number),
    }


def at_step(events: Iterator[Event], step: int, act: Callable[[], object]) -> Iterator[Event]:
    for event in events:
        yield event
        if isinstance(event, StepReport) and event.step == step:
            act()


def perform(size: int, act: Callable[[Team], Seen]) -> list[Seen]:
    """What each member of a team of that size says it saw."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    members = []
    for rank in range(size):
        reading, writing = os.pipe()
        if not (child := os.fork()):
            os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(size)}
            os.environ |= {"LOCAL_WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
            os.write(writing, json.dumps(in_a_team(act)).encode())
            os._exit(0)
        os.close(writing)
        members.append((child, reading))
    seen = []
    for child, reading in members:
        with os.fdopen(reading) as words:
            text = words.read()
        _, status = os.waitpid(child, 0)
        seen.append(json.loads(text) if text else {"killed": os.WTERMSIG(status)})
    return seen


def in_a_team(act: Callable[[Team], Seen]) -> Seen:
    try:
        with joined_team("cpu") as team:
            return act(team)
    except TrainingError as error:
        return {"error": error.what}
    except BaseException:
        traceback.print_exc()
        return {"error": traceback.format_exc()}


def accumulating(team: Team, parallel: str) -> Seen:
    """How often gradients were summed over the team, in two updates of three micro-batches each."""
    config = CONFIG.model_copy(update={"accumulate": 3})
    model = small.model("gpt", TOKENS, dropout=0.0)
    way = together(team, model, "ddp" if parallel == "ddp" else "fsdp")
    state = TrainState(model, build_optimizers(model, config), way)
    sums: list[int] = []

    def count(group, bucket):  # type: ignore[no-untyped-def]  # PyTorch looks at the annotations
        sums.append(bucket.buffer().numel())
        return allreduce_hook(group, bucket)

    if isinstance(way, Replicated):
        way.engine.register_comm_hook(None, count)
    with Traffic() as traffic:
        for _ in range(2):
            train_step(state, own_part(state, LOADERS["gpt"]), 0.5, config, torch.float32)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    scattered = sum("reduce_scatter" in name for name in traffic.names)
    return {"summed": sums, "parameters": parameters, "scattered": scattered}


class Traffic(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Hears what travels between processes."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        if "c10d" in str(func):
            self.names.append(str(func))
        return func(*args, **(kwargs or {}))


def writing(events: Iterator[Event], folder: Path) -> Seen:
    """The files in the folder that this process opened for writing, made, renamed or removed."""
    found: set[str] = set()

    def listen(event: str, words: tuple[object, ...]) -> None:
        touches = event in ("os.rename", "os.remove", "os.rmdir")
        touches |= event == "os.mkdir" and not Path(str(words[0])).exists()
        if event == "open":
            touches = isinstance(words[1], str) and any(letter in words[1] for letter in "wax+")
        if touches and str(words[0]).startswith(str(folder)):
            found.add(Path(str(words[0])).name)

    sys.addaudithook(listen)
    return {**told(events), "wrote": sorted(found)}


def infinite_gradient_once(team: Team, folder: Path, parallel: str) -> Seen:
    """In the fourth update the gradient of the last member overflows, and of no other."""
    things = materials("gpt", 0.0)
    left = [4] if team.rank == team.size - 1 else []

    def spoil(loss: torch.Tensor) -> torch.Tensor:
        if left:
            left[0] -= 1
            if left[0] == 0:
                left.clear()
                return loss * float("inf")
        return loss

    handle = things.model.get_submodule("norm").register_forward_hook(
        lambda module, ins, out: spoil(out) if torch.is_grad_enabled() else out
    )
    seen = told(run(folder, things, CONFIG.model_copy(update={"parallel": parallel}), {"arch": "gpt"}, team=team))
    handle.remove()
    return seen


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def only(rank: int, team: Team, act: Callable[[], object]) -> Callable[[], object]:
    return act if team.rank == rank else lambda: None


def terminate_self() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def stop_at(events: Iterator[Event], step: int) -> Seen:
    """As after a kill of all members: no save, no goodbye."""
    for event in events:
        if isinstance(event, StepReport) and event.step == step:
            break
    return {}


def main(root: Path) -> None:
    scenes: dict[str, list[Seen]] = {}
    for arch in ARCHS:
        scenes[f"{arch} alone"] = perform(1, lambda team: told(train(root / f"{arch}-alone", team, arch)))  # noqa: B023
        for parallel in ("ddp", "fsdp"):
            name = f"{arch}-{parallel}"

            def both(team: Team, name: str = name, arch: Arch = arch, parallel: str = parallel) -> Seen:
                return told(train(root / name, team, arch, parallel=parallel))

            scenes[f"{arch} {parallel}"] = perform(2, both)
    for parallel in ("ddp", "fsdp"):
        there = root / f"{parallel}-to-alone"
        perform(2, lambda team: stop_at(train(there, team, parallel=parallel), 5))  # noqa: B023
        scenes[f"{parallel} to alone"] = perform(1, lambda team: told(train(there, team)))  # noqa: B023
        back = root / f"alone-to-{parallel}"
        perform(1, lambda team: stop_at(train(back, team), 5))  # noqa: B023
        scenes[f"alone to {parallel}"] = perform(2, lambda team: told(train(back, team, parallel=parallel)))  # noqa: B023
        scenes[f"accumulate {parallel}"] = perform(2, lambda team: accumulating(team, parallel))  # noqa: B023
        scenes[f"overflow {parallel}"] = perform(
            2, lambda team: infinite_gradient_once(team, root / f"overflow-{parallel}", parallel)  # noqa: B023
        )  # fmt: skip
        whole, killed = root / f"whole-{parallel}", root / f"killed-{parallel}"
        config = {"dropout": 0.3, "parallel": parallel, "optimizer": "muon", "average_last": 2}
        scenes[f"whole {parallel}"] = perform(2, lambda team: writing(train(whole, team, **config), whole))  # type: ignore[arg-type]  # noqa: B023
        scenes[f"killed {parallel}"] = perform(
            2, lambda team: told(at_step(train(killed, team, **config), 5, only(1, team, kill_self)))  # type: ignore[arg-type]  # noqa: B023
        )  # fmt: skip
        scenes[f"again {parallel}"] = perform(2, lambda team: told(train(killed, team, **config)))  # type: ignore[arg-type]  # noqa: B023
        a, b = (read_tensors(folder / "model" / "model.safetensors") for folder in (whole, killed))
        scenes[f"again {parallel}"][0]["same_weights"] = all(torch.equal(a[name], b[name]) for name in a)
    scenes["signal"] = perform(
        2, lambda team: told(at_step(train(root / "signal", team), 3, only(1, team, terminate_self)))
    )
    scenes["minutes"] = perform(2, lambda team: told(train(root / "minutes", team, steps=None, minutes=0.02)))
    print(json.dumps(scenes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
