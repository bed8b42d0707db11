"""The recipe of the main job: what size, how much data and which settings fit the minutes on this machine."""

from collections.abc import Callable, Mapping
from pathlib import Path

from chatzero.pipeline.recipe import Arch, BuiltinTable, ModelTable, Recipe, TokenizerTable, parse_recipe
from chatzero.training.config import TrainConfig


def quickstart_recipe(
    arch: Arch, minutes: float, seed: int, began_with: Mapping[str, object] | None, say: Callable[[str], None]
) -> Recipe:
    """The recipe for `minutes` here. `began_with`: the settings of the run to go on with, if there is one."""
    if began_with is not None:
        return parse_recipe(began_with, Path("run.json"))
    return Recipe(
        stage="sft",
        model=ModelTable(arch=arch, size="tiny", max_seq_len=256),
        tokenizer=TokenizerTable(vocab_size=4096),
        builtin=BuiltinTable(examples=200_000, seed=seed),
        train=TrainConfig(minutes=minutes, seed=seed, batch_tokens=4096),
    )
