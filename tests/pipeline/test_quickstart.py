"""The size and the horizon follow from the measured time of a step."""

import pytest

from chatzero.models.sizes import ARCHS, SIZES, Arch
from chatzero.pipeline import quickstart as module
from chatzero.pipeline.quickstart import quickstart_recipe


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize(
    ("minutes", "step_s", "size", "skills"),
    [
        (10.0, 0.15, "tiny", "core"),
        (1.0, 0.15, "micro", "core"),
        (0.1, 0.5, "nano", "core"),
        (60.0, 0.15, "mini", "all"),
    ],
)
def test_the_largest_size_that_gets_enough_steps(
    monkeypatch: pytest.MonkeyPatch, arch: Arch, minutes: float, step_s: float, size: str, skills: str
) -> None:
    def measured(model: object, batch: object) -> tuple[str, dict[str, float]]:
        return "bfloat16", {"float32": 2 * step_s, "bfloat16": step_s}

    monkeypatch.setattr(module, "faster_precision", measured)
    said: list[str] = []
    recipe = quickstart_recipe(arch, minutes, seed=3, say=said.append)
    assert (recipe.model.arch, recipe.model.size, recipe.train.minutes) == (arch, size, minutes)
    assert recipe.builtin is not None
    assert (recipe.builtin.skills, recipe.builtin.seed, recipe.train.seed) == (skills, 3, 3)
    assert size in SIZES
    assert f"Size: {size}" in said[-1]


def test_the_measurement_is_real() -> None:
    recipe = quickstart_recipe("gpt", 0.05, seed=1, say=lambda text: None)
    assert recipe.model.size in ("nano", "micro")
