import pytest
import torch
from torch import nn
from transformers import MarianConfig, MarianMTModel

from chatzero.blocks.attention import use_fused
from chatzero.blocks.norm import LayerNorm
from chatzero.blocks.tap import listening
from chatzero.errors import ShapeError
from chatzero.models.encoder_decoder import Transformer
from tests.blocks.test_transformer_layer import torch_decoder_layer, torch_encoder_layer, without_dropout
from tests.models.random_models import PAD, VOCAB, shifted, transformer, words

REAL = torch.tensor([[True, True, True, True, True, False, False], [True] * 7])


def torch_transformer(ours: Transformer) -> nn.Transformer:
    """`torch.nn.Transformer` with the same weights. After a post-norm stack it gets no final norm, as in the paper."""
    config = ours.config
    pre_norm = config.norm_order == "pre"

    def final_norm(norm: nn.Module) -> nn.LayerNorm | None:
        if not pre_norm:
            return None
        assert isinstance(norm, LayerNorm)
        theirs = nn.LayerNorm(config.d_model).double()
        theirs.load_state_dict(norm.state_dict())
        return theirs

    encoder_layer = nn.TransformerEncoderLayer(config.d_model, config.num_heads, norm_first=pre_norm, batch_first=True)
    decoder_layer = nn.TransformerDecoderLayer(config.d_model, config.num_heads, norm_first=pre_norm, batch_first=True)
    encoder = nn.TransformerEncoder(encoder_layer, 2, final_norm(ours.encoder.norm), enable_nested_tensor=False)
    decoder = nn.TransformerDecoder(decoder_layer, 2, final_norm(ours.decoder.norm))
    whole = nn.Transformer(
        config.d_model, config.num_heads, custom_encoder=encoder, custom_decoder=decoder, batch_first=True
    )
    # Put in afterwards: nn.Transformer draws anew the weights of whatever it is handed.
    encoder.layers = nn.ModuleList(torch_encoder_layer(layer, config.activation) for layer in ours.encoder.layers)
    decoder.layers = nn.ModuleList(torch_decoder_layer(layer, config.activation) for layer in ours.decoder.layers)
    return without_dropout(whole)


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("norm_order", ["post", "pre"])
def test_equals_torch_nn_transformer_forward_and_backward(norm_order: str, activation: str, fused: bool) -> None:
    ours = transformer(norm_order=norm_order, activation=activation)
    use_fused(ours, fused)
    theirs = torch_transformer(ours)
    source, target = words(2, 7), words(2, 5, seed=1)
    entered: dict[str, torch.Tensor] = {}
    with listening(ours, lambda name, tensor: entered.update({name: tensor})):
        hidden = ours.hidden(source, target, REAL)
    their_source = entered["encoder.input.out"].detach().requires_grad_()
    their_target = entered["decoder.input.out"].detach().requires_grad_()
    expected = theirs(
        their_source,
        their_target,
        tgt_mask=nn.Transformer.generate_square_subsequent_mask(5).bool(),
        src_key_padding_mask=~REAL,
        memory_key_padding_mask=~REAL,
    )
    torch.testing.assert_close(hidden, expected)

    upstream = torch.randn(hidden.shape, generator=torch.Generator().manual_seed(0)).double()
    inputs = [entered["encoder.input.out"], entered["decoder.input.out"]]
    weight = ours.get_parameter("encoder.layers.0.feed_forward.up.weight")
    gradients = torch.autograd.grad(hidden, [*inputs, weight], upstream)
    their_weight = theirs.get_parameter("encoder.layers.0.linear1.weight")
    their_gradients = torch.autograd.grad(expected, [their_source, their_target, their_weight], upstream)
    for mine, other in zip(gradients, their_gradients, strict=True):
        torch.testing.assert_close(mine, other)


MARIAN_NAMES = {
    "self_attention": "self_attn",
    "cross_attention": "encoder_attn",
    "self_attention_residual.norm": "self_attn_layer_norm",
    "cross_attention_residual.norm": "encoder_attn_layer_norm",
    "feed_forward_residual.norm": "final_layer_norm",
    "feed_forward.up": "fc1",
    "feed_forward.down": "fc2",
}


@torch.no_grad()
def marian(ours: Transformer) -> nn.Module:
    """The model of transformers with the same weights."""
    config = ours.config
    theirs: nn.Module = MarianMTModel(
        MarianConfig(
            vocab_size=config.vocab_size,
            d_model=config.d_model,
            encoder_layers=config.num_encoder_layers,
            decoder_layers=config.num_decoder_layers,
            encoder_attention_heads=config.num_heads,
            decoder_attention_heads=config.num_heads,
            encoder_ffn_dim=config.dim_feedforward,
            decoder_ffn_dim=config.dim_feedforward,
            activation_function=config.activation,
            max_position_embeddings=config.max_seq_len,
            scale_embedding=True,
            pad_token_id=PAD,
            decoder_start_token_id=PAD,
            eos_token_id=0,
            forced_eos_token_id=None,
        )
    ).double()

    theirs.get_parameter("model.shared.weight").copy_(ours.embedding.weight)
    for stack in ("encoder", "decoder"):
        for number in range(2):
            layer = ours.get_submodule(f"{stack}.layers.{number}")
            other = theirs.get_submodule(f"model.{stack}.layers.{number}")
            for name, their_name in MARIAN_NAMES.items():
                if stack == "decoder" or "cross" not in name:
                    other.get_submodule(their_name).load_state_dict(layer.get_submodule(name).state_dict())
    return theirs.eval()


@pytest.mark.parametrize("fused", [False, True])
def test_equals_marian_of_transformers(fused: bool) -> None:
    ours = transformer()
    use_fused(ours, fused)
    source, target = words(2, 7), words(2, 5, seed=1)
    source[~REAL] = PAD
    with torch.no_grad():
        expected = marian(ours)(input_ids=source, attention_mask=REAL.long(), decoder_input_ids=shifted(target)).logits
    torch.testing.assert_close(ours(source, shifted(target), REAL)[..., :PAD], expected[..., :PAD])


@pytest.mark.parametrize("norm_order", ["post", "pre"])
def test_padding_of_the_source_changes_nothing_on_either_side(norm_order: str) -> None:
    model = transformer(norm_order=norm_order)
    source, target = words(2, 5), shifted(words(2, 4, seed=1))
    alone = model(source, target)
    pad = torch.full((2, 3), PAD)
    right, left = torch.cat([source, pad], dim=1), torch.cat([pad, source], dim=1)
    torch.testing.assert_close(model(right, target, right != PAD), alone)
    torch.testing.assert_close(model(left, target, left != PAD), alone)
    torch.testing.assert_close(model(source, target, torch.ones(2, 5, dtype=torch.bool)), alone)


def test_padding_of_the_target_changes_nothing() -> None:
    model = transformer()
    source, target = words(2, 5), shifted(words(2, 4, seed=1))
    longer = torch.cat([target, torch.full((2, 3), PAD)], dim=1)
    torch.testing.assert_close(model(source, longer)[:, :4], model(source, target))


@pytest.mark.parametrize(("source_len", "target_len"), [(1, 1), (1, 9), (9, 1), (24, 24)])
def test_source_and_target_of_any_length(source_len: int, target_len: int) -> None:
    logits = transformer()(words(2, source_len), shifted(words(2, target_len)))
    assert logits.shape == (2, target_len, VOCAB)


def test_every_source_token_is_read() -> None:
    model = transformer()
    source, target = words(1, 6), shifted(words(1, 3))
    before = model(source, target)
    for position in range(6):
        changed = source.clone()
        changed[0, position] = (changed[0, position] + 1) % PAD
        assert not torch.allclose(model(changed, target), before)


def test_the_order_of_the_source_matters() -> None:
    model = transformer()
    source, target = words(1, 6), shifted(words(1, 3))
    assert not torch.allclose(model(source.flip(1), target), model(source, target))


@pytest.mark.parametrize("lengths", [(25, 3), (3, 25)])
def test_a_text_longer_than_the_window_is_refused(lengths: tuple[int, int]) -> None:
    with pytest.raises(ShapeError, match="25 positions, but max_seq_len=24"):
        transformer()(words(1, lengths[0]), words(1, lengths[1]))


def test_the_source_is_projected_once_for_all_steps() -> None:
    model = transformer()
    calls: list[str] = []
    with listening(model, lambda name, tensor: calls.append(name)):
        logits, state = model.prefill(words(2, 5))
        for _ in range(4):
            logits = model.decode_step(logits.argmax(dim=-1), state)
    assert calls.count("memory") == 1
    assert calls.count("decoder.layers.0.cross_attention.k") == 1
    assert calls.count("decoder.layers.0.cross_attention.q") == 5
    assert state.length == 5


def test_what_can_be_heard() -> None:
    model = transformer()
    heard: dict[str, tuple[int, ...]] = {}
    with listening(model, lambda name, tensor: heard.update({name: tuple(tensor.shape)})):
        model(words(2, 5), words(2, 3))
    assert heard["encoder.layers.1.self_attention.weights"] == (2, 4, 5, 5)
    assert heard["decoder.layers.0.cross_attention.weights"] == (2, 4, 3, 5)
    assert heard["memory"] == (2, 5, 32)
    assert next(iter(heard)) == "encoder.input.out"
    assert list(heard)[-1] == "logits"
