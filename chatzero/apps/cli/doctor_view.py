"""The doctor's findings, measurements and predictions on a terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chatzero.doctor.advice import BATCH_TOKENS, Prediction, largest_within
from chatzero.doctor.finding import Finding
from chatzero.doctor.measure import TOKENS_PER_STEP, Measurement
from chatzero.language import tr

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}
_MINUTES = 10.0


def show_findings(findings: list[Finding], console: Console) -> None:
    """A row each. The commands stand below the table, where no border breaks them: they are there to be copied."""
    table = Table(title=tr("This machine", "这台机器"), title_justify="left")
    for column in (
        tr("tool", "项目"),
        tr("found", "现状"),
        tr("wanted", "要求"),
        tr("verdict", "结论"),
        tr("mend", "修复"),
    ):
        table.add_column(column, overflow="fold")
    commands: list[str] = []
    for finding in findings:
        if finding.mend:
            commands.append(finding.mend)
        verdict = f"[{_STYLES[finding.verdict]}]{_verdicts()[finding.verdict]}[/]"
        number = f"({len(commands)})" if finding.mend else ""
        table.add_row(escape(finding.name), escape(finding.found), escape(finding.wanted), verdict, number)
    console.print(table)
    for i, command in enumerate(commands, start=1):
        console.print(f"({i}) {command}", markup=False, highlight=False, soft_wrap=True)


def show_short(findings: list[Finding], console: Console) -> None:
    """What this machine is in one line; below it only what is not right, with the act that mends it."""
    named = ("Python", "PyTorch", "GPU", "MPS", tr("memory", "内存"), tr("disk", "磁盘"), tr("threads", "线程"))
    facts = [f"{f.name} {f.found}" for f in findings if f.verdict == "ok" and f.name in named]
    console.print(tr("This machine: ", "这台机器：") + " · ".join(facts), markup=False, highlight=False)
    for finding in findings:
        if finding.verdict == "ok":
            continue
        console.print(
            f"  [{_STYLES[finding.verdict]}]{_verdicts()[finding.verdict]}[/] "
            + escape(
                tr(
                    f"{finding.name}: {finding.found} (wanted: {finding.wanted}). To do: {finding.mend}",
                    f"{finding.name}：{finding.found}（要求：{finding.wanted}）。办法：{finding.mend}",
                )
            ),
            highlight=False,
        )


def show_measurement(measurement: Measurement, console: Console) -> None:
    """Two sizes in two precisions, and how near each comes to the best this device can do."""
    table = Table(title=tr("Measured: one training step", "实测：一步训练"), title_justify="left")
    table.add_column(tr("size", "大小"))
    table.add_column(tr("precision", "精度"))
    for column in (tr("seconds", "秒"), tr("tokens/s", "token/秒"), "GFLOP/s", tr("of the peak", "占峰值")):
        table.add_column(column, justify="right")
    for measured in (measurement.small, measurement.large):
        for precision, step_s in measured.step_s.items():
            flops_per_s = measured.step_flops / step_s
            share = flops_per_s / measurement.peak_flops_per_s[precision]
            speed = f"{TOKENS_PER_STEP / step_s:,.0f}"
            table.add_row(measured.size, precision, f"{step_s:.3g}", speed, f"{flops_per_s / 1e9:,.0f}", f"{share:.0%}")
    console.print(table)
    peaks = ", ".join(f"{name} {peak / 1e9:,.0f}" for name, peak in measurement.peak_flops_per_s.items())
    console.print(
        tr(
            f"Peak of one matrix product, GFLOP/s: {peaks}. Training is faster in {measurement.faster}.",
            f"单个矩阵乘法的峰值（GFLOP/s）：{peaks}。训练用 {measurement.faster} 更快。",
        ),
        highlight=False,
    )


def show_predictions(predictions: list[Prediction], token_budget: int, console: Console) -> None:
    """Minutes and memory of each size, and the one we would take."""
    table = Table(title=tr("Predicted from that", "由此预测"), title_justify="left")
    table.add_column(tr("size", "大小"))
    for column in (tr("parameters", "参数量"), tr("tokens/s", "token/秒"), tr("minutes", "分钟"), tr("memory", "内存")):
        table.add_column(column, justify="right")
    for row in predictions:
        memory = f"{row.memory_bytes / 1024**3:.1f} GiB"
        table.add_row(
            row.size,
            f"{row.parameters / 1e6:.1f} M",
            f"{row.tokens_per_s:,.0f}",
            f"{row.minutes:,.0f}" if row.minutes >= 10 else f"{row.minutes:.1f}",
            memory if row.fits else f"[red]{memory}[/]",
        )
    console.print(table)
    console.print(
        tr(
            f"For {token_budget:,} tokens, {BATCH_TOKENS:,} a batch, in the faster precision.",
            f"按 {token_budget:,} 个 token、每批 {BATCH_TOKENS:,} 个、较快的精度计算。",
        ),
        highlight=False,
    )
    best = largest_within(predictions, _MINUTES)
    if best is not None:
        console.print(
            tr(
                f"The largest that is done within {_MINUTES:.0f} minutes: {best.size}.",
                f"{_MINUTES:.0f} 分钟内能训练完的最大模型：{best.size}。",
            ),
            highlight=False,
        )


def _verdicts() -> dict[str, str]:
    return {"ok": tr("ok", "正常"), "warn": tr("warning", "注意"), "fail": tr("fail", "失败")}
