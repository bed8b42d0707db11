"""What the studio reads beside the OpenAI API: the runs on this machine, their curves and words, and the look inside.

The pages themselves are `studio`. Nothing here changes a run or the model that is served.
"""

import asyncio
import copy
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.body import read_json_body
from chatzero.apps.server.here import require_here
from chatzero.apps.server.limits import LOOK_ANSWER_TOKENS, MAX_LOOK_TOKENS, ServerSettings
from chatzero.apps.server.one_at_a_time import one_at_a_time
from chatzero.apps.server.openapi import ERRORS, body_of
from chatzero.apps.server.requests import parse_as
from chatzero.apps.server.served import Served
from chatzero.apps.server.shelf import Shelf
from chatzero.apps.server.studio_requests import LookRequest
from chatzero.apps.server.studio_training import may_steer
from chatzero.inspection.look import Document, look
from chatzero.language import tr
from chatzero.pipeline.launch import last_words
from chatzero.pipeline.run_summary import Curves, Run, curves, run_folders, run_id, stamp, summary
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation
from chatzero.training.told import Told, read_told

T = TypeVar("T")


class RunRow(BaseModel):
    """`id` names the run in `/studio/runs/ID`; `steered`: it may be stopped and resumed from here."""

    id: str
    run: Run
    steered: bool


class Words(BaseModel):
    """The model's answers on the way, what was remarked, and the end of what the process said."""

    told: Told
    log: str


class RunList(BaseModel):
    runs: list[RunRow]


def add_studio_data(app: FastAPI, settings: ServerSettings) -> None:
    """`GET /studio/runs`, `/studio/runs/ID` and `/studio/runs/ID/words`; `POST /studio/look`."""
    lock = asyncio.Lock()

    @app.get("/studio/runs", response_model=RunList, responses=ERRORS)
    async def runs(request: Request) -> RunList:
        def rows() -> list[RunRow]:
            return [_row(folder, settings) for folder in _folders(settings)]

        return RunList(runs=await asyncio.to_thread(rows))

    @app.get("/studio/runs/{run}", response_model=Curves, responses=ERRORS)
    async def run_curves(request: Request, run: str) -> Curves:
        return await asyncio.to_thread(lambda: _read(curves, _folder_of(run, settings)))

    @app.get("/studio/runs/{run}/words", response_model=Words, responses=ERRORS)
    async def run_words(request: Request, run: str) -> Words:
        def found() -> Words:
            folder = _folder_of(run, settings)
            return Words(told=_read(read_told, folder), log=last_words(folder))

        return await asyncio.to_thread(found)

    @app.post(
        "/studio/look",
        responses={200: {"content": {"application/json": {}}}, **ERRORS},
        openapi_extra=body_of("LookRequest"),
    )
    async def look_inside(request: Request) -> Response:
        wanted = parse_as(LookRequest, await read_json_body(request, settings))
        shelf = request.app.state.shelf
        assert isinstance(shelf, Shelf)
        busy = tr("somebody else looks inside now; try again soon", "别人正在查看内部，请稍后再试")
        async with one_at_a_time(lock, busy):
            with shelf.lending() as lent:
                served = await lent.model(wanted.model)
                _require_short(served, wanted.question)
                return JSONResponse(await asyncio.to_thread(_look, served, wanted.question))


def _row(folder: Path, settings: ServerSettings) -> RunRow:
    run = _summary(folder, stamp(folder))
    return RunRow(id=run_id(folder), run=run, steered=may_steer(folder, settings))


@lru_cache(maxsize=256)
def _summary(folder: Path, stamp: object) -> Run:
    """The page asks every two seconds, and most runs are over: what is as it was is not read again."""
    return summary(folder)


def _folders(settings: ServerSettings) -> list[Path]:
    """Only for people at this machine: where its runs lie is nobody else's business."""
    require_here(settings)
    return [] if settings.runs is None else run_folders(settings.runs, settings.run_notes)


def _folder_of(run: str, settings: ServerSettings) -> Path:
    """Raises `ApiError` for an id that no run has."""
    found = next((folder for folder in _folders(settings) if run_id(folder) == run), None)
    if found is None:
        raise _no_such_run()
    return found


def _read(read: Callable[[Path], T], folder: Path) -> T:
    try:
        return read(folder)
    except (OSError, ValueError, KeyError) as error:  # removed or damaged meanwhile
        raise _no_such_run() from error


def _no_such_run() -> ApiError:
    return ApiError(404, tr("there is no such run", "没有这个训练"), code="run_not_found")


def _require_short(served: Served, question: str) -> None:
    tokens = len(render_prompt(Conversation.of(question), served.bundle.tokenizer))
    if tokens > MAX_LOOK_TOKENS:
        message = tr(
            f"the question has {tokens} tokens; to look inside, at most {MAX_LOOK_TOKENS}",
            f"问题有 {tokens} 个词元；查看内部最多 {MAX_LOOK_TOKENS} 个",
        )
        raise ApiError(400, message, code="context_length_exceeded", param="question")


def _look(served: Served, question: str) -> Document:
    # A copy: whoever listens in the model itself would hear the answers being written to others
    model = copy.deepcopy(served.bundle.model)
    return look(model, served.bundle.tokenizer, question, served.settings.model_id, LOOK_ANSWER_TOKENS)
