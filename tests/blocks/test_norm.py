import pytest
import torch
from torch import nn

from chatzero.blocks.norm import LayerNorm, RMSNorm
from tests.blocks.random_weights import normal, randomised

PAIRS = [(LayerNorm, nn.LayerNorm), (RMSNorm, nn.RMSNorm)]


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_equals_torch_forward_and_backward(ours: type[LayerNorm], theirs: type[nn.LayerNorm], fused: bool) -> None:
    norm = randomised(ours(16, eps=1e-3))
    norm.fused = fused
    reference = theirs(16, eps=1e-3).double()
    reference.load_state_dict(norm.state_dict())
    x, upstream = normal(2, 5, 16), normal(2, 5, 16, seed=2)
    results = []
    for module in (norm, reference):
        leaf = x.clone().requires_grad_()
        out = module(leaf)
        torch.autograd.backward(out, upstream)
        results.append([out, leaf.grad, *(p.grad for p in module.parameters())])
    for mine, other in zip(*results, strict=True):
        torch.testing.assert_close(mine, other)


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("norm", [LayerNorm(8), RMSNorm(8)])
def test_a_row_of_zeros_stays_finite(norm: LayerNorm | RMSNorm, fused: bool) -> None:
    norm.fused = fused
    x = torch.zeros(2, 8, requires_grad=True)
    out = norm(x)
    torch.autograd.backward(out.sum())
    assert x.grad is not None
    assert out.isfinite().all()
    assert x.grad.isfinite().all()


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("norm", [LayerNorm(64), RMSNorm(64)])
def test_bfloat16_in_bfloat16_out_as_exact_as_it_can_be(norm: LayerNorm | RMSNorm, fused: bool) -> None:
    norm.fused = fused
    x = torch.randn(4, 64, generator=torch.Generator().manual_seed(0)).bfloat16()
    out = norm(x)
    assert out.dtype == torch.bfloat16
    # bfloat16 keeps 8 bits: 2^-8 relative, twice for the two roundings of a product
    torch.testing.assert_close(out.float(), norm(x.float()), rtol=2**-7, atol=2**-7)
