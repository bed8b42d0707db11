"""`chatzero serve`: a model behind the OpenAI API, the studio at `/`. Its promises: docs/serving.md, SECURITY.md."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from chatzero.apps.cli.engine_option import EngineOption, PrecisionOption, speaker
from chatzero.apps.cli.runs import RUNS, chat_history, run_notes
from chatzero.apps.server.limits import LOOPBACK, ServerSettings
from chatzero.errors import ConfigError
from chatzero.interop.engine_names import device_for, require_engine
from chatzero.language import tr
from chatzero.serving.limits import EngineLimits

_DEFAULT = ServerSettings()
RECIPES = Path("recipes")

TrainOption = Annotated[
    bool | None,
    typer.Option(
        "--train/--no-train",
        help=tr(
            "May the studio's page start and stop training (default: only on this machine).",
            "是否允许在工作室页面上开始和停止训练（默认：仅限本机）。",
        ),
    ),
]


def serve(
    model: Annotated[
        Path | None,
        typer.Argument(
            help=tr(
                "A model folder or a run folder (default: the newest in ./runs).",
                "模型文件夹或运行文件夹（默认：./runs 中最新的）。",
            )
        ),
    ] = None,
    host: Annotated[str, typer.Option(help=tr("Address to listen on.", "监听的地址。"))] = _DEFAULT.host,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help=tr("0 = any free one.", "0 = 任意空闲端口。"))
    ] = _DEFAULT.port,
    api_key: Annotated[
        str | None,
        typer.Option(
            envvar="CHATZERO_API_KEY",
            show_envvar=True,
            help=tr("Clients must send it as Bearer token.", "客户端必须以 Bearer 方式携带的密钥。"),
        ),
    ] = None,
    insecure: Annotated[
        bool,
        typer.Option(
            "--insecure", help=tr("Allow another host than this machine without a key.", "允许不设密钥就对外服务。")
        ),
    ] = False,
    name: Annotated[str | None, typer.Option(help=tr("The model's name in the API.", "模型在 API 中的名字。"))] = None,
    max_running: Annotated[
        int, typer.Option(min=1, help=tr("Answers written at the same time.", "同时生成的回答数。"))
    ] = EngineLimits().max_running,
    max_waiting: Annotated[
        int, typer.Option(min=0, help=tr("Answers that may wait; more get 429.", "允许排队的数量；超出返回 429。"))
    ] = EngineLimits().max_waiting,
    train: TrainOption = None,
    time_limit: Annotated[
        float, typer.Option(min=0.1, help=tr("Seconds a request may take.", "一个请求最多用的秒数。"))
    ] = EngineLimits().time_limit_s,
    cors_origin: Annotated[
        list[str] | None,
        typer.Option(
            help=tr("A web page that may call the API; repeat for more.", "允许调用 API 的网页来源；可重复。")
        ),
    ] = None,
    device: Annotated[str, typer.Option(help=tr("auto, cpu, cuda or mps.", "auto、cpu、cuda 或 mps。"))] = "auto",
    engine: EngineOption = "torch",
    precision: PrecisionOption = None,
) -> None:
    """Serve a model: an OpenAI-compatible API, many chats at once, and the studio for the browser.

    Only this machine is served unless told otherwise.

    Example: chatzero serve runs/quickstart-gpt --port 8000
    """
    require_safe(host, api_key, insecure, bool(train))
    require_engine(engine, device)
    from chatzero.apps.server.app import build_app
    from chatzero.apps.server.run import listen, serve_app
    from chatzero.apps.server.shelf import model_name
    from chatzero.checkpoint.bundle import latest_model, load_bundle
    from chatzero.device import choose_device
    from chatzero.models.interface import LanguageModel

    folder = model or latest_model(RUNS)
    bundle = load_bundle(folder, choose_device(device_for(engine, device)).device)
    answering = speaker(bundle, engine, precision, serving=True)
    if not isinstance(answering, LanguageModel):
        print(
            tr(
                f"engine {engine}: one answer at a time, in the order of asking",
                f"引擎 {engine}：按请求先后，一次写一个回答",
            ),
            file=sys.stderr,
        )
    settings = ServerSettings(
        host=host,
        port=port,
        api_key=api_key,
        model_id=name or model_name(bundle.folder),
        allowed_origins=tuple(cors_origin or ()),
        runs=RUNS,
        run_notes=run_notes(),
        history=chat_history(),
        recipes=RECIPES,
        train=host in LOOPBACK if train is None else train,
        engine=EngineLimits(max_running=max_running, max_waiting=max_waiting, time_limit_s=time_limit),
    )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    app = build_app(bundle, settings, answering)
    with listen(settings) as listening:
        address, port = listening.getsockname()[:2]
        root = f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
        print(
            tr(
                f"Serving {settings.model_id} at {root}/v1   studio: {root}/   (Ctrl-C stops)",
                f"{settings.model_id} 已在 {root}/v1 提供服务   工作室：{root}/ （Ctrl-C 停止）",
            ),
            flush=True,
        )
        serve_app(app, settings, listening)


def require_safe(host: str, api_key: str | None, insecure: bool, train: bool = False) -> None:
    """Raises `ConfigError` for a server that anybody on the network could use without anybody having said so.

    Training on it is for those who have its key, whatever was said.
    """
    if api_key is not None and not (api_key.isascii() and api_key.isprintable() and len(api_key) >= 8):
        raise ConfigError(
            what=tr("the API key cannot be used", "这个 API key 不能用"),
            why=tr("a key is at least 8 printable ASCII characters", "密钥至少 8 个可打印的 ASCII 字符"),
            do="python -c 'import secrets; print(secrets.token_urlsafe(24))'",
        )
    if host not in LOOPBACK and api_key is None and not insecure:
        raise ConfigError(
            what=tr(f"--host {host} without an API key", f"--host {host} 却没有设 API key"),
            why=tr("everybody who can reach this machine could use the model", "能访问这台机器的任何人都能使用模型"),
            do=tr(
                "add --api-key KEY (or set CHATZERO_API_KEY), or say --insecure",
                "请加 --api-key KEY（或设置 CHATZERO_API_KEY），或明确加上 --insecure",
            ),
        )
    if host not in LOOPBACK and api_key is None and train:
        raise ConfigError(
            what=tr(f"--host {host} --train without an API key", f"--host {host} --train 却没有设 API key"),
            why=tr("everybody who can reach this machine could train on it", "能访问这台机器的任何人都能在上面训练"),
            do=tr("add --api-key KEY, or leave out --train", "请加 --api-key KEY，或去掉 --train"),
        )
