"""Making `.venv`: a folder with its own Python packages. One that is half made is finished, or made anew."""

import os
import subprocess
import sys

from chatzero.language import tr
from chatzero.setup.pip import SetupError, clean_environment, pip_install, say
from chatzero.setup.place import Inside, Place, look_inside

OLDEST_PIP = (22, 0)  # older ones cannot install a folder that has only a pyproject.toml


def make_venv(place: Place, again: str) -> Inside:
    """The environment at `place`, with an interpreter that runs and a pip that is new enough. Raises `SetupError`."""
    inside = look_inside(place)
    if inside is not None and inside.pip == "":
        say(tr(".venv has no pip: adding it", ".venv 里没有 pip：正在补上"))
        _run(place, [str(place.python), "-I", "-m", "ensurepip", "--upgrade"])
        inside = look_inside(place)
    if inside is None or inside.pip == "" or _numbers(inside.python) < (3, 10):
        if place.venv.exists():
            say(tr(".venv is incomplete: making it anew", ".venv 不完整：重新创建"))
        else:
            say(tr("making .venv", "创建 .venv"))
        failure = _run(place, [sys.executable, "-m", "venv", "--clear", str(place.venv)])
        inside = look_inside(place)
        if inside is None or inside.pip == "":
            raise no_venv(place, failure, again)
    if _numbers(inside.pip) < OLDEST_PIP:
        pip_install(place, ["--upgrade", "pip"], again)
    return inside


def no_venv(place: Place, failure: str, again: str) -> SetupError:
    """Debian and Ubuntu ship Python without the part that makes environments; the rest is a disk or a permission."""
    if "ensurepip" in failure or "python3-venv" in failure or "No module named venv" in failure:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        why = tr("this Python came without the venv module", "这个 Python 没有自带 venv 模块")
        do = f"sudo apt install {package}{tr('; then: ', '；然后运行：')}{again}"
    else:
        why = failure.splitlines()[-1] if failure else tr("the module venv gave no reason", "venv 模块没有给出原因")
        do = tr(
            f"see that {place.root} is writable and the disk not full; then: {again}",
            f"确认 {place.root} 可写且磁盘未满；然后运行：{again}",
        )
    return SetupError(what=tr(f"could not make {place.venv}", f"无法创建 {place.venv}"), why=why, do=do)


def _run(place: Place, command: list[str]) -> str:
    """What the command said when it failed; empty when it did not."""
    environment = clean_environment(os.environ)
    answer = subprocess.run(
        command, capture_output=True, text=True, errors="replace", cwd=place.root, env=environment, check=False
    )
    return (answer.stdout + answer.stderr).strip() if answer.returncode else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
