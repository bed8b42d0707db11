import pytest

from chatzero.errors import ConfigError
from chatzero.models.config import GPTConfig
from chatzero.models.size import parameters
from chatzero.models.sizes import ARCHS, SIZES, Arch, sized


def body(arch: Arch, size: str) -> int:
    return parameters(sized(arch, size, vocab_size=4096, max_seq_len=256), embedding=False)


def test_both_architectures_are_equally_large_at_each_size() -> None:
    for size in SIZES:
        assert body("transformer", size) == pytest.approx(body("gpt", size), rel=0.02)


@pytest.mark.parametrize("arch", ARCHS)
def test_the_dial_only_goes_up(arch: Arch) -> None:
    sizes = [body(arch, size) for size in SIZES]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == len(sizes)


def test_the_ends_of_the_dial() -> None:
    assert 0.3e6 < body("gpt", "nano") < 0.6e6
    gpt2_small = parameters(sized("gpt", "base", vocab_size=50257, max_seq_len=1024))
    assert gpt2_small == pytest.approx(124e6, rel=0.01)


def test_gpt2_small_has_the_parameters_of_the_released_model() -> None:
    """50,257 tokens and `<pad>`, which the released model has not: 124,439,808 without it."""
    config = sized("gpt", "base", vocab_size=50258, max_seq_len=1024, variant="gpt2")
    assert isinstance(config, GPTConfig)
    assert (config.num_layers, config.num_heads, config.d_model, config.dim_feedforward) == (12, 12, 768, 3072)
    assert (config.positions, config.norm, config.activation, config.bias) == ("learned", "layer", "gelu_tanh", True)
    assert parameters(config) - config.d_model == 124_439_808


@pytest.mark.parametrize("size", SIZES)
def test_the_variants_of_a_gpt_are_equally_large(size: str) -> None:
    modern, classic = (sized("gpt", size, 4096, 256, variant=v) for v in ("qwen3", "gpt2"))
    assert parameters(classic, embedding=False) == pytest.approx(parameters(modern, embedding=False), rel=0.1)


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("size", SIZES)
def test_widths_suit_quantised_formats(arch: Arch, size: str) -> None:
    config = sized(arch, size, vocab_size=4096, max_seq_len=256)
    assert config.d_model % 128 == 0
    assert config.dim_feedforward % 128 == 0
    assert config.head_dim in (32, 64)


def test_what_is_asked_for_is_in_the_config() -> None:
    config = sized("gpt", "nano", vocab_size=777, max_seq_len=99, dropout=0.25)
    assert isinstance(config, GPTConfig)
    assert (config.vocab_size, config.max_seq_len, config.dropout) == (777, 99, 0.25)
    assert sized("transformer", "nano", 777, 99).dropout == 0.1


def test_an_unknown_size_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"unknown size 'huge'(.|\n)*nano, micro"):
        sized("gpt", "huge", 100, 100)
