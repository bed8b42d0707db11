"""Are the libraries there, importable, and of versions that agree with one another? Pure."""

from collections.abc import Iterator

from packaging.requirements import Requirement

from chatzero.doctor.facts import CORE_PACKAGES, Facts
from chatzero.doctor.finding import Finding
from chatzero.doctor.requirements import applying, release_of, satisfies
from chatzero.language import tr
from chatzero.setup.torch_build import TORCH_VERSION

_NUMPY_2_SINCE_TORCH = (2, 3)


def check_torch(facts: Facts) -> Iterator[Finding]:
    """PyTorch by itself: there, importable, new enough, and built for the numpy that is there."""
    version = facts.packages.get("torch")
    wanted = _wanted(facts, "torch")
    install = _pip(facts, f"torch=={TORCH_VERSION}")
    if version is None:
        yield Finding("PyTorch", tr("missing", "缺失"), wanted, "fail", f"python start.py {tr('or', '或')} {install}")
    elif _numpy_is_too_new(facts, version):
        found = f"{version}, numpy {facts.packages['numpy']}"
        mend = f"{install} {tr('or', '或')} {_pip(facts, 'numpy<2')}"
        yield Finding(
            "PyTorch", found, tr("built for numpy 2: 2.3 or newer", "支持 numpy 2 的 2.3 或更新版本"), "fail", mend
        )
    elif fault := facts.import_faults.get("torch"):
        found = tr(f"{version} cannot be imported: {fault}", f"{version} 无法导入：{fault}")
        yield Finding("PyTorch", found, wanted, "fail", _pip(facts, f"--force-reinstall torch=={TORCH_VERSION}"))
    elif all(satisfies(version, requirement) for requirement in _required_of(facts, "torch")):
        yield Finding("PyTorch", version, wanted, "ok")
    else:
        yield Finding("PyTorch", version, wanted, "fail", install)


def check_packages(facts: Facts) -> Iterator[Finding]:
    """The core packages one by one; any other only when something is wrong with it."""
    if not facts.requirements.get("chatzero"):
        # Then nobody has seen to the libraries, and the versions that ChatZero itself wants are not known here.
        found, wanted = tr("not installed, run from its folder", "未安装，直接从目录运行"), tr("installed", "已安装")
        yield Finding("ChatZero", found, wanted, "warn", _pip(facts, "-e ."))
    for name in facts.packages:
        if name == "torch":
            continue
        finding = _package(facts, name)
        if finding.verdict != "ok" or name in CORE_PACKAGES:
            yield finding


def _package(facts: Facts, name: str) -> Finding:
    version = facts.packages[name]
    required = _required_of(facts, name)
    wanted = _wanted(facts, name)
    specifier = ",".join(sorted({str(each.specifier) for each in required if str(each.specifier)}))
    install = _pip(facts, f'"{name}{specifier}"' if specifier else name)
    if version is None:
        return Finding(name, tr("missing", "缺失"), wanted, "fail", install)
    if not all(satisfies(version, requirement) for requirement in required):
        return Finding(name, version, wanted, "fail", install)
    if fault := facts.import_faults.get(name):
        found = tr(f"{version} cannot be imported: {fault}", f"{version} 无法导入：{fault}")
        return Finding(name, found, wanted, "fail", _pip(facts, f'--force-reinstall "{name}=={version}"'))
    return Finding(name, version, wanted, "ok")


def _required_of(facts: Facts, name: str) -> list[Requirement]:
    """What ChatZero and the core packages that are installed ask of this package."""
    return [requirement for _, requirement in _claims(facts, name)]


def _claims(facts: Facts, name: str) -> list[tuple[str, Requirement]]:
    return [
        (claimant, requirement)
        for claimant, declared in facts.requirements.items()
        for requirement in applying(declared)
        if requirement.name.lower().replace("_", "-") == name.lower().replace("_", "-")
    ]


def _wanted(facts: Facts, name: str) -> str:
    """`>=4.57 (chatzero), >=0.8 (transformers)`: each range with who asks for it."""
    ranges = [f"{claim.specifier} ({claimant})" for claimant, claim in _claims(facts, name) if str(claim.specifier)]
    return ", ".join(ranges) or tr("any", "任意版本")


def _numpy_is_too_new(facts: Facts, torch_version: str) -> bool:
    """PyTorch before 2.3 was built for numpy 1 and fails under numpy 2, at times only in the middle of a run."""
    numpy = facts.packages.get("numpy")
    return numpy is not None and release_of(numpy) >= (2,) and release_of(torch_version) < _NUMPY_2_SINCE_TORCH


def _pip(facts: Facts, words: str) -> str:
    return f"{facts.executable} -m pip install {words}"
