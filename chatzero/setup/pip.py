"""Running pip in `.venv`, and saying in plain words why it failed."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

from chatzero.errors import ChatZeroError
from chatzero.language import tr
from chatzero.setup.place import Place

SLOW_AFTER_S = 180.0
STDERR = 2  # the file descriptor


class SetupError(ChatZeroError, RuntimeError):
    """Set-up could not go on; the message ends with the command that mends it."""


def say(text: str) -> None:
    """A line of progress, on standard error: standard output belongs to the program that is started in the end."""
    print(f"[chatzero] {text}", file=sys.stderr, flush=True)


def pip_install(place: Place, words: Sequence[str], again: str) -> None:
    """`pip install WORDS`, its progress bar on the person's screen. `again` is the command that repeats the set-up.

    pip keeps what it has downloaded, so nothing is fetched twice. Raises `SetupError` with the reason from pip's log.
    """
    place.log.unlink(missing_ok=True)
    command = [str(place.python), "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    hint = threading.Timer(SLOW_AFTER_S, say, [slow_hint(place)])
    hint.daemon = True
    hint.start()
    try:
        answer = subprocess.run(
            [*command, "--log", str(place.log), *words],
            env=clean_environment(os.environ),
            stdout=STDERR,
            check=False,
        )
    finally:
        hint.cancel()
    if answer.returncode != 0:
        log = place.log.read_text(encoding="utf-8", errors="replace") if place.log.exists() else ""
        raise explain(log[-20_000:], place, words, again)


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Without the variables that make a virtual environment see, or install into, other places."""
    foreign = ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_HASHES")
    # PIP_USER=0 also overrules `user = true` in a configuration file, which pip refuses inside an environment.
    return {**{name: value for name, value in environ.items() if name not in foreign}, "PIP_USER": "0"}


def slow_hint(place: Place) -> str:
    return tr(
        f"a slow download? Ctrl-C; {mirror_advice(place)}; then start again",
        f"下载太慢？按 Ctrl-C 停下；{mirror_advice(place)}；然后重新运行",
    )


def mirror_advice(place: Place) -> str:
    """How to choose a nearer package index. Which one that is the person knows best: pip's own setting is respected."""
    command = f"{place.python} -m pip config --site set global.index-url"
    return tr(
        f"choose the package mirror of your university or company: {command} ADDRESS",
        f"换用你所在学校或单位的软件源镜像：{command} 镜像地址",
    )


def explain(log: str, place: Place, words: Sequence[str], again: str) -> SetupError:
    """What pip's log means, and the command that mends it."""
    what = tr(f"could not install {_named(words)}", f"无法安装 {_named(words)}")
    errors = re.findall(r"^\S*\s*(?:ERROR: )(.+)$", log, flags=re.MULTILINE)
    said = errors[-1].strip() if errors else tr("pip stopped without a reason", "pip 没有给出原因")
    for pattern, why, do in _causes(place):
        if re.search(pattern, log, flags=re.IGNORECASE):
            return SetupError(what=what, why=f"{why} ({said})", do=f"{do}{tr('; then: ', '；然后运行：')}{again}")
    log_note = tr(f"read {place.log}; then: {again}", f"查看 {place.log}；然后运行：{again}")
    return SetupError(what=what, why=said, do=log_note)


def _causes(place: Place) -> tuple[tuple[str, str, str], ...]:
    """(pattern in the log, why, what to do), the surest first."""
    pip = f"{place.python} -m pip"
    return (
        (
            r"No space left on device|Errno 28|not enough space on the disk",
            tr("the disk is full", "磁盘已满"),
            tr("free some gigabytes (`pip cache purge` helps)", "腾出几 GB 空间（可先 `pip cache purge`）"),
        ),
        (
            r"CERTIFICATE_VERIFY_FAILED|SSLError",
            tr("a proxy stands between you and the package index", "你和软件源之间有代理，证书无法验证"),
            tr("set PIP_CERT to your network's certificate file", "把 PIP_CERT 设为你所在网络的证书文件"),
        ),
        (
            r"do not match the hashes|BadZipFile|IncompleteRead|file is corrupted",
            tr("a download arrived damaged", "下载的文件损坏"),
            f"{pip} cache purge",
        ),
        (
            r"timed out|ConnectTimeout|NewConnectionError|NameResolution|name resolution|getaddrinfo|Max retries"
            r"|Connection (reset|aborted|refused)|RemoteDisconnected|ProxyError",
            tr("the package index cannot be reached", "连不上软件源"),
            tr("check the network, or ", "检查网络，或") + mirror_advice(place),
        ),
        (
            r"Permission denied|Access is denied|WinError (5|32)\b",
            tr("a file in .venv is in use or not ours to write", ".venv 中的文件正被占用，或没有写权限"),
            tr("close the programs that use .venv", "关闭正在使用 .venv 的程序"),
        ),
        (
            r"No matching distribution",
            tr("there is no package for this system and this Python", "没有适合这个系统和 Python 版本的安装包"),
            tr(
                "use a 64-bit Python 3.12 from https://www.python.org",
                "改用 64 位 Python 3.12（https://www.python.org）",
            ),
        ),
    )


def _named(words: Sequence[str]) -> str:
    return next((word for word in words if not word.startswith("-")), "ChatZero")
