"""Fills docs/lab.md and docs/lab.zh-CN.md, and draws their pictures, from what the lab measured.

    OMP_NUM_THREADS=1 chatzero lab all --json > benchmarks/results/lab.json
    python docs/lab_page.py benchmarks/results/lab.json

Everything between the two marks of a page is replaced; every number comes from the file, every explanation from the
lab itself.
"""

import json
import sys
from pathlib import Path

from chatzero.lab.pitfall import Measured, Number, Pitfall
from chatzero.lab.plot import draw
from chatzero.lab.record import from_document
from chatzero.lab.registry import PITFALLS
from chatzero.language import Lang, set_language, tr

DOCS = Path(__file__).parent
PAGES: dict[Lang, str] = {"en": "lab.md", "zh": "lab.zh-CN.md"}
PICTURES = "images/lab"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
PICTURE_DPI = 80


def main(results: Path) -> None:
    found = {one["name"]: from_document(one) for one in json.loads(results.read_text(encoding="utf-8"))}
    pitfalls = [pitfall for pitfall in PITFALLS if pitfall.name in found]
    for pitfall in pitfalls:
        draw(pitfall, found[pitfall.name], DOCS / PICTURES / f"{pitfall.name}.png", PICTURE_DPI)
    for lang, name in PAGES.items():
        set_language(lang)
        page = DOCS / name
        before, rest = page.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        sections = [summary(pitfalls, found), *(section(pitfall, found[pitfall.name]) for pitfall in pitfalls)]
        body = "\n\n".join(sections)
        page.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}", encoding="utf-8")


def summary(pitfalls: list[Pitfall], found: dict[str, Measured]) -> str:
    """One row a pitfall, in the language spoken now."""
    lines = [
        tr("| mistake | what people say | here |", "| 错误 | 人们怎么说 | 在这里 |"),
        "| --- | --- | --- |",
        *(f"| [{one.title}](#{one.name}) | {one.said} | {came_true(found[one.name])} |" for one in pitfalls),
    ]
    missing = [f"`chatzero lab {pitfall.name}`" for pitfall in PITFALLS if pitfall.name not in found]
    if missing:
        lines += ["", tr("Not in this run: ", "这次没有测的：") + tr(", ", "、").join(missing) + tr(".", "。")]
    return "\n".join(lines)


def section(pitfall: Pitfall, measured: Measured) -> str:
    """What was measured of one pitfall, in the language spoken now."""
    keys = list(measured.columns)
    colon = tr(": ", "：")
    samples = [f"- {version.name}{colon}`{in_a_line(version.said)}`" for version in measured.versions if version.said]
    lines = [
        f'<a id="{pitfall.name}"></a>',
        "",
        f"## {in_a_line(str(pitfall.title))}",
        "",
        f"`chatzero lab {pitfall.name}`",
        "",
        tr("What people say: ", "人们说：") + str(pitfall.said),
        "",
        "```text",  # not python: ruff would spread a line of two statements over two
        pitfall.wrong_line + tr("  # wrong", "  # 错"),
        pitfall.right_line + tr("  # right", "  # 对"),
        "```",
        "",
        f"| {tr('version', '版本')} | {' | '.join(str(words) for words in measured.columns.values())} |",
        f"| --- |{' ---: |' * len(keys)}",
        *(
            f"| {version.name} | {' | '.join(number(version.numbers[key]) for key in keys)} |"
            for version in measured.versions
        ),
        "",
        f"![{pitfall.title}]({PICTURES}/{pitfall.name}.png)",
        "",
        f"**{came_true(measured)}** {' '.join(map(str, (measured.found, *measured.notes)))}",
        "",
        *([tr("The first question, answered:", "第一个问题的回答："), "", *samples, ""] if samples else []),
        str(pitfall.why),
    ]
    return "\n".join(lines)


def came_true(measured: Measured) -> str:
    return tr("It came true.", "应验了。") if measured.holds else tr("It did not come true.", "没有应验。")


def number(value: Number) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def in_a_line(text: str) -> str:
    """Words of a model, as a piece of code in a line."""
    return " ".join(text.replace("`", "'").split())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
