"""Pictures of pages and of terminals, taken by a real browser. Used by the scripts that make the pictures of docs/.

Needs `chromium` (Debian: chromium, fonts-noto-cjk).
"""

import io
import subprocess
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME

# A font in which a 汉字 is exactly two letters wide. So are its lines of boxes: hence plain ones, below.
_SCREEN = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 20px; color: {foreground}; background: {background} }}
pre {{ margin: 0; font: 18px/25px "Noto Sans Mono CJK SC" }}
</style><pre>{code}</pre>
"""
_LETTER, _LINE, _MARGIN = 9, 25, 20  # pixels, as the style above has them


def recorder(width: int) -> Console:
    """A terminal that nobody sees, `width` letters wide, to be printed to and then drawn."""
    plain_boxes = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    return Console(record=True, width=width, file=plain_boxes)


def draw(console: Console, picture: Path) -> None:
    """What was printed to a `recorder`, as a PNG of two pixels for one."""
    html = console.export_html(theme=SVG_EXPORT_THEME, code_format=_SCREEN, inline_styles=True)
    lines = html.count("\n") - _SCREEN.count("\n")
    size = (console.width * _LETTER + 2 * _MARGIN, lines * _LINE + 2 * _MARGIN)
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "terminal.html"
        page.write_text(html, encoding="utf-8")
        photograph(page, picture, size, scale=2)


def photograph(page: Path, picture: Path, size: tuple[int, int], scale: int = 1) -> None:
    """The page as a browser shows it in a window of that width and height."""
    with tempfile.TemporaryDirectory() as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}"]
        window = [f"--window-size={size[0]},{size[1]}", f"--force-device-scale-factor={scale}"]
        words = ["chromium", *options, *window, f"--screenshot={picture.resolve()}", page.resolve().as_uri()]
        subprocess.run(words, check=True, capture_output=True)
