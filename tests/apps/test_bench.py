"""`chatzero bench` answers with one document, and in a table; a size there is not is told first."""

import json

import pytest

from chatzero.apps.cli.main import run
from chatzero.pipeline.bench_phases import PHASES

QUICK = ["bench", "--arch", "gpt", "--size", "nano", "--seconds", "0.1", "--batch-tokens", "1024", "--device", "cpu"]


def test_one_json_document_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*QUICK, "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert result["arch"] == "gpt"
    assert list(result["phases_s"]) == list(PHASES)


def test_a_table_in_the_language_of_the_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*QUICK, "--lang", "zh"]) == 0
    assert "占实测矩阵乘峰值" in capsys.readouterr().out


def test_an_unknown_size_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bench", "--size", "huge"]) == 2
    assert "unknown size 'huge'" in capsys.readouterr().err
