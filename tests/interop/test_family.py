"""Every variant has one class of `transformers`, or is refused in words."""

import pytest

from chatzero.errors import ConfigError
from chatzero.interop.family import CLASSES, decoder_family, family_of
from tests.interop.trained import VARIANTS, config_of
from tests.models.random_models import transformer_config


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
