"""Server-sent events: `data: {...}` as it happens, `data: [DONE]` at the end, a comment now and then in between.

(HTML standard, section 9.2.) The client may leave at any moment: then `close` is called at once.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chatzero.apps.server.answers import disconnected
from chatzero.apps.server.api_error import ApiError

PING_S = 15.0
"""So often a comment is sent while there is nothing to say, so that no proxy takes the silence for the end."""


class EventStream(Response):
    """`documents` as events, then `[DONE]`. A client that takes nothing for `send_time_s` is given up."""

    media_type = "text/event-stream"

    def __init__(
        self, documents: AsyncIterator[Mapping[str, object]], close: Callable[[], None], send_time_s: float
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._documents = documents
        self._close = close
        self._send_time_s = send_time_s
        self._silent = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(self._send_all(send))
        beside = [asyncio.ensure_future(disconnected(receive)), asyncio.ensure_future(self._ping(send))]
        try:
            await asyncio.wait({sending, *beside}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in (sending, *beside):
                task.cancel()
            self._close()

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for part in self._events():
                with anyio.fail_after(self._send_time_s):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                self._silent = False
        except TimeoutError:
            return  # without a proper end: the connection is closed
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _ping(self, send: Send) -> None:
        """For ever. Each part is written whole, so one more between two others does no harm."""
        while True:
            self._silent = True
            await asyncio.sleep(PING_S)
            if self._silent:
                await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})

    async def _events(self) -> AsyncIterator[bytes]:
        try:
            async for document in self._documents:
                yield event(document)
        except ApiError as error:
            yield event(error.body)
        yield b"data: [DONE]\n\n"


def event(document: Mapping[str, object]) -> bytes:
    """All ASCII: some clients take U+2028 and its like for the end of a line."""
    return b"data: " + json.dumps(document, separators=(",", ":")).encode() + b"\n\n"
