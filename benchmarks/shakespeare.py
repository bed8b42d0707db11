"""Speed to quality: how soon ours is as good on Tiny Shakespeare as nanoGPT's setting for CPUs at its end.

    python -m benchmarks.shakespeare tinyshakespeare/input.txt --rounds 3

Each round trains both with the same seed, one after the other. The baseline (`plain_gpt`) takes its 2,000 steps; ours
is `recipes/tiny-shakespeare.toml` through `chatzero`'s own run. What is compared is the loss on the same windows of
held-out text: nats for each of 64 characters, of which the window shows what came before. Reading the text and these
looks at the loss are in neither time; measuring the faster precision and opening the run folder are in ours.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.machine import machine
from benchmarks.plain_gpt import PlainGPT, PlainSettings, plain_training
from chatzero.device import choose_device
from chatzero.doctor.measure import wait_for
from chatzero.pipeline.materials import gather
from chatzero.pipeline.recipe import read_recipe
from chatzero.training.memory import keep_freed_memory
from chatzero.training.precision import faster_precision
from chatzero.training.report import StepReport
from chatzero.training.run import run

ROOT = Path(__file__).parent.parent
RECIPE = ROOT / "recipes" / "tiny-shakespeare.toml"
RESULT = Path(__file__).parent / "results" / "shakespeare.json"


@dataclass(frozen=True)
class Outcome:
    """Of one training: how long it took, what it read, and the held-out loss it came to."""

    seconds: float
    steps: int
    characters: int
    parameters: int
    precision: str
    val_nats: float


def halves(text: str) -> tuple[str, str]:
    """To learn from, and to be judged by: nine tenths and the rest, by position."""
    border = len(text) * 9 // 10
    return text[:border], text[border:]


@torch.no_grad()
def val_nats(logits_of: Callable[[Tensor], Tensor], ids: Sequence[int], context: int, device: torch.device) -> float:
    """Mean nats of each character but the first in every window of `context` + 1 characters."""
    windows = torch.tensor(ids[: len(ids) // (context + 1) * (context + 1)]).view(-1, context + 1).to(device)
    nats = 0.0
    for some in torch.split(windows, 64):
        logits = logits_of(some[:, :-1]).float()
        nats += F.cross_entropy(logits.flatten(0, 1), some[:, 1:].flatten(), reduction="sum").item()
    return nats / windows[:, 1:].numel()


def baseline(text: str, settings: PlainSettings, seed: int, device: torch.device) -> Outcome:
    """nanoGPT's way, in float32 on a CPU as there."""
    training, held_out = halves(text)
    alphabet = {character: i for i, character in enumerate(sorted(set(text)))}
    settings = replace(settings, vocab_size=len(alphabet))
    ids = torch.tensor([alphabet[character] for character in training])
    torch.manual_seed(seed)
    model = PlainGPT(settings).to(device)
    dtype = torch.float32 if device.type == "cpu" else torch.bfloat16
    steps = plain_training(model, ids, settings, seed, dtype)
    started_s = time.perf_counter()
    characters = sum(islice(steps, settings.steps))
    wait_for(device)
    seconds = time.perf_counter() - started_s
    loss = val_nats(model.eval(), [alphabet[character] for character in held_out], settings.context, device)
    parameters = sum(p.numel() for p in model.parameters())
    return Outcome(seconds, settings.steps, characters, parameters, str(dtype).removeprefix("torch."), loss)


def ours(text: str, seed: int, device: torch.device, overrides: Sequence[str] = ()) -> Outcome:
    """`chatzero train recipes/tiny-shakespeare.toml`, less what it prints."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part, words in zip(("train", "val"), halves(text), strict=True):
            (folder / f"{part}.txt").write_text(words, encoding="utf-8")
        files = [f"data.files=['{folder}/train.txt']", f"data.heldout=['{folder}/val.txt']"]
        recipe = read_recipe(RECIPE, [*files, f"train.seed={seed}", f"train.device={device}", *overrides])
        materials, _ = gather(recipe, folder / "run", lambda _: None)
        started_s = time.perf_counter()
        precision, _ = faster_precision(materials.model, materials.loader.batch_at(0))
        config = recipe.train.model_copy(update={"precision": precision})
        steps, characters, ended_s = 0, 0, started_s
        for event in run(folder / "run", materials, config, {}):
            if isinstance(event, StepReport):
                steps, characters, ended_s = steps + 1, characters + event.tokens, time.perf_counter()
        model, tokenizer = materials.model.eval(), materials.tokenizer
        held_out = tokenizer.encode(halves(text)[1])
        loss = val_nats(model, held_out, model.config.max_seq_len, device)
        parameters = sum(p.numel() for p in model.parameters())
        return Outcome(ended_s - started_s, steps, characters, parameters, precision, loss)


def compare(
    text: str, rounds: int, device: torch.device, settings: PlainSettings, overrides: Sequence[str]
) -> dict[str, Any]:
    """Both, `rounds` times, and the times of the baseline over ours."""
    pairs = []
    for seed in range(1, rounds + 1):
        pairs.append((baseline(text, settings, seed, device), ours(text, seed, device, overrides)))
        print(pairs[-1], file=sys.stderr)
    ratios = [theirs.seconds / mine.seconds for theirs, mine in pairs]
    return {
        "command": "python -m benchmarks.shakespeare " + " ".join(["input.txt", *sys.argv[2:]]),
        "machine": machine(device),
        "baseline": [asdict(theirs) for theirs, _ in pairs],
        "ours": [asdict(mine) for _, mine in pairs],
        "as_good": [mine.val_nats <= theirs.val_nats for theirs, mine in pairs],
        "times_sooner": {"median": median(ratios), "least": min(ratios), "most": max(ratios)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path, help="the text, whole: input.txt of Tiny Shakespeare")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--baseline-steps", type=int, default=2000)
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="train.KEY=VALUE")
    parser.add_argument("--out", type=Path, default=RESULT)
    words = parser.parse_args()
    keep_freed_memory()
    text = words.text.read_text(encoding="utf-8")
    settings = PlainSettings(vocab_size=0, steps=words.baseline_steps)
    document = compare(text, words.rounds, choose_device(words.device).device, settings, words.overrides)
    words.out.parent.mkdir(parents=True, exist_ok=True)
    words.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(document["times_sooner"]))


if __name__ == "__main__":
    main()
