"""What came out of a pitfall as a picture: the curves, or bars of the numbers where there are no curves."""

from pathlib import Path
from typing import TYPE_CHECKING

from chatzero.lab.pitfall import Measured, Number, Pitfall

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = ("#2f5d9b", "#d1495b", "#e08e2b", "#59a14f", "#8a6fb0", "#6b6b6b")


def draw(pitfall: Pitfall, measured: Measured, picture: Path, dpi: int = 150) -> None:
    """Held-out loss over the steps, a line for each version; else a row of bars for each column of the table."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), dpi=dpi, layout="constrained")
    if any(version.curve for version in measured.versions):
        _curves(figure, measured)
    else:
        _bars(figure, measured)
    figure.suptitle(pitfall.title.en)
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture)


def _curves(figure: "Figure", measured: Measured) -> None:
    axes = figure.add_subplot()
    for version, colour in zip(measured.versions, _COLOURS, strict=False):
        if version.curve:
            axes.plot(*zip(*version.curve, strict=True), color=colour, marker="o", markersize=3, label=version.name.en)
    losses = [loss for version in measured.versions for _, loss in version.curve]
    if max(losses) > 50 * min(losses):
        axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel("held-out loss (nats per token)")
    axes.grid(alpha=0.25, linewidth=0.4)
    axes.legend(frameon=False)


def _bars(figure: "Figure", measured: Measured) -> None:
    names = [version.name.en for version in measured.versions]
    grid = figure.subplots(1, len(measured.columns), sharey=True, squeeze=False)[0]
    for axes, (key, heading) in zip(grid, measured.columns.items(), strict=True):
        heights = [_height(version.numbers[key]) for version in measured.versions]
        bars = axes.barh(names, heights, color=_COLOURS[: len(names)])
        axes.bar_label(bars, [_label(version.numbers[key]) for version in measured.versions], padding=3)
        axes.set_title(heading.en, fontsize=9)
        axes.set_xlim(0, 1.25 * max(*heights, 1e-9))
        axes.set_xticks([])
        for side in ("top", "right", "bottom"):
            axes.spines[side].set_visible(False)
    grid[0].invert_yaxis()


def _height(number: Number) -> float:
    return float(number.rstrip("%")) if isinstance(number, str) else float(number)


def _label(number: Number) -> str:
    return f"{number:.3g}" if isinstance(number, float) else str(number)
