"""Each verdict on curves made to be it, and none of them on a curve as it should be."""

import math
from collections.abc import Callable, Sequence

import pytest

from chatzero.language import set_language
from chatzero.training.guards.verdicts import Marks, marks, verdicts
from chatzero.training.report import EvalReport, StepReport
from tests import small

AGAINST = Marks(uniform_nats=math.log(4096), unigram_nats=5.5)  # 8.32
STEPS = 200


def curve(loss: Callable[[float], float], steps: int = STEPS) -> list[StepReport]:
    """A run of `steps`, with a loss by progress from 0 to 1."""
    return [
        StepReport(i + 1, i / steps, loss(i / steps) + 0.05 * math.sin(7.0 * i), 1e-3, 1.0, 10, 12, 0.1, 1.0)
        for i in range(steps)
    ]


def looks(*losses: float) -> list[EvalReport]:
    return [EvalReport(50 * (i + 1), loss, 1.0, 1.0, False) for i, loss in enumerate(losses)]


def good(progress: float) -> float:
    return 0.5 + 7.8 * math.exp(-8 * progress)


def names(steps: Sequence[StepReport], *held_out: float) -> list[str]:
    return [remark.name for remark in verdicts(steps, looks(*held_out), AGAINST)]


@pytest.mark.parametrize("part", [1, 5, 30, 60, 110, 150, STEPS])
def test_a_good_run_is_left_in_peace_at_every_moment(part: int) -> None:
    assert names(curve(good)[:part], 4.0, 2.0, 1.0, 0.7) == []


@pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("start too high", lambda p: 3.0 + 9.0 * math.exp(-30 * p)),
        ("start too low", lambda p: 2.0 * math.exp(-3 * p)),
        ("diverging", lambda p: good(p) if p < 0.4 else 6.0),
        ("too slow", lambda p: 8.3 - 1.0 * p),
        ("stuck at the frequencies", lambda p: 5.5 + 2.8 * math.exp(-30 * p)),
        ("spike", lambda p: 6.0 if p == 0.6 else good(p)),
    ],
)
def test_each_fault_is_called_by_its_name_alone(name: str, loss: Callable[[float], float]) -> None:
    assert names(curve(loss)) == [name]


def test_memorising_wants_both_a_turned_held_out_loss_and_a_low_training_loss() -> None:
    assert names(curve(good), 1.0, 0.9, 1.4) == ["memorising"]
    assert names(curve(good), 1.4, 1.0, 0.9) == []
    assert names(curve(good), 0.55, 0.5, 0.56) == []


def test_weights_of_an_earlier_training_may_start_low() -> None:
    fresh = verdicts(curve(lambda p: 1.0), [], AGAINST)
    tuned = verdicts(curve(lambda p: 1.0), [], Marks(AGAINST.uniform_nats, AGAINST.unigram_nats, fresh=False))
    assert [remark.name for remark in fresh] == ["start too low"]
    assert tuned == []


def test_the_marks_are_those_of_the_data() -> None:
    tokens = small.tokenizer()
    batches = list(small.loader("gpt", tokens).in_order())
    found = marks(batches, tokens.vocab_size, fresh=True)
    counts: dict[int, int] = {}
    for batch in batches:
        for target in batch.targets.flatten().tolist():
            if target >= 0:
                counts[target] = counts.get(target, 0) + 1
    whole = sum(counts.values())
    entropy = -sum(n / whole * math.log(n / whole) for n in counts.values())
    assert found.unigram_nats == pytest.approx(entropy, rel=1e-5)
    assert found.uniform_nats == pytest.approx(math.log(tokens.vocab_size))


def test_a_remark_speaks_both_languages() -> None:
    (remark,) = verdicts(curve(lambda p: 5.5 + 2.8 * math.exp(-30 * p)), [], AGAINST)
    assert "stands still" in str(remark)
    assert "why:" in str(remark)
    set_language("zh")
    assert "词频的熵" in str(remark)
    assert "办法：" in str(remark)
