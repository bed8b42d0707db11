"""Server-sent events: `data: {...}` as it happens, `data: [DONE]` at the end, a comment now and then in between.

(HTML standard, section 9.2.) What is there at the same moment is sent together: each sending costs more than what is
sent. The client may leave at any moment: then the answers are closed at once.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chatzero.apps.server.answers import Answers, disconnected
from chatzero.apps.server.api_error import ApiError

PING_S = 15.0
"""So often a comment is sent while there is nothing to say, so that no proxy takes the silence for the end."""


class EventStream(Response):
    """`documents` as events, then `[DONE]`. A client that takes nothing for `send_time_s` is given up."""

    media_type = "text/event-stream"

    def __init__(self, documents: AsyncIterator[Mapping[str, object]], answers: Answers, send_time_s: float) -> None:
        super().__init__(headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._documents = documents
        self._answers = answers
        self._send_time_s = send_time_s
        self._silent = True
        self._sending_since_s: float | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(self._send_all(send))
        beside = [asyncio.ensure_future(disconnected(receive)), asyncio.ensure_future(self._watch(send))]
        try:
            await asyncio.wait({sending, *beside}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in (sending, *beside):
                task.cancel()
            self._answers.close()

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        parts: list[bytes] = []
        async for part in self._events():
            parts.append(part)
            if not self._answers.ready:
                await self._put(send, parts, more=True)
                parts = []
        await self._put(send, parts, more=False)

    async def _put(self, send: Send, parts: list[bytes], more: bool) -> None:
        self._sending_since_s = time.monotonic()
        await send({"type": "http.response.body", "body": b"".join(parts), "more_body": more})
        self._sending_since_s = None
        self._silent = False

    async def _watch(self, send: Send) -> None:
        """Speaks now and then where nothing else is sent. Comes back when the client has taken nothing for too long.

        Each part is written whole, so one more between two others does no harm. One watch for the whole stream costs
        less than a time limit around each part.
        """
        while True:
            self._silent = True
            await asyncio.sleep(min(PING_S, self._send_time_s / 2))
            if self._sending_since_s is not None:
                if time.monotonic() - self._sending_since_s > self._send_time_s:
                    return
            elif self._silent:
                ping = send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
                try:
                    await asyncio.wait_for(ping, self._send_time_s)
                except asyncio.TimeoutError:  # until Python 3.11 not the built-in one
                    return

    async def _events(self) -> AsyncIterator[bytes]:
        try:
            async for document in self._documents:
                yield event(document)
        except ApiError as error:
            yield event(error.body)
        yield b"data: [DONE]\n\n"


_COMPACT = json.JSONEncoder(separators=(",", ":"))  # `json.dumps` would make one for every event


def event(document: Mapping[str, object]) -> bytes:
    """All ASCII: some clients take U+2028 and its like for the end of a line."""
    return f"data: {_COMPACT.encode(document)}\n\n".encode()
