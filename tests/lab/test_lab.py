"""Every pitfall runs, both versions start from the same weights, and the mistakes are what they say they are."""

import json
from pathlib import Path

import pytest
import torch

from chatzero.apps.cli.main import run
from chatzero.blocks.attention import MultiHeadAttention
from chatzero.blocks.transformer_layer import Residual
from chatzero.lab.bench import Bench
from chatzero.lab.pitfall import QUICK, Pitfall
from chatzero.lab.pitfalls import accumulation
from chatzero.lab.pitfalls.no_scale import _unscaled
from chatzero.lab.registry import PITFALLS, pitfall_named
from chatzero.lab.surgery import replaced


@pytest.mark.parametrize("pitfall", PITFALLS, ids=lambda pitfall: pitfall.name)
def test_every_pitfall_runs(pitfall: Pitfall) -> None:
    measured = pitfall.run(QUICK)
    assert len(measured.versions) >= 2
    for version in measured.versions:
        assert version.numbers.keys() == measured.columns.keys()
        assert all(value == value for value in version.numbers.values()), "not a number"
    curves = [version.curve for version in measured.versions if version.curve]
    assert all([step for step, _ in curve] == [step for step, _ in curves[0]] for curve in curves)
    for words in (pitfall.title, pitfall.said, pitfall.why, measured.found, *measured.columns.values()):
        assert words.en
        assert any("\u4e00" <= character <= "\u9fff" for character in words.zh), words


def test_the_same_weights_and_batches_for_every_version() -> None:
    one, other = Bench(QUICK), Bench(QUICK)
    assert all(torch.equal(a, b) for a, b in zip(one.model().parameters(), other.model().parameters(), strict=True))
    first, second = one.train(one.model()), other.train(other.model())
    assert first.curve == second.curve
    assert first.train_loss == second.train_loss


def test_sums_divided_once_are_the_whole_batch() -> None:
    whole, right, wrong, undivided = (version.numbers for version in accumulation.run(QUICK).versions)
    assert float(whole["off"]) == 0.0
    assert float(right["off"]) < 1e-4
    assert float(wrong["off"]) > 1e-3
    assert float(undivided["length"]) > 4


def test_surgery_is_undone_also_after_an_error() -> None:
    model = Bench(QUICK).model()
    with pytest.raises(RuntimeError), replaced(model, Residual, "forward", lambda block, x, sublayer: x):
        raise RuntimeError
    assert all("forward" not in vars(module) for module in model.modules())


def test_unscaled_is_the_formula_without_the_division() -> None:
    block = MultiHeadAttention(num_heads=2, d_model=8)
    q, k, v = (torch.randn(1, 2, 3, 4, generator=torch.Generator().manual_seed(i)) for i in range(3))
    torch.testing.assert_close(_unscaled(block, q, k, v, None, False), (q @ k.mT).softmax(dim=-1) @ v)


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab"]) == 0
    listed = capsys.readouterr().out
    assert all(pitfall.name in listed for pitfall in PITFALLS)
    picture = tmp_path / "new" / "curve.png"
    assert run(["lab", "no-residual", "--quick", "--json", "--out", str(picture)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [version["name"] for version in document["versions"]] == ["x + f(norm(x))", "f(norm(x))"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run(["lab", "accumulation", "--quick", "--lang", "zh"]) == 0
    assert "均值的均值" in capsys.readouterr().out
    assert run(["lab", "nonsense"]) == 2
    assert "no-residual" in capsys.readouterr().err
    assert pitfall_named("temperature").name == "temperature"
