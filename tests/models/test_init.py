import math

import pytest
import torch
from torch.nn import functional as F

from chatzero.models.build import build
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.sizes import ARCHS, Arch, sized

VOCAB = 2000


def started(arch: Arch, size: str = "micro") -> GPT | Transformer:
    model = build(sized(arch, size, VOCAB, 64, dropout=0.0), torch.Generator().manual_seed(0)).eval()
    assert isinstance(model, GPT | Transformer)
    return model


@torch.no_grad()
def start_loss(model: GPT | Transformer) -> float:
    ids = torch.randint(0, VOCAB - 1, (8, 33), generator=torch.Generator().manual_seed(1))
    if isinstance(model, GPT):
        logits = model(ids[:, :-1])
    else:
        start = torch.full((8, 1), VOCAB - 1)
        logits = model(ids, torch.cat([start, ids[:, 1:-1]], dim=1))
    return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten()).item()


@pytest.mark.parametrize("size", ["nano", "small"])
@pytest.mark.parametrize("arch", ARCHS)
def test_the_loss_starts_near_that_of_a_uniform_guess(arch: Arch, size: str) -> None:
    # Scores of variance s^2 cost s^2 / 2 nats above the uniform guess over the VOCAB - 1 tokens that can occur. In the
    # Transformer s is about 1, and a token's own vector, still in the stream, scores itself too high.
    above = start_loss(started(arch, size)) - math.log(VOCAB - 1)
    assert 0.0 <= above < (0.15 if arch == "gpt" else 1.0)


@pytest.mark.parametrize("arch", ARCHS)
def test_the_pad_row_starts_at_zero_and_nothing_else_does(arch: Arch) -> None:
    for name, parameter in started(arch).named_parameters():
        if name.endswith("bias"):
            assert not parameter.any(), name
        elif parameter.dim() == 1:
            assert (parameter == 1).all(), name
        else:
            rows = parameter.any(dim=1)
            assert rows[:-1].all(), name
            assert bool(rows[-1]) == (name != "embedding.weight"), name


@pytest.mark.parametrize("arch", ARCHS)
def test_each_matrix_has_the_spread_of_its_rule(arch: Arch) -> None:
    model = started(arch)
    depth = model.config.num_layers if isinstance(model, GPT) else 0
    for name, p in model.named_parameters():
        if p.dim() != 2 or name == "embedding.weight":
            continue
        out_width, in_width = p.shape
        if arch == "gpt":
            residual = name.endswith(("out_proj.weight", "down.weight"))
            expected = 1 / math.sqrt(in_width * (2 * depth if residual else 1))
        else:
            thirds = name.endswith(("q_proj.weight", "k_proj.weight", "v_proj.weight"))
            expected = math.sqrt((1.0 if thirds else 2.0) / (in_width + out_width))
        # The standard deviation of n draws is off by 1 / sqrt(2 n), here below 0.6 %.
        assert p.std().item() == pytest.approx(expected, rel=0.03), name


def test_the_stream_of_a_gpt_does_not_grow_with_depth() -> None:
    """The sum of all layers' writes has about the same size at 2 layers and at 8."""
    sizes = []
    for size in ("nano", "medium"):
        model = started("gpt", size)
        assert isinstance(model, GPT)
        assert model.rotary is not None
        x = torch.randn(4, 16, model.config.d_model, generator=torch.Generator().manual_seed(0))
        rotation = model.rotary(torch.arange(16))
        y = x
        for layer in model.layers:
            y = layer(y, rotation)
        sizes.append((y - x).std().item())
    assert max(sizes) < 1.5 * min(sizes)
