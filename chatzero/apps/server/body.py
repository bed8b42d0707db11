"""The body of a request: read within its limits of size and time, and only when it says what it is."""

import anyio
from starlette.requests import Request

from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.limits import ServerSettings
from chatzero.language import tr

_DISCARDED_BODIES = 16
"""So many times the limit is read and thrown away, so that an honest client can finish and then see why."""


async def read_json_body(request: Request, settings: ServerSettings) -> bytes:
    """Raises `ApiError` for a body that is too large, too slow, or not declared as JSON."""
    return await read_body(request, settings, "application/json")


async def read_body(request: Request, settings: ServerSettings, wanted_type: str) -> bytes:
    """Raises `ApiError` for a body that is too large, too slow, or not declared as `wanted_type`, which is no form's.

    That declaration is what keeps web pages from elsewhere out: a browser asks before it sends one across origins.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        with anyio.fail_after(settings.body_time_s):
            body = await _read(request, settings.body_bytes)
    except TimeoutError as error:
        raise ApiError(
            408,
            tr(
                f"the body did not arrive within {settings.body_time_s:g} s",
                f"请求正文没有在 {settings.body_time_s:g} 秒内到达",
            ),
            code="request_timeout",
            headers={"Connection": "close"},
        ) from error
    if media_type != wanted_type:
        raise ApiError(
            415,
            tr(f"send the header Content-Type: {wanted_type}", f"请带上请求头 Content-Type: {wanted_type}"),
            code="unsupported_media_type",
        )
    return body


async def _read(request: Request, limit_bytes: int) -> bytes:
    too_large = ApiError(
        413,
        tr(f"the body is larger than {limit_bytes} bytes", f"请求正文超过 {limit_bytes} 字节"),
        code="request_too_large",
        headers={"Connection": "close"},
    )
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:18]) > limit_bytes * _DISCARDED_BODIES:
        raise too_large
    body = bytearray()
    num_bytes = 0
    async for part in request.stream():
        num_bytes += len(part)
        if num_bytes <= limit_bytes:
            body += part
        elif num_bytes > limit_bytes * _DISCARDED_BODIES:
            raise too_large
    if num_bytes > limit_bytes:
        raise too_large
    return bytes(body)
