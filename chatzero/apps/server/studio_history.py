"""The studio's conversations over HTTP: list, load, save, remove, export. How they are kept is `history`.

Only on a server for this machine. On one for a network everybody would read what everybody said: there the page keeps
them in the browser.
"""

import asyncio
import re
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.body import read_json_body
from chatzero.apps.server.history import ConflictError, Entry, History
from chatzero.apps.server.limits import ServerSettings
from chatzero.apps.server.openapi import ERRORS, body_of
from chatzero.apps.server.requests import parse_as
from chatzero.apps.server.studio_requests import CHAT_ID, ChatTurn, SaveRequest
from chatzero.language import tr

T = TypeVar("T")


class ChatList(BaseModel):
    """`kept`: this server keeps conversations at all."""

    kept: bool
    chats: list[Entry]


class Chat(BaseModel):
    entry: Entry
    turns: list[ChatTurn]


class Saved(BaseModel):
    id: str
    version: int


def add_history(app: FastAPI, settings: ServerSettings) -> None:
    """`/studio/chats`, `/studio/chats/ID` and `/studio/chats.jsonl`."""
    history = History(settings.history) if settings.history is not None and settings.is_local else None

    def there() -> History:
        if history is None:
            message = tr("this server keeps no conversations", "本服务不保存对话")
            raise ApiError(404, message, code="no_history")
        return history

    @app.get("/studio/chats", response_model=ChatList, responses=ERRORS)
    async def chats(request: Request) -> ChatList:
        return ChatList(kept=history is not None, chats=[] if history is None else await _done(history.entries))

    @app.get("/studio/chats.jsonl", responses={200: {"content": {"application/jsonl": {}}}, **ERRORS})
    async def export(request: Request) -> Response:
        return Response(await _done(lambda: "".join(there().lines())), media_type="application/jsonl")

    @app.get("/studio/chats/{id}", response_model=Chat, responses=ERRORS)
    async def chat(request: Request, id: str) -> Chat:
        found = await _done(lambda: there().turns(id))
        if found is None:
            raise _no_such_chat()
        return Chat(entry=found[0], turns=[ChatTurn.model_validate(turn) for turn in found[1]])

    @app.put("/studio/chats/{id}", response_model=Saved, responses=ERRORS, openapi_extra=body_of("SaveRequest"))
    async def save(request: Request, id: str) -> Saved:
        if not re.fullmatch(CHAT_ID, id):
            raise ApiError(400, tr("this is no name of a conversation", "这不是对话的编号"), code="invalid_value")
        wanted = parse_as(SaveRequest, await read_json_body(request, settings))
        turns = [turn.model_dump(exclude_none=True) for turn in wanted.turns]
        try:
            version = await _done(lambda: there().save(id, wanted.title, turns, wanted.version))
        except ConflictError as error:
            message = tr("this conversation was changed elsewhere", "这段对话已在别处更改")
            raise ApiError(409, message, code="changed_elsewhere") from error
        return Saved(id=id, version=version)

    @app.delete("/studio/chats/{id}", response_model=Saved, responses=ERRORS)
    async def remove(request: Request, id: str) -> Saved:
        if not await _done(lambda: there().remove(id)):
            raise _no_such_chat()
        return Saved(id=id, version=0)


async def _done(act: Callable[[], T]) -> T:
    """In a thread: another process may hold the file for a while. Raises `ApiError` when the file cannot be used."""
    try:
        return await asyncio.to_thread(act)
    except (sqlite3.Error, OSError, ValueError) as error:
        message = tr(f"the file of conversations cannot be used: {error}", f"无法使用对话文件：{error}")
        raise ApiError(503, message, code="history_unavailable", kind="server_error") from error


def _no_such_chat() -> ApiError:
    return ApiError(404, tr("there is no such conversation", "没有这段对话"), code="chat_not_found")
