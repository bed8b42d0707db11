"""`chatzero data check | prepare | preview`: look at data before you train on it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from chatzero.apps.cli.data_view import TRAINED_ON, marked_tokens, marked_words, show_survey, token_counts
from chatzero.data.front_door import Corpus, read_conversations
from chatzero.data.lint import LEFT_OUT
from chatzero.data.prepare import prepare, survey, write_prepared
from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.text.chat_template import render
from chatzero.text.tokenizer import Tokenizer

app = typer.Typer(no_args_is_help=True, help=tr("Check, prepare and preview data files.", "检查、整理、预览数据文件。"))

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        help=tr(
            "Files, folders, or hf:OWNER/NAME (only this uses the network).",
            "文件、文件夹，或 hf:所有者/名称（只有它会联网）。",
        ),
    ),
]
Fill = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=WORDS",
        help=tr(
            "Words for a placeholder: --fill name=Ada makes {{name}} read Ada.",
            "占位符的内容：--fill name=小零 会把 {{name}} 换成 小零。",
        ),
    ),
]
MaxRows = Annotated[
    int | None, typer.Option(min=1, metavar="N", help=tr("Rows to read of each file.", "每个文件最多读取的行数。"))
]
AsJson = Annotated[bool, typer.Option("--json", help=tr("Print one JSON document.", "输出一个 JSON 文档。"))]


@app.command(
    help=tr(
        "Report what is in the files and what may be wrong. Exit code 1 if anything is.\n\n"
        "Example: chatzero data check chats.jsonl more/",
        "报告文件的内容和可能的问题；有问题时退出码为 1。\n\n例如：chatzero data check chats.jsonl more/",
    )
)
def check(files: Files, fill: Fill = None, max_rows: MaxRows = None, as_json: AsJson = False) -> None:
    """Report what is in the files and what may be wrong."""
    seen = survey(read_conversations(files, _words(fill), max_rows))
    if as_json:
        print(json.dumps(seen.as_json(), ensure_ascii=False))
    else:
        show_survey(seen, Console())
    raise typer.Exit(1 if seen.problems else 0)


@app.command(
    "prepare",
    help=tr(
        "Clean and split: train.jsonl, heldout.jsonl, quarantine.jsonl and report.json in a new folder.\n\n"
        "Example: chatzero data prepare chats.jsonl --out prepared",
        "清理并划分：在新文件夹中写出 train.jsonl、heldout.jsonl、quarantine.jsonl 和 report.json。\n\n"
        "例如：chatzero data prepare chats.jsonl --out prepared",
    ),
)
def prepare_files(
    files: Files,
    out: Annotated[Path, typer.Option(metavar="DIR", help=tr("The folder to write.", "要写出的文件夹。"))],
    heldout: Annotated[
        float,
        typer.Option(metavar="SHARE", help=tr("Share of the first questions to keep back.", "按首个问题留出的比例。")),
    ] = 0.02,
    fill: Fill = None,
    max_rows: MaxRows = None,
    as_json: AsJson = False,
) -> None:
    """Clean and split into a new folder."""
    if not 0 <= heldout < 1:
        raise ConfigError(
            what=tr(f"--heldout {heldout} is no share", f"--heldout {heldout} 不是比例"),
            why=tr("a share is at least 0 and less than 1", "比例应大于等于 0 且小于 1"),
            do=tr("for example --heldout 0.02", "例如 --heldout 0.02"),
        )
    prepared = prepare(read_conversations(files, _words(fill), max_rows), heldout)
    write_prepared(prepared, out)
    counts = {
        "training": len(prepared.training),
        "held_out": len(prepared.held_out),
        "quarantined": len(prepared.quarantine),
    }
    if as_json:
        print(json.dumps({"out": str(out), **counts, **prepared.survey.as_json()}, ensure_ascii=False))
        return
    console = Console()
    show_survey(prepared.survey, console)
    console.print(
        tr(
            f"\n{out}: {counts['training']:,} conversations to train on, {counts['held_out']:,} held out, "
            f"{counts['quarantined']:,} in quarantine ({', '.join(sorted(LEFT_OUT))}, unreadable).",
            f"\n{out}：训练 {counts['training']:,} 段，留出 {counts['held_out']:,} 段，"
            f"隔离 {counts['quarantined']:,} 段（{'、'.join(sorted(LEFT_OUT))}、无法读取）。",
        ),
        highlight=False,
    )


@app.command(
    help=tr(
        "Show the first conversations, with what a model is trained to say marked.\n\n"
        "Example: chatzero data preview chats.jsonl --tokenizer runs/quickstart-gpt/model",
        "显示最前面的几段对话，并标出模型要学会说的部分。\n\n"
        "例如：chatzero data preview chats.jsonl --tokenizer runs/quickstart-gpt/model",
    )
)
def preview(
    files: Files,
    count: Annotated[int, typer.Option(min=1, metavar="N", help=tr("How many to show.", "显示多少段。"))] = 3,
    tokenizer: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help=tr("A model folder: show its tokens, and count them.", "模型文件夹：显示并统计 token。")
        ),
    ] = None,
    fill: Fill = None,
    as_json: AsJson = False,
) -> None:
    """Show the first conversations."""
    corpus = read_conversations(files, _words(fill))
    reader = None if tokenizer is None else Tokenizer.load(tokenizer)
    if as_json:
        print(json.dumps(_preview_json(corpus, count, reader), ensure_ascii=False))
        return
    console = Console()
    console.print(Text.assemble(tr("Trained on: ", "训练部分："), ("⟦...⟧", TRAINED_ON)))
    for conversation, origin in list(zip(corpus.conversations, corpus.origins, strict=True))[:count]:
        console.print(Text(f"\n{origin}", style="dim"), soft_wrap=True)
        console.print(marked_tokens(conversation, reader) if reader else marked_words(conversation), soft_wrap=True)


def _words(fill: Sequence[str] | None) -> Mapping[str, str]:
    words: dict[str, str] = {}
    for entry in fill or ():
        name, equals, word = entry.partition("=")
        if not (name and equals and word):
            raise ConfigError(
                what=tr(f"--fill {entry!r} is not name=words", f"--fill {entry!r} 不是 名称=内容"),
                why=tr("it says which words replace {{name}} in the data", "它说明用什么内容替换数据中的 {{名称}}"),
                do=tr("for example --fill name=Ada", "例如 --fill name=小零"),
            )
        words[name] = word
    return words


def _preview_json(corpus: Corpus, count: int, tokenizer: Tokenizer | None) -> Mapping[str, object]:
    shown = []
    for conversation, origin in list(zip(corpus.conversations, corpus.origins, strict=True))[:count]:
        row: dict[str, object] = {
            "file": origin.file,
            "line": origin.line,
            "messages": [{"role": m.role, "content": m.content} for m in conversation.messages],
        }
        if tokenizer is not None:
            row |= token_counts(render(conversation, tokenizer))
        shown.append(row)
    return {"conversations": shown}
