"""Fills docs/results.md and docs/results.zh-CN.md from benchmarks/results/multi30k.json.

    python -m docs.results_page

Everything between the two marks of a page is replaced, and says what the file holds, no more; the one number that is
not from it is the published one, with its source.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from chatzero.language import Lang, set_language, tr

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "multi30k.json"
PAGES: dict[Lang, Path] = {"en": ROOT / "docs" / "results.md", "zh": ROOT / "docs" / "results.zh-CN.md"}
BEGIN, END = "<!-- multi30k: begin -->", "<!-- multi30k: end -->"
TEST_SETS = {
    "test_2016_flickr": "test2016",
    "test_2017_flickr": "test2017",
    "test_2017_mscoco": "MSCOCO 2017",
    "test_2018_flickr": "test2018",
}
MAIN = "test_2016_flickr"
PUBLISHED = {"en-de": 41.02}
"""Wu et al. 2021, text-only Transformer-Tiny, test2016."""


def filled(page: str, body: str) -> str:
    """The page with `body` between its marks."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{body}\n\n{END}{rest.split(END)[1]}"


def said_of(results: Mapping[str, Any] | None) -> str:
    """What stands between the marks, in the language spoken now."""
    if results is None:
        return tr("Not measured with this version yet.", "尚未用此版本测量。")
    directions: dict[str, list[Mapping[str, Any]]] = {}
    for run in results["runs"]:
        directions.setdefault(run["direction"], []).append(run)
    parts = [section(direction, runs) for direction, runs in directions.items()]
    how = tr(
        f"Beam {results['beam']}, length penalty {results['length_penalty']:g}.",
        f"束宽 {results['beam']}，长度惩罚 {results['length_penalty']:g}。",
    )
    return "\n\n".join([*parts, how, f"```text\n{results['command']}\npython -m docs.results_page\n```"])


def section(direction: str, runs: Sequence[Mapping[str, Any]]) -> str:
    """The table of one pair of languages: a row a run, and their mean; then what was not measured, and how."""
    measured = [name for name in TEST_SETS if all(name in run["sets"] for run in runs)]
    rows = [row(run, measured) for run in runs]
    if len(runs) > 1:
        rows.append({tr("seed", "种子"): tr("mean", "平均")} | mean_scores(runs, measured))
    if direction in PUBLISHED and MAIN in measured:
        who = tr("published (Wu et al. 2021)", "已发表（Wu 等，2021）")
        rows.append({tr("seed", "种子"): who, f"{TEST_SETS[MAIN]} BLEU": f"{PUBLISHED[direction]:.2f}"})
    heads = list(rows[0])
    table = [heads, ["---", *["---:"] * (len(heads) - 1)], *([cells.get(head, "") for head in heads] for cells in rows)]
    lines = [f"### {direction}", "", *(f"| {' | '.join(cells)} |" for cells in table), ""]
    return "\n".join([*lines, *notes(runs, measured)])


def row(run: Mapping[str, Any], measured: Sequence[str]) -> dict[str, str]:
    """Head of a column -> what stands below it for this run."""
    cells = {
        tr("seed", "种子"): str(run["seed"]),
        tr("updates", "步数"): f"{run['updates']:,}",
        tr("minutes", "分钟"): f"{run['minutes']:.1f}",
        **mean_scores([run], measured),
    }
    if MAIN in measured:
        score = run["sets"][MAIN]
        grams = "/".join(f"{precision:.1f}" for precision in score["precisions"])
        cells[tr(f"{TEST_SETS[MAIN]} n-grams, brevity", f"{TEST_SETS[MAIN]} 各元组、长度惩罚")] = (
            f"{grams}, {score['brevity_penalty']:.3f}"
        )
    return cells


def mean_scores(runs: Sequence[Mapping[str, Any]], measured: Sequence[str]) -> dict[str, str]:
    """BLEU of each set, beside it chrF."""
    return {
        f"{TEST_SETS[name]} {words}": f"{mean(run['sets'][name][key] for run in runs):.2f}"
        for name in measured
        for words, key in (("BLEU", "bleu"), ("chrF", "chrf"))
    }


def notes(runs: Sequence[Mapping[str, Any]], measured: Sequence[str]) -> list[str]:
    """Size, signatures, where the runs were made, and which test sets were not at hand."""
    said = [tr(f"- {run['parameters']:,} parameters", f"- {run['parameters']:,} 个参数") for run in runs[:1]]
    for key in ("bleu_signature", "chrf_signature"):
        signatures = sorted({run["sets"][name][key] for run in runs for name in measured})
        said += [f"- `{signature}`" for signature in signatures]
    places = [run["environment"] for run in runs if run["environment"]]
    for place in sorted({json.dumps(place, sort_keys=True) for place in places}):
        facts = json.loads(place)
        said.append(f"- {', '.join(f'{name}: {value}' for name, value in facts.items())}")
    missing = [words for name, words in TEST_SETS.items() if name not in measured]
    if missing:
        listed = ", ".join(missing)
        said.append(tr(f"- not measured, the data was not at hand: {listed}", f"- 未测量（没有数据）：{listed}"))
    return said


def main() -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else None
    for lang, page in PAGES.items():
        set_language(lang)
        page.write_text(filled(page.read_text(encoding="utf-8"), said_of(results)), encoding="utf-8")


if __name__ == "__main__":
    main()
