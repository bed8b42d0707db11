"""`chatzero look`: a page that opens, and what bad input is told."""

from pathlib import Path

import pytest
import torch

from chatzero.apps.cli.main import run
from chatzero.checkpoint.bundle import save_bundle
from chatzero.models.build import build
from chatzero.models.sizes import sized
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer


def test_a_page_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tokenizer = Tokenizer.train([], MIN_VOCAB_SIZE)
    model = build(sized("transformer", "nano", MIN_VOCAB_SIZE, 32), torch.Generator().manual_seed(0))
    save_bundle(tmp_path / "run" / "model", model, tokenizer, "")
    out = tmp_path / "new" / "look.html"
    assert run(["look", str(tmp_path / "run"), "Hi", "--out", str(out), "--max-tokens", "3", "--device", "cpu"]) == 0
    assert str(out) in capsys.readouterr().out.replace("\n", "")
    assert '"name":"run"' in out.read_text(encoding="utf-8")
    assert run(["look", str(tmp_path / "nothing"), "Hi"]) == 2
    assert run(["look", str(tmp_path / "run"), "x" * 99]) == 2
    assert "max_seq_len" in capsys.readouterr().err
    assert run(["look", str(tmp_path / "run"), "Hi", "--out", str(tmp_path / "run"), "--max-tokens", "1"]) == 2
    assert "--out" in capsys.readouterr().err
