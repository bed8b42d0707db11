"""A trace on a terminal, and as a JSON document."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from chatzero.inspection.dims import Dims
from chatzero.inspection.meaning import PARTS, meaning_of, part_name
from chatzero.inspection.mistakes import Mistake
from chatzero.inspection.trace import Step, Trace, first_departure
from chatzero.language import tr

_ROOM_FOR_MEANINGS = 150
_LAYER = re.compile(r"^((?:encoder\.|decoder\.)?layers)\.(\d+)\.")
_BAR = 12


def show_trace(console: Console, found: Trace, all_layers: bool) -> None:
    """The forward pass, the backward pass, and where the time went."""
    console.print(_heading(found))
    wide = console.width >= _ROOM_FOR_MEANINGS
    console.print(_forward_table(found, all_layers, wide))
    if found.loss is not None:
        console.print(_backward_table(found, all_layers))
        console.print(_parts_table(found))
    if not wide:
        console.print(_legend(found))
    departure = first_departure(found)
    if departure is not None:
        console.print(
            _panel(tr("A shape is not what the config asks for", "有一个形状与配置不符"), _parting(departure))
        )
    if found.error is not None:
        console.print(_panel(tr("The pass failed", "前向传播失败"), Text(found.error)))


def show_mistake(console: Console, mistake: Mistake, right: Trace, wrong: Trace, differs: str | None) -> None:
    """What was done wrong, and the first step at which it shows."""
    body = Text()
    body.append(tr("wrong  ", "错的  "), style="bold red")
    body.append(mistake.wrong_line + "\n")
    body.append(tr("right  ", "对的  "), style="bold green")
    body.append(mistake.right_line + "\n")
    body.append(mistake.why)
    console.print(_panel(tr("The mistake", "犯的错"), body))
    departure = first_departure(wrong)
    stopped = right.steps[len(wrong.steps)].name if len(wrong.steps) < len(right.steps) else None
    at = departure.name if departure is not None else stopped
    console.print(_around(right, wrong, at or differs))
    if departure is not None:
        console.print(_panel(tr("First line where the shape departs", "形状第一次出错的一行"), _parting(departure)))
    if stopped is not None:
        stop = Text(stopped, style="bold")
        stop.append(tr("  never came: ", "  没有算出来："), style="not bold")
        stop.append(wrong.error or "", style="not bold red")
        title = tr("Further on, PyTorch stops", "再往后，PyTorch 停了下来")
        console.print(_panel(title if departure is not None else tr("PyTorch stops here", "PyTorch 停在这里"), stop))
    if departure is None and stopped is None:
        words = Text()
        words.append(
            tr("Every shape is as expected, and nothing fails.", "所有形状都对，也没有任何报错。"), style="bold"
        )
        words.append(
            tr("\nOnly the numbers are wrong, from this step on: ", "\n只有数值错了，从这一步开始：")
            + (differs or tr("none", "没有"))
        )
        words.append(
            tr(
                "\nNo shape check finds this: compare with a version you trust, on the same input.",
                "\n检查形状找不到这种错：要在同样的输入上，与可信的版本比较数值。",
            )
        )
        console.print(_panel(tr("The silent kind", "悄无声息的那一种"), words))


def as_document(found: Trace) -> dict[str, object]:
    """The trace as JSON: `shape` and `grad_shape` are sizes, `dims` is what was expected, [name, size] each."""
    departure = first_departure(found)
    return {
        "arch": found.sizes.config.arch,
        "batch": found.sizes.batch,
        "seq": found.sizes.seq,
        "source": found.sizes.source,
        "loss": found.loss,
        "parameters": found.parameters,
        "forward_flops": found.flops,
        "forward_s": found.forward_s,
        "backward_s": found.backward_s,
        "first_departure": departure.name if departure is not None else None,
        "error": found.error,
        "steps": [
            {
                "name": step.name,
                "part": meaning_of(step.name).part,
                "does": tr(meaning_of(step.name).en, meaning_of(step.name).zh),
                "dims": [list(dim) for dim in step.expected],
                "shape": list(step.shape),
                "as_expected": step.as_expected,
                "parameters": step.parameters,
                "flops": step.flops,
                "bytes": step.bytes,
                "forward_s": step.forward_s,
                "grad_shape": list(step.grad_shape) if step.grad_shape is not None else None,
                "weight_grads": {name: list(shape) for name, shape in step.weight_grads},
                "backward_s": step.backward_s,
                "backward_place": step.backward_place,
            }
            for step in found.steps
        ],
    }


# -- pieces -----------------------------------------------------------------------------------------------------------


def _heading(found: Trace) -> Text:
    sizes, config = found.sizes, found.sizes.config
    lengths = f"seq {sizes.seq}" if config.arch == "gpt" else f"source {sizes.source}, target {sizes.seq}"
    line = Text()
    line.append("GPT" if config.arch == "gpt" else "Transformer", style="bold")
    line.append(
        f"  batch {sizes.batch}, {lengths}, d_model {config.d_model}, heads {config.num_heads}, "
        f"head_dim {config.head_dim}, vocab {config.vocab_size:,}\n"
    )
    loss = "" if found.loss is None else tr(f"loss {found.loss:.3f} nats  ", f"损失 {found.loss:.3f} nats  ")
    line.append(
        loss
        + tr(
            f"{short(found.parameters)} parameters  forward {short(found.flops)} FLOPs in {time(found.forward_s)}, "
            f"backward {short(2 * found.flops)} in {time(found.backward_s)}",
            f"{short(found.parameters)} 参数  前向 {short(found.flops)} FLOPs，{time(found.forward_s)}；"
            f"反向 {short(2 * found.flops)}，{time(found.backward_s)}",
        )
    )
    return line


def _forward_table(found: Trace, all_layers: bool, wide: bool) -> Table:
    table = _table(tr("Forward", "前向"))
    table.add_column(tr("step", "步骤"), no_wrap=True)
    table.add_column(tr("shape", "形状"))
    if wide:
        table.add_column(tr("what it does", "做什么"), style="dim")
    for heading in (tr("params", "参数"), "FLOPs", tr("bytes", "字节"), tr("time", "时间")):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    longest = max(step.forward_s for step in found.steps)

    def cells(steps: Sequence[Step]) -> list[str]:
        seconds = sum(step.forward_s for step in steps)
        return [
            short(sum(step.parameters for step in steps)),
            short(sum(step.flops for step in steps)),
            short(sum(step.bytes for step in steps)),
            time(seconds),
        ]

    for group, steps in _groups(found.steps, all_layers):
        if group.folded:
            extra = [""] if wide else []
            table.add_row(f"[italic]{group.name}[/]", tr("the same again", "同上"), *extra, *cells(steps), "")
            continue
        if group.name:
            table.add_row(f"[bold cyan]{group.name}[/]")
        for step in steps:
            meaning = meaning_of(step.name)
            does = [tr(meaning.en, meaning.zh)] if wide else []
            indent = "  " if group.name else ""
            name = step.name.removeprefix(group.name).removeprefix(".")
            bar = Text("▇" * round(_BAR * step.forward_s / longest), style="cyan")
            table.add_row(indent + name, _shape(step), *does, *cells([step]), bar)
    return table


def _backward_table(found: Trace, all_layers: bool) -> Table:
    table = _table(tr("Backward: gradients, in the order they arrive", "反向：梯度，按到达的顺序"))
    table.add_column(tr("gradient of", "谁的梯度"), no_wrap=True)
    table.add_column(tr("shape", "形状"))
    table.add_column(tr("and of the weights", "以及权重的梯度"))
    table.add_column("FLOPs", justify="right", no_wrap=True)
    table.add_column(tr("time", "时间"), justify="right", no_wrap=True)
    arrived = sorted(
        (step for step in found.steps if step.backward_place is not None), key=lambda step: step.backward_place or 0
    )
    for group, steps in _groups(arrived, all_layers):
        flops, seconds = 2 * sum(step.flops for step in steps), sum(step.backward_s for step in steps)
        if group.folded:
            same = tr("the same again", "同上")
            table.add_row(f"[italic]{group.name}[/]", same, "", short(flops), time(seconds))
            continue
        if group.name:
            table.add_row(f"[bold cyan]{group.name}[/]")
        for step in steps:
            name = step.name.removeprefix(group.name).removeprefix(".")
            weights = "  ".join(f"{name.rpartition('.')[2]} {_sizes(shape)}" for name, shape in step.weight_grads)
            indent = "  " if group.name else ""
            dims = _named(step.expected) if step.as_expected else _sizes(step.shape)
            table.add_row(indent + name, dims, weights, short(2 * step.flops), time(step.backward_s))
    return table


def _parts_table(found: Trace) -> Table:
    table = _table(tr("Where it goes", "都花在哪里"))
    table.add_column(tr("part", "部分"), no_wrap=True)
    table.add_column("FLOPs", justify="right")
    table.add_column(tr("forward time", "前向时间"), justify="right")
    table.add_column(tr("backward time", "反向时间"), justify="right")
    table.add_column("", no_wrap=True)
    whole = found.forward_s + found.backward_s
    for part in PARTS:
        steps = [step for step in found.steps if meaning_of(step.name).part == part]
        forward, backward = sum(s.forward_s for s in steps), sum(s.backward_s for s in steps)
        share = (forward + backward) / whole if whole else 0.0
        bar = Text("▇" * round(24 * share), style="cyan").append(f" {share:.0%}", style="dim")
        flops = sum(step.flops for step in steps)
        table.add_row(
            part_name(part), f"{flops / max(1, found.flops):.0%}" if flops else "", time(forward), time(backward), bar
        )
    return table


def _legend(found: Trace) -> Table:
    table = Table(title=tr("What each step does", "每一步做什么"), title_justify="left", box=None, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(style="dim")
    told: set[str] = set()
    for step in found.steps:
        meaning = meaning_of(step.name)
        if meaning.en not in told:
            told.add(meaning.en)
            name = step.name if step.name.startswith("embedding.") else step.name.rpartition(".")[2]
            table.add_row(name.partition(".")[0], tr(meaning.en, meaning.zh))
    return table


def _around(right: Trace, wrong: Trace, at: str | None) -> Table:
    """The steps about the first wrong one: what was expected, and what came."""
    table = _table(tr("Expected, and what came", "应有的形状，与实际的形状"))
    table.add_column(tr("step", "步骤"), no_wrap=True)
    table.add_column(tr("expected", "应为"))
    table.add_column(tr("came", "实际"))
    table.add_column("")
    names = [step.name for step in right.steps]
    middle = names.index(at) if at in names else 0
    came = {step.name: step for step in wrong.steps}
    for step in right.steps[max(0, middle - 3) : middle + 4]:
        other = came.get(step.name)
        shape = "-" if other is None else _sizes(other.shape)
        fits = other is not None and other.as_expected
        style = "" if fits else "red"
        mark = tr("<- here", "<- 这里") if step.name == at else ""
        table.add_row(step.name, _named(step.expected), Text(shape, style=style), Text(mark, style="bold red"))
    return table


def _parting(step: Step) -> Text:
    line = Text(step.name, style="bold")
    line.append(tr(": expected ", "：应为 "), style="not bold")
    line.append(_named(step.expected), style="not bold green")
    line.append(tr(", got ", "，得到 "), style="not bold")
    line.append(f"({', '.join(map(str, step.shape))})", style="not bold red")
    return line


class _Group:
    """Steps that are shown under one heading, or as one line when they are another layer of the same kind."""

    def __init__(self, name: str, folded: bool) -> None:
        self.name, self.folded = name, folded


def _groups(steps: Iterable[Step], all_layers: bool) -> list[tuple[_Group, list[Step]]]:
    groups: list[tuple[_Group, list[Step]]] = []

    def key(step: Step) -> tuple[str, bool]:
        layer = _LAYER.match(step.name)
        if layer is None:
            return "", False
        return layer[0].rstrip("."), layer[2] != "0" and not all_layers and step.as_expected

    for (name, folded), members in groupby(steps, key=key):
        groups.append((_Group(name, folded), list(members)))
    return groups


def _shape(step: Step) -> Text:
    if step.as_expected:
        return Text(_named(step.expected))
    return Text(f"({_sizes(step.shape)})  {tr('expected', '应为')} {_named(step.expected)}", style="bold red")


def _named(dims: Dims) -> str:
    """`batch 2, heads 8, seq 12, head_dim 32`; a dimension of 1 that stands for all has no name."""
    return ", ".join(str(dim.size) if dim.name == "1" else f"{dim.name} {dim.size}" for dim in dims) or tr(
        "a number", "一个数"
    )


def _sizes(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or tr("a number", "一个数")


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")


def _panel(title: str, body: Text) -> Panel:
    return Panel(body, title=title, title_align="left", expand=False)


def short(number: int) -> str:
    """`1.5M`; nothing for 0."""
    if not number:
        return ""
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size:
            return f"{number / size:.3g}{unit}" if number < 1000 * size else f"{number / size:,.0f}{unit}"
    return str(number)


def time(seconds: float) -> str:
    """In microseconds below a millisecond."""
    return f"{seconds * 1e6:.0f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"
