"""Between the engine's thread and the event loop: the events of one request, and what if its client leaves."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import final

from starlette.types import Receive

from chatzero.apps.server.api_error import ApiError
from chatzero.errors import DataError
from chatzero.generation.writer import UnsupportedOptionError
from chatzero.language import tr
from chatzero.serving.engine import Delivery, Engine, Receiver, StoppedError
from chatzero.serving.job import Event, Failure, Job, Progress
from chatzero.serving.scheduler import BusyError


class ClientLeftError(Exception):
    """Nobody waits for this answer any more."""


class Post:
    """Carries what the engine delivers into the event loop: one wake-up a turn, however many answers go on."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def __call__(self, delivery: Delivery) -> None:
        try:
            self._loop.call_soon_threadsafe(_hand_out, delivery)
        except RuntimeError:  # the loop is closed: the process is ending, and nobody listens
            return


def _hand_out(delivery: Delivery) -> None:
    for receive, event in delivery:
        receive(event)


@final
class Answers:
    """The choices of one request. Close it when done, however that came: what still runs is cancelled."""

    def __init__(self, engine: Engine, jobs: Sequence[Job]) -> None:
        """Queues the jobs. Raises `ApiError` when the server is full or stopping, or cannot do what is asked."""
        self.prompt_tokens = 0
        self.completion_tokens = [0] * len(jobs)
        self._engine = engine
        self._events: asyncio.Queue[tuple[int, Event]] = asyncio.Queue()
        self._open = set(range(len(jobs)))
        try:
            self._tickets = engine.submit([(job, self._receiver(index)) for index, job in enumerate(jobs)])
        except BusyError as error:
            raise ApiError(
                429,
                f"{error.what}: {error.why}. {error.do}",
                code="rate_limit_exceeded",
                kind="rate_limit_error",
                headers={"Retry-After": str(error.retry_after_s)},
            ) from error
        except StoppedError as error:
            raise stopping() from error
        except UnsupportedOptionError as error:
            message = f"{error.what}: {error.why}"
            raise ApiError(400, message, code="unsupported_parameter", param=error.option) from error
        except DataError as error:
            raise ApiError(400, f"{error.what}: {error.why}", code="context_length_exceeded") from error

    async def __aiter__(self) -> AsyncIterator[tuple[int, Progress]]:
        """(index of the choice, what is new), until all choices are over. Raises `ApiError` when one fails."""
        while self._open:
            index, event = await self._events.get()
            if isinstance(event, Failure):
                raise _failed(event)
            self.completion_tokens[index] = event.num_tokens
            if event.finish_reason is not None:
                self._open.discard(index)
            yield index, event

    @property
    def ready(self) -> bool:
        """Is there more at once: a further event, or the end?"""
        return not self._open or not self._events.empty()

    def close(self) -> None:
        if self._open:
            self._engine.cancel([self._tickets[index] for index in self._open])

    def _receiver(self, index: int) -> Receiver:
        return lambda event: self._events.put_nowait((index, event))


async def whole_answers(answers: Answers, receive: Receive) -> list[tuple[int, Progress]]:
    """All events, in order. Raises `ClientLeftError` as soon as the client is gone."""

    async def collect() -> list[tuple[int, Progress]]:
        return [event async for event in answers]

    collected = asyncio.ensure_future(collect())
    left = asyncio.ensure_future(disconnected(receive))
    try:
        await asyncio.wait({collected, left}, return_when=asyncio.FIRST_COMPLETED)
        if not collected.done():
            raise ClientLeftError
        return collected.result()
    finally:
        for task in (collected, left):
            task.cancel()
        answers.close()


async def disconnected(receive: Receive) -> None:
    """Comes back when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def stopping() -> ApiError:
    return ApiError(
        503,
        tr("the server is stopping; try again when it is back", "服务正在停止，请稍后重试"),
        code="shutting_down",
        kind="server_error",
        headers={"Retry-After": "5"},
    )


def _failed(failure: Failure) -> ApiError:
    match failure.cause:
        case "waited_too_long":
            return ApiError(
                429,
                tr("the request waited too long for its turn", "请求排队时间过长"),
                code="queue_timeout",
                kind="rate_limit_error",
                headers={"Retry-After": "5"},
            )
        case "stopped":
            return stopping()
        case "fault":
            return ApiError(
                500,
                tr("a fault in the server; its log says more", "服务内部出错，详见服务日志"),
                code="server_error",
                kind="server_error",
            )
