"""onnxruntime: every variant of both architectures, one prompt or many, with the cache, in batches that rows leave."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
import torch

from chatzero.checkpoint.bundle import Bundle
from chatzero.errors import ConfigError
from chatzero.generation.beam import beam_search
from chatzero.generation.decode import decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.interop.compare import compare
from chatzero.interop.engine_onnx import OnnxEngine
from chatzero.interop.export import export
from chatzero.interop.onnx_model import OnnxModel
from chatzero.interop.precision import PRECISIONS
from chatzero.models.interface import LanguageModel
from tests.interop.trained import EACH, QUESTIONS, tokenizer, trained
from tests.models.random_models import GPT_VARIANTS, TRANSFORMER_VARIANTS, gpt, transformer, words

pytestmark = pytest.mark.usefixtures("tracing")

ALL: dict[str, tuple[str, dict[str, object]]] = {
    **{f"gpt: {name}": ("gpt", changes) for name, changes in GPT_VARIANTS.items()},
    **{f"transformer: {name}": ("transformer", changes) for name, changes in TRANSFORMER_VARIANTS.items()},
    "transformer: rotary": ("transformer", {"positions": "rotary"}),
}
QUICK = ("gpt: default", "transformer: rotary")
"""The two that `chatzero quickstart` trains; tracing takes seconds, so that the others are among the slow tests."""
VARIANTS = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in ALL]


def assert_near(theirs: torch.Tensor, ours: torch.Tensor) -> None:
    torch.testing.assert_close(theirs, ours, rtol=1e-4, atol=1e-4)  # float32, other kernels


@cache
def both(variant: str) -> tuple[LanguageModel, OnnxModel]:
    """Random weights, in float32, and the same in onnxruntime."""
    arch, changes = ALL[variant]
    changes = {"vocab_size": tokenizer().vocab_size, **changes}
    ours = (gpt if arch == "gpt" else transformer)(**changes).float().eval()
    out = Path(mkdtemp(prefix="chatzero-onnx-")) / "out"
    export(Bundle(ours, tokenizer(), out), "onnx", out, num_questions=0)
    return ours, OnnxModel(out)


@pytest.mark.parametrize("variant", VARIANTS)
def test_prefill_and_steps_of_a_padded_batch(variant: str) -> None:
    ours, theirs = both(variant)
    for batch_size, length in ((1, 1), (1, 7), (3, 5)):
        prompt, answer = words(batch_size, length), words(batch_size, 6, seed=1)
        starts = torch.arange(batch_size)[:, None]  # the second row has one place of padding, the third two
        real = torch.arange(length) >= starts
        mine, state = ours.prefill(prompt, real)
        other, their_state = theirs.prefill(prompt, real)
        assert_near(other, mine)
        for token_ids in answer.T:
            mine, other = ours.decode_step(token_ids, state), theirs.decode_step(token_ids, their_state)
            assert_near(other, mine)


@pytest.mark.parametrize("variant", VARIANTS)
def test_rows_join_and_leave_a_running_batch(variant: str) -> None:
    models = both(variant)
    running = [model.open_batch() for model in models]
    tokens = words(9, 3, seed=3)
    for step in range(9):
        if step in (0, 2, 5):  # newcomers, each of another length
            for model, batch in zip(models, running, strict=True):
                batch.join(model.prefill(words(1, 2 + step, seed=step))[1])
        if step == 6:  # the first row leaves
            for batch in running:
                batch.select(torch.tensor([2, 1]))
        now = tokens[step, : len(running[0].cache.lengths)]  # type: ignore[attr-defined]
        mine, other = (model.decode_step(now, batch) for model, batch in zip(models, running, strict=True))
        assert_near(other, mine)
    assert running[0].length == running[1].length > 7


@pytest.mark.parametrize("variant", VARIANTS)
def test_greedy_and_beam_answers(variant: str) -> None:
    ours, theirs = both(variant)
    prompts = [words(1, length, seed=length)[0].tolist() for length in range(1, 9)]
    greedy = GenerationOptions(max_tokens=10, no_repeat_ngram_size=3)
    said = decode_batch(ours, prompts, greedy, {4})
    assert decode_batch(theirs, prompts, greedy, {4}) == said
    # with random weights an encoder-decoder hardly hears its source: the trained ones below do
    assert len({tuple(answer) for answer in said}) > 4 or variant.startswith("transformer")
    beams = GenerationOptions(beam_size=3, max_tokens=6)
    mine, other = beam_search(ours, prompts, beams, {4}), beam_search(theirs, prompts, beams, {4})
    assert [[h.token_ids for h in row] for row in other] == [[h.token_ids for h in row] for row in mine]


@pytest.mark.parametrize("variant", EACH)
def test_a_trained_model_says_the_same(variant: str, tmp_path: Path) -> None:
    ours = Bundle(trained(variant), tokenizer(), tmp_path)
    export(ours, "onnx", tmp_path / "f32", num_questions=0)
    exact = compare(ours, OnnxEngine(tmp_path / "f32"), QUESTIONS, PRECISIONS["f32"])
    assert exact.answers_equal == exact.prompts == 128
    assert exact.largest_nats < 1e-4


@pytest.mark.parametrize("variant", ["qwen3", pytest.param("marian", marks=pytest.mark.slow)])
def test_eight_bits_keep_what_is_promised(variant: str, tmp_path: Path) -> None:
    ours = Bundle(trained(variant), tokenizer(), tmp_path)
    export(ours, "onnx", tmp_path / "int8", "int8", num_questions=0)
    rounded = compare(ours, OnnxEngine(tmp_path / "int8"), QUESTIONS[::4], PRECISIONS["int8"])
    assert rounded.ok, rounded
    assert rounded.largest_nats > 0.0
    assert {p.name for p in (tmp_path / "int8").glob("*.onnx")} <= {"model.onnx", "encoder.onnx", "decoder.onnx"}


def test_without_its_libraries_the_command_that_installs_them_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatzero.interop.installed.find_spec", lambda name: None if name == "onnxscript" else name)
    with pytest.raises(ConfigError, match=r"--to onnx needs onnxscript(.|\n)*pip install \"chatzero\[onnx\]\""):
        export(Bundle(trained("qwen3", steps=1), tokenizer(), tmp_path), "onnx", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
