"""The recipe of the main job: the size, the amount of data and the settings that fit the minutes on this machine."""

from collections.abc import Callable
from pathlib import Path

import torch

from chatzero.data.batch import IGNORE, LMBatch, Seq2SeqBatch
from chatzero.device import choose_device
from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.models.build import build
from chatzero.models.sizes import sized
from chatzero.pipeline.recipe import Arch, BuiltinTable, ModelTable, Recipe, TokenizerTable, parse_recipe
from chatzero.training.config import TrainConfig
from chatzero.training.precision import faster_precision
from chatzero.training.run import RUN_FILE

MAX_SEQ_LEN = 256
VOCAB_SIZE = 4096
BATCH_TOKENS = 4096

# (size, optimizer updates it needs to be worth its cost), the largest first. Below the first a smaller one is better.
_STEPS_WANTED = (("mini", 6000), ("tiny", 700), ("micro", 200), ("nano", 0))
_BATCHES_MEASURED_TOKENS = 4096
_STEP_OVERHEAD = 1.3  # optimizer, batches, looks at the held-out loss: on top of forward and backward
_EXAMPLES_PER_STEP = 150  # about what a batch of BATCH_TOKENS holds; the data should not repeat within the time
_STEPS_FOR_ALL_SKILLS = 6000
_LEAST_EXAMPLES, _MOST_EXAMPLES = 20_000, 600_000


def quickstart_recipe(arch: Arch, minutes: float, seed: int, say: Callable[[str], None]) -> Recipe:
    """The recipe for `minutes` here."""
    size, steps = _fitting_size(arch, minutes, say)
    return Recipe(
        stage="sft",
        model=ModelTable(
            arch=arch, size=size, max_seq_len=MAX_SEQ_LEN, positions="rotary" if arch == "transformer" else None
        ),
        tokenizer=TokenizerTable(vocab_size=VOCAB_SIZE),
        builtin=BuiltinTable(
            examples=min(_MOST_EXAMPLES, max(_LEAST_EXAMPLES, steps * _EXAMPLES_PER_STEP)),
            skills="all" if steps >= _STEPS_FOR_ALL_SKILLS else "core",
            seed=seed,
        ),
        train=TrainConfig(
            minutes=minutes,
            seed=seed,
            batch_tokens=BATCH_TOKENS,
            optimizer="muon",
            learning_rate=2e-3,
            matrix_learning_rate=0.02,
            eval_every=max(25, steps // 10),
            save_every=max(25, steps // 8),
        ),
    )


def recipe_of_run(settings: dict[str, object], folder: Path, arch: Arch, minutes: float) -> Recipe:
    """The recipe that the run in `folder` began with, to go on with it.

    Raises `ConfigError` when that was for another architecture or another time: it would be another run.
    """
    recipe = parse_recipe(settings, folder / RUN_FILE)
    began, asked = (recipe.model.arch, recipe.train.minutes), (arch, minutes)
    if began != asked:
        theirs, ours = (f"--arch {a} --minutes {m:g}" if m else f"--arch {a}" for a, m in (began, asked))
        raise ConfigError(
            what=tr(
                f"{folder} holds a run begun with {theirs}, now {ours}", f"{folder} 里的运行始于 {theirs}，现为 {ours}"
            ),
            why=tr("a run is resumed with the settings it began with", "续训必须使用开始时的设置"),
            do=tr(
                "use the same options, another --out folder, or --fresh to train anew there",
                "请用相同的选项，或换一个 --out 文件夹，或用 --fresh 在此重新训练",
            ),
        )
    return recipe


def _fitting_size(arch: Arch, minutes: float, say: Callable[[str], None]) -> tuple[str, int]:
    """The largest size that gets as many updates as it needs within the minutes, and how many that will be."""
    say(tr("Measuring a training step, to choose the size ...", "正在实测一步训练，以选择模型大小……"))
    device = choose_device("auto").device
    size, steps = _STEPS_WANTED[-1][0], 0
    for size, wanted in _STEPS_WANTED:
        model = build(sized(arch, size, VOCAB_SIZE, MAX_SEQ_LEN, dropout=0.0), torch.Generator().manual_seed(0))
        precision, seconds = faster_precision(model.to(device), _typical_batch(arch))
        step_s = seconds[precision] * _STEP_OVERHEAD
        steps = round(60 * minutes / step_s)
        if steps >= wanted:
            say(
                tr(
                    f"Size: {size} (measured {step_s:.2f} s a step, about {steps:,} steps in {minutes:g} minutes)",
                    f"模型大小：{size}（实测每步 {step_s:.2f} 秒，{minutes:g} 分钟约 {steps:,} 步）",
                )
            )
            break
    return size, steps


def _typical_batch(arch: Arch) -> LMBatch | Seq2SeqBatch:
    """Random ids in the shape of a batch of short chats: what the time of a step depends on."""
    generator = torch.Generator().manual_seed(0)

    def ids(rows: int, width: int) -> torch.Tensor:
        return torch.randint(5, VOCAB_SIZE - 1, (rows, width), generator=generator)

    if arch == "gpt":
        rows = _BATCHES_MEASURED_TOKENS // 30
        targets = ids(rows, 30)
        targets[:, :18] = IGNORE
        return LMBatch(ids(rows, 30), targets)
    rows = _BATCHES_MEASURED_TOKENS // 30
    return Seq2SeqBatch(ids(rows, 20), torch.ones(rows, 20, dtype=torch.bool), ids(rows, 10), ids(rows, 10))
