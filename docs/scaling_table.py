"""The estimate that docs/scaling.md speaks of: time, memory and cost up to 1 B parameters, as a Markdown table.

    chatzero bench --arch gpt --size base --json > bench.json      # on the machine that you would train on
    python docs/scaling_table.py bench.json --price 2.5 --processes 8

The speed is the one that `chatzero bench` measured; FLOPs and parameters are counted by `models/size`; what the layers
keep for the backward pass is measured here, on two models of each width.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import torch

from chatzero.data.batch import LMBatch
from chatzero.doctor.advice import BYTES_PER_PARAMETER
from chatzero.doctor.measure import activation_bytes
from chatzero.language import Lang
from chatzero.models.build import build
from chatzero.models.decoder_only import GPT
from chatzero.models.size import flops_per_token, parameters
from chatzero.models.sizes import SIZES, Size, at_point

WINDOW, VOCAB_SIZE = 1024, 32_000
TOKENS_PER_PARAMETER = 20  # Hoffmann et al. 2022: about where more parameters and more text help alike
MODELS = (SIZES["small"], SIZES["base"], Size(24, 1024), Size(20, 2048))
GB = 1e9


@dataclass(frozen=True)
class Estimate:
    """Of one model. Bytes are of one process; `row_bytes` is what one row of the window adds while it is learned."""

    depth: int
    d_model: int
    parameters: int
    tokens: int
    flops: float
    hours: float
    ddp_bytes: float
    fsdp_bytes: float
    row_bytes: float


def estimate(point: Size, flops_per_s: float, processes: int) -> Estimate:
    depth, d_model = point
    config = at_point("gpt", point, VOCAB_SIZE, WINDOW)
    size = parameters(config)
    tokens = TOKENS_PER_PARAMETER * size
    flops = float(tokens) * flops_per_token(config, WINDOW)
    # Each layer, and the token table with the last norm, is put together while it computes: its weight and gradient.
    layer = parameters(config, embedding=False) / depth
    table = size - parameters(config, embedding=False)
    one, two = (kept_bytes(Size(layers, d_model)) for layers in (1, 2))
    return Estimate(
        depth=depth,
        d_model=d_model,
        parameters=size,
        tokens=tokens,
        flops=flops,
        hours=flops / flops_per_s / 3600,
        ddp_bytes=BYTES_PER_PARAMETER * size,
        fsdp_bytes=BYTES_PER_PARAMETER * size / processes + 8 * (max(layer, table) + layer),
        row_bytes=one + (two - one) * (depth - 1),
    )


def kept_bytes(point: Size) -> float:
    """What one row of the window has a model keep for the backward pass, in bfloat16; measured on a quarter of it."""
    config = at_point("gpt", point, VOCAB_SIZE, WINDOW)
    model = build(config, torch.Generator().manual_seed(0)).train()
    assert isinstance(model, GPT)
    ids = torch.randint(VOCAB_SIZE - 1, (2, WINDOW // 4), generator=torch.Generator().manual_seed(1))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return 4 * activation_bytes(model, LMBatch(ids, ids)) / 2


def table(estimates: list[Estimate], bench: dict[str, object], price: float, processes: int, lang: Lang) -> str:
    speed = float(str(bench["flops_per_s"])) / 1e12
    where = f"{bench['device']}, torch {bench['torch']}, {bench['threads']} threads"
    asked = f"gpt {bench['size']}, {bench['precision']}"
    share = f"{float(str(bench['peak_share'])):.0%}"
    if lang == "en":
        lines = [
            f"Measured ({where}; {asked}): {speed:.3g} TFLOP/s, {share} of the matmul peak measured there. "
            f"Price: {price:g} an hour.",
            "",
            "| layers x d_model | parameters | tokens | FLOPs | hours here | cost | hours at 100 TFLOP/s | "
            f"DDP, a process | FSDP, each of {processes} | a row of {WINDOW:,} |",
        ]
    else:
        lines = [
            f"实测（{where}；{asked}）：{speed:.3g} TFLOP/s，为该机实测矩阵乘峰值的 {share}。每小时价格：{price:g}。",
            "",
            "| 层数 x d_model | 参数量 | token 数 | FLOPs | 本机小时数 | 费用 | 100 TFLOP/s 时的小时数 | DDP 每进程 | "
            f"FSDP {processes} 进程中每个 | 每行 {WINDOW:,} token |",
        ]
    lines.append("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for e in estimates:
        cells = (
            f"{e.depth} x {e.d_model}",
            f"{e.parameters / 1e6:,.0f} M",
            f"{e.tokens / 1e9:,.2f} B",
            f"{e.flops:.1e}",
            f"{e.hours:,.0f}",
            f"{e.hours * price:,.0f}",
            f"{e.flops / 1e14 / 3600:,.1f}",
            f"{e.ddp_bytes / GB:.1f} GB",
            f"{e.fsdp_bytes / GB:.1f} GB",
            f"{e.row_bytes / GB:.2f} GB",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("bench", type=Path, help="what `chatzero bench --arch gpt --json` printed")
    words.add_argument("--price", type=float, default=1.0, help="of one hour of that machine, in any currency")
    words.add_argument("--processes", type=int, default=8)
    words.add_argument("--lang", choices=["en", "zh"], default="en")
    asked = words.parse_args()
    (bench,) = json.loads(asked.bench.read_text(encoding="utf-8"))
    estimates = [estimate(model, bench["flops_per_s"], asked.processes) for model in MODELS]
    print(table(estimates, bench, asked.price, asked.processes, asked.lang))


if __name__ == "__main__":
    main()
