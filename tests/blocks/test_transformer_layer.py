import pytest
import torch
from torch import nn

from chatzero.blocks.attention import MultiHeadAttention
from chatzero.blocks.masks import causal_mask, padding_mask
from chatzero.blocks.norm import LayerNorm
from chatzero.blocks.positions import RotaryPositions
from chatzero.blocks.transformer_layer import DecoderLayer, EncoderLayer, GPTLayer, NormOrder
from tests.blocks.random_weights import Module, normal, randomised

REAL = torch.tensor([[True, True, True, True, False, False], [True, True, True, True, True, True]])


def copy_attention(ours: MultiHeadAttention, theirs: nn.MultiheadAttention) -> None:
    projections = (ours.q_proj, ours.k_proj, ours.v_proj)
    theirs.in_proj_weight.copy_(torch.cat([p.weight for p in projections]))
    theirs.in_proj_bias.copy_(torch.cat([p.bias for p in projections]))
    theirs.out_proj.load_state_dict(ours.out_proj.state_dict())


def copy_norm(ours: nn.Module, theirs: nn.LayerNorm) -> None:
    assert isinstance(ours, LayerNorm)
    theirs.load_state_dict(ours.state_dict())


@torch.no_grad()
def torch_encoder_layer(ours: nn.Module, activation: str) -> nn.TransformerEncoderLayer:
    """PyTorch's layer with the same weights."""
    assert isinstance(ours, EncoderLayer)
    attention = ours.self_attention
    theirs = nn.TransformerEncoderLayer(
        attention.d_model,
        attention.num_heads,
        ours.get_parameter("feed_forward.up.weight").shape[0],
        activation=activation,
        norm_first=ours.feed_forward_residual.norm_order == "pre",
        batch_first=True,
    ).double()
    copy_attention(attention, theirs.self_attn)
    theirs.linear1.load_state_dict(ours.feed_forward.get_submodule("up").state_dict())
    theirs.linear2.load_state_dict(ours.feed_forward.get_submodule("down").state_dict())
    copy_norm(ours.self_attention_residual.norm, theirs.norm1)
    copy_norm(ours.feed_forward_residual.norm, theirs.norm2)
    return theirs


@torch.no_grad()
def torch_decoder_layer(ours: nn.Module, activation: str) -> nn.TransformerDecoderLayer:
    """PyTorch's layer with the same weights."""
    assert isinstance(ours, DecoderLayer)
    attention = ours.self_attention
    theirs = nn.TransformerDecoderLayer(
        attention.d_model,
        attention.num_heads,
        ours.get_parameter("feed_forward.up.weight").shape[0],
        activation=activation,
        norm_first=ours.feed_forward_residual.norm_order == "pre",
        batch_first=True,
    ).double()
    copy_attention(attention, theirs.self_attn)
    copy_attention(ours.cross_attention, theirs.multihead_attn)
    theirs.linear1.load_state_dict(ours.feed_forward.get_submodule("up").state_dict())
    theirs.linear2.load_state_dict(ours.feed_forward.get_submodule("down").state_dict())
    copy_norm(ours.self_attention_residual.norm, theirs.norm1)
    copy_norm(ours.cross_attention_residual.norm, theirs.norm2)
    copy_norm(ours.feed_forward_residual.norm, theirs.norm3)
    return theirs


def without_dropout(module: Module) -> Module:
    """In training mode with a dropout of zero: in eval mode PyTorch may take an inference path of its own."""
    for part in module.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
        elif isinstance(part, nn.MultiheadAttention):
            part.dropout = 0.0
    return module.train()


@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("norm_order", ["post", "pre"])
@pytest.mark.parametrize("masked", [False, True])
def test_encoder_layer_equals_torch(norm_order: NormOrder, activation: str, masked: bool) -> None:
    ours = randomised(EncoderLayer(16, 4, 32, activation=activation, norm_order=norm_order))  # type: ignore[arg-type]
    theirs = without_dropout(torch_encoder_layer(ours, activation))
    mine, other = normal(2, 6, 16).requires_grad_(), normal(2, 6, 16).requires_grad_()
    out = ours(mine, padding_mask(REAL) if masked else None)
    expected = theirs(other, src_key_padding_mask=~REAL if masked else None)
    torch.testing.assert_close(out, expected)
    upstream = normal(2, 6, 16, seed=2)
    torch.autograd.backward(out, upstream)
    torch.autograd.backward(expected, upstream)
    torch.testing.assert_close(mine.grad, other.grad)
    torch.testing.assert_close(
        ours.get_parameter("feed_forward.up.weight").grad, theirs.get_parameter("linear1.weight").grad
    )


@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("norm_order", ["post", "pre"])
def test_decoder_layer_equals_torch_with_all_masks(norm_order: NormOrder, activation: str) -> None:
    ours = randomised(DecoderLayer(16, 4, 32, activation=activation, norm_order=norm_order))  # type: ignore[arg-type]
    theirs = without_dropout(torch_decoder_layer(ours, activation))
    inputs = [(normal(2, 4, 16).requires_grad_(), normal(2, 6, 16, seed=2).requires_grad_()) for _ in range(2)]
    (x, memory), (their_x, their_memory) = inputs
    out = ours(x, memory, causal_mask(4), padding_mask(REAL))
    expected = theirs(their_x, their_memory, tgt_mask=~causal_mask(4)[0, 0], memory_key_padding_mask=~REAL)
    torch.testing.assert_close(out, expected)
    upstream = normal(2, 4, 16, seed=3)
    torch.autograd.backward(out, upstream)
    torch.autograd.backward(expected, upstream)
    torch.testing.assert_close(x.grad, their_x.grad)
    torch.testing.assert_close(memory.grad, their_memory.grad)


def test_the_defaults_are_those_of_the_paper() -> None:
    layer = EncoderLayer(512, 8)
    assert layer.get_parameter("feed_forward.up.weight").shape == (2048, 512)
    assert layer.self_attention_residual.dropout.p == 0.1
    assert layer.self_attention_residual.norm_order == "post"


@pytest.mark.parametrize("norm_order", ["post", "pre"])
def test_dropout_acts_on_the_sublayer_never_on_the_shortcut(norm_order: NormOrder) -> None:
    layer = EncoderLayer(16, 4, 32, dropout=1 - 1e-7, norm_order=norm_order).train()  # everything is dropped
    x = torch.randn(1, 3, 16, generator=torch.Generator().manual_seed(0))
    norms = [layer.self_attention_residual.norm, layer.feed_forward_residual.norm]
    expected = norms[1](norms[0](x)) if norm_order == "post" else x
    torch.testing.assert_close(layer(x), expected)


def test_gpt_layer_is_norm_attention_norm_feed_forward_without_biases() -> None:
    layer = randomised(GPTLayer(16, 4, 2, 32))
    assert not any(name.endswith("bias") for name, _ in layer.named_parameters())
    x, rotation = normal(2, 5, 16), RotaryPositions(4, 5).double()(torch.arange(5))
    after = x + layer.self_attention(layer.self_attention_residual.norm(x), attn_mask=causal_mask(5), rotation=rotation)
    expected = after + layer.feed_forward(layer.feed_forward_residual.norm(after))
    torch.testing.assert_close(layer(x, rotation, causal_mask(5)), expected)
