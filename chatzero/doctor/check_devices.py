"""Does the PyTorch build fit the driver, and do the devices compute? Pure."""

from collections.abc import Iterator

from chatzero.doctor.facts import Facts
from chatzero.doctor.finding import Finding
from chatzero.doctor.requirements import release_of
from chatzero.language import tr
from chatzero.setup.driver import Driver
from chatzero.setup.torch_build import choose_builds, pip_words, sources


def check_torch_build(facts: Facts) -> Iterator[Finding]:
    """The build against the driver, in the five ways they can stand to each other."""
    if facts.torch is None or facts.system == "Darwin":
        return
    name = tr("PyTorch build", "PyTorch 版本类型")
    build = facts.torch.cuda_build
    found = tr(f"for CUDA {build}", f"CUDA {build} 版") if build else tr("for the CPU", "CPU 版")
    choice = choose_builds(facts.system, facts.driver)
    if facts.driver is None:
        if build is None:
            yield Finding(name, found, tr("for the CPU", "CPU 版"), "ok")
        else:
            wanted = tr("an NVIDIA driver, or the CPU build", "NVIDIA 驱动，或 CPU 版")
            mend = tr("install the driver, or (saves gigabytes): ", "安装驱动；或改用 CPU 版（省数 GB）：")
            yield Finding(name, found, wanted, "warn", mend + install_command(facts, "cpu"))
    elif facts.driver.cuda is None:
        yield Finding(
            name, found, tr("a driver that answers", "能应答的驱动"), "warn", f"{choice.why}; {choice.advice}"
        )
    elif choice.builds == ("cpu",):  # a driver too old for every build, or a card that none has code for
        verdict = "ok" if build is None else "fail"
        yield Finding(name, found, choice.why, "warn" if verdict == "ok" else "fail", choice.advice)
    elif build is None:
        wanted = tr(f"for your GPU: {choice.builds[0]}", f"适合你的 GPU：{choice.builds[0]}")
        yield Finding(name, found, wanted, "warn", install_command(facts, choice.builds[0]))
    elif driver_runs(facts.driver, build):
        yield Finding(name, found, f"CUDA <= {_dotted(facts.driver)}", "ok")
    else:
        mend = tr("a newer NVIDIA driver, or: ", "更新 NVIDIA 驱动，或：") + install_command(facts, choice.builds[0])
        yield Finding(name, found, f"CUDA <= {_dotted(facts.driver)}", "fail", mend)


def check_cuda(facts: Facts) -> Iterator[Finding]:
    """A GPU that is listed must also compute; build and driver being right, one must be listed."""
    if facts.torch is None or facts.driver is None or facts.torch.cuda_build is None:
        return
    wanted = tr("the matrix product of the CPU", "与 CPU 相同的矩阵乘积")
    if facts.torch.gpu is None:
        if facts.driver.cuda is not None and driver_runs(facts.driver, facts.torch.cuda_build):
            mend = tr(
                "unset CUDA_VISIBLE_DEVICES; reboot if the driver was updated",
                "取消 CUDA_VISIBLE_DEVICES；若刚更新驱动请重启",
            )
            yield Finding("GPU", tr("PyTorch sees none", "PyTorch 找不到 GPU"), wanted, "fail", mend)
        return
    if facts.torch.gpu_fault is None:
        yield Finding("GPU", tr(f"{facts.torch.gpu} computes", f"{facts.torch.gpu} 计算正常"), wanted, "ok")
        return
    builds = choose_builds(facts.system, facts.driver).builds
    mend = install_command(facts, builds[0]) + tr("; or train on the CPU: device=cpu", "；或用 CPU 训练：device=cpu")
    yield Finding("GPU", f"{facts.torch.gpu}: {facts.torch.gpu_fault}", wanted, "fail", mend)


def check_mps(facts: Facts) -> Iterator[Finding]:
    if facts.torch is None or facts.system != "Darwin":
        return
    wanted = tr("the matrix product of the CPU", "与 CPU 相同的矩阵乘积")
    if facts.torch.mps and facts.torch.mps_fault is None:
        yield Finding("MPS", tr("Apple GPU computes", "Apple GPU 计算正常"), wanted, "ok")
    elif facts.torch.mps:
        mend = tr("update macOS; or train on the CPU: device=cpu", "更新 macOS；或用 CPU 训练：device=cpu")
        yield Finding("MPS", str(facts.torch.mps_fault), wanted, "fail", mend)
    else:
        mend = tr(
            "update macOS to 14 or newer; until then the CPU is used", "把 macOS 更新到 14 以上；在此之前使用 CPU"
        )
        yield Finding("MPS", tr("PyTorch sees no Apple GPU", "PyTorch 找不到 Apple GPU"), wanted, "warn", mend)


def check_bf16(facts: Facts) -> Iterator[Finding]:
    """Not a fault either way: training measures both and takes the faster."""
    if facts.torch is not None:
        found = tr("in hardware", "硬件支持") if facts.torch.bf16 else tr("not in hardware", "硬件不支持")
        yield Finding("bfloat16", found, tr("nice to have; float32 does", "有则更快；没有则用 float32"), "ok")


def driver_runs(driver: Driver, cuda_build: str) -> bool:
    """A driver runs builds for older CUDA versions, and for newer ones of the same major version."""
    return driver.cuda is not None and release_of(cuda_build)[:1] <= driver.cuda[:1]


def install_command(facts: Facts, build: str) -> str:
    """The command that puts this build in the place of the one there is."""
    words = pip_words(sources((build,))[0])
    return " ".join([facts.executable, "-m", "pip", "install", *words])


def _dotted(driver: Driver) -> str:
    return ".".join(map(str, driver.cuda or ()))
