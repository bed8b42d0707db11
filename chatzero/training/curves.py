"""The reports as curves: TensorBoard events while training, one picture at the end."""

from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from chatzero.training.report import EvalReport, StepReport, read_metrics


class CurveLog:
    """Writes `tensorboard/` as training goes; `close` draws `loss.png` from `metrics.jsonl`."""

    def __init__(self, folder: Path, step: int) -> None:
        self._folder = folder
        # purge_step hides what a killed process logged after its checkpoint
        self._writer = SummaryWriter(str(folder / "tensorboard"), purge_step=step + 1)

    def add(self, report: StepReport | EvalReport) -> None:
        match report:
            case StepReport():
                values = {
                    "loss/train": report.loss,
                    "learning_rate": report.learning_rate,
                    "grad_norm": report.grad_norm,
                    "tokens_per_s": report.tokens / report.seconds,
                }
            case EvalReport():
                values = {"loss/held_out": report.loss, "bits_per_byte/held_out": report.bits_per_byte}
        for name, value in values.items():
            self._writer.add_scalar(name, value, report.step)

    def close(self) -> None:
        self._writer.close()
        draw_loss(self._folder / "metrics.jsonl", self._folder / "loss.png")


def draw_loss(metrics: Path, picture: Path) -> None:
    """Training and held-out loss over the steps, nats per token. Draws nothing before the first step."""
    rows = read_metrics(metrics)
    train = [(int(str(r["step"])), float(str(r["loss"]))) for r in rows if r["kind"] == "step"]
    held_out = [(int(str(r["step"])), float(str(r["loss"]))) for r in rows if r["kind"] == "eval"]
    if not train:
        return
    from matplotlib.figure import Figure  # a second to import: only when there is something to draw

    figure = Figure(figsize=(7, 4), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    axes.plot(*zip(*train, strict=True), color="#b8c4d6", linewidth=0.6, label="training, each step")
    window = max(1, len(train) // 100)
    smooth = [
        (train[i][0], sum(loss for _, loss in train[max(0, i - window) : i + 1]) / (i + 1 - max(0, i - window)))
        for i in range(len(train))
    ]
    axes.plot(*zip(*smooth, strict=True), color="#2f5d9b", linewidth=1.4, label="training, smoothed")
    if held_out:
        axes.plot(*zip(*held_out, strict=True), color="#d1495b", marker="o", markersize=3, label="held out")
    axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel("loss (nats per token)")
    axes.grid(alpha=0.25, which="both", linewidth=0.4)
    axes.legend(frameon=False, loc="upper right")  # "best" warns where drawing is slow
    figure.savefig(picture)
