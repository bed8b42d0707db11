"""`chatzero trace`: every step of a training step, with its name and its shape, forward and backward."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from chatzero.language import tr

if TYPE_CHECKING:
    from chatzero.models.interface import LanguageModel
    from chatzero.text.tokenizer import Tokenizer


def trace(
    model: Annotated[
        Path | None,
        typer.Argument(
            metavar="[MODEL|RECIPE]",
            help=tr(
                "A model or run folder, or a recipe (default: a small untrained model).",
                "模型或运行文件夹，或一个配方（默认：一个未训练的小模型）。",
            ),
        ),
    ] = None,
    text: Annotated[
        str, typer.Option(metavar="TEXT", help=tr("The sentence that goes through.", "送进模型的句子。"))
    ] = "",
    batch_size: Annotated[
        int, typer.Option(min=1, help=tr("The sentence, so many times.", "把句子重复这么多行。"))
    ] = 2,
    arch: Annotated[
        Literal["transformer", "gpt"], typer.Option(help=tr("Of the untrained model.", "未训练的模型用哪种结构。"))
    ] = "transformer",
    mistake: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help=tr(
                "Make a mistake on purpose, and see where it shows: "
                "transpose, no-transpose, view, softmax, scale or mask.",
                "故意犯一个错，看它在哪里露出来：transpose、no-transpose、view、softmax、scale 或 mask。",
            ),
        ),
    ] = "",
    all_layers: Annotated[
        bool,
        typer.Option("--all-layers", help=tr("Show every layer, not the first alone.", "显示每一层，而不只是第一层。")),
    ] = False,
    device: Annotated[str, typer.Option(help=tr("auto, cpu, cuda or mps.", "auto、cpu、cuda 或 mps。"))] = "cpu",
    as_json: Annotated[
        bool, typer.Option("--json", help=tr("Print one JSON document.", "输出一个 JSON 文档。"))
    ] = False,
) -> None:
    """Every step of the model: name, shape with its dimensions named, parameters, FLOPs, bytes, time; and backward.

    Exits 1 when a shape is not the one that the config asks for (and no mistake was asked for).

    Example: chatzero trace --arch gpt --text "The cat sat on the mat."
    """
    from chatzero.apps.cli.trace_view import as_document, show_mistake, show_trace
    from chatzero.device import choose_device
    from chatzero.inspection.example import example_batch, repeat_answer
    from chatzero.inspection.mistakes import mistake_named, with_mistake
    from chatzero.inspection.trace import first_departure, first_difference, values
    from chatzero.inspection.trace import trace as run

    chosen = mistake_named(mistake) if mistake else None
    text = text or tr("The cat sat on the mat.", "猫坐在垫子上。")
    place = choose_device(device).device
    opened, tokenizer = open_model(model, arch, text)
    opened = opened.to(place)
    batch = example_batch(opened.config, tokenizer, text, repeat_answer(tokenizer, text), batch_size, place)
    console = Console()
    found = run(opened, batch)
    if chosen is None:
        departure = first_departure(found)
        if as_json:
            print(json.dumps(as_document(found), ensure_ascii=False))
        else:
            show_trace(console, found, all_layers)
        if departure is not None or found.error is not None:
            raise typer.Exit(1)
        return
    changed = partial(with_mistake, chosen)
    wrong = run(opened, batch, repeats=1, changed=changed)
    differs = first_difference(values(opened, batch), values(opened, batch, changed))
    if as_json:
        print(json.dumps(as_document(wrong) | {"mistake": mistake, "first_difference": differs}, ensure_ascii=False))
    else:
        show_mistake(console, chosen, found, wrong, differs)


def open_model(path: Path | None, arch: Literal["transformer", "gpt"], text: str) -> "tuple[LanguageModel, Tokenizer]":
    """The model in the folder, or an untrained one: of the recipe, or a small one. Those read bytes."""
    from chatzero.checkpoint.bundle import load_bundle
    from chatzero.device import seeded_generator
    from chatzero.models.build import build
    from chatzero.models.sizes import sized
    from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer

    if path is not None and path.suffix != ".toml":
        bundle = load_bundle(path)
        return bundle.model, bundle.tokenizer
    tokenizer = Tokenizer.train([text], MIN_VOCAB_SIZE)
    if path is None:
        return build(sized(arch, "tiny", 4096, 256), seeded_generator(0)), tokenizer
    from chatzero.pipeline.materials import model_config
    from chatzero.pipeline.recipe import read_recipe

    recipe = read_recipe(path)
    if recipe.model.start_from is not None:
        bundle = load_bundle(recipe.model.start_from)
        return bundle.model, bundle.tokenizer
    return build(model_config(recipe.model, recipe.tokenizer.vocab_size), seeded_generator(0)), tokenizer
