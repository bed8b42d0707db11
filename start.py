"""From a fresh clone to a running ChatZero: `python start.py`. Standard library only.

It makes `.venv` beside this file, installs the PyTorch build that fits this machine and then ChatZero, and runs it:

    python start.py                    set up, then `chatzero quickstart`
    python start.py test [WORDS...]    set up, then the tests (the words go to pytest)
    python start.py WORDS...           set up, then `chatzero WORDS...`

Set-up happens once: a stamp, written last, says for what it is complete. Interrupted, it goes on at the next start.
Two variables overrule what it chooses: CHATZERO_TORCH (cpu, cu126, ...) names the build, CHATZERO_TORCH_INDEX a mirror
of the PyTorch index. This file is the order of things; each step is a file in `chatzero/setup/`.
"""

from __future__ import annotations  # an old Python must be able to read on to the line that says it is too old

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
AGAIN = f"{Path(sys.executable).name} start.py"


def too_old(version: tuple[int, ...], newer: str | None) -> str:
    """What to say to a Python that cannot run ChatZero; `newer` is the name of one here that can."""
    now = ".".join(map(str, version[:3]))
    do = f"{newer} start.py" if newer else "https://www.python.org -> Python 3.12"
    return (
        f"ChatZero needs Python 3.10 or newer; found {now} ({sys.executable}).\n"
        f"ChatZero 需要 Python 3.10 或更新的版本；现在是 {now}。\n"
        f"  do / 办法:  {do}"
    )


def runs(python: str) -> bool:
    """Is there such a program, and does it start? (A version manager leaves names behind that do not.)"""
    return shutil.which(python) is not None and subprocess.call([python, "-c", ""], stderr=subprocess.DEVNULL) == 0


if sys.version_info < (3, 10):  # noqa: UP036 - not outdated: this is what an old Python meets
    names = ("python3.12", "python3.13", "python3.11", "python3.10")
    sys.exit(too_old(tuple(sys.version_info), next(filter(runs, names), None)))

sys.path.insert(0, str(ROOT))

from chatzero.apps.cli.console import speak_utf8  # noqa: E402
from chatzero.apps.cli.global_options import reader_language, split_global_options  # noqa: E402
from chatzero.errors import ChatZeroError  # noqa: E402
from chatzero.language import set_language, tr  # noqa: E402
from chatzero.setup.driver import read_driver  # noqa: E402
from chatzero.setup.pip import SetupError, clean_environment, pip_install, say  # noqa: E402
from chatzero.setup.place import Place, Stamp, fingerprint, is_complete, look_inside, read_stamp, write_stamp  # noqa: E402
from chatzero.setup.torch_build import (  # noqa: E402
    PYTORCH_INDEX,
    Choice,
    choose_builds,
    fits,
    pip_words,
    sources,
    wished_builds,
)
from chatzero.setup.torch_index import Answer, ask_index  # noqa: E402
from chatzero.setup.venv import make_venv  # noqa: E402

NEEDED_BYTES = 3 * 1024**3  # the CPU build and all else take 1.7 GB, and pip unpacks beside that
# The first real use of what was installed.
TRIAL = """
import torch, transformers, tokenizers, datasets, safetensors, numpy
assert (torch.ones(8, 8) @ torch.ones(8, 8)).sum().item() == 512
print(torch.__version__, "with CUDA" if torch.cuda.is_available() else "")
"""


def main(words: list[str]) -> int:
    """The exit code: that of the program started, 1 when set-up failed, 2 for a bad word, 130 after Ctrl-C."""
    speak_utf8()
    set_language(reader_language(os.environ))
    place = Place(ROOT)
    try:
        options = split_global_options(words)
        set_language(options.lang or reader_language(os.environ))
        testing = options.words[:1] == ("test",)
        extras = ("test",) if testing else ()
        if not is_complete(place, extras, os.environ.get("CHATZERO_TORCH") or None):
            set_up(place, extras)
    except KeyboardInterrupt:
        say(tr(f"stopped; `{AGAIN}` goes on from here", f"已停止；再次运行 `{AGAIN}` 会接着做"))
        return 130
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except ChatZeroError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"\n{disk_error(place, error)}", file=sys.stderr)
        return 1
    if testing:
        return hand_over([str(place.python), "-m", "pytest", *options.words[1:]], folder=place.root)
    return hand_over([str(place.python), "-m", "chatzero", *(words if options.words else [*words, "quickstart"])])


def set_up(place: Place, extras: tuple[str, ...]) -> None:
    """Make `.venv`, install PyTorch, then ChatZero; try them; stamp. Raises `SetupError`."""
    say(tr("setting up: once, and it needs the network", "开始安装：只需一次，需要联网"))
    say_whose_environment(place)
    check_machine(platform.system(), platform.machine(), sys.maxsize > 2**32)
    inside = make_venv(place, AGAIN)

    wish = os.environ.get("CHATZERO_TORCH")
    choice = wished_builds(wish) if wish else choose_builds(platform.system(), read_driver())
    say(tr("PyTorch for ", "PyTorch 版本：") + f"{' | '.join(choice.builds) or 'Mac'}: {choice.why}")
    if choice.advice:
        say(choice.advice)
    if fits(inside.torch, choice):
        say(tr(f"PyTorch {inside.torch} is there already", f"PyTorch {inside.torch} 已经装好"))
    else:
        check_room(shutil.disk_usage(place.root).free)
        install_torch(place, choice, os.environ.get("CHATZERO_TORCH_INDEX") or PYTORCH_INDEX)

    # After PyTorch: the range that ChatZero declares is then satisfied, and pip looks for no other build.
    stamp = read_stamp(place.stamp)
    extras = tuple(sorted({*extras, *(stamp.extras if stamp else ())}))
    say(tr("installing ChatZero and the libraries it stands on", "安装 ChatZero 和它用到的库"))
    pip_install(place, ["--editable", str(place.root) + (f"[{','.join(extras)}]" if extras else "")], AGAIN)

    try_it(place)
    inside = look_inside(place) or inside
    build = inside.torch.partition("+")[2] or "package-index"
    write_stamp(place.stamp, Stamp(str(place.root), fingerprint(place), inside.python, wish or "auto", build, extras))


def install_torch(place: Place, choice: Choice, index_root: str) -> None:
    """From the first source that has it. Raises `SetupError` when the last one fails too."""
    *from_pytorch, plain = sources(choice.builds, index_root)
    for source in from_pytorch:
        answer = ask_index(source)
        if answer is Answer.HAS_IT:
            say(
                tr(
                    f"installing {source.requirement} from {source.index}",
                    f"从 {source.index} 安装 {source.requirement}",
                )
            )
            try:
                return pip_install(place, pip_words(source), AGAIN)
            except SetupError as error:
                say(tr(f"that failed: {error.why}", f"没有成功：{error.why}"))
        elif answer is Answer.HAS_NOT:
            say(
                tr(
                    f"{source.index} has none for this Python and system",
                    f"{source.index} 没有适合这个 Python 和系统的版本",
                )
            )
        else:
            say(tr(f"{source.index} cannot be reached from here", f"连不上 {source.index}"))
            break
    say(tr(f"installing {plain.requirement} from the package index", f"从软件源安装 {plain.requirement}"))
    if platform.system() == "Linux" and choice.builds:
        say(
            tr(
                "on Linux that package may bring CUDA along, several GB; CHATZERO_TORCH_INDEX may name a mirror",
                "在 Linux 上这个包可能附带数 GB 的 CUDA 组件；可用 CHATZERO_TORCH_INDEX 指定 PyTorch 镜像",
            )
        )
    pip_install(place, pip_words(plain), AGAIN)


def try_it(place: Place) -> None:
    """Import and compute once, so that a broken install is found here and not in the middle of the first lesson."""
    command = [str(place.python), "-I", "-c", TRIAL]
    answer = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if answer.returncode == 0:
        say(tr(f"ready: PyTorch {answer.stdout.strip()}", f"安装完成：PyTorch {answer.stdout.strip()}"))
        return
    said = answer.stderr.strip().splitlines() or [tr("no reason given", "没有给出原因")]
    raise SetupError(
        what=tr("what was installed does not run", "安装好的库无法运行"),
        why=said[-1],
        do=(
            "https://aka.ms/vs/17/release/vc_redist.x64.exe"
            if os.name == "nt" and "DLL" in answer.stderr
            else tr(f"delete {place.venv}", f"删除 {place.venv}")
        )
        + tr(f"; then: {AGAIN}", f"；然后运行：{AGAIN}"),
    )


def check_machine(system: str, machine: str, is_64_bit: bool) -> None:
    """Raises `SetupError` where no PyTorch can be installed, before anything is downloaded."""
    if not is_64_bit:
        raise SetupError(
            what=tr("this Python is a 32-bit program", "这个 Python 是 32 位的"),
            why=tr("PyTorch exists for 64-bit Python only", "PyTorch 只支持 64 位 Python"),
            do=tr(
                "install a 64-bit Python 3.12 from https://www.python.org",
                "从 https://www.python.org 安装 64 位 Python 3.12",
            ),
        )
    if system == "Darwin" and machine == "x86_64":
        raise SetupError(
            what=tr("this Python is made for Intel Macs", "这个 Python 是为 Intel Mac 编译的"),
            why=tr("PyTorch ended support for Intel Macs with release 2.2", "PyTorch 自 2.2 版之后不再支持 Intel Mac"),
            do=tr(
                "on Apple silicon, install the arm64 Python from https://www.python.org",
                "若是 Apple 芯片，请从 https://www.python.org 安装 arm64 版 Python",
            ),
        )


def check_room(free_bytes: int) -> None:
    """Raises `SetupError` when the disk would be full in the middle of the set-up."""
    if free_bytes < NEEDED_BYTES:
        raise SetupError(
            what=tr("the disk has too little room", "磁盘空间不足"),
            why=tr(
                f"{free_bytes / 1024**3:.1f} GB are free, the set-up needs {NEEDED_BYTES / 1024**3:.0f} GB",
                f"剩余 {free_bytes / 1024**3:.1f} GB，安装需要 {NEEDED_BYTES / 1024**3:.0f} GB",
            ),
            do=tr(f"make room; then: {AGAIN}", f"清理磁盘；然后运行：{AGAIN}"),
        )


def say_whose_environment(place: Place) -> None:
    """Whoever stands in an environment of their own should know that this is not where things go."""
    active = os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX")
    if active and Path(active) != place.venv:
        say(
            tr(
                f"your environment {active} stays as it is: ChatZero uses {place.venv}",
                f"不会改动你的环境 {active}：ChatZero 使用 {place.venv}",
            )
        )


def disk_error(place: Place, error: OSError) -> SetupError:
    return SetupError(
        what=tr(f"could not write in {place.root}", f"无法在 {place.root} 中写入"),
        why=str(error),
        do=tr(f"check permissions and free space; then: {AGAIN}", f"检查权限和剩余空间；然后运行：{AGAIN}"),
    )


def hand_over(command: list[str], folder: Path | None = None) -> int:
    """Become that program: its exit code and Ctrl-C are then ours. Windows cannot, so there we wait for it."""
    environment = {**clean_environment(os.environ), "PYTHONUTF8": "1"}
    sys.stdout.flush()
    sys.stderr.flush()
    if folder is not None:
        os.chdir(folder)
    if os.name != "nt":
        os.execve(command[0], command, environment)
    with subprocess.Popen(command, env=environment) as program:
        while True:
            try:
                return program.wait()
            except KeyboardInterrupt:
                continue  # the program got it too, and decides what it means


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
