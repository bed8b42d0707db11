"""The look page: one HTML file with data, style and script inside. It opens from a file and asks nobody anything."""

import json
from importlib.resources import files

from chatzero.inspection.look import Document
from chatzero.language import current_language


def page(document: Document) -> str:
    """The whole page. Its numbers lie in `<script id="data">` as JSON; the reader's language comes first."""
    parts = files("chatzero.inspection") / "web"
    read = {
        name: (parts / name).read_text(encoding="utf-8") for name in ("look.html", "look.css", "look.js", "words.js")
    }
    # A "<" might end the script element; in JSON "\\u003c" means the same.
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    html = read["look.html"]
    for mark, text in (
        ("/*LANG*/", current_language()),
        ("/*STYLE*/", read["look.css"]),
        ("/*WORDS*/", read["words.js"]),
        ("/*SCRIPT*/", read["look.js"]),
        ("/*DATA*/", data),  # last: the model's words may spell any mark
    ):
        html = html.replace(mark, text, 1)
    return html
