"""The studio's pages, put together: the head that all have, the frame that most have, and what each says itself.

A page's file holds its parts, each after a line `<!-- name -->`; `page.html` and `frame.html` have the same lines where
the parts go. A page has the script, and may have the style sheet, of its own name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class _Page:
    path: str
    style: str = "/studio/studio.css"


PAGES: Mapping[str, _Page] = {
    "chat": _Page("/"),
    "training": _Page("/studio/training"),
    "data": _Page("/studio/files"),
    "environment": _Page("/studio/environment"),
    "inside": _Page("/studio/inside", style="/studio/look/look.css"),
}

_MARK = re.compile(r"^<!-- (\w+) -->\n", re.MULTILINE)


def whole_page(name: str, texts: Mapping[str, str]) -> str:
    """The page of that name; `texts` has the studio's files by their names."""
    parts = _parts(texts[f"{name}.html"])
    body = parts["body"] if "body" in parts else _filled(texts["frame.html"], parts)
    own = [f"/studio/{name}.css"] if f"{name}.css" in texts else []
    styles = "".join(f'<link rel="stylesheet" href="{style}">\n' for style in (PAGES[name].style, *own))
    script = f'<script type="module" src="/studio/{name}.js"></script>\n'
    return _filled(texts["page.html"], {"styles": styles, "script": script, "body": body})


def _parts(text: str) -> dict[str, str]:
    _, *pieces = _MARK.split(text)
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def _filled(mould: str, parts: Mapping[str, str]) -> str:
    """The mould with every part in its place; a place without a part stays empty."""
    places = set(_MARK.findall(mould))
    assert parts.keys() <= places, f"no place for {sorted(parts.keys() - places)}"
    return _MARK.sub(lambda mark: parts.get(mark[1], ""), mould)
