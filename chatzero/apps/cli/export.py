"""`chatzero export` and `chatzero import`: carry a model to another engine, proven; or bring one here."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from chatzero.interop.precision import FORMATS, precision_of
from chatzero.language import tr

if TYPE_CHECKING:
    from chatzero.interop.compare import Agreement


def export(
    model: Annotated[Path, typer.Argument(help=tr("A model folder or a run folder.", "模型文件夹或运行文件夹。"))],
    to: Annotated[str, typer.Option("--to", metavar="|".join(FORMATS), help=tr("The format.", "目标格式。"))],
    out: Annotated[
        Path, typer.Option(help=tr("The folder to write; new or empty.", "要写出的文件夹；须不存在或为空。"))
    ],
    precision: Annotated[
        str | None,
        typer.Option(
            help=tr(
                "How exactly numbers are stored. gguf: f32, f16, q8_0; ct2, onnx: f32, int8.",
                "数值的精度。gguf：f32、f16、q8_0；ct2、onnx：f32、int8。",
            )
        ),
    ] = None,
    prompts: Annotated[
        int,
        typer.Option(
            min=0, help=tr("Questions on which both are compared; 0 = do not.", "用于对比的问题数；0 表示不对比。")
        ),
    ] = 100,
    as_json: Annotated[
        bool, typer.Option("--json", help=tr("Print one JSON document.", "输出一个 JSON 文档。"))
    ] = False,
) -> None:
    """Write a model for another engine, load it there, and compare scores and answers.

    Example: chatzero export runs/quickstart-gpt --to hf --out my-model-hf
    """
    precision_of(to, precision)
    from chatzero.checkpoint.bundle import load_bundle
    from chatzero.interop.export import ExportDiffersError, export

    progress = Console(stderr=True, soft_wrap=True)
    seen: list[Agreement] = []
    bundle = load_bundle(model)
    try:
        export(bundle, to, out, precision, prompts, seen.append)
    except ExportDiffersError as error:
        _show(seen, out, as_json)
        progress.print(str(error), markup=False, highlight=False)
        raise typer.Exit(1) from error
    _show(seen, out, as_json)
    if not seen:
        progress.print(
            tr("Not compared: its engine is not installed here", "未对比：这里没有安装它的引擎")
            if prompts
            else tr("Not compared, as asked", "按要求未对比")
        )
    progress.print(tr(f"Written: {out}", f"已写出：{out}"))


def import_(
    folder: Annotated[Path, typer.Argument(help=tr("A folder of transformers.", "transformers 格式的文件夹。"))],
    out: Annotated[
        Path, typer.Option(help=tr("The model folder to write; new or empty.", "要写出的模型文件夹；须不存在或为空。"))
    ],
) -> None:
    """Make a model folder of a folder of transformers (Qwen3, Llama, Marian, BART, Pegasus, Blenderbot, mBART).

    Example: chatzero import my-model-hf --out my-model
    """
    from chatzero.interop.export import require_free
    from chatzero.interop.hf_import import import_hf

    require_free(out)
    import_hf(folder, out)
    Console(stderr=True, soft_wrap=True).print(tr(f"Written: {out}", f"已写出：{out}"))


def _show(seen: "list[Agreement]", out: Path, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"folder": str(out), "checks": [_as_json(agreement) for agreement in seen]}))
        return
    for agreement in seen:
        Console(soft_wrap=True).print(_table(agreement))


def _table(agreement: "Agreement") -> Table:
    table = Table(title=tr(f"ours and {agreement.engine}", f"我们的与 {agreement.engine}"), title_justify="left")
    table.add_column(tr("compared", "对比项"))
    table.add_column(tr("equal", "一致"), justify="right")
    if agreement.prompts_equal is not None:
        table.add_row(
            tr("prompts: tokenizer and chat template", "提示：分词器与聊天模板"),
            f"{agreement.prompts_equal} / {agreement.prompts}",
        )
    table.add_row(
        tr("greedy answers, token for token", "贪心回答，逐词元"), f"{agreement.answers_equal} / {agreement.prompts}"
    )
    table.add_row(
        tr(
            f"log-probabilities at {agreement.places:,} places: furthest apart",
            f"{agreement.places:,} 处的对数概率：最大差",
        ),
        f"{agreement.largest_nats:.1e} nats",
    )
    return table


def _as_json(agreement: "Agreement") -> dict[str, object]:
    return {
        "engine": agreement.engine,
        "precision": agreement.precision.name,
        "prompts": agreement.prompts,
        "prompts_equal": agreement.prompts_equal,
        "answers_equal": agreement.answers_equal,
        "places": agreement.places,
        "largest_nats": agreement.largest_nats,
        "ok": agreement.ok,
    }
