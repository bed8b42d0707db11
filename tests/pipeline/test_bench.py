"""The figures of the bench belong together; FLOPs are those of PyTorch's own counter."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from chatzero.models.sizes import ARCHS, Arch
from chatzero.pipeline.bench import batch_flops, bench
from chatzero.pipeline.bench_phases import PHASES
from chatzero.training.objective import batch_loss
from tests import small


@pytest.mark.parametrize("arch", ARCHS)
def test_figures_belong_together(arch: Arch) -> None:
    result = bench(torch.device("cpu"), arch, "nano", seconds=0.2, batch_tokens=1024, precision="float32")
    assert result.steps >= 1
    assert 0.0 <= result.padding_share < 0.5
    assert 0.0 < result.loss_tokens_per_s < result.computed_tokens_per_s
    assert 0.0 < result.peak_share <= 1.0
    assert result.peak_share == pytest.approx(result.flops_per_s / result.peak_flops_per_s)
    assert tuple(result.phases_s) == PHASES
    assert min(result.phases_s.values()) > 0.0
    assert result.memory_bytes > 10**7


@pytest.mark.parametrize("arch", ARCHS)
def test_flops_are_those_that_pytorch_counts(arch: Arch) -> None:
    tokens = small.tokenizer()
    model = small.model(arch, tokens, dropout=0.0)
    batch = small.loader(arch, tokens).batch_at(0)
    with FlopCounterMode(display=False) as counter:
        torch.autograd.backward(batch_loss(model, batch).sum_nats)
    counted = counter.get_total_flops()
    # the gradient by the first layer's input is not needed, and a fused attention is counted in its own way
    assert batch_flops(model.config, batch) == pytest.approx(counted, rel=0.2)
