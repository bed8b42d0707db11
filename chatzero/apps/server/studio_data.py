"""What the studio asks for beside the OpenAI API: the runs on this machine and their curves, and the look inside.

The pages themselves are `studio`. Nothing here changes a run or the model that is served.
"""

import asyncio
import copy
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.body import read_json_body
from chatzero.apps.server.limits import LOOK_ANSWER_TOKENS, MAX_LOOK_TOKENS, ServerSettings
from chatzero.apps.server.openapi import ERRORS, body_of
from chatzero.apps.server.requests import parse_look
from chatzero.apps.server.served import Served
from chatzero.inspection.look import Document, look
from chatzero.language import tr
from chatzero.pipeline.run_summary import Curves, Run, curves, run_folders, run_id, stamp, summary
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation


class RunRow(BaseModel):
    """`id` names the run in `/studio/runs/ID`."""

    id: str
    run: Run


class RunList(BaseModel):
    runs: list[RunRow]


def add_studio_data(app: FastAPI, settings: ServerSettings) -> None:
    """`/studio/runs`, `/studio/runs/ID` and `/studio/look`. They need the key, where there is one."""
    one_at_a_time = asyncio.Lock()

    @app.get("/studio/runs", response_model=RunList, responses=ERRORS)
    async def runs(request: Request) -> RunList:
        def rows() -> list[RunRow]:
            return [RunRow(id=run_id(folder), run=_summary(folder, stamp(folder))) for folder in _folders(settings)]

        return RunList(runs=await asyncio.to_thread(rows))

    @app.get("/studio/runs/{run}", response_model=Curves, responses=ERRORS)
    async def run_curves(request: Request, run: str) -> Curves:
        def found() -> Curves | None:
            return next((curves(folder) for folder in _folders(settings) if run_id(folder) == run), None)

        try:
            there = await asyncio.to_thread(found)
        except (OSError, ValueError, KeyError):  # removed or damaged meanwhile
            there = None
        if there is None:
            raise ApiError(404, tr("there is no such run", "没有这个训练"), code="run_not_found")
        return there

    @app.post(
        "/studio/look",
        responses={200: {"content": {"application/json": {}}}, **ERRORS},
        openapi_extra=body_of("LookRequest"),
    )
    async def look_inside(request: Request) -> Response:
        wanted = parse_look(await read_json_body(request, settings))
        served = request.app.state.served
        assert isinstance(served, Served)
        _require_short(served, wanted.question)
        if one_at_a_time.locked():
            message = tr("somebody else looks inside now; try again soon", "别人正在查看内部，请稍后再试")
            raise ApiError(429, message, code="rate_limit_exceeded", headers={"Retry-After": "2"})
        async with one_at_a_time:
            return JSONResponse(await asyncio.to_thread(_look, served, wanted.question))


@lru_cache(maxsize=256)
def _summary(folder: Path, stamp: object) -> Run:
    """The page asks every two seconds, and most runs are over: what is as it was is not read again."""
    return summary(folder)


def _folders(settings: ServerSettings) -> list[Path]:
    """Only for people at this machine: where its runs lie is nobody else's business."""
    if not settings.is_local:
        message = tr("runs are shown only on the machine itself", "只有在本机才能查看训练")
        raise ApiError(403, message, code="runs_are_local")
    return [] if settings.runs is None else run_folders(settings.runs, settings.run_notes)


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
