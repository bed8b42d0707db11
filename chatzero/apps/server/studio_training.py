"""Starting, stopping and resuming runs from the studio. What they have reached is read in `studio_data`.

A run is a process of its own (`launch`), and its folder lies below the server's folder of runs, under a name that is no
path. The words of its command are ours; of the request only numbers, and names from our own lists, stand in them.
"""

import asyncio
import re
from pathlib import Path

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.requests import Request

from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.body import read_json_body
from chatzero.apps.server.here import require_here
from chatzero.apps.server.limits import ServerSettings
from chatzero.apps.server.openapi import ERRORS, body_of
from chatzero.apps.server.requests import parse_as
from chatzero.apps.server.studio_requests import NAME, NothingRequest, StartRequest
from chatzero.checkpoint.process_note import NOTE, ask_to_stop, process_in
from chatzero.errors import ChatZeroError
from chatzero.language import tr
from chatzero.pipeline.launch import launch
from chatzero.pipeline.recipe import read_recipe
from chatzero.pipeline.run_summary import run_folders, run_id, runs_below, summary

QUICKSTART_MINUTES = 10.0


class Choice(BaseModel):
    """What may be trained: `quickstart`, and the recipes in the server's folder of them. `length` is in `unit`."""

    name: str
    unit: str
    length: float
    arch: str | None


class Choices(BaseModel):
    may_train: bool
    choices: list[Choice]


class Started(BaseModel):
    id: str


def add_training(app: FastAPI, settings: ServerSettings) -> None:
    """`GET /studio/recipes`, `POST /studio/runs`, `/studio/runs/ID/stop` and `/studio/runs/ID/resume`."""
    one_at_a_time = asyncio.Lock()

    @app.get("/studio/recipes", response_model=Choices, responses=ERRORS)
    async def recipes(request: Request) -> Choices:
        require_here(settings)
        return Choices(may_train=may_train(settings), choices=await asyncio.to_thread(_choices, settings))

    @app.post(
        "/studio/runs", status_code=201, response_model=Started, responses=ERRORS, openapi_extra=body_of("StartRequest")
    )
    async def start(request: Request) -> Started:
        runs = _require_training(settings)
        wanted = parse_as(StartRequest, await read_json_body(request, settings))
        async with one_at_a_time:
            return await asyncio.to_thread(_start, wanted, runs, settings)

    @app.post(
        "/studio/runs/{run}/stop", response_model=Started, responses=ERRORS, openapi_extra=body_of("NothingRequest")
    )
    async def stop(request: Request, run: str) -> Started:
        runs = _require_training(settings)
        parse_as(NothingRequest, await read_json_body(request, settings))
        folder = await asyncio.to_thread(_folder, runs, run)
        if not await asyncio.to_thread(ask_to_stop, folder):
            raise _conflict("not_running", tr("this run is not training now", "这个训练现在没有在进行"))
        return Started(id=run)

    @app.post(
        "/studio/runs/{run}/resume", response_model=Started, responses=ERRORS, openapi_extra=body_of("NothingRequest")
    )
    async def resume(request: Request, run: str) -> Started:
        runs = _require_training(settings)
        parse_as(NothingRequest, await read_json_body(request, settings))
        async with one_at_a_time:
            return await asyncio.to_thread(_resume, runs, run)


def may_train(settings: ServerSettings) -> bool:
    return settings.train and settings.runs is not None


def may_steer(folder: Path, settings: ServerSettings) -> bool:
    """May this run be stopped or resumed here? Others on this machine are only shown."""
    return settings.train and settings.runs is not None and folder.is_relative_to(settings.runs.resolve())


def _require_training(settings: ServerSettings) -> Path:
    require_here(settings)
    if not settings.train or settings.runs is None:
        message = tr("this server does not train; start it with --train", "本服务不提供训练；启动时请加 --train")
        raise ApiError(403, message, code="training_not_allowed")
    return settings.runs.resolve()


def _choices(settings: ServerSettings) -> list[Choice]:
    found = [Choice(name="quickstart", unit="minutes", length=QUICKSTART_MINUTES, arch=None)]
    for path in sorted(settings.recipes.glob("*.toml")) if settings.recipes is not None else ():
        if re.fullmatch(NAME, path.stem):
            try:
                recipe = read_recipe(path)
            except ChatZeroError:  # it is not finished; `chatzero train` says why
                continue
            length, unit = (recipe.train.minutes, "minutes") if recipe.train.minutes else (recipe.train.steps, "steps")
            found.append(Choice(name=path.stem, unit=unit, length=float(length or 0), arch=recipe.model.arch))
    return found


def _start(wanted: StartRequest, runs: Path, settings: ServerSettings) -> Started:
    choice = next((one for one in _choices(settings) if one.name == wanted.recipe), None)
    if choice is None:
        raise ApiError(400, tr("there is no such recipe", "没有这个配方"), code="invalid_value", param="recipe")
    folder = runs / wanted.name
    if folder.is_symlink() or folder.is_file() or (folder.is_dir() and _is_anything(folder)):
        message = tr("there is such a folder already: choose another name", "已有同名文件夹：请换一个名字")
        raise _conflict("run_exists", message, "name")
    _require_idle(runs)
    length = wanted.length or choice.length
    if wanted.recipe == "quickstart":
        what = ["quickstart", "--arch", wanted.arch, "--minutes", f"{length:g}", "--no-chat"]
    else:
        assert settings.recipes is not None, "it is one of the recipes there"
        number = f"{round(length)}" if choice.unit == "steps" else f"{length:g}"
        recipe = settings.recipes.resolve() / f"{choice.name}.toml"
        what = ["train", str(recipe), "--set", f"train.{choice.unit}={number}"]
    return _launched([*what, "--out", str(folder)], folder)


def _resume(runs: Path, run: str) -> Started:
    folder = _folder(runs, run)
    if summary(folder).state != "interrupted":
        raise _conflict("not_interrupted", tr("there is nothing to resume", "没有可以继续的训练"))
    _require_idle(runs)
    return _launched(["train", str(folder)], folder)


def _launched(words: list[str], folder: Path) -> Started:
    try:
        launch(words, folder)
    except OSError as error:
        message = tr(f"the training could not be started: {error}", f"无法开始训练：{error}")
        raise ApiError(503, message, code="not_started", kind="server_error") from error
    return Started(id=run_id(folder))


def _require_idle(runs: Path) -> None:
    """Two at once would each take more than twice the time."""
    busy = next((folder for folder in runs_below(runs) if process_in(folder) is not None), None)
    if busy is not None:
        message = tr(
            f"{busy.name} is training now: stop it first, or wait", f"{busy.name} 正在训练：请先停止它，或等它结束"
        )
        raise _conflict("already_training", message)


def _folder(runs: Path, run: str) -> Path:
    """The run of this id, if it lies below `runs`: an id is compared with, and never made into a path."""
    found = next((folder for folder in run_folders(runs, None) if run_id(folder) == run), None)
    if found is None or not found.is_relative_to(runs):
        raise ApiError(404, tr("there is no such run", "没有这个训练"), code="run_not_found")
    return found


def _is_anything(folder: Path) -> bool:
    """More than what is left of a run that failed before it began."""
    failed = (folder / NOTE).exists() and summary(folder).state == "failed"
    return not failed and any(folder.iterdir())


def _conflict(code: str, message: str, param: str | None = None) -> ApiError:
    return ApiError(409, message, code=code, param=param)
