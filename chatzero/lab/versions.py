"""The right version beside a wrong one: a model with a replaced method, or a batch with other targets."""

from collections.abc import Callable
from typing import Any

from torch import nn

from chatzero.lab.bench import Bench, Edit, Trained, bench_of
from chatzero.lab.pitfall import Number, Scale, Version, Words
from chatzero.lab.surgery import replaced

COLUMNS = {"loss": Words("held-out loss", "留出损失"), "right": Words("right answers", "答对")}
SHOWN_COLUMNS = {
    "shown": Words("held-out loss shown", "显示的留出损失"),
    "true": Words("held-out loss of the answers", "回答的留出损失"),
    "right": COLUMNS["right"],
}


def version_of(bench: Bench, name: Words, trained: Trained) -> Version:
    """A trained model as a row under `COLUMNS`."""
    answers = bench.answers(trained.model)
    numbers: dict[str, Number] = {"loss": trained.loss, "right": f"{bench.right(answers):.0%}"}
    return Version(name, numbers, trained.curve, bench.sample(answers))


def right_and_wrong(
    scale: Scale,
    names: tuple[Words, Words],
    kind: type[nn.Module],
    method: str,
    other: Callable[..., Any],
    **changes: object,
) -> tuple[Version, Version]:
    """Both trained from the same weights on the same batches; the second with `method` of every `kind` replaced."""
    bench = bench_of(scale)
    right = version_of(bench, names[0], bench.train(bench.model(**changes)) if changes else bench.trained)
    model = bench.model(**changes)
    with replaced(model, kind, method, other):
        return right, version_of(bench, names[1], bench.train(model))


def with_and_without(bench: Bench, names: tuple[Words, Words], edit: Edit) -> tuple[Version, Version]:
    """Both trained alike, the second on batches as `edit` gives them; "shown" is the loss by its own rule."""

    def version(name: Words, trained: Trained) -> Version:
        answers = bench.answers(trained.model)
        numbers: dict[str, Number] = {
            "shown": trained.loss,
            "true": bench.loss(trained.model),
            "right": f"{bench.right(answers):.0%}",
        }
        return Version(name, numbers, trained.curve, bench.sample(answers))

    return version(names[0], bench.trained), version(names[1], bench.train(bench.model(), edit))
