"""`chatzero translate`: sequence to sequence; a line in, a line out."""

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chatzero.errors import ConfigError, DataError
from chatzero.generation.options import GenerationOptions
from chatzero.language import tr

if TYPE_CHECKING:
    from chatzero.checkpoint.bundle import Bundle

_LINES_AT_ONCE = 512
"""Enough to sort by length into full batches; the first lines come out before the last have been read."""


def translate(
    model: Annotated[Path, typer.Argument(help=tr("A model folder or a run folder.", "模型文件夹或运行文件夹。"))],
    beam: Annotated[
        int, typer.Option(min=1, help=tr("Hypotheses kept by beam search; 1 = greedy.", "束搜索的假设数；1 = 贪心。"))
    ] = 5,
    length_penalty: Annotated[
        float,
        typer.Option(min=0, help=tr("Ranks by log-probability / length ** this.", "按 对数概率 / 长度 ** 此值 排序。")),
    ] = 1.0,
    max_tokens: Annotated[int, typer.Option(min=1, help=tr("The longest line.", "每行的最大长度（词元）。"))] = 256,
    device: Annotated[str, typer.Option(help=tr("auto, cpu, cuda or mps.", "auto、cpu、cuda 或 mps。"))] = "auto",
    reference: Annotated[
        Path | None,
        typer.Option(
            help=tr(
                "Also print BLEU and chrF against this file, to stderr.", "另按此参考译文算 BLEU 与 chrF，写到 stderr。"
            )
        ),
    ] = None,
    tokenize: Annotated[
        str,
        typer.Option(
            metavar="13a|zh|char|intl|none",
            help=tr(
                "How sacrebleu cuts words; none: they are cut already.", "sacrebleu 的切词方式；none 表示文本已切好。"
            ),
        ),
    ] = "13a",
    as_json: Annotated[
        bool, typer.Option("--json", help=tr("The scores as one JSON document.", "以 JSON 输出得分。"))
    ] = False,
) -> None:
    """Translate standard input to standard output, line by line; an empty line stays empty.

    Example: chatzero translate runs/multi30k-en-de --beam 5 < in.txt > out.txt
    """
    from chatzero.checkpoint.bundle import load_bundle
    from chatzero.device import choose_device

    options = GenerationOptions(beam_size=beam, length_penalty=length_penalty, max_tokens=max_tokens)
    references = None if reference is None else read_lines(reference)
    tokenizing = _tokenize(tokenize)
    bundle = load_bundle(model, choose_device(device).device)
    said: list[str] = []
    while lines := [line.strip() for line in islice(sys.stdin, _LINES_AT_ONCE)]:
        for translation in translations(bundle, lines, options, first_line=len(said) + 1):
            print(translation, flush=True)
            said.append(translation)
    if references is not None:
        from chatzero.evaluation.translation import score_translations

        score = score_translations(said, references, tokenizing)
        print(json.dumps(score.as_json()) if as_json else score, file=sys.stderr)


def translations(
    bundle: "Bundle", lines: Sequence[str], options: GenerationOptions, first_line: int = 1
) -> Iterator[str]:
    """One line for each line. Raises `DataError` naming the line that is too long for the model."""
    from chatzero.generation.generate import generate_batch
    from chatzero.text.chat_template import render_prompt
    from chatzero.text.conversation import Conversation

    asked = [place for place, line in enumerate(lines) if line]
    prompts = [render_prompt(Conversation.of(lines[place]), bundle.tokenizer) for place in asked]
    longest = bundle.model.config.max_seq_len
    for place, prompt in zip(asked, prompts, strict=True):
        if len(prompt) > longest:
            raise DataError(
                what=tr(
                    f"line {first_line + place} has {len(prompt)} tokens",
                    f"第 {first_line + place} 行有 {len(prompt)} 个词元",
                ),
                why=tr(f"this model reads {longest} (max_seq_len)", f"这个模型能读 {longest} 个（max_seq_len）"),
                do=tr("cut that line in two", "请把该行分成两行"),
            )
    generated = generate_batch(bundle.model, bundle.tokenizer, prompts, options)
    said = {place: " ".join(answer.text.split("\n")) for place, answer in zip(asked, generated, strict=True)}
    yield from (said.get(place, "") for place in range(len(lines)))


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 file, plain or gzip, stripped; read once, so that it may be a pipe."""
    from chatzero.data.encoding import open_bytes

    with open_bytes(path) as stream:
        return [line.strip() for line in stream.read().decode("utf-8-sig", errors="replace").rstrip("\n").split("\n")]


def _tokenize(name: str) -> Literal["13a", "zh", "char", "intl", "none"]:
    for known in ("13a", "zh", "char", "intl", "none"):
        if name == known:
            return known
    raise ConfigError(
        what=tr(f"--tokenize {name!r} is not known", f"--tokenize {name!r} 不可用"),
        why=tr("sacrebleu has its own names", "sacrebleu 有自己的名称"),
        do="--tokenize 13a | zh | char | intl | none",
    )
