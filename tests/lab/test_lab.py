"""Every pitfall runs, both versions start from the same weights, and the mistakes are what they say they are."""

import json
import math
from pathlib import Path

import pytest
import torch

from chatzero.apps.cli.main import run
from chatzero.blocks.attention import MultiHeadAttention
from chatzero.blocks.transformer_layer import Residual
from chatzero.lab.bench import Bench, bench_of
from chatzero.lab.pitfall import QUICK, Pitfall
from chatzero.lab.pitfalls import accumulation, leakage
from chatzero.lab.pitfalls.float16_unscaled import _gradient
from chatzero.lab.pitfalls.float16_unscaled import _unscaled as unscaled_gradients
from chatzero.lab.pitfalls.no_scale import _unscaled
from chatzero.lab.pitfalls.repetition import _repeated
from chatzero.lab.record import from_document, to_document
from chatzero.lab.registry import PITFALLS, pitfall_named
from chatzero.lab.surgery import replaced
from chatzero.training.state import TrainState


@pytest.mark.parametrize("pitfall", PITFALLS, ids=lambda pitfall: pitfall.name)
def test_every_pitfall_runs(pitfall: Pitfall) -> None:
    shared = bench_of(QUICK).trained.model
    before = [parameter.clone() for parameter in shared.parameters()]
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
    assert from_document(json.loads(json.dumps(to_document(pitfall.name, measured)))) == measured
    # The model that pitfalls share is for the next one what it was for this one.
    assert not shared.training
    assert all(torch.equal(a, b) for a, b in zip(before, shared.parameters(), strict=True))


def test_the_same_weights_and_batches_for_every_version() -> None:
    one, other = Bench(QUICK), Bench(QUICK)
    assert all(torch.equal(a, b) for a, b in zip(one.model().parameters(), other.model().parameters(), strict=True))
    first, second = one.train(one.model()), other.train(other.model())
    assert first.curve == second.curve
    assert first.curve == bench_of(QUICK).trained.curve


def test_a_run_that_is_lost_says_at_which_step() -> None:
    bench = bench_of(QUICK)

    def break_it(state: TrainState) -> None:
        if state.step == 3:
            with torch.no_grad():
                next(state.model.parameters()).fill_(math.nan)

    trained = bench.train(bench.model(), before=break_it)
    assert trained.lost_at == 4
    assert trained.loss == "NaN"
    assert all(step <= 3 for step, _ in trained.curve)


def test_a_scaled_loss_with_unscaled_gradients_trains_alike() -> None:
    """In float32 a power of two goes in and out without a trace."""
    bench = bench_of(QUICK)
    scaled = bench.train(unscaled_gradients(bench.model(), 2.0**12), loss_scale=2.0**12)
    for (_, loss), (_, right) in zip(scaled.curve, bench.trained.curve, strict=True):
        assert loss == pytest.approx(right, rel=1e-4)


def test_small_gradients_become_zero_in_float16_and_not_in_bfloat16() -> None:
    """The loss made as small as a trained model's on single places."""
    bench, small = bench_of(QUICK), 2.0**-16
    exact, float16, bfloat16 = (
        _gradient(bench, bench.trained.model, dtype, small) for dtype in (torch.float32, torch.float16, torch.bfloat16)
    )
    lost = [float(((gradient == 0) & (exact != 0)).float().mean()) for gradient in (float16, bfloat16)]
    assert lost[0] > 0.05
    assert lost[1] < 0.001
    kept = _gradient(bench, bench.trained.model, torch.float16, 1.0)
    torch.testing.assert_close(kept, exact, rtol=0, atol=0.05 * float(exact.abs().max()))


def test_what_is_repeated_is_counted_once_it_stood_before() -> None:
    assert _repeated([[1, 2, 3, 4, 5, 6]]) == 0.0
    assert _repeated([[1, 2, 3, 4, 1, 2, 3, 4]]) == pytest.approx(1 / 5)
    assert _repeated([[7] * 7]) == pytest.approx(3 / 4)


def test_the_leaked_half_is_in_the_training_data() -> None:
    """Few steps teach nothing, so the machinery is held by its loader: without the leak the versions are the same."""
    clean, leaked = leakage.run(QUICK).versions
    assert clean.curve[0] == leaked.curve[0]
    assert clean.curve[-1] != leaked.curve[-1]


@pytest.mark.parametrize(("lang", "page"), [("en", "lab.md"), ("zh", "lab.zh-CN.md")])
def test_the_page_says_what_the_results_say(lang: str, page: str) -> None:
    root = Path(__file__).parents[2]
    text = (root / "docs" / page).read_text(encoding="utf-8")
    results = json.loads((root / "benchmarks" / "results" / "lab.json").read_text(encoding="utf-8"))
    assert results
    for one in results:
        assert one["found"][lang] in text
        assert f"images/lab/{pitfall_named(one['name']).name}.png" in text
        assert (root / "docs" / "images" / "lab" / f"{one['name']}.png").exists()


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
    [document] = json.loads(capsys.readouterr().out)
    assert [version["name"]["en"] for version in document["versions"]] == ["x + f(norm(x))", "f(norm(x))"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run(["lab", "accumulation", "wrong-tokenizer", "--quick", "--json", "--out", str(tmp_path)]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == ["accumulation", "wrong-tokenizer"]
    assert (tmp_path / "wrong-tokenizer.png").read_bytes().startswith(b"\x89PNG")
    assert run(["lab", "accumulation", "--quick", "--lang", "zh"]) == 0
    assert "均值的均值" in capsys.readouterr().out
    assert run(["lab", "nonsense"]) == 2
    assert "no-residual" in capsys.readouterr().err
    assert pitfall_named("temperature").name == "temperature"
