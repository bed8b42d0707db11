"""Which device is chosen, with faked devices, and that generators are independent."""

import pytest
import torch

from chatzero import device as device_module
from chatzero.device import choose_device, fault_of, seeded_generator, supports_bf16
from chatzero.errors import ConfigError
from chatzero.language import set_language


class Machine:
    """A pretended machine: the devices PyTorch lists, and those that fail when used."""

    def __init__(self, listed: set[str], broken: set[str]) -> None:
        self.listed = listed
        self.broken = broken

    def fault_of(self, device: str) -> str | None:
        kind = device.partition(":")[0]
        if kind != "cpu" and kind not in self.listed:
            return f"{kind} is absent"
        return "no kernel image is available" if kind in self.broken else None


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> "type[Pretend]":
    Pretend.monkeypatch = monkeypatch
    return Pretend


class Pretend:
    monkeypatch: pytest.MonkeyPatch

    def __init__(self, *listed: str, broken: str = "") -> None:
        machine = Machine(set(listed), {broken})
        self.monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in machine.listed)
        self.monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in machine.listed)
        self.monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "Pretend GPU")
        self.monkeypatch.setattr(device_module, "fault_of", machine.fault_of)


def test_auto_takes_cuda_then_mps_then_cpu(pretend: type[Pretend]) -> None:
    pretend("cuda", "mps")
    assert choose_device().device == torch.device("cuda")
    assert "Pretend GPU" in choose_device().reason
    pretend("mps")
    assert choose_device("auto").device == torch.device("mps")
    pretend()
    choice = choose_device("auto")
    assert choice.device == torch.device("cpu")
    assert "threads" in choice.reason


def test_auto_passes_over_a_gpu_that_cannot_compute_and_says_so(pretend: type[Pretend]) -> None:
    pretend("cuda", broken="cuda")
    choice = choose_device("auto")
    assert choice.device == torch.device("cpu")
    assert "no kernel image" in choice.reason
    set_language("zh")
    assert "无法计算" in choose_device("auto").reason


@pytest.mark.parametrize("asked", ["cuda", "cuda:1", "mps"])
def test_an_absent_device_that_was_asked_for_is_an_error(pretend: type[Pretend], asked: str) -> None:
    pretend()
    with pytest.raises(ConfigError, match=f"device '{asked}' cannot be used") as caught:
        choose_device(asked)
    assert "is absent" in caught.value.why
    assert "chatzero doctor" in caught.value.do


def test_a_numbered_gpu_is_taken_at_its_word(pretend: type[Pretend]) -> None:
    pretend("cuda")
    assert choose_device("cuda:1").device == torch.device("cuda", 1)


@pytest.mark.parametrize("wrong", ["gpu", "cuda:x", "cpu:3", "auto:1", "", "CUDA"])
def test_an_unknown_device_is_an_error_that_names_it(wrong: str) -> None:
    with pytest.raises(ConfigError, match=f"unknown device '{wrong}'"):
        choose_device(wrong)


def test_the_real_cpu_computes() -> None:
    assert fault_of("cpu") is None
    assert isinstance(supports_bf16(torch.device("cpu")), bool)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the GPU that the test wants absent")
def test_a_real_absent_gpu_is_named_without_touching_it() -> None:
    assert fault_of("cuda") == "PyTorch sees no NVIDIA GPU"


def test_generators_repeat_by_seed_and_do_not_disturb_each_other() -> None:
    alone = torch.rand(5, generator=seeded_generator(7))
    generator = seeded_generator(7)
    first = torch.rand(2, generator=generator)
    torch.rand(100)
    torch.rand(3, generator=seeded_generator(8))
    rest = torch.rand(3, generator=generator)
    assert torch.equal(torch.cat([first, rest]), alone)
    assert not torch.equal(torch.rand(5, generator=seeded_generator(8)), alone)
