"""`chatzero studio`, and the end of `chatzero quickstart`: the model served here, its page opened in the browser."""

import logging
import os
import sys
import threading
import webbrowser
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatzero.apps.cli.runs import RUNS, chat_history, run_notes
from chatzero.apps.cli.serve import RECIPES, TrainOption
from chatzero.apps.server.limits import ServerSettings
from chatzero.errors import ConfigError
from chatzero.language import tr

if TYPE_CHECKING:
    import socket

_TEXT_BROWSERS = {"www-browser", "w3m", "lynx", "links", "elinks"}


def studio(
    model: Annotated[
        Path | None,
        typer.Argument(
            help=tr(
                "A model folder or a run folder (default: the newest in ./runs).",
                "模型文件夹或运行文件夹（默认：./runs 中最新的）。",
            )
        ),
    ] = None,
    device: Annotated[str, typer.Option(help=tr("auto, cpu, cuda or mps.", "auto、cpu、cuda 或 mps。"))] = "auto",
    train: TrainOption = None,
) -> None:
    """Chat with a model in the browser, train, look inside: the studio, on this machine only.

    Example: chatzero studio runs/quickstart-gpt
    """
    open_studio(model, graphical_browser(os.environ, sys.platform), device, train is not False)


def open_studio(
    model: Path | None, browser: webbrowser.BaseBrowser | None, device: str = "auto", train: bool = True
) -> None:
    """Serves until Ctrl-C; says where, and opens `browser` there, if there is one."""
    from chatzero.apps.server.app import build_app
    from chatzero.apps.server.run import serve_app
    from chatzero.apps.server.shelf import model_name
    from chatzero.checkpoint.bundle import latest_model, load_bundle
    from chatzero.device import choose_device

    bundle = load_bundle(model or latest_model(RUNS), choose_device(device).device)
    settings = ServerSettings(
        model_id=model_name(bundle.folder),
        runs=RUNS,
        run_notes=run_notes(),
        history=chat_history(),
        recipes=RECIPES,
        train=train,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    app = build_app(bundle, settings)
    with _listen(settings) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        print(_announcement(url, browser is not None), flush=True)
        if browser is not None:  # in a thread: some browsers keep the caller until they are closed
            threading.Thread(target=browser.open, args=(url,), daemon=True).start()
        serve_app(app, settings, listening)
    print(tr("The studio is closed. In the terminal: chatzero chat", "工作室已关闭。在终端里聊天：chatzero chat"))


def graphical_browser(environ: Mapping[str, str], system: str) -> webbrowser.BaseBrowser | None:
    """The browser that a person at this machine would see, or None: a server, a container, a login from elsewhere.

    `BROWSER` names one also where there is no display: an editor that works from elsewhere sets it to open pages there.
    """
    named = environ.get("BROWSER", "").split(os.pathsep)[0].split(" ")[0]
    if named:
        seen = Path(named).name not in _TEXT_BROWSERS
    elif environ.get("SSH_CONNECTION"):
        seen = False
    else:
        seen = system in ("win32", "darwin") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    if not seen:
        return None
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return None
    # Without a graphical browser installed, Python finds one that draws in the terminal
    return None if Path(str(getattr(found, "name", ""))).name in _TEXT_BROWSERS else found


def _listen(settings: ServerSettings) -> "socket.socket":
    """On the usual port, so that the browser finds its conversations again; on any other where that one is taken."""
    from chatzero.apps.server.run import listen

    try:
        return listen(settings)
    except ConfigError:
        return listen(replace(settings, port=0))


def _announcement(url: str, opened: bool) -> str:
    if opened:
        return tr(
            f"The studio opens in your browser: {url}   (Ctrl-C here ends it)",
            f"工作室在浏览器中打开：{url}（在此按 Ctrl-C 结束）",
        )
    return tr(
        f"The studio is at {url}   Open it in a browser on this machine. (Ctrl-C here ends it)",
        f"工作室在 {url} ，请在本机的浏览器中打开。（在此按 Ctrl-C 结束）",
    )
