"""Which PyTorch build fits this machine, and where it is to be had. Pure, and standard library only.

`start.py` installs by it and the doctor judges by it, so the two cannot disagree. The builds of a PyTorch release are
listed in its support matrix (RELEASE.md of PyTorch): change `TORCH_VERSION` and `CUDA_BUILDS` together.
"""

from dataclasses import dataclass

from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.setup.driver import Driver, Gpu, Version

TORCH_VERSION = "2.13.0"
PYTORCH_INDEX = "https://download.pytorch.org/whl"


@dataclass(frozen=True, slots=True)
class CudaBuild:
    """A build made with one CUDA version, and the cards it carries code for (lowest and highest capability)."""

    name: str
    cuda: Version
    lowest: Version
    highest: Version = (99, 0)

    def runs_on(self, gpus: tuple[Gpu, ...]) -> bool:
        """On at least one of the cards; a card that does not tell its capability gets the benefit of the doubt."""
        known = [gpu.capability for gpu in gpus if gpu.capability is not None]
        return not known or any(self.lowest <= capability <= self.highest for capability in known)


# Newest first. CUDA 13 has no code for cards before Turing (7.5), CUDA 12.6 none for cards after Hopper (9.0).
CUDA_BUILDS = (
    CudaBuild("cu132", (13, 2), lowest=(7, 5)),
    CudaBuild("cu130", (13, 0), lowest=(7, 5)),
    CudaBuild("cu126", (12, 6), lowest=(5, 0), highest=(9, 0)),
)
BUILD_NAMES = ("cpu", *(build.name for build in CUDA_BUILDS))


@dataclass(frozen=True, slots=True)
class Choice:
    """`builds`, best first, none of them meaning the plain package. `advice` is what the person could do for better."""

    builds: tuple[str, ...]
    why: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One way to get PyTorch: the requirement for pip, and the PyTorch index to add (empty: the package index only)."""

    build: str
    requirement: str
    index: str


def choose_builds(system: str, driver: Driver | None) -> Choice:
    """The builds that work here. `system` is `platform.system()`: Linux, Darwin or Windows."""
    if system == "Darwin":
        return Choice((), tr("a Mac: the plain package carries Apple GPU support", "Mac：普通安装包已支持 Apple GPU"))
    if driver is None:
        return Choice(("cpu",), tr("no NVIDIA driver here", "这台机器没有 NVIDIA 驱动"))
    if driver.cuda is None:
        return Choice(
            ("cpu",),
            tr(f"the NVIDIA driver does not answer ({driver.fault})", f"NVIDIA 驱动没有应答（{driver.fault}）"),
            tr(
                "to use the GPU: mend the driver until `nvidia-smi` works",
                "想用 GPU：请先修好驱动，直到 `nvidia-smi` 能正常输出",
            ),
        )
    cuda = "{}.{}".format(*driver.cuda)
    fitting = fitting_builds(driver)
    if fitting:
        return Choice(
            tuple(build.name for build in fitting),
            tr(f"the NVIDIA driver runs CUDA up to {cuda}", f"NVIDIA 驱动最高支持 CUDA {cuda}"),
        )
    cards = ", ".join(gpu.name for gpu in driver.gpus) or "GPU"
    return Choice(
        ("cpu",),
        tr(
            f"no PyTorch {TORCH_VERSION} build runs {cards} on a driver for CUDA {cuda}",
            f"PyTorch {TORCH_VERSION} 没有能在该驱动（CUDA {cuda}）上使用 {cards} 的版本",
        ),
        tr("to use the GPU: install the newest NVIDIA driver", "想用 GPU：请安装最新的 NVIDIA 驱动"),
    )


def wished_builds(wish: str) -> Choice:
    """The build a person named, against our advice or not. Raises `ConfigError` for a name that does not exist."""
    if wish not in BUILD_NAMES:
        raise ConfigError(
            what=tr(f"there is no PyTorch build {wish!r}", f"没有名为 {wish!r} 的 PyTorch 版本"),
            why=tr(
                f"PyTorch {TORCH_VERSION} comes as {', '.join(BUILD_NAMES)}",
                f"PyTorch {TORCH_VERSION} 提供 {', '.join(BUILD_NAMES)}",
            ),
            do=tr("set CHATZERO_TORCH to one of them, or unset it", "把 CHATZERO_TORCH 设为其中之一，或取消设置"),
        )
    return Choice((wish,), tr(f"CHATZERO_TORCH asks for {wish}", f"CHATZERO_TORCH 指定了 {wish}"))


def fits(installed: str, choice: Choice) -> bool:
    """Is the PyTorch that is installed (its version, empty for none) one that this choice would install?"""
    version, _, build = installed.partition("+")
    return version == TORCH_VERSION and (build in choice.builds or not choice.builds)


def fitting_builds(driver: Driver) -> tuple[CudaBuild, ...]:
    """Builds the driver and a card can run, best first.

    A driver runs every CUDA up to its own version. Failing that, a build of the same major version works too
    (NVIDIA's "minor version compatibility"): a driver for 12.2 runs the CUDA 12.6 build.
    """
    if driver.cuda is None:
        return ()
    able = [build for build in CUDA_BUILDS if build.runs_on(driver.gpus)]
    up_to = tuple(build for build in able if build.cuda <= driver.cuda)
    return up_to or tuple(build for build in reversed(able) if build.cuda[0] == driver.cuda[0])


def sources(builds: tuple[str, ...], index_root: str = PYTORCH_INDEX) -> tuple[Source, ...]:
    """Where to try, in order; the ordinary package index comes last.

    Both pins are exact: a PyTorch of another release on either index must not slip in.
    """
    from_pytorch = tuple(
        Source(build, f"torch=={TORCH_VERSION}+{build}", f"{index_root.rstrip('/')}/{build}") for build in builds
    )
    return (*from_pytorch, Source("package-index", f"torch=={TORCH_VERSION}", ""))


def pip_words(source: Source) -> list[str]:
    """The words after `pip install` that get this source.

    The PyTorch index is added to the person's own index, not put in its place: PyTorch's many dependencies then still
    come from the mirror they have chosen.
    """
    return [source.requirement, *(["--extra-index-url", source.index] if source.index else [])]
