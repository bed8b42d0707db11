"""report.md and the model card: what was trained, on what, how long, and how good it is. Words only, no measuring."""

from dataclasses import dataclass

from chatzero.evaluation.scoreboard import Scoreboard
from chatzero.language import tr
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.size import parameters
from chatzero.pipeline.judge import Verdict

LANGS = ("zh", "en")


@dataclass(frozen=True)
class RunFacts:
    """The figures of a finished run that the report states."""

    config: TransformerConfig | GPTConfig
    step: int
    elapsed_s: float
    held_out_loss: float
    bits_per_byte: float
    device: str
    precision: str
    seed: int
    remarks: tuple[str, ...] = ()


def scoreboard_rows(board: Scoreboard) -> list[tuple[str, str, str]]:
    """(skill, zh, en) as percentages; the last row is the whole."""
    cells = board.by_cell()
    skills = list(dict.fromkeys(skill for _, skill in cells))

    def percent(lang: str, skill: str | None) -> str:
        asked = [key for key in cells if key[0] == lang and skill in (None, key[1])]
        return f"{board.share(lang=lang, skill=skill):.0%}" if asked else "-"

    rows = [(skill, percent("zh", skill), percent("en", skill)) for skill in skills]
    whole = (tr("all", "总计"), *(f"{board.share(lang=lang):.1%}" for lang in LANGS))
    return [*rows, (whole[0], whole[1], whole[2])]


def scoreboard_table(verdict: Verdict) -> str:
    """The scoreboard as a Markdown table, with the two baselines below it."""
    skill, zh, en = tr("skill", "技能"), tr("Chinese", "中文"), tr("English", "英文")
    lines = [f"| {skill} | {zh} | {en} |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {a} | {b} |" for name, a, b in scoreboard_rows(verdict.model)]
    lines.append(_baseline_line(tr("the same model, untrained", "同一模型，未训练"), verdict.untrained))
    if verdict.nearest is not None:
        lines.append(_baseline_line(tr("nearest training question", "最相近的训练问题"), verdict.nearest))
    return "\n".join(lines)


def _baseline_line(name: str, board: Scoreboard) -> str:
    return f"| *{name}* | {board.share(lang='zh'):.1%} | {board.share(lang='en'):.1%} |"


def report(facts: RunFacts, verdict: Verdict | None) -> str:
    """report.md. Without a verdict (a model that was not taught the built-in skills) it has no scoreboard."""
    lines = [
        tr("# Your ChatGPT, from 0 to 1", "# 你的 ChatGPT，从 0 到 1"),
        "",
        _facts_table(facts),
        "",
        tr("![loss](loss.png)", "![损失曲线](loss.png)"),
        "",
    ]
    if facts.remarks:
        lines += [tr("## What happened on the way", "## 训练途中"), ""]
        lines += [f"- {remark.replace(chr(10), '<br>')}" for remark in facts.remarks]
        lines += [""]
    if verdict is not None:
        lines += [
            tr("## Scoreboard", "## 计分板"),
            "",
            _summary(verdict.model),
            "",
            scoreboard_table(verdict),
            "",
            tr("## What it got wrong", "## 答错的例子"),
            "",
            *_mistakes(verdict.model),
            "",
        ]
    return "\n".join(lines)


def _summary(board: Scoreboard) -> str:
    cells = board.by_cell()
    passed = sum(right >= 0.85 * total for right, total in cells.values())
    (lang, skill), (right, total) = min(cells.items(), key=lambda cell: cell[1][0] / cell[1][1])
    share = f"{board.right / board.total:.1%}"
    return tr(
        f"{board.total:,} held-out questions (unseen operands, names, phrasings, combinations): {share} right. "
        f"{passed} of {len(cells)} skill cells reach 85 %; the weakest is {skill} ({lang}): {right} of {total}.",
        f"共 {board.total:,} 道留出题（没见过的数、名字、问法与组合），答对 {share}。"
        f"{len(cells)} 个技能格中有 {passed} 个达到 85%；最弱的是 {skill}（{lang}）：{right}/{total}。",
    )


def model_card(facts: RunFacts, verdict: Verdict | None, data: str) -> str:
    """README.md of the model folder."""
    lines = [
        "---",
        "license: mit",
        "language: [zh, en]",
        "library_name: chatzero",
        "---",
        "",
        tr("# A small chat model trained with ChatZero", "# 用 ChatZero 训练的小聊天模型"),
        "",
        _facts_table(facts),
        "",
        tr("Talk to it: `chatzero chat <this folder>`", "与它对话：`chatzero chat <本文件夹>`"),
        "",
        tr("## Data", "## 数据"),
        "",
        data,
        "",
    ]
    if verdict is not None:
        lines += [tr("## Scores", "## 成绩"), "", scoreboard_table(verdict), ""]
    return "\n".join(lines)


def _facts_table(facts: RunFacts) -> str:
    rows = [
        (tr("architecture", "架构"), facts.config.arch),
        (tr("parameters", "参数量"), f"{parameters(facts.config):,}"),
        ("d_model", str(facts.config.d_model)),
        (tr("vocabulary", "词表"), f"{facts.config.vocab_size:,}"),
        (tr("updates", "更新步数"), f"{facts.step:,}"),
        (
            tr("training time", "训练时长"),
            tr(f"{facts.elapsed_s / 60:.1f} minutes", f"{facts.elapsed_s / 60:.1f} 分钟"),
        ),
        (tr("device, precision", "设备与精度"), f"{facts.device}, {facts.precision}"),
        (
            tr("held-out loss", "留出集 loss"),
            tr(f"{facts.held_out_loss:.4f} nats/token", f"{facts.held_out_loss:.4f} nats/token"),
        ),
        (tr("bits per byte", "每字节比特数"), f"{facts.bits_per_byte:.4f}"),
        (tr("seed", "随机种子"), str(facts.seed)),
    ]
    return "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows)])


def _mistakes(board: Scoreboard, most: int = 20) -> list[str]:
    wrong = [a for a in board.answered if not a.right][:: max(1, (board.total - board.right) // most)][:most]
    return [
        f"- {a.question.skill} ({a.question.lang}): {a.question.conversation.messages[-1].content!r} -> {a.answer!r}"
        for a in wrong
    ] or [tr("Nothing.", "没有。")]
