"""The door: who may come in, what every answer says about itself, and one line of log for each request.

The log never holds what was asked or answered.
"""

import hmac
import logging
import time
from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatzero.apps.server.api_error import ApiError, ErrorResponse
from chatzero.apps.server.limits import LOOPBACK, ServerSettings
from chatzero.apps.server.studio import STUDIO_PATHS
from chatzero.language import set_language, tr

log = logging.getLogger("chatzero.requests")

OPEN_PATHS = STUDIO_PATHS | {"/health"}
"""What needs no key: the studio's files, which are the same for everybody and ask for the key. Everything else does,
also what does not exist: a stranger learns nothing."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Around the whole application."""

    def __init__(self, app: ASGIApp, settings: ServerSettings, answered: Counter[tuple[str, int]]) -> None:
        self._app = app
        self._settings = settings
        self._answered = answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_s = time.monotonic()
        status = 499  # the client left before there was an answer

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            headers = Headers(scope=scope)
            if _is_of_the_page(scope["path"]):  # its words are read on the page, in the language chosen there
                set_language("zh" if headers.get("accept-language", "").lower().startswith("zh") else "en")
            refusal = self._refusal(scope["path"], headers)
            if refusal is not None:
                await ErrorResponse(refusal)(scope, receive, send_guarded)
            else:
                await self._app(scope, receive, send_guarded)
        finally:
            self._answered[(getattr(scope.get("route"), "path", "other"), status)] += 1
            asked = f"{_plain(scope['method'])} {_plain(scope['path'])}"
            log.info("%s %d %.3f s", asked, status, time.monotonic() - started_s)

    def _refusal(self, path: str, headers: Mapping[str, str]) -> ApiError | None:
        if self._settings.is_local and _host_name(headers.get("host", "")) not in LOOPBACK:
            # A page from elsewhere could give its own name our address (DNS rebinding) and read the answers.
            return ApiError(
                403,
                tr(
                    "this server answers only to localhost; start it with --host to serve a network",
                    "本服务只回应 localhost；要服务网络，请用 --host 启动",
                ),
                code="host_not_allowed",
            )
        if _is_of_the_page(path) and not _from_the_page(headers):
            return ApiError(
                403,
                tr("only the studio's own page may ask for this", "只有工作室自己的页面可以请求这个接口"),
                code="other_origin",
            )
        if self._settings.api_key is not None and path not in OPEN_PATHS and not self._has_key(headers):
            return ApiError(
                401,
                tr(
                    "Incorrect or missing API key: send the header Authorization: Bearer KEY",
                    "API key 缺失或不正确：请带上请求头 Authorization: Bearer KEY",
                ),
                code="invalid_api_key",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return None

    def _has_key(self, headers: Mapping[str, str]) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        assert self._settings.api_key is not None
        # compare_digest takes as long for a key that is nearly right as for any other
        right = hmac.compare_digest(given.strip().encode(), self._settings.api_key.encode())
        return right and scheme.lower() == "bearer"


def _is_of_the_page(path: str) -> bool:
    """What the studio's pages ask for beside the API, some of which changes things on this machine."""
    return path.startswith("/studio/") and path not in STUDIO_PATHS


def _from_the_page(headers: Mapping[str, str]) -> bool:
    """No page from elsewhere asks this, whatever CORS allows it; programs, which say nothing of the kind, may.

    Behind a proxy `Host` may be another than the browser's: what the browser itself says of the request goes first.
    """
    if (site := headers.get("sec-fetch-site")) is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _plain(text: str) -> str:
    """Nothing in a request may steer the terminal that shows the log."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text[:100])
