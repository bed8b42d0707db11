"""The studio's files: its pages, scripts and style, from the installed package; nothing from anywhere else.

What they hold is in `chatzero/apps/studio/`. What the pages ask for beside the API is not here.
"""

from collections.abc import Awaitable, Callable
from importlib.resources import files

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from chatzero.apps.server.studio_pages import PAGES, whole_page

_HTML = "text/html; charset=utf-8"
_KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Scripts and styles from these files only, none written into the page; talks to this server only."""


def _files() -> dict[str, tuple[bytes, str]]:
    """Every file by its path on the server, read once: no path from a request is ever opened."""
    found = {}
    for package, folder, place in (("apps", "studio", "/studio"), ("inspection", "web", "/studio/look")):
        for file in (files(f"chatzero.{package}") / folder).iterdir():
            kind = _KINDS.get(file.name.rpartition(".")[2])
            if kind is not None:
                found[f"{place}/{file.name}"] = (file.read_bytes(), kind)
    texts = {file.name: file.read_text(encoding="utf-8") for file in (files("chatzero.apps") / "studio").iterdir()}
    pages = {page.path: (whole_page(name, texts).encode(), _HTML) for name, page in PAGES.items()}
    return found | pages


_FILES = _files()
STUDIO_PATHS = frozenset(_FILES)


def add_studio(app: FastAPI) -> None:
    """The pages and their files. They hold no secrets and need no key."""
    for path, (content, kind) in _FILES.items():
        app.add_route(path, _giving(content, kind), include_in_schema=False)


def _giving(content: bytes, kind: str) -> Callable[[Request], Awaitable[Response]]:
    # no-cache: after an update of the package no browser shows half of the old page
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-cache"}

    async def give(request: Request) -> Response:
        return Response(content, media_type=kind, headers=headers)

    return give
