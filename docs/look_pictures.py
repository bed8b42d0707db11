"""The pictures of docs/look.md: the look page in a real browser, and a trace on a terminal.

    python docs/look_pictures.py runs/quickstart-transformer runs/quickstart-gpt docs/images

Needs `chromium` (Debian: chromium, fonts-noto-cjk). The pictures are of the models named: an encoder-decoder, then a
GPT.
"""

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from chatzero.apps.cli.trace import open_model
from chatzero.apps.cli.trace_view import show_mistake
from chatzero.inspection.example import example_batch, repeat_answer
from chatzero.inspection.mistakes import MISTAKES, with_mistake
from chatzero.inspection.trace import trace
from chatzero.language import Lang, set_language

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a script, only this folder is on the path

from docs.screen import draw, photograph, recorder

QUESTIONS = {"en": "How do you say 猫 in English?", "zh": "23+45等于多少？"}
TEXT = {"en": "The cat sat on the mat.", "zh": "猫坐在垫子上。"}
SUFFIX = {"en": "", "zh": ".zh"}
SIZE = (1240, 2750)  # of the look page: from its top to the logit lens


def main(transformer: str, gpt: str, folder: Path) -> None:
    for model, lang, theme in ((gpt, "en", "dark"), (transformer, "zh", "light")):
        with tempfile.TemporaryDirectory() as scratch:
            page = Path(scratch) / "look.html"
            words = ["look", model, QUESTIONS[lang], "--out", str(page), "--lang", lang, "--device", "cpu"]
            subprocess.run([sys.executable, "-m", "chatzero", *words], check=True)
            html = page.read_text(encoding="utf-8").replace("<html ", f'<html data-theme="{theme}" ', 1)
            page.write_text(html, encoding="utf-8")
            photograph(page, folder / f"look{SUFFIX[lang]}.png", SIZE)
    languages: tuple[Lang, ...] = ("en", "zh")
    for lang_ in languages:
        set_language(lang_)
        terminal(folder / f"trace{SUFFIX[lang_]}.png", TEXT[lang_])


def terminal(picture: Path, text: str) -> None:
    """`chatzero trace --mistake transpose`, drawn as a terminal."""
    model, tokenizer = open_model(None, "transformer", text)
    batch = example_batch(model.config, tokenizer, text, repeat_answer(tokenizer, text), batch_size=2)
    changed = partial(with_mistake, MISTAKES["transpose"])
    console = recorder(width=118)
    console.print("[bold green]$[/] chatzero trace --mistake transpose")
    right, wrong = trace(model, batch), trace(model, batch, repeats=1, changed=changed)
    show_mistake(console, MISTAKES["transpose"], right, wrong, None)
    draw(console, picture)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
