"""Every variant has one class of `transformers`, or is refused in words."""

import pytest

from chatzero.errors import ConfigError
from chatzero.interop.ct2 import require_ct2
from chatzero.interop.family import CLASSES, decoder_family, family_of
from chatzero.interop.gguf_file import require_gguf
from tests.interop.trained import VARIANTS, config_of
from tests.models.random_models import GPT_VARIANTS, gpt_config, transformer_config


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_variant_goes_to_its_family(variant: str) -> None:
    assert family_of(config_of(variant)) == variant.split()[0]


def test_every_family_is_reached() -> None:
    assert {family_of(config_of(variant)) for variant in VARIANTS} == set(CLASSES)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"positions": "rotary"}, "positions = 'rotary'"),
        ({"activation": "swiglu"}, "activation = 'swiglu'"),
        ({"positions": "learned"}, "positions = 'learned'"),
    ],
)
def test_what_no_class_computes_is_refused_with_the_setting_and_a_choice(
    changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        family_of(transformer_config(**changes))
    assert words in caught.value.what
    assert "train with" in caught.value.do


def test_an_encoder_decoder_cannot_go_to_llama_cpp() -> None:
    with pytest.raises(ConfigError, match="cannot go to gguf"):
        decoder_family(transformer_config(), "gguf")


@pytest.mark.parametrize(
    ("base", "changes", "words"),
    [
        ({}, {"bias": True}, "bias = True with positions = 'rotary'"),
        ({}, {"norm": "layer"}, "norm = 'layer' with positions = 'rotary'"),
        (GPT_VARIANTS["GPT-2"], {"bias": False}, "bias = False with positions = 'learned'"),
        (GPT_VARIANTS["GPT-2"], {"activation": "swiglu"}, "activation = 'swiglu' with positions = 'learned'"),
        (GPT_VARIANTS["GPT-2"], {"num_kv_heads": 2}, "num_kv_heads = 2 with positions = 'learned'"),
        (GPT_VARIANTS["GPT-2"], {"qk_norm": True}, "qk_norm = True with positions = 'learned'"),
    ],
)
def test_a_gpt_between_two_families_is_refused_by_every_format_but_onnx(
    base: dict[str, object], changes: dict[str, object], words: str
) -> None:
    config = gpt_config(**{**base, **changes})
    for refuse in (family_of, require_ct2, lambda c: decoder_family(c, "gguf")):
        with pytest.raises(ConfigError) as caught:
            refuse(config)
        assert words in caught.value.what
        assert "--to onnx" in caught.value.do
        assert next(iter(changes)) in caught.value.do


def test_llama_cpp_has_one_activation_for_gpt2() -> None:
    require_gguf(gpt_config(**GPT_VARIANTS["GPT-2"]), "gpt2")
    with pytest.raises(ConfigError, match="activation = 'gelu' cannot be exported to gguf"):
        require_gguf(gpt_config(**{**GPT_VARIANTS["GPT-2"], "activation": "gelu"}), "gpt2")
