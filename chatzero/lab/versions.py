"""The right model beside one with a replaced method: the comparison that most pitfalls of the model need."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from torch import nn

from chatzero.lab.bench import Bench
from chatzero.lab.pitfall import Number, Scale, Version, Words
from chatzero.lab.surgery import replaced

COLUMNS = {"loss": Words("held-out loss", "留出损失"), "right": Words("right answers", "答对")}


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
