"""Work that one reader at a time may ask for: a second is told to come again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chatzero.apps.server.api_error import ApiError


@asynccontextmanager
async def one_at_a_time(lock: asyncio.Lock, busy: str, retry_after_s: int = 2) -> AsyncIterator[None]:
    """Holds the lock for the length of the block. Raises `ApiError` with the words `busy` where another holds it."""
    if lock.locked():
        raise ApiError(429, busy, code="rate_limit_exceeded", headers={"Retry-After": str(retry_after_s)})
    async with lock:
        yield
