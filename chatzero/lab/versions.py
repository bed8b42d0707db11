"""The right version beside a wrong one: a model with a replaced method, or a batch with other targets."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from torch import nn

from chatzero.lab.bench import Bench, Edit, as_it_is
from chatzero.lab.pitfall import Number, Scale, Version, Words
from chatzero.lab.surgery import replaced

COLUMNS = {"loss": Words("held-out loss", "留出损失"), "right": Words("right answers", "答对")}
SHOWN_COLUMNS = {
    "shown": Words("held-out loss shown", "显示的留出损失"),
    "true": Words("held-out loss of the answers", "回答的留出损失"),
    "right": COLUMNS["right"],
}


def right_and_wrong(
    scale: Scale,
    names: tuple[Words, Words],
    kind: type[nn.Module],
    method: str,
    other: Callable[..., Any],
    **changes: object,
) -> tuple[Version, Version]:
    """Both trained from the same weights on the same batches; the second with `method` of every `kind` replaced."""
    bench = Bench(scale)
    versions = []
    for name, mistaken in zip(names, (False, True), strict=True):
        model = bench.model(**changes)
        with replaced(model, kind, method, other) if mistaken else nullcontext():
            trained = bench.train(model)
            answers = bench.answers(model)
        numbers: dict[str, Number] = {"loss": trained.curve[-1][1], "right": f"{bench.right(answers):.0%}"}
        versions.append(Version(name, numbers, trained.curve, bench.sample(answers)))
    return versions[0], versions[1]


def with_and_without(bench: Bench, names: tuple[Words, Words], edit: Edit) -> tuple[Version, Version]:
    """Both trained alike, the second on batches as `edit` gives them; "shown" is the loss by its own rule."""
    versions = []
    for name, its_edit in zip(names, (as_it_is, edit), strict=True):
        trained = bench.train(bench.model(), its_edit)
        answers = bench.answers(trained.model)
        numbers: dict[str, Number] = {
            "shown": trained.curve[-1][1],
            "true": bench.loss(trained.model),
            "right": f"{bench.right(answers):.0%}",
        }
        versions.append(Version(name, numbers, trained.curve, bench.sample(answers)))
    return versions[0], versions[1]
