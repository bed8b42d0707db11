"""The pictures of docs/look.md: the look page in a real browser, and a trace on a terminal.

    python docs/look_pictures.py runs/quickstart-transformer runs/quickstart-gpt docs/images

Needs `chromium` (Debian: chromium, fonts-noto-cjk). The pictures are of the models named: an encoder-decoder, then a
GPT.
"""

import io
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME

from chatzero.apps.cli.trace import open_model
from chatzero.apps.cli.trace_view import show_mistake
from chatzero.inspection.example import example_batch, repeat_answer
from chatzero.inspection.mistakes import MISTAKES, with_mistake
from chatzero.inspection.trace import trace
from chatzero.language import Lang, set_language

QUESTIONS = {"en": "How do you say 猫 in English?", "zh": "23+45等于多少？"}
TEXT = {"en": "The cat sat on the mat.", "zh": "猫坐在垫子上。"}
# A font in which a 汉字 is exactly two letters wide. So are its lines of boxes: hence plain ones, below.
SCREEN = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 20px; color: {foreground}; background: {background} }}
pre {{ margin: 0; font: 18px/25px "Noto Sans Mono CJK SC" }}
</style><pre>{code}</pre>
"""
SUFFIX = {"en": "", "zh": ".zh"}


def main(transformer: str, gpt: str, folder: Path) -> None:
    for model, lang, theme in ((gpt, "en", "dark"), (transformer, "zh", "light")):
        with tempfile.TemporaryDirectory() as scratch:
            page = Path(scratch) / "look.html"
            words = ["look", model, QUESTIONS[lang], "--out", str(page), "--lang", lang, "--device", "cpu"]
            subprocess.run([sys.executable, "-m", "chatzero", *words], check=True)
            html = page.read_text(encoding="utf-8").replace("<html ", f'<html data-theme="{theme}" ', 1)
            page.write_text(html, encoding="utf-8")
            photograph(page, folder / f"look{SUFFIX[lang]}.png", Path(scratch))
    languages: tuple[Lang, ...] = ("en", "zh")
    for lang_ in languages:
        set_language(lang_)
        with tempfile.TemporaryDirectory() as scratch:
            terminal(folder / f"trace{SUFFIX[lang_]}.png", TEXT[lang_], Path(scratch))


def photograph(page: Path, picture: Path, scratch: Path, size: str = "1240,2750") -> None:
    """The page as a browser of that size shows it: of the look page, from its top to the logit lens."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={scratch / 'b'}"]
    shot = [f"--window-size={size}", f"--screenshot={picture.resolve()}"]
    subprocess.run(["chromium", *options, *shot, page.as_uri()], check=True, capture_output=True)


def terminal(picture: Path, text: str, scratch: Path) -> None:
    """`chatzero trace --mistake transpose`, drawn as a terminal."""
    model, tokenizer = open_model(None, "transformer", text)
    batch = example_batch(model.config, tokenizer, text, repeat_answer(tokenizer, text), batch_size=2)
    changed = partial(with_mistake, MISTAKES["transpose"])
    plain_boxes = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    console = Console(record=True, width=118, file=plain_boxes)
    console.print("[bold green]$[/] chatzero trace --mistake transpose")
    right, wrong = trace(model, batch), trace(model, batch, repeats=1, changed=changed)
    show_mistake(console, MISTAKES["transpose"], right, wrong, None)
    html = console.export_html(theme=SVG_EXPORT_THEME, code_format=SCREEN, inline_styles=True)
    page = scratch / "terminal.html"
    page.write_text(html, encoding="utf-8")
    photograph(page, picture, scratch, f"{118 * 9 + 40},{(html.count(chr(10)) - SCREEN.count(chr(10))) * 25 + 40}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
