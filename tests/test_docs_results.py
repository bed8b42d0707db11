"""docs/results.md says what the committed result file says; that file comes of translating the test sets there are."""

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.multi30k import main as measure_all
from chatzero.checkpoint.bundle import save_bundle
from chatzero.language import set_language
from docs.results_page import BEGIN, END, PAGES, RESULTS, filled, said_of
from tests.interop.trained import KNOWN, tokenizer, trained


def a_run(folder: Path, seed: int) -> Path:
    """What training leaves, as far as it is measured: a model that knows its questions, and who it is."""
    save_bundle(folder / "model", trained("marian"), tokenizer(), "card")
    data = {"kind": "pairs", "source": "multi30k_tok/train.en.gz", "target": "multi30k_tok/train.de.gz"}
    settings = {"stage": "sft", "data": data, "train": {"seed": seed}}
    (folder / "run.json").write_text(json.dumps({"state": "finished", "settings": settings}), encoding="utf-8")
    rows = [{"kind": "step", "step": step, "elapsed_s": 90.0 * step} for step in (1, 1200)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def write_set(data: Path, name: str, pairs: list[tuple[str, str]]) -> None:
    data.mkdir(exist_ok=True)
    for language, lines in zip(("en", "de"), zip(*pairs, strict=True), strict=True):
        (data / f"{name}.{language}.gz").write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))


def test_from_runs_to_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [(c.messages[0].content, c.messages[1].content) for c in KNOWN[::8]]
    write_set(tmp_path / "data", "test_2016_flickr", known)
    write_set(tmp_path / "data", "test_2018_flickr", [(question, "etwas ganz anderes") for question, _ in known])
    runs = [str(a_run(tmp_path / f"multi30k-{seed}", seed)) for seed in (1, 2)]
    words = ["multi30k.py", *runs, "--data", str(tmp_path / "data"), "--out", str(tmp_path / "out.json")]
    monkeypatch.setattr("sys.argv", words)
    measure_all()
    results = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert str(tmp_path) not in json.dumps(results), "no path of this machine"
    first, second = results["runs"]
    assert (first["direction"], first["seed"], first["updates"], first["minutes"]) == ("en-de", 1, 1200, 1800.0)
    assert first["sets"] == second["sets"]
    assert set(first["sets"]) == {"test_2016_flickr", "test_2018_flickr"}
    known_bleu, other_bleu = (first["sets"][name]["bleu"] for name in ("test_2016_flickr", "test_2018_flickr"))
    assert known_bleu > 80 > 20 > other_bleu
    assert "tok:none" in first["sets"]["test_2016_flickr"]["bleu_signature"]
    said = said_of(results)
    assert f"| 1 | 1,200 | 1800.0 | {known_bleu:.2f} |" in said
    assert f"| mean |  |  | {known_bleu:.2f} |" in said
    assert "| published (Wu et al. 2021) |  |  | 41.02 |" in said
    assert "- not measured, the data was not at hand: test2017, MSCOCO 2017" in said
    rows = [line for line in said.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in rows}) == 1


def test_an_unfinished_run_is_not_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = a_run(tmp_path / "run", 1)
    text = (folder / "run.json").read_text(encoding="utf-8")
    (folder / "run.json").write_text(text.replace("finished", "interrupted"), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["multi30k.py", str(folder), "--out", str(tmp_path / "out.json")])
    with pytest.raises(SystemExit, match="not a finished run"):
        measure_all()
    assert not (tmp_path / "out.json").exists()


def test_the_pages_say_what_the_file_says() -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else None
    for lang, page in PAGES.items():
        set_language(lang)
        text = page.read_text(encoding="utf-8")
        assert text == filled(text, said_of(results)), "python -m docs.results_page"
        assert text.count(BEGIN) == text.count(END) == 1
