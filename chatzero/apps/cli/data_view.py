"""What `chatzero data` shows: a survey as tables, a conversation with what is trained on marked."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chatzero.data.prepare import Survey, problem_titles
from chatzero.language import tr
from chatzero.text.chat_template import Rendered, render
from chatzero.text.conversation import Conversation
from chatzero.text.special_tokens import LEADING
from chatzero.text.tokenizer import Tokenizer

TRAINED_ON = "bold green"

_EXAMPLES_SHOWN = 3


def show_survey(seen: Survey, console: Console) -> None:
    """The survey as tables: the files, what is in them, the problems with a few examples each."""
    files = Table(title=tr("Files", "文件"), title_justify="left")
    for title in (tr("file", "文件"), tr("format", "格式"), tr("encoding", "编码"), tr("shape", "形状")):
        files.add_column(title, overflow="fold")
    for title in (tr("kept", "可用"), tr("set aside", "搁置")):
        files.add_column(title, justify="right")
    for file in seen.report.files:
        shapes = ", ".join(file.shapes)
        name = Text(file.file, overflow="fold")  # not a plain string: a name may hold [brackets]
        files.add_row(name, file.format, file.encoding or "", shapes, f"{file.kept:,}", f"{file.set_aside:,}")
    console.print(files)
    if seen.report.ignored:
        names = ", ".join(Path(name).name for name in seen.report.ignored)
        console.print(
            tr(f"Not read (unknown format): {names}", f"未读取（格式未知）：{names}"), style="dim", markup=False
        )
    median, p95, longest = seen.characters
    languages = ", ".join(f"{name} {count / seen.conversations:.0%}" for name, count in seen.languages.items())
    console.print(
        tr(
            f"{seen.conversations:,} conversations, {seen.turns:,} turns; "
            f"characters: median {median:,}, 95% within {p95:,}, longest {longest:,}; {languages}",
            f"{seen.conversations:,} 段对话，{seen.turns:,} 轮；"
            f"字符数：中位数 {median:,}，95% 不超过 {p95:,}，最长 {longest:,}；{languages}",
        ),
        highlight=False,
    )
    if not seen.problems:
        console.print(tr("No problems found.", "没有发现问题。"), style="green")
        return
    problems = Table(title=tr("Problems", "问题"), title_justify="left")
    problems.add_column(tr("kind", "种类"))
    problems.add_column(tr("count", "数量"), justify="right")
    problems.add_column(tr("for example", "举例"), overflow="fold")
    titles, examples = problem_titles(), seen.examples
    for kind, number in seen.problems.items():
        problems.add_row(titles[kind], f"{number:,}", Text("\n".join(examples[kind][:_EXAMPLES_SHOWN])))
    console.print(problems)


def marked_words(conversation: Conversation) -> Text:
    """The conversation as people read it, what is trained on marked."""
    text = Text()
    for message in conversation.messages:
        said = message.role == "assistant"
        text.append(f"{message.role}: ", style="dim")
        text.append(f"⟦{message.content}⟧\n" if said else f"{message.content}\n", style=TRAINED_ON if said else "")
    return text


def marked_tokens(conversation: Conversation, tokenizer: Tokenizer) -> Text:
    """The conversation as the model reads it, control tokens by name."""
    rendered = render(conversation, tokenizer)
    text = Text()
    for said, pairs in groupby(zip(rendered.token_ids, rendered.trained_on, strict=True), key=lambda pair: pair[1]):
        words = _spelled([token_id for token_id, _ in pairs], tokenizer)
        text.append(f"⟦{words}⟧" if said else words, style=TRAINED_ON if said else "")
    counts = token_counts(rendered)
    text.append(
        tr(
            f"\n{counts['tokens']} tokens, {counts['trained_on']} of them trained on",
            f"\n共 {counts['tokens']} 个 token，其中 {counts['trained_on']} 个用于训练",
        ),
        style="dim",
    )
    return text


def _spelled(token_ids: Sequence[int], tokenizer: Tokenizer) -> str:
    """The words of `token_ids`, with the names of control tokens, which `decode` leaves out."""
    parts = []
    for control, group in groupby(token_ids, key=lambda token_id: token_id < len(LEADING)):
        ids = list(group)
        parts.append("".join(LEADING[token_id] for token_id in ids) if control else tokenizer.decode(ids))
    return "".join(parts)


def token_counts(rendered: Rendered) -> Mapping[str, int]:
    """How many tokens, and how many of them are trained on."""
    return {"tokens": len(rendered.token_ids), "trained_on": sum(rendered.trained_on)}
