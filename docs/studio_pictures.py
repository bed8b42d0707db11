"""The pictures of docs/studio.md: the studio in a real browser, in both languages.

    python docs/studio_pictures.py runs/quickstart-gpt runs/quickstart-transformer docs/images

Needs `chromium` (Debian: chromium, fonts-noto-cjk) and `pip install playwright`. The first run answers; the training
page lays the second over it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

LANGUAGES = {
    "en-US": ("", "light", ["Who are you?", "What is 23 + 45?", "How do you say 猫 in English?"]),
    "zh-CN": (".zh", "dark", ["你是谁？", "23加45等于多少？", "“apple”用中文怎么说？"]),
}
DATA = """{"messages": [{"role": "user", "content": "Who are you?"}, {"role": "assistant", "content": "I am Zero."}]}
{"instruction": "23加45等于多少？", "output": "68"}
{"prompt": "How do you say 猫 in English?", "response": "“猫” in English is “cat”."}
{"prompt": "How do you say 猫 in English?", "response": "“猫” in English is “cat”."}
{"prompt": "What is the opposite of hot?"}
"""
SIZE = ViewportSize(width=1120, height=720)
TALL = ViewportSize(width=1120, height=1180)
PHONE = ViewportSize(width=390, height=720)


def main(first: Path, second: Path, folder: Path) -> None:
    folder = folder.resolve()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        for run in (first, second):
            shutil.copytree(run, place / "runs" / run.name, ignore=shutil.ignore_patterns("checkpoints", "tensorboard"))
        words = [sys.executable, "-m", "chatzero", "--lang", "en", "serve", f"runs/{first.name}", "--port", "0"]
        (place / "chats.jsonl").write_text(DATA, encoding="utf-8")
        environ = {**os.environ, "XDG_STATE_HOME": scratch}  # only these two runs are on the page
        with subprocess.Popen(words, cwd=place, env=environ, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                url = server.stdout.readline().split("studio: ")[1].split()[0]
                photograph(url, second.name, str(place.resolve()), folder)
            finally:
                server.terminate()


def photograph(url: str, second: str, place: str, folder: Path) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for locale, (suffix, scheme, questions) in LANGUAGES.items():
            kept = Path(place) / "chatzero" / "chats.sqlite3"  # of the language before
            kept.unlink(missing_ok=True)
            page = browser.new_context(locale=locale, color_scheme=scheme, viewport=SIZE).new_page()
            page.goto(url)
            chat(page, questions)
            page.screenshot(path=folder / f"studio{suffix}.png")
            page.goto(f"{url}studio/files")
            page.set_input_files("#file", Path(place) / "chats.jsonl")
            page.locator("#preview figure").nth(3).wait_for()
            page.screenshot(path=folder / f"studio-data{suffix}.png")
            page.set_viewport_size(TALL)
            page.goto(f"{url}studio/environment")
            page.get_by_role("button").last.click()
            page.locator("#measured table").nth(1).wait_for(timeout=300_000)
            page.locator(".sheet").evaluate("sheet => sheet.scrollTo(0, sheet.scrollHeight)")
            page.screenshot(path=folder / f"studio-environment{suffix}.png")
            page.goto(f"{url}studio/training")
            page.wait_for_selector("#loss > svg")
            page.select_option("#compare", label=second)
            page.locator("#loss > svg polyline").nth(3).wait_for(state="attached")
            page.locator("#where").evaluate(
                "(line, place) => (line.textContent = line.textContent.replace(place, '~'))", place
            )
            page.screenshot(path=folder / f"studio-training{suffix}.png")
            page.set_viewport_size(SIZE)
            page.goto(f"{url}studio/inside")
            page.fill("#question", questions[1])
            page.press("#question", "Enter")
            page.wait_for_selector("#s5")
            page.screenshot(path=folder / f"studio-inside{suffix}.png")
            kept.unlink(missing_ok=True)
            page = browser.new_context(locale=locale, color_scheme=scheme, viewport=PHONE).new_page()
            page.goto(url)
            chat(page, questions)
            page.screenshot(path=folder / f"studio-phone{suffix}.png")
        browser.close()


def chat(page: Page, questions: list[str]) -> None:
    for question in questions:
        page.fill("#words", question)
        page.press("#words", "Enter")
        page.wait_for_selector("#send:visible")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
