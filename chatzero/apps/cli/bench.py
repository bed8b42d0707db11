"""`chatzero bench`: how fast training and answering run here, in how much memory, and where the time of a step goes."""

import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from chatzero.language import current_language, set_language, tr

if TYPE_CHECKING:
    import torch

    from chatzero.models.sizes import Arch
    from chatzero.pipeline.bench import Bench


def bench(
    arch: Annotated[
        Literal["transformer", "gpt"] | None, typer.Option(help=tr("Only this one.", "只测这一种结构。"))
    ] = None,
    size: Annotated[str, typer.Option(help=tr("A named size.", "模型大小。"))] = "tiny",
    seconds: Annotated[float, typer.Option(min=0.1, help=tr("Of training, each.", "每种训练多少秒。"))] = 10.0,
    batch_tokens: Annotated[int, typer.Option(min=512, help=tr("Places in a batch.", "每批的位置数。"))] = 4096,
    device: Annotated[str, typer.Option(help=tr("auto, cpu, cuda or mps.", "auto、cpu、cuda 或 mps 设备。"))] = "auto",
    as_json: Annotated[
        bool, typer.Option("--json", help=tr("Print one JSON document.", "输出一个 JSON 文档。"))
    ] = False,
) -> None:
    """Measure here: tokens that carry loss, padding, share of the machine's peak, memory, parts of a step; one chat.

    Example: chatzero bench --arch gpt --size small
    """
    from chatzero.device import choose_device
    from chatzero.models.sizes import ARCHS, sized

    for each in ARCHS:
        sized(each, size, 2048, 256)  # a size that does not exist is said before anything is measured
    choice = choose_device(device)
    Console(stderr=True).print(tr(f"measuring: {choice.reason} ...", f"正在实测：{choice.reason}……"))
    asked = (choice.device, size, seconds, batch_tokens)
    found = [measure_arch(arch, *asked)] if arch else [in_a_fresh_process(each, *asked) for each in ARCHS]
    if as_json:
        print(json.dumps([asdict(result) for result in found]))
        return
    Console().print(table_of(found))


def measure_arch(arch: "Arch", device: "torch.device", size: str, seconds: float, batch_tokens: int) -> "Bench":
    """In this process, whose peak of memory is then the training's."""
    from chatzero.pipeline.bench import bench

    return bench(device, arch, size, seconds, batch_tokens)


def in_a_fresh_process(arch: "Arch", device: "torch.device", size: str, seconds: float, batch_tokens: int) -> "Bench":
    """The same; the memory that one architecture leaves behind does not count as the other's."""
    with ProcessPoolExecutor(1, get_context("spawn"), set_language, (current_language(),)) as pool:
        return pool.submit(measure_arch, arch, device, size, seconds, batch_tokens).result()


def table_of(results: "list[Bench]") -> Table:
    """A column for each architecture."""
    table = Table()
    table.add_column(f"{results[0].device}, torch {results[0].torch}, {results[0].threads} threads")
    for result in results:
        table.add_column(f"{result.arch} {result.size}", justify="right")
    rows: tuple[tuple[str, Callable[[Bench], str]], ...] = (
        (tr("parameters", "参数量"), lambda r: f"{r.parameters:,}"),
        (tr("precision, optimizer", "精度与优化器"), lambda r: f"{r.precision}, {r.optimizer}"),
        (tr("tokens that carry loss, a second", "每秒计入 loss 的 token"), lambda r: f"{r.loss_tokens_per_s:,.0f}"),
        (tr("tokens computed, a second", "每秒计算的 token"), lambda r: f"{r.computed_tokens_per_s:,.0f}"),
        (tr("padding", "填充占比"), lambda r: f"{r.padding_share:.1%}"),
        (tr("GFLOP/s", "GFLOP/s"), lambda r: f"{r.flops_per_s / 1e9:,.0f}"),
        (tr("share of the measured matmul peak", "占实测矩阵乘峰值"), lambda r: f"{r.peak_share:.0%}"),
        (
            tr("memory at its peak, MB (predicted)", "内存峰值（MB，括号内为预测）"),
            lambda r: f"{r.memory_bytes / 1e6:,.0f} ({r.predicted_memory_bytes / 1e6:,.0f})",
        ),
        (
            tr("one chat: tokens a second (first token, ms)", "单个对话：每秒 token（首个 token，毫秒）"),
            lambda r: f"{r.decoding.tokens_per_s:,.0f} ({1e3 * r.decoding.first_token_s:.1f})",
        ),
        (tr("a step, ms", "每步（毫秒）"), lambda r: f"{1e3 * r.step_s:.1f}"),
    )
    for name, show in rows:
        table.add_row(name, *(show(result) for result in results))
    names = {
        "batch": tr("its batch", "取批次"),
        "forward": tr("forward", "前向"),
        "backward": tr("backward", "反向"),
        "clip": tr("clipping", "裁剪"),
        "optimizer": tr("optimizer", "优化器"),
    }
    for phase, name in names.items():
        table.add_row(f"  {name}", *(f"{1e3 * result.phases_s[phase]:.1f}" for result in results))
    return table
