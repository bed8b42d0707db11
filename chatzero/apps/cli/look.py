"""`chatzero look`: the inside of a model for one text, as a page that opens from a file."""

from pathlib import Path
from typing import Annotated

import typer

from chatzero.errors import StorageError
from chatzero.language import tr


def look(
    model: Annotated[Path, typer.Argument(help=tr("A model folder or a run folder.", "模型文件夹或运行文件夹。"))],
    text: Annotated[str, typer.Argument(help=tr("What to say to it.", "对它说的话。"))],
    out: Annotated[Path, typer.Option(metavar="PAGE", help=tr("Where the page goes.", "页面写到哪里。"))] = Path(
        "look.html"
    ),
    max_tokens: Annotated[
        int, typer.Option(min=1, help=tr("The longest answer to look at.", "回答最多看多少个词元。"))
    ] = 64,
    device: Annotated[str, typer.Option(help=tr("auto, cpu, cuda or mps.", "auto、cpu、cuda 或 mps。"))] = "auto",
) -> None:
    """Look inside: tokens, attention by head, next tokens, layer by layer, positions, embeddings: one HTML page.

    The page holds everything it needs; it opens in a browser, without a network.

    Example: chatzero look runs/quickstart-gpt "What is 12 + 7?" --out look.html
    """
    from chatzero.checkpoint.bundle import load_bundle
    from chatzero.device import choose_device
    from chatzero.inspection.look import look as observed
    from chatzero.inspection.look import model_name
    from chatzero.inspection.page import page

    bundle = load_bundle(model, choose_device(device).device)
    document = observed(bundle.model, bundle.tokenizer, text, model_name(model), max_tokens)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page(document), encoding="utf-8")
    except OSError as error:
        raise StorageError(
            what=tr(f"cannot write {out}", f"无法写入 {out}"),
            why=str(error),
            do=tr("name another file with --out", "请用 --out 指定另一个文件"),
        ) from error
    print(tr(f"Open this in a browser: {out.resolve()}", f"请用浏览器打开：{out.resolve()}"))
