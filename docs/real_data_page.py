"""Fills docs/real-data.md and docs/real-data.zh-CN.md with what came of real runs: data, curves, sample answers.

    python docs/real_data_page.py runs/real-chat runs/real-chat-gpt

Call it where the training was called: the data is read again, to be counted. Everything between the two marks of a page
is replaced; every number and answer comes from the run folders.
"""

import json
import shutil
import sys
from pathlib import Path

from chatzero.checkpoint.bundle import load_bundle
from chatzero.evaluation.answer import greedy_answers
from chatzero.language import Lang, set_language, tr
from chatzero.models.size import parameters
from chatzero.pipeline.materials import gather
from chatzero.pipeline.recipe import parse_recipe
from chatzero.text.conversation import Conversation
from chatzero.training.report import read_metrics

DOCS = Path(__file__).parent
PAGES: dict[Lang, str] = {"en": "real-data.md", "zh": "real-data.zh-CN.md"}
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
QUESTIONS = (
    "你好！",
    "你是谁？",
    "你喜欢听音乐吗？",
    "什么是人工智能？",
    "我今天心情不太好。",
    "北京有什么好玩的地方？",
    "Hello!",
    "Who are you?",
    "Do you like music?",
    "What is artificial intelligence?",
    "I feel a bit sad today.",
    "Where would you find a fish?",
)
ANSWER_TOKENS = 80
ROWS = 8  # of the table of losses, about


def main(folders: list[Path]) -> None:
    sections: dict[Lang, list[str]] = {"en": [], "zh": []}
    for folder in folders:
        answers = answers_of(folder)
        picture = DOCS / "images" / f"{folder.name}.png"
        shutil.copyfile(folder / "loss.png", picture)
        for lang in PAGES:
            set_language(lang)
            sections[lang].append(section(folder, answers, picture))
    for lang, name in PAGES.items():
        page = DOCS / name
        before, rest = page.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        body = "\n\n".join(sections[lang])
        page.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}", encoding="utf-8")


def answers_of(folder: Path) -> list[str]:
    """Greedy, one question at a time, each in a conversation of its own."""
    bundle = load_bundle(folder)
    return greedy_answers(bundle.model, bundle.tokenizer, [Conversation.of(q) for q in QUESTIONS], ANSWER_TOKENS)


def section(folder: Path, answers: list[str], picture: Path) -> str:
    """Of one run, in the language spoken now."""
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    recipe = parse_recipe(run["settings"], folder / "run.json")
    said: list[str] = []
    materials, _ = gather(recipe, folder, said.append)
    metrics = read_metrics(folder / "metrics.jsonl")
    last = metrics[-1]
    millions = f"{parameters(materials.model.config) / 1e6:.1f}"
    step, minutes = f"{int(str(last['step'])):,}", f"{float(str(last['elapsed_s'])) / 60:.1f}"
    lines = [
        f"### {recipe.model.arch}",
        "",
        tr(
            f"{millions} M parameters, {minutes} minutes, {step} updates, {recipe.train.precision}.",
            f"{millions} M 参数，{minutes} 分钟，{step} 步，{recipe.train.precision}。",
        ),
        "",
        *(f"- {line}" for line in said),
        "",
        f"![{tr('Training and held-out loss', '训练与留出集的损失')}](images/{picture.name})",
        "",
        *loss_table(metrics),
        "",
        f"| {tr('question', '问题')} | {tr('answer', '回答')} |",
        "| --- | --- |",
        *(f"| {question} | {in_a_cell(answer)} |" for question, answer in zip(QUESTIONS, answers, strict=True)),
    ]
    return "\n".join(lines)


def loss_table(metrics: list[dict[str, object]]) -> list[str]:
    """The looks at the held-out loss, evenly, and the mean training loss since the look before."""
    names = (tr("step", "步"), tr("minutes", "分钟"), tr("training", "训练"), tr("held out", "留出集"))
    lines = [f"| {' | '.join((*names, tr('bits per byte', '每字节比特数')))} |", "| ---: | ---: | ---: | ---: | ---: |"]
    looks: list[tuple[dict[str, object], float]] = []
    losses: list[float] = []
    for row in metrics:
        if row["kind"] == "step":
            losses.append(float(str(row["loss"])))
        elif row["kind"] == "eval" and losses:
            looks.append((row, sum(losses) / len(losses)))
            losses = []
    # from the last backwards, so that it is in the table whatever the distance
    for row, trained in looks[:: -max(1, len(looks) // ROWS)][::-1]:
        step, elapsed_s, held_out, bits = (
            float(str(row[name])) for name in ("step", "elapsed_s", "loss", "bits_per_byte")
        )
        lines.append(f"| {step:,.0f} | {elapsed_s / 60:.1f} | {trained:.3f} | {held_out:.3f} | {bits:.3f} |")
    return lines


def in_a_cell(text: str) -> str:
    """Words that a table of Markdown can hold."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;") or "-"


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
