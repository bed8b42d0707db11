import itertools
from typing import Any

import jaxtyping
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from chatzero.blocks.attention import MultiHeadAttention, attend, use_fused
from chatzero.blocks.cache import LayerCache
from chatzero.blocks.masks import causal_mask, document_mask, padding_mask
from chatzero.blocks.positions import RotaryPositions
from chatzero.blocks.tap import listening
from chatzero.errors import ConfigError, ShapeError
from tests.blocks.random_weights import normal, randomised

REAL = torch.tensor([[True, True, True, True, False], [True, True, False, False, False]])
MASKS = {
    "none": None,
    "causal": causal_mask(5),
    "padding": padding_mask(REAL),
    "causal and padding": causal_mask(5) & padding_mask(REAL),
    "documents": document_mask(torch.tensor([[0, 0, 1, 1, 1], [0, 1, 1, 2, 2]])),
}


def torch_attention(ours: MultiHeadAttention) -> nn.MultiheadAttention:
    """PyTorch's module with the same weights."""
    theirs = nn.MultiheadAttention(ours.d_model, ours.num_heads, batch_first=True).double().eval()
    projections = (ours.q_proj, ours.k_proj, ours.v_proj)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([p.weight for p in projections]))
        theirs.in_proj_bias.copy_(torch.cat([p.bias for p in projections]))
        theirs.out_proj.load_state_dict(ours.out_proj.state_dict())
    return theirs


def torch_mask(attn_mask: torch.Tensor | None, num_heads: int) -> torch.Tensor | None:
    """PyTorch's polarity is the other one, with a row for each head."""
    if attn_mask is None:
        return None
    return ~attn_mask.expand(2, num_heads, 5, 5).reshape(2 * num_heads, 5, 5)


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("mask", MASKS)
def test_self_attention_equals_torch_forward_and_backward(mask: str, fused: bool) -> None:
    ours = randomised(MultiHeadAttention(num_heads=4, d_model=16))
    use_fused(ours, fused)
    theirs = torch_attention(ours)
    mine, other = normal(2, 5, 16).requires_grad_(), normal(2, 5, 16).requires_grad_()
    upstream = normal(2, 5, 16, seed=2)

    out = ours(mine, attn_mask=MASKS[mask])
    expected, _ = theirs(other, other, other, attn_mask=torch_mask(MASKS[mask], 4))
    torch.testing.assert_close(out, expected)

    torch.autograd.backward(out, upstream)
    torch.autograd.backward(expected, upstream)
    torch.testing.assert_close(mine.grad, other.grad)
    for i, projection in enumerate((ours.q_proj, ours.k_proj, ours.v_proj)):
        assert theirs.in_proj_weight.grad is not None
        torch.testing.assert_close(projection.weight.grad, theirs.in_proj_weight.grad.chunk(3)[i])
    torch.testing.assert_close(ours.out_proj.weight.grad, theirs.out_proj.weight.grad)


@pytest.mark.parametrize("fused", [False, True])
def test_cross_attention_with_another_length_equals_torch(fused: bool) -> None:
    ours = randomised(MultiHeadAttention(num_heads=4, d_model=16))
    use_fused(ours, fused)
    query, memory = normal(2, 3, 16), normal(2, 5, 16, seed=2)
    expected, _ = torch_attention(ours)(query, memory, memory, key_padding_mask=~REAL)
    torch.testing.assert_close(ours(query, memory, attn_mask=padding_mask(REAL)), expected)
    torch.testing.assert_close(ours(query, ours.keys_values(memory), attn_mask=padding_mask(REAL)), expected)


def test_the_weights_of_every_head_equal_those_of_torch() -> None:
    ours = randomised(MultiHeadAttention(num_heads=4, d_model=16))
    x, mask = normal(2, 5, 16), MASKS["causal and padding"]
    heard: dict[str, torch.Tensor] = {}
    with listening(ours, lambda name, tensor: heard.update({name: tensor})):
        ours(x, attn_mask=mask)
    _, expected = torch_attention(ours)(x, x, x, attn_mask=torch_mask(mask, 4), average_attn_weights=False)
    torch.testing.assert_close(heard["weights"], expected)


def test_attend_is_equation_1() -> None:
    q, k, v = normal(2, 3, 4, 8), normal(2, 3, 5, 8, seed=2), normal(2, 3, 5, 8, seed=3)
    mixed, weights = attend(q, k, v)
    torch.testing.assert_close(weights, torch.softmax(q @ k.mT / 8**0.5, dim=-1))
    torch.testing.assert_close(mixed, weights @ v)


@pytest.mark.parametrize("fused", [False, True])
def test_a_query_that_may_attend_to_nothing_gets_zeros_and_passes_no_nan_back(fused: bool) -> None:
    attention = randomised(MultiHeadAttention(num_heads=2, d_model=8))
    use_fused(attention, fused)
    mask = torch.tensor([[True, False, True], [False, False, False], [True, True, True]])[None, None]
    x = normal(1, 3, 8).requires_grad_()
    heard: dict[str, torch.Tensor] = {}
    with listening(attention, lambda name, tensor: heard.update({name: tensor})):
        out = attention(x, attn_mask=mask)
    torch.autograd.backward(out.sum())
    assert not heard["mixed"][:, :, 1].any()
    assert out.isfinite().all()
    assert x.grad is not None
    assert x.grad.isfinite().all()


@given(data=st.data())
def test_weights_are_a_distribution_over_what_may_be_seen(data: st.DataObject) -> None:
    t, s = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6))
    mask = torch.tensor(data.draw(st.lists(st.booleans(), min_size=t * s, max_size=t * s))).view(1, 1, t, s)
    _, weights = attend(normal(1, 2, t, 4) * 30, normal(1, 2, s, 4, seed=2) * 30, normal(1, 2, s, 4, seed=3), mask)
    assert not weights[~mask.expand_as(weights)].any()
    sums = weights.sum(dim=-1)
    torch.testing.assert_close(sums, mask.any(dim=-1).double().expand_as(sums))


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("num_kv_heads", [1, 2, 4])
def test_grouped_heads_equal_repeated_heads(num_kv_heads: int, fused: bool) -> None:
    grouped = randomised(MultiHeadAttention(num_heads=4, d_model=16, num_kv_heads=num_kv_heads, qk_norm=True))
    full = randomised(MultiHeadAttention(num_heads=4, d_model=16, qk_norm=True))
    state = grouped.state_dict()
    for name in ("k_proj.weight", "k_proj.bias", "v_proj.weight", "v_proj.bias"):
        per_head = state[name].unflatten(0, (num_kv_heads, 4))
        state[name] = per_head.repeat_interleave(4 // num_kv_heads, dim=0).flatten(0, 1)
    full.load_state_dict(state)
    use_fused(grouped, fused)
    x, rotation = normal(2, 5, 16), RotaryPositions(4, 5).double()(torch.arange(5))
    torch.testing.assert_close(
        grouped(x, attn_mask=causal_mask(5), rotation=rotation), full(x, attn_mask=causal_mask(5), rotation=rotation)
    )


@pytest.mark.parametrize("fused", [False, True])
def test_is_causal_is_a_hint_and_changes_nothing(fused: bool) -> None:
    attention = randomised(MultiHeadAttention(num_heads=4, d_model=16))
    use_fused(attention, fused)
    x = normal(2, 5, 16)
    torch.testing.assert_close(
        attention(x, attn_mask=causal_mask(5), is_causal=True), attention(x, attn_mask=causal_mask(5))
    )


@pytest.mark.parametrize("pieces", [(1, 1, 1, 1, 1), (3, 1, 1), (2, 3)])
@pytest.mark.parametrize("fused", [False, True])
def test_a_cache_changes_nothing(pieces: tuple[int, ...], fused: bool) -> None:
    attention = randomised(MultiHeadAttention(num_heads=4, d_model=16, num_kv_heads=2, qk_norm=True))
    use_fused(attention, fused)
    rotary = RotaryPositions(4, 5).double()
    x, mask = normal(2, 5, 16), causal_mask(5)
    cache, outs = LayerCache(), []
    for end, length in zip(itertools.accumulate(pieces), pieces, strict=True):
        here = slice(end - length, end)
        outs.append(
            attention(x[:, here], attn_mask=mask[:, :, here, :end], rotation=rotary(torch.arange(5)[here]), cache=cache)
        )
    torch.testing.assert_close(torch.cat(outs, dim=1), attention(x, attn_mask=mask, rotation=rotary(torch.arange(5))))


@pytest.mark.parametrize("fused", [False, True])
def test_dropout_drops_weights_in_training_only_and_keeps_the_mean(fused: bool) -> None:
    attention = MultiHeadAttention(num_heads=1, d_model=64, dropout=0.25)
    use_fused(attention, fused)
    with torch.no_grad():
        for projection in (attention.q_proj, attention.k_proj):
            projection.weight.zero_()  # all weights equal 1 / 64
            projection.bias.zero_()
        for projection in (attention.v_proj, attention.out_proj):
            projection.weight.copy_(torch.eye(64))
            projection.bias.zero_()
    x = torch.eye(64)[None]  # so that the output is the matrix of weights
    torch.testing.assert_close(attention.eval()(x), torch.full((1, 64, 64), 1 / 64))
    torch.manual_seed(0)
    dropped = attention.train()(x)
    kept = dropped != 0
    torch.testing.assert_close(dropped[kept], torch.full_like(dropped[kept], 1 / 64 / 0.75))
    # 4096 coins: five standard deviations of the share kept are 0.034
    assert kept.float().mean().item() == pytest.approx(0.75, abs=0.034)


@pytest.mark.parametrize("fused", [False, True])
def test_bfloat16_autocast_is_sane(fused: bool) -> None:
    attention = MultiHeadAttention(num_heads=4, d_model=64)
    use_fused(attention, fused)
    x = torch.randn(2, 40, 64, generator=torch.Generator().manual_seed(0))
    mask = causal_mask(40)
    exact = attention(x, attn_mask=mask)
    heard: dict[str, torch.Tensor] = {}
    with torch.autocast("cpu", torch.bfloat16), listening(attention, lambda n, t: heard.update({n: t})):
        out = attention(x, attn_mask=mask)
    # bfloat16 keeps 8 bits; a handful of roundings on values of size one
    torch.testing.assert_close(out.float(), exact, atol=0.02, rtol=0.02)
    if not fused:
        sums = heard["weights"].float().sum(dim=-1)
        torch.testing.assert_close(sums, torch.ones_like(sums), atol=1e-5, rtol=0.0)  # softmax runs in float32


def test_scores_of_any_size_stay_finite_under_autocast() -> None:
    q = k = v = torch.full((1, 1, 3, 4), 1e4)
    with torch.autocast("cpu", torch.bfloat16):
        mixed, weights = attend(q, k, v, causal_mask(3))
    assert mixed.isfinite().all()
    assert weights.isfinite().all()


@pytest.fixture
def unannotated(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a user sees: without the shape checks of the test run, which would speak first."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.mark.usefixtures("unannotated")
class TestErrors:
    def test_heads_do_not_divide_the_width(self) -> None:
        with pytest.raises(ConfigError, match=r"d_model=100 cannot be split over num_heads=8"):
            MultiHeadAttention(num_heads=8, d_model=100)

    def test_key_value_heads_do_not_divide_the_heads(self) -> None:
        with pytest.raises(ConfigError, match=r"num_heads=8 cannot share num_kv_heads=3(.|\n)*use num_kv_heads="):
            MultiHeadAttention(num_heads=8, d_model=64, num_kv_heads=3)

    def test_wrong_width(self) -> None:
        with pytest.raises(ShapeError) as caught:
            MultiHeadAttention(4, 16)(torch.zeros(2, 5, 12))
        assert "query has shape (2, 5, 12), expected (batch, seq_len, 16)" in caught.value.what
        assert "d_model=16" in caught.value.why
        assert "d_model=12" in caught.value.do

    def test_wrong_width_of_what_is_read(self) -> None:
        with pytest.raises(ShapeError, match=r"key_value has shape \(2, 7, 8\), expected \(batch, seq_len, 16\)"):
            MultiHeadAttention(4, 16)(torch.zeros(2, 5, 16), torch.zeros(2, 7, 8))

    def test_the_batch_dimension_is_missing(self) -> None:
        with pytest.raises(ShapeError, match=r"query\.unsqueeze\(0\)"):
            MultiHeadAttention(4, 16)(torch.zeros(5, 16))

    def test_the_width_stands_elsewhere(self) -> None:
        with pytest.raises(ShapeError, match=r"query\.transpose\(1, 2\)"):
            MultiHeadAttention(4, 16)(torch.zeros(2, 16, 5))

    def test_batches_differ(self) -> None:
        with pytest.raises(ShapeError, match=r"key_value has 3 rows \(dimension 0\), query has 2"):
            MultiHeadAttention(4, 16)(torch.zeros(2, 5, 16), torch.zeros(3, 7, 16))

    @pytest.mark.parametrize("shape", [(5, 5), (2, 5, 5), (2, 1, 5, 4), (2, 1, 4, 5), (3, 1, 5, 5), (2, 4, 5, 5)])
    def test_wrong_mask(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(ShapeError) as caught:
            MultiHeadAttention(4, 16)(torch.zeros(2, 5, 16), attn_mask=torch.ones(shape, dtype=torch.bool))
        assert f"attn_mask has shape {shape}, expected (2, 1, 5, 5)" in caught.value.what

    def test_a_mask_of_numbers(self) -> None:
        with pytest.raises(ShapeError, match=r"attn_mask is torch.float32, expected torch.bool"):
            MultiHeadAttention(4, 16)(torch.zeros(2, 5, 16), attn_mask=torch.ones(2, 1, 5, 5))


def test_fused_equals_written_out_in_float32() -> None:
    attention = MultiHeadAttention(num_heads=4, d_model=32, num_kv_heads=2, bias=False, qk_norm=True).eval()
    x = torch.randn(2, 9, 32, generator=torch.Generator().manual_seed(0))
    written = attention(x, attn_mask=causal_mask(9))
    use_fused(nn.Sequential(attention), True)
    assert attention.fused
    torch.testing.assert_close(attention(x, attn_mask=causal_mask(9)), written)


def test_the_fused_path_is_the_kernel_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    kernel = F.scaled_dot_product_attention

    def spy(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, **options: Any) -> torch.Tensor:
        calls.append(options)
        return kernel(q, k, v, **options)

    monkeypatch.setattr(F, "scaled_dot_product_attention", spy)
    attention = MultiHeadAttention(num_heads=2, d_model=8)
    attention(torch.zeros(1, 2, 8))
    assert not calls
    use_fused(attention, True)
    attention(torch.zeros(1, 2, 8))
    assert calls
