"""`chatzero doctor`: the table, the JSON document, the exit code. The machine is pretended."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from chatzero.apps.cli.main import run
from chatzero.doctor import facts as facts_module
from chatzero.doctor import measure as measure_module
from chatzero.doctor.facts import Facts
from chatzero.doctor.measure import Measurement, SizeTime
from tests.doctor.machines import GIB, GOOD, with_versions

MEASURED = Measurement(
    "cpu",
    "transformer",
    SizeTime("nano", 5 * 10**9, 40 * 10**6, {"float32": 0.2, "bfloat16": 0.1}),
    SizeTime("small", 80 * 10**9, 200 * 10**6, {"float32": 2.0, "bfloat16": 0.9}),
    {"float32": 1e11, "bfloat16": 4e11},
)
Pretend = Callable[[Facts], None]


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Pretend:
    """The doctor then finds these facts, and measures in no time."""
    monkeypatch.setenv("COLUMNS", "160")

    def be(facts: Facts) -> None:
        def gather(folder: Path, thorough: bool) -> Facts:
            return facts

        monkeypatch.setattr(facts_module, "gather_facts", gather)
        monkeypatch.setattr(measure_module, "measure", lambda device, arch: replace(MEASURED, arch=arch))

    return be


def test_a_good_machine(pretend: Pretend, capsys: pytest.CaptureFixture[str]) -> None:
    pretend(GOOD)
    assert run(["doctor"]) == 0
    said = capsys.readouterr()
    assert "measuring: CPU" in said.err
    for word in (
        "This machine",
        "transformers",
        "Measured: one training step",
        "bfloat16",
        "Predicted from that",
        "base",
    ):
        assert word in said.out
    assert "(1)" not in said.out


def test_warnings_are_no_failure_and_their_commands_can_be_copied(
    pretend: Pretend, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend(replace(GOOD, compiler=None, disk_write_bytes_per_s=1e6))
    assert run(["doctor", "--quick"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "(1) sudo apt install build-essential" in lines
    assert any(line.startswith("(2) ") for line in lines)


def test_a_failure_is_exit_code_one(pretend: Pretend, capsys: pytest.CaptureFixture[str]) -> None:
    pretend(with_versions(tokenizers="0.20.0"))
    assert run(["doctor", "--quick"]) == 1
    assert '(1) /venv/bin/python -m pip install "tokenizers' in capsys.readouterr().out


def test_without_pytorch_it_still_says_what_to_do(pretend: Pretend, capsys: pytest.CaptureFixture[str]) -> None:
    pretend(replace(with_versions(torch=None), torch=None))
    assert run(["doctor"]) == 1
    assert "pip install torch==2.13.0" in capsys.readouterr().out


def test_the_json_document(pretend: Pretend, capsys: pytest.CaptureFixture[str]) -> None:
    pretend(replace(GOOD, free_memory_bytes=GIB // 2))
    assert run(["doctor", "--json", "--arch", "gpt", "--tokens", "5000000"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    wrong = [finding for finding in document["findings"] if finding["verdict"] != "ok"]
    assert [(finding["name"], finding["verdict"]) for finding in wrong] == [("memory", "fail")]
    assert set(wrong[0]) == {"name", "found", "wanted", "verdict", "mend"}
    assert document["measured"]["arch"] == "gpt"
    assert document["measured"]["large"]["step_s"] == {"float32": 2.0, "bfloat16": 0.9}
    assert document["predicted"]["tokens"] == 5_000_000
    assert document["predicted"]["sizes"][0]["size"] == "nano"


def test_quick_json_measures_nothing(pretend: Pretend, capsys: pytest.CaptureFixture[str]) -> None:
    pretend(GOOD)
    assert run(["doctor", "--quick", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is True
    assert document["measured"] is None
    assert document["predicted"]["sizes"] == []


def test_in_chinese(pretend: Pretend, capsys: pytest.CaptureFixture[str]) -> None:
    pretend(replace(GOOD, compiler=None))
    assert run(["doctor", "--lang", "zh"]) == 0
    said = capsys.readouterr()
    for word in ("这台机器", "C 编译器", "注意", "实测", "由此预测"):
        assert word in said.out
    assert "正在实测" in said.err
