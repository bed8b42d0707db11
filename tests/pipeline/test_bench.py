"""The figures of the bench belong together; FLOPs are those of PyTorch's own counter."""

import json
import subprocess
import sys
from pathlib import Path

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
    assert result.decoding.precision == "float32"
    assert result.decoding.tokens_per_s > 0.0
    assert result.decoding.first_token_s > 0.0


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


_IN_A_FRESH_PROCESS = """
import json, sys, torch
from chatzero.pipeline.bench import bench
found = bench(torch.device("cpu"), sys.argv[1], "micro", seconds=0.1, batch_tokens=4096, precision="float32")
print(json.dumps([found.memory_before_bytes, found.memory_bytes, found.predicted_memory_bytes]))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell the peak")
@pytest.mark.parametrize("arch", ARCHS)
def test_the_peak_of_memory_is_as_predicted(arch: Arch) -> None:
    """What training took beside what the process held, measured by the system, against what was said before."""
    words = [sys.executable, "-c", _IN_A_FRESH_PROCESS, arch]
    before, peak, predicted = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    assert predicted - before == pytest.approx(peak - before, rel=0.25)
