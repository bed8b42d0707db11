"""CTranslate2: both architectures, in float32 and in eight bits."""

from pathlib import Path

import pytest
import torch

from chatzero.checkpoint.bundle import Bundle
from chatzero.errors import ConfigError
from chatzero.interop.compare import compare
from chatzero.interop.engine_ct2 import CT2Engine
from chatzero.interop.export import export
from chatzero.interop.precision import PRECISIONS
from chatzero.models.build import build
from tests.interop.trained import EACH, QUESTIONS, tokenizer, trained
from tests.models.random_models import transformer_config


@pytest.mark.parametrize("variant", [*EACH, "rotary"])
def test_a_trained_model_says_the_same(variant: str, tmp_path: Path) -> None:
    ours = Bundle(trained(variant), tokenizer(), tmp_path)
    export(ours, "ct2", tmp_path / "f32", num_questions=0)
    exact = compare(ours, CT2Engine(tmp_path / "f32"), QUESTIONS, PRECISIONS["f32"])
    assert exact.answers_equal == exact.prompts == 128
    assert exact.largest_nats < 1e-3  # float32, other kernels; the exponential is approximated there
    export(ours, "ct2", tmp_path / "int8", "int8", num_questions=0)
    rounded = compare(ours, CT2Engine(tmp_path / "int8"), QUESTIONS, PRECISIONS["int8"])
    assert rounded.ok, rounded
    sizes = [(tmp_path / name / "model.bin").stat().st_size for name in ("f32", "int8")]
    assert sizes[1] < 0.5 * sizes[0]


def test_what_it_has_not_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    config = transformer_config(vocab_size=tokenizer().vocab_size, activation="swiglu")
    model = build(config, torch.Generator().manual_seed(0))
    with pytest.raises(ConfigError, match="swiglu"):
        export(Bundle(model, tokenizer(), tmp_path), "ct2", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
