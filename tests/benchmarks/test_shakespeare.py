"""Both trainings run, and both are judged by the same measure."""

import math

import pytest
import torch

from benchmarks.plain_gpt import PlainSettings
from benchmarks.shakespeare import compare, val_nats

CPU = torch.device("cpu")
TEXT = "".join(f"{name}:\nI say {name} and I say it {n} times.\n\n" for n in range(60) for name in ("ANNE", "BOB"))


def test_who_knows_nothing_needs_the_log_of_the_alphabet() -> None:
    nats = val_nats(lambda ids: torch.zeros(*ids.shape, 65), list(range(50)) * 3, context=16, device=CPU)
    assert nats == pytest.approx(math.log(65))


def test_every_window_is_scored_but_for_its_first_character() -> None:
    seen: list[torch.Tensor] = []

    def next_is_one_more(ids: torch.Tensor) -> torch.Tensor:
        seen.append(ids)
        return 100.0 * torch.nn.functional.one_hot(ids + 1, 70).float()

    assert val_nats(next_is_one_more, list(range(60)), context=9, device=CPU) == pytest.approx(0.0)
    assert torch.cat(seen).shape == (6, 9)


def test_both_learn_and_are_compared() -> None:
    settings = PlainSettings(vocab_size=0, steps=20, warmup_steps=2)
    overrides = ["train.steps=20", "train.batch_tokens=768", "model.size=nano"]
    document = compare(TEXT, 1, CPU, settings, overrides)
    for side in ("baseline", "ours"):
        (outcome,) = document[side]
        assert outcome["steps"] == 20
        assert outcome["seconds"] > 0
        assert outcome["val_nats"] < math.log(len(set(TEXT))), side
    assert document["times_sooner"]["median"] == pytest.approx(
        document["baseline"][0]["seconds"] / document["ours"][0]["seconds"]
    )
