"""The curves of a pitfall as a picture."""

from pathlib import Path

from chatzero.lab.pitfall import Measured, Pitfall

_COLOURS = ("#2f5d9b", "#d1495b", "#e08e2b", "#59a14f")


def draw(pitfall: Pitfall, measured: Measured, picture: Path) -> bool:
    """Held-out loss over the steps, a line for each version. Draws nothing, and says so, where there are no curves."""
    curves = [version for version in measured.versions if version.curve]
    if not curves:
        return False
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    for version, colour in zip(curves, _COLOURS, strict=False):
        axes.plot(*zip(*version.curve, strict=True), color=colour, marker="o", markersize=3, label=version.name.en)
    axes.set_title(pitfall.title.en)
    axes.set_xlabel("step")
    axes.set_ylabel("held-out loss (nats per token)")
    axes.grid(alpha=0.25, linewidth=0.4)
    axes.legend(frameon=False)
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture)
    return True
