"""Fills docs/benchmarks.md and docs/benchmarks.zh-CN.md, and draws their picture, from the JSON files in results/.

    python -m benchmarks.write_page

Everything between the two marks of a page is replaced; every number comes from a file.
"""

import json
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from chatzero.language import Lang, set_language, tr

DOCS, RESULTS = Path(__file__).parent.parent / "docs", Path(__file__).parent / "results"
PAGES: dict[Lang, str] = {"en": "benchmarks.md", "zh": "benchmarks.zh-CN.md"}
PICTURE = "images/benchmarks.png"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
BENCH = "bench-*.json"


def body(results: Path = RESULTS) -> str:
    """What the files say, in the language spoken now. What has no file yet has no section."""
    parts: list[str] = []
    for pattern, section in SECTIONS.items():
        for path in sorted(results.glob(pattern)):
            parts += section(_read(path))
    rows = [row for path in sorted(results.glob(BENCH)) for row in json.loads(path.read_text(encoding="utf-8"))]
    return "\n".join([*parts, *(bench(rows) if rows else [])])


def training(document: dict[str, Any]) -> list[str]:
    """A table for each task."""
    lines = [
        *_head(tr("Training beside other code", "与其他代码对比训练速度"), document),
        f"![{tr('tokens that carry loss, per second', '每秒计入 loss 的 token')}]({PICTURE})",
        "",
    ]
    for task in document["tasks"]:
        lines += [
            f"### {_title(task)}",
            "",
            tr(
                f"Size {task['size']}, window {task['max_seq_len']}, {task['batch_tokens']:,} tokens a batch.",
                f"大小 {task['size']}，窗口 {task['max_seq_len']}，每批 {task['batch_tokens']:,} 个 token。",
            ),
            "",
            tr(
                "| | parameters | precision | tokens with loss / s | ours is faster by (least to most) |",
                "| | 参数量 | 精度 | 每秒计入 loss 的 token | 我们快多少（最小到最大） |",
            ),
            "|---|---:|---|---:|---:|",
        ]
        for i, contender in enumerate(task["contenders"]):
            speed = f"{median(contender['tokens_per_s']):,.0f}"
            ratio = "" if i == 0 else _spread(contender["ours_is_faster_by"])
            lines.append(
                f"| {contender['name']} | {contender['parameters']:,} | {contender['precision']} | {speed} | {ratio} |"
            )
        lines.append("")
        if task["not_installed"]:
            names = ", ".join(task["not_installed"])
            lines += [tr(f"Left out, as it was not installed: {names}.", f"未安装，故未参加：{names}。"), ""]
    return lines


def shakespeare(document: dict[str, Any]) -> list[str]:
    """Both, each round."""
    lines = [
        *_head(tr("Speed to quality: Tiny Shakespeare", "达到同等质量的速度：Tiny Shakespeare"), document),
        tr(
            "| round | nanoGPT's setting: seconds | its loss | ours: seconds | our loss | sooner by |",
            "| 轮次 | nanoGPT 的设置：秒 | 其 loss | 我们：秒 | 我们的 loss | 快多少 |",
        ),
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for i, (theirs, ours) in enumerate(zip(document["baseline"], document["ours"], strict=True), start=1):
        lines.append(
            f"| {i} | {theirs['seconds']:.1f} | {theirs['val_nats']:.4f} | {ours['seconds']:.1f} "
            f"| {ours['val_nats']:.4f} | {theirs['seconds'] / ours['seconds']:.2f}x |"
        )
    theirs, ours = document["baseline"][0], document["ours"][0]
    good, rounds = sum(document["as_good"]), len(document["as_good"])
    share = ours["characters"] / theirs["characters"]
    lines += [
        "",
        tr(
            f"Ours is as good or better in {good} of {rounds} rounds, {_spread(document['times_sooner'])} sooner. "
            f"It reads {ours['characters']:,} characters in {ours['steps']:,} steps ({share:.0%} of the baseline's "
            f"{theirs['characters']:,} in {theirs['steps']:,}), with {ours['parameters']:,} parameters against "
            f"{theirs['parameters']:,}, in {ours['precision']} against {theirs['precision']}.",
            f"{rounds} 轮中有 {good} 轮我们的 loss 不高于对方，快 {_spread(document['times_sooner'])}。我们用 "
            f"{ours['steps']:,} 步读了 {ours['characters']:,} 个字符（对方用 {theirs['steps']:,} 步读了 "
            f"{theirs['characters']:,} 个，我们是其 {share:.0%}）；参数量 {ours['parameters']:,} 对 "
            f"{theirs['parameters']:,}，精度 {ours['precision']} 对 {theirs['precision']}。",
        ),
        "",
    ]
    return lines


def bench(results: list[dict[str, Any]]) -> list[str]:
    """Share of the measured peak, memory, one chat."""
    lines = [
        tr("## How much of the machine is used", "## 机器用到了多少"),
        "",
        "    " + tr("chatzero bench --size SIZE --seconds 6 --json", "chatzero bench --size 大小 --seconds 6 --json"),
        "",
        tr(
            "| | precision | GFLOP/s | share of the measured matmul peak | memory, MB (predicted) "
            "| forward / backward / optimizer, ms | one chat, tokens/s |",
            "| | 精度 | GFLOP/s | 占实测矩阵乘峰值 | 内存，MB（预测） "
            "| 前向 / 反向 / 优化器，毫秒 | 单个对话，token/秒 |",
        ),
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in results:
        phases = " / ".join(f"{1e3 * row['phases_s'][name]:.0f}" for name in ("forward", "backward", "optimizer"))
        lines.append(
            f"| {row['arch']} {row['size']} | {row['precision']} | {row['flops_per_s'] / 1e9:,.0f} "
            f"| {row['peak_share']:.0%} of {row['peak_flops_per_s'] / 1e9:,.0f} "
            f"| {row['memory_bytes'] / 1e6:,.0f} ({row['predicted_memory_bytes'] / 1e6:,.0f}) "
            f"| {phases} | {row['decoding']['tokens_per_s']:,.0f} |"
        )
    return [*lines, ""]


def decoding(document: dict[str, Any]) -> list[str]:
    """One chat, engine by engine."""
    kind = document["architecture"]
    read, said, rounds = (document[name] for name in ("prompt_tokens", "tokens", "rounds"))
    rows = [
        f"| {row['engine']} | {row['precision']} | {row['median']:,.0f} "
        f"| {row['slowest']:,.0f} {tr('to', '至')} {row['fastest']:,.0f} |"
        for row in document["tokens_per_s"]
    ]
    return [
        *_head(tr(f"One chat on each engine: {kind}", f"各引擎写一个回答：{kind}"), document),
        tr(
            f"{document['parameters']:,} parameters; {read} tokens read and {said} written, {rounds} rounds in turn. "
            "Each engine runs its own loop with greedy choice, reading the prompt included.",
            f"参数量 {document['parameters']:,}；读 {read} 个 token，写 {said} 个，轮流 {rounds} 轮。"
            "各引擎用自己的循环做贪心解码，含读提示的时间。",
        ),
        "",
        tr(
            "| engine | precision | tokens/s, median | slowest to fastest |",
            "| 引擎 | 精度 | token/秒，中位 | 最慢至最快 |",
        ),
        "|---|---|---:|---:|",
        *rows,
        "",
    ]


def reuse(document: dict[str, Any]) -> list[str]:
    """One conversation, turn by turn."""
    rows = [
        f"| {turn['turn']} | {turn['prompt_tokens']} | {turn['reused']} "
        f"| {turn['first_token_ms']:.1f} | {turn['first_token_ms_without']:.1f} |"
        for turn in document["turns"]
    ]
    return [
        *_head(tr("The next turn reads only what is new", "下一轮只读新的部分"), document),
        tr(
            "| turn | tokens of the prompt | of these kept from before | first token, ms | without, ms |",
            "| 轮次 | 提示的 token | 其中先前已读 | 首个 token，毫秒 | 不重用时，毫秒 |",
        ),
        "|---:|---:|---:|---:|---:|",
        *rows,
        "",
    ]


SECTIONS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "training.json": training,
    "shakespeare.json": shakespeare,
    "decoding-*.json": decoding,
    "prefix-reuse.json": reuse,
}
"""Which files make which section, in the order of the page."""


def draw(document: dict[str, Any], path: Path) -> None:
    """A bar for each contender, its rounds as dots."""
    from matplotlib.figure import Figure

    tasks = document["tasks"]
    figure = Figure(
        figsize=(8, 0.9 + 0.42 * sum(len(t["contenders"]) + 1 for t in tasks)), dpi=120, layout="constrained"
    )
    heights = [len(task["contenders"]) for task in tasks]
    for axes, task in zip(
        figure.subplots(len(tasks), sharex=True, height_ratios=heights, squeeze=False)[:, 0], tasks, strict=True
    ):
        names = [contender["name"] for contender in task["contenders"]][::-1]
        speeds = [contender["tokens_per_s"] for contender in task["contenders"]][::-1]
        colours = ["#2f5d9b" if name.startswith("chatzero") else "#b8c4d6" for name in names]
        axes.barh(names, [median(rounds) for rounds in speeds], color=colours)
        for name, rounds in zip(names, speeds, strict=True):
            axes.plot(rounds, [name] * len(rounds), ".", color="#d1495b", markersize=4)
        axes.set_title(f"{task['task']}, {task['arch']} {task['size']}", loc="left", fontsize=10)
        axes.grid(axis="x", alpha=0.25, linewidth=0.4)
        axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("tokens that carry loss, per second")
    figure.savefig(path)


def _head(title: str, document: dict[str, Any]) -> list[str]:
    """A section's title, how it was measured, and on what."""
    return [f"## {title}", "", f"    {document['command']}", "", _machine(document), ""]


def _title(task: dict[str, Any]) -> str:
    if task["task"] == "text":
        return tr("Running text, every token carries loss, gpt", "连续文本，每个 token 都计入 loss，gpt")
    return tr(f"Conversations, the answers carry loss, {task['arch']}", f"对话，只有回答计入 loss，{task['arch']}")


def _spread(ratios: dict[str, float]) -> str:
    return f"{ratios['median']:.2f}x ({ratios['least']:.2f} {tr('to', '至')} {ratios['most']:.2f})"


def _machine(document: dict[str, Any]) -> str:
    facts = document["machine"]
    libraries = ", ".join(f"{name} {value}" for name, value in facts.items() if name not in ("device", "threads"))
    return tr(f"{facts['device']}, {facts['threads']} threads; ", f"{facts['device']}，{facts['threads']} 线程；") + (
        f"{libraries}{tr('.', '。')}"
    )


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def main() -> None:
    if (measured := RESULTS / "training.json").exists():
        draw(_read(measured), DOCS / PICTURE)
    for lang, name in PAGES.items():
        set_language(lang)
        page = (DOCS / name).read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        after = rest.split(END)[1]
        (DOCS / name).write_text(f"{before}{BEGIN}\n\n{body()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
