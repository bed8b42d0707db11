"""Fills the scoreboard of README.md and README.zh-CN.md from the reports of two quickstart runs.

    python docs/scoreboard_table.py runs/quickstart-transformer runs/quickstart-gpt

Everything between the two marks of a page is replaced; every number comes from the run folders.
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

from chatzero.language import Lang

ROOT = Path(__file__).parent.parent
PAGES: dict[Lang, str] = {"en": "README.md", "zh": "README.zh-CN.md"}
BEGIN, END = "<!-- scoreboard: begin -->", "<!-- scoreboard: end -->"
CELL_GOAL = 85


class Report(NamedTuple):
    """What `report.md` of a run says, its rows as written: name -> (Chinese, English)."""

    minutes: str
    updates: str
    parameters: str
    questions: str
    right: str
    rows: dict[str, tuple[str, str]]

    @property
    def skills(self) -> list[tuple[float, float]]:
        """Every skill, percent right in Chinese and in English; as many questions were asked in each."""
        pairs = [pair for name, pair in self.rows.items() if name != "all" and not name.startswith("*")]
        return [(float(zh.rstrip("%")), float(en.rstrip("%"))) for zh, en in pairs]


def read(folder: Path) -> Report:
    text = (folder / "report.md").read_text(encoding="utf-8")
    facts = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", text, re.MULTILINE))
    rows = re.findall(r"^\| ([^|]+?) \| +([\d.]+%) \| +([\d.]+%) \|$", text, re.MULTILINE)
    found = re.search(r"([\d,]+) held-out questions .*?: ([\d.]+%) right", text)
    assert found, f"{folder} has no scoreboard"
    return Report(
        minutes=facts["training time"].split()[0],
        updates=facts["updates"],
        parameters=f"{int(facts['parameters'].replace(',', '')) / 1e6:.1f}",
        questions=found.group(1),
        right=found.group(2),
        rows={name: (zh, en) for name, zh, en in rows},
    )


def sentence(arch: str, report: Report, lang: Lang) -> str:
    all_zh, all_en = report.rows["all"]
    skills = sum((zh + en) / 2 >= CELL_GOAL for zh, en in report.skills)
    cells = sum(cell >= CELL_GOAL for pair in report.skills for cell in pair)
    of_skills, of_cells = len(report.skills), 2 * len(report.skills)
    if lang == "en":
        return (
            f"- `--arch {arch}`: {report.minutes} minutes, {report.updates} updates, {report.parameters} M parameters: "
            f"**{report.right} of {report.questions} questions right** (Chinese {all_zh}, English {all_en}); "
            f"{skills} of {of_skills} skills reach 85 %, {cells} of {of_cells} when each language is counted by itself."
        )
    return (
        f"- `--arch {arch}`：{report.minutes} 分钟，{report.updates} 步，{float(report.parameters) * 100:.0f} 万参数："
        f"{report.questions} 道题**答对 {report.right}**（中文 {all_zh}，英文 {all_en}）；"
        f"{of_skills} 项技能中有 {skills} 项达到 85%，两种语言分开算则 {of_cells} 项中有 {cells} 项。"
    )


def table(reports: list[Report], lang: Lang) -> list[str]:
    head = (
        "| skill | transformer, Chinese | transformer, English | gpt, Chinese | gpt, English |"
        if lang == "en"
        else "| 技能 | transformer 中文 | transformer 英文 | gpt 中文 | gpt 英文 |"
    )
    lines = [head, "| --- | ---: | ---: | ---: | ---: |"]
    names = {"en": {}, "zh": {"all": "全部", "*the same model, untrained*": "*未训练的同一模型*"}}[lang]
    if lang == "zh":
        names["*nearest training question*"] = "*最相近的训练问题*"
    for name in reports[0].rows:
        cells = [share for report in reports for share in report.rows[name]]
        lines.append(f"| {names.get(name, name)} | {' | '.join(cells)} |")
    return lines


def main(folders: list[Path]) -> None:
    reports = [read(folder) for folder in folders]
    archs = ("transformer", "gpt")
    for lang, name in PAGES.items():
        page = ROOT / name
        before, rest = page.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        lines = [sentence(arch, report, lang) for arch, report in zip(archs, reports, strict=True)]
        body = "\n".join([*lines, "", *table(reports, lang)])
        page.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
