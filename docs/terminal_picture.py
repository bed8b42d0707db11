"""The pictures of the README: a real conversation with a model, drawn as a terminal.

    python docs/terminal_picture.py runs/quickstart-transformer docs/images

Asks the model the questions below through `chatzero chat`, and draws what it answers.
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # run as a script, only this folder is on the path

from docs.screen import draw, recorder

QUESTIONS = {
    "quickstart": (
        "Who are you?",
        "What is 37 + 21?",
        "My name is Anna.",
        "What is my name?",
        "How do you say 猫 in English?",
        "What is attention?",
    ),
    "quickstart.zh": (
        "你是谁？",
        "23+45等于多少？",
        "我叫小明",
        "我叫什么名字？",
        "今天天气很好，适合做什么？",
        "什么是注意力机制？",
    ),
}


def main(model: str, folder: Path) -> None:
    for name, questions in QUESTIONS.items():
        answers = subprocess.run(
            [sys.executable, "-m", "chatzero", "chat", model],
            input="\n".join(questions) + "\n",
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout.splitlines()
        console = recorder(width=64)
        console.print(f"[bold green]$[/] chatzero chat {model}\n")
        for question, answer in zip(questions, answers, strict=True):
            console.print(f"[bold cyan]>[/] {question}", highlight=False)
            console.print(f"  {answer}\n", highlight=False)
        draw(console, folder / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
