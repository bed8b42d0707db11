"""A page says what its result files say, and nothing of what has not been measured."""

import json
from pathlib import Path

from benchmarks.write_page import body
from chatzero.language import set_language

MACHINE = {"device": "a CPU", "threads": 1, "torch": "2"}


def test_a_section_for_each_file_in_both_languages(tmp_path: Path) -> None:
    assert body(tmp_path) == ""
    speeds = [{"engine": "torch 2", "precision": "f32", "median": 1234.5, "slowest": 1200.0, "fastest": 1300.0}]
    decoding = {
        "command": "python -m benchmarks.decoding m",
        "machine": MACHINE,
        "architecture": "decoder-only",
        "parameters": 4196864,
        "prompt_tokens": 16,
        "tokens": 128,
        "rounds": 5,
        "tokens_per_s": speeds,
    }
    turn = {"turn": 2, "prompt_tokens": 40, "reused": 30, "first_token_ms": 3.21, "first_token_ms_without": 5.0}
    reuse = {"command": "python -m benchmarks.prefix_reuse m", "machine": MACHINE, "turns": [turn]}
    (tmp_path / "decoding-gpt.json").write_text(json.dumps(decoding), encoding="utf-8")
    (tmp_path / "prefix-reuse.json").write_text(json.dumps(reuse), encoding="utf-8")
    set_language("en")
    english = body(tmp_path)
    assert "| torch 2 | f32 | 1,234 | 1,200 to 1,300 |" in english
    assert "4,196,864 parameters; 16 tokens read and 128 written, 5 rounds in turn." in english
    assert "| 2 | 40 | 30 | 3.2 | 5.0 |" in english
    assert "    python -m benchmarks.decoding m" in english
    set_language("zh")
    chinese = body(tmp_path)
    set_language("en")
    assert "## 各引擎写一个回答：decoder-only" in chinese
    assert "| 2 | 40 | 30 | 3.2 | 5.0 |" in chinese
