"""`chatzero tokenizer train|show|report`: make a tokenizer, see how it cuts text, see how well it compresses."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chatzero.data.encoding import find_encoding, open_text
from chatzero.data.formats import UnusableRowError, recognise
from chatzero.data.languages import language_of
from chatzero.data.records import BadRow, Document, Preference, Record
from chatzero.data.source import find_sources
from chatzero.errors import DataError
from chatzero.language import tr
from chatzero.text.compression import Compression, compression
from chatzero.text.conversation import Conversation
from chatzero.text.pieces import piece_of
from chatzero.text.spread import spread
from chatzero.text.tokenizer import FILE_NAME, MIN_VOCAB_SIZE, Tokenizer

app = typer.Typer(
    no_args_is_help=True, help=tr("Train a tokenizer; see how text is cut.", "训练分词器；看文字怎样被切分。")
)

RUNS = Path("runs")
_STRIPES = ("on blue", "on magenta")

TokenizerOption = Annotated[
    Path | None,
    typer.Option(
        "--tokenizer",
        metavar="DIR",
        help=tr(
            "A folder with tokenizer.json, a model folder or a run folder (default: the newest run).",
            "含 tokenizer.json 的文件夹、模型文件夹或运行文件夹（默认：最新的运行）。",
        ),
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help=tr("Print one JSON document.", "输出一个 JSON 文档。"))]


@app.command(
    help=tr(
        "Train a byte-level BPE tokenizer on your own files.\n\n"
        "Example: chatzero tokenizer train chats.jsonl --vocab-size 8000 --out my-tokenizer",
        "用自己的文件训练字节级 BPE 分词器。\n\n"
        "例如：chatzero tokenizer train chats.jsonl --vocab-size 8000 --out my-tokenizer",
    )
)
def train(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE",
            help=tr(
                "Text or conversations: txt, jsonl, json, csv, tsv, parquet, a folder.", "文本或对话文件，或文件夹。"
            ),
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help=tr("Where tokenizer.json goes.", "tokenizer.json 的位置。"))],
    vocab_size: Annotated[
        int,
        typer.Option(
            metavar="N",
            help=tr(f"Tokens, everything counted; at least {MIN_VOCAB_SIZE}.", f"词表大小，至少 {MIN_VOCAB_SIZE}。"),
        ),
    ] = 4096,
    max_characters: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            help=tr(
                "Learn from this much, taken evenly: more costs memory.", "最多使用的字符数，均匀抽取；越多越占内存。"
            ),
        ),
    ] = 20_000_000,
) -> None:
    """Train a byte-level BPE tokenizer on your own files."""
    lines = read_lines(files)
    learnt_from = spread(lines, max_characters)
    if len(learnt_from) < len(lines):
        typer.echo(
            tr(
                f"Learning from {len(learnt_from):,} of {len(lines):,} lines, taken evenly (--max-characters).",
                f"从 {len(lines):,} 行中均匀抽取 {len(learnt_from):,} 行来学习（--max-characters）。",
            ),
            err=True,
        )
    tokenizer = Tokenizer.train(learnt_from, vocab_size)
    tokenizer.save(out)
    print(
        tr(
            f"{out / FILE_NAME}: {tokenizer.vocab_size:,} tokens",
            f"{out / FILE_NAME}：{tokenizer.vocab_size:,} 个词元",
        )
    )
    if tokenizer.vocab_size < vocab_size:
        print(
            tr(
                f"{vocab_size:,} were asked for; the text has no more pairs that occur twice.",
                f"要求 {vocab_size:,} 个；文本中没有更多出现两次以上的组合。",
            )
        )


@app.command(
    help=tr(
        "How a text is cut into tokens: the pieces, and the id of each.\n\n"
        "Example: chatzero tokenizer show '你好, world!'",
        "文字怎样切成词元：每一片和它的编号。\n\n例如：chatzero tokenizer show '你好, world!'",
    )
)
def show(
    inputs: Annotated[
        list[str], typer.Argument(metavar="FILE|TEXT", help=tr("Text, or files that hold it.", "文字，或文本文件。"))
    ],
    tokenizer: TokenizerOption = None,
    as_json: JsonOption = False,
) -> None:
    """How a text is cut into tokens: the pieces, and the id of each."""
    chosen = open_tokenizer(tokenizer)
    shown = [(text, chosen.encode(text)) for text in map(_text_of, inputs)]
    if as_json:
        print(json.dumps([_as_json(text, ids, chosen) for text, ids in shown], ensure_ascii=False))
        return
    console = Console()
    for text, ids in shown:
        console.print(
            tr(
                f"{len(text)} characters, {len(text.encode())} bytes, {len(ids)} tokens",
                f"{len(text)} 个字符，{len(text.encode())} 个字节，{len(ids)} 个词元",
            )
        )
        console.print(_pieces(ids, chosen), soft_wrap=True)  # the terminal breaks lines, a pipe gets them whole
        console.print(" ".join(map(str, ids)) + "\n", highlight=False, soft_wrap=True)


@app.command(
    help=tr(
        "Characters and bytes per token, by language.\n\nExample: chatzero tokenizer report chats.jsonl",
        "各语言每个词元的字符数和字节数。\n\n例如：chatzero tokenizer report chats.jsonl",
    )
)
def report(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help=tr("Text or conversations, as for train.", "文本或对话文件，同 train。")),
    ],
    tokenizer: TokenizerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Characters and bytes per token, by language."""
    chosen = open_tokenizer(tokenizer)
    by_language: dict[str, list[str]] = {}
    for text in read_lines(files):
        if text.strip():
            by_language.setdefault(language_of(text), []).append(text)
    counts = {language: compression(texts, chosen) for language, texts in sorted(by_language.items())}
    counts["all" if as_json else tr("all", "合计")] = compression(
        [t for ts in by_language.values() for t in ts], chosen
    )
    if as_json:
        print(json.dumps({"vocab_size": chosen.vocab_size, "by": {name: _counts(c) for name, c in counts.items()}}))
        return
    table = Table(tr("language", "语言"))
    for heading in (
        tr("characters", "字符"),
        tr("tokens", "词元"),
        tr("characters/token", "字符/词元"),
        tr("bytes/token", "字节/词元"),
    ):
        table.add_column(heading, justify="right")
    for name, c in counts.items():
        ratios = (f"{c.characters_per_token:.2f}", f"{c.bytes_per_token:.2f}")
        table.add_row(name, f"{c.num_characters:,}", f"{c.num_tokens:,}", *ratios)
    Console().print(table)


def read_lines(files: Sequence[str]) -> list[str]:
    """Every line of words in these files: of documents, and of what is said in conversations.

    Rows that are neither are counted on stderr. Raises `DataError` for a file that cannot be read, and when there are
    no words at all.
    """
    lines: list[str] = []
    set_aside = 0
    for source in find_sources(files).read:
        for row in source.rows():
            try:
                texts = [] if isinstance(row, BadRow) else _words(recognise(row.fields, None)[1])
            except UnusableRowError:
                texts = []
            set_aside += not texts
            lines += [line for text in texts for line in text.splitlines(keepends=True)]
    advice = f"chatzero data check {' '.join(files)}"
    if not any(line.strip() for line in lines):
        raise DataError(
            what=tr(f"no words in {', '.join(files)}", f"{'、'.join(files)} 中没有文字"),
            why=tr("no row of it is text or a conversation", "其中没有一行是文本或对话"),
            do=tr(f"see what is wrong: {advice}", f"查看问题：{advice}"),
        )
    if set_aside:
        typer.echo(
            tr(
                f"{set_aside:,} rows are neither text nor a conversation and were left out; see: {advice}",
                f"有 {set_aside:,} 行既不是文本也不是对话，已略过；查看：{advice}",
            ),
            err=True,
        )
    return lines


def open_tokenizer(folder: Path | None) -> Tokenizer:
    """The tokenizer in `folder`, in the model of the run in `folder`, or in the newest run."""
    if folder is None:
        from chatzero.checkpoint.bundle import latest_model

        folder = latest_model(RUNS)
    inside = folder / "model"
    return Tokenizer.load(inside if (inside / FILE_NAME).exists() else folder)


def _words(record: Record) -> list[str]:
    match record:
        case Document():
            return [record.text]
        case Conversation():
            return [message.content for message in record.messages]
        case Preference():
            return [*(message.content for message in record.prompt.messages), record.chosen, record.rejected]


def _text_of(argument: str) -> str:
    """The text in the file of that name, if there is one; else the argument itself."""
    path = Path(argument)
    try:
        if not path.is_file():
            return argument
    except OSError:  # a long text is no name of a file
        return argument
    with open_text(path, find_encoding(path)) as file:
        return file.read()


def _pieces(ids: Sequence[int], tokenizer: Tokenizer) -> Text:
    """The pieces one after another, on stripes of two colours; where there is no colour, a bar stands between them."""
    shown = Text()
    for place, token_id in enumerate(ids):
        shown.append("|" if place else "")
        shown.append(piece_of(token_id, tokenizer), style=_STRIPES[place % 2])
    return shown


def _as_json(text: str, ids: Sequence[int], tokenizer: Tokenizer) -> dict[str, object]:
    return {"text": text, "ids": ids, "pieces": [piece_of(token_id, tokenizer) for token_id in ids]}


def _counts(c: Compression) -> dict[str, int | float]:
    return {
        "characters": c.num_characters,
        "bytes": c.num_bytes,
        "tokens": c.num_tokens,
        "characters_per_token": round(c.characters_per_token, 4),
        "bytes_per_token": round(c.bytes_per_token, 4),
    }
