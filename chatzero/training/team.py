"""The processes that train one model together: who is who, and how they agree. One alone talks to nobody.

torchrun starts them and tells each its rank. Numbers and words travel by gloo, gradients on a GPU by NCCL. The leader
(rank 0) is the one that decides, speaks and writes; where all are on one machine, they talk over its loopback only.
Not here: how gradients find each other (`distributed`).
"""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import numpy as np
import torch
from torch import distributed

from chatzero.errors import ConfigError, TrainingError
from chatzero.language import tr

_PATIENCE = timedelta(hours=2)
"""How long the others wait while the leader reads data or answers questions; a process that dies is noticed at once."""
_LOST = ("gloo", "NCCL", "Connection closed by peer", "Connection reset by peer")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Team:
    """This process's place among `size`. Every method is called by all of them at the same place, or none goes on."""

    rank: int = 0
    size: int = 1
    group: distributed.ProcessGroup | None = None
    """None: the usual one."""

    @property
    def leads(self) -> bool:
        """The one that writes and speaks."""
        return self.rank == 0

    def totals(self, *numbers: int | float) -> list[int | float]:
        """Each number summed over the team, the same on every member."""
        if self.size == 1:
            return list(numbers)
        summed = torch.tensor(numbers, dtype=torch.float64)
        distributed.all_reduce(summed, group=self.group)
        return [float(number) for number in summed]

    def largest(self, number: int) -> int:
        """The largest of the members' numbers."""
        if self.size == 1:
            return number
        most = torch.tensor(number)
        distributed.all_reduce(most, distributed.ReduceOp.MAX, group=self.group)
        return int(most)

    def led(self, number: int | float) -> int | float:
        """The leader's number."""
        return number if self.size == 1 else self.totals(number if self.leads else 0.0)[0]

    def told(self, say: Callable[[], str]) -> str:
        """What the leader says, to every member; the others are not asked. As bytes: nothing is ever unpickled."""
        if self.size == 1:
            return say()
        words = say().encode() if self.leads else b""
        length = round(self.led(len(words)))
        sent = torch.from_numpy(np.frombuffer(words.ljust(length), dtype=np.uint8).copy())
        distributed.broadcast(sent, 0, group=self.group)
        return sent.numpy().tobytes().decode()

    def leader_first(self, act: Callable[[], Result]) -> Result:
        """All do it, the leader before the others, who then find the files that it made."""
        if not self.leads:
            self.wait()
            return act()
        done = act()
        self.wait()
        return done

    def wait(self) -> None:
        """Until every member is here."""
        self.totals(0.0)

    def another(self) -> "Team":
        """The same members on connections of their own, for a thread that talks beside this one."""
        return Team(self.rank, self.size, distributed.new_group(backend="gloo", timeout=_PATIENCE))


ALONE = Team()


def was_restarted(environment: Mapping[str, str] = os.environ) -> bool:
    """Has torchrun started this team again, after one of its processes failed?"""
    return int(environment.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0


@contextmanager
def joined_team(device: str, environment: Mapping[str, str] = os.environ) -> Iterator[Team]:
    """The team that torchrun has put this process in, for the length of the block; `ALONE` where it has not.

    `device` is what the recipe says. Raises `ConfigError` for one that cannot be shared, and `TrainingError` in place
    of the noise that arises when another process of the team ends.
    """
    size = int(environment.get("WORLD_SIZE", "1"))
    if size == 1:
        yield ALONE
        return
    on_gpu = _takes_its_gpu(device, int(environment.get("LOCAL_RANK", "0")))
    if environment.get("LOCAL_WORLD_SIZE", "") == environment["WORLD_SIZE"]:
        _stay_on_this_machine()
    distributed.init_process_group("cpu:gloo,cuda:nccl" if on_gpu else "gloo", timeout=_PATIENCE)
    try:
        yield Team(int(environment["RANK"]), size)
    except RuntimeError as error:
        if isinstance(error, TrainingError) or not any(words in str(error) for words in _LOST):
            raise
        raise _deserted(int(environment["RANK"])) from error
    distributed.destroy_process_group()


def _takes_its_gpu(device: str, local_rank: int) -> bool:
    """Make the GPU of this process's number the one that "cuda" means; False where the team computes on the CPU."""
    if device == "cpu" or (
        device == "auto" and not torch.cuda.is_available() and not torch.backends.mps.is_available()
    ):
        return False
    if device not in ("auto", "cuda") or not torch.cuda.is_available():
        raise ConfigError(
            what=tr(f"train.device = {device!r} in several processes", f"多进程训练不能用 train.device = {device!r}"),
            why=tr(
                "each process needs an NVIDIA GPU of its own, or the CPU", "每个进程需要自己的 NVIDIA GPU，或用 CPU"
            ),
            do=tr("use train.device = 'auto', 'cuda' or 'cpu'", "请用 train.device = 'auto'、'cuda' 或 'cpu'"),
        )
    if local_rank >= torch.cuda.device_count():
        raise ConfigError(
            what=tr(
                f"no GPU for process {local_rank} of this machine: it has {torch.cuda.device_count()}",
                f"本机第 {local_rank} 个进程没有 GPU 可用：共有 {torch.cuda.device_count()} 块",
            ),
            why=tr("each process computes on a GPU of its own", "每个进程使用自己的一块 GPU"),
            do=tr(
                f"torchrun --nproc-per-node {torch.cuda.device_count()} ..., or train.device = 'cpu'",
                f"torchrun --nproc-per-node {torch.cuda.device_count()} ……，或 train.device = 'cpu'",
            ),
        )
    torch.cuda.set_device(local_rank)
    return True


def _stay_on_this_machine() -> None:
    """Have gloo and NCCL talk over the loopback, unless the user chose an interface."""
    there = {name for _, name in socket.if_nameindex()} & {"lo", "lo0"}
    for name in there:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", name)
        os.environ.setdefault("NCCL_SOCKET_IFNAME", name)


def _deserted(rank: int) -> TrainingError:
    return TrainingError(
        what=tr(f"process {rank} was left by another of its team", f"进程 {rank} 失去了同组的另一个进程"),
        why=tr("that one ended; its own message stands above or below", "那个进程已结束，原因见它自己的输出"),
        do=tr(
            "mend that; the same command then goes on from the last checkpoint (torchrun --max-restarts 3 does so by "
            "itself)",
            "先解决它；再次运行同一命令会从上一个检查点继续（torchrun --max-restarts 3 会自动重启）",
        ),
    )
