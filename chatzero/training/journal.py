"""What a run writes down as it goes: `metrics.jsonl` and the curves, together."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from chatzero.training.curves import CurveLog
from chatzero.training.report import EvalReport, MetricsFile, StepReport, read_metrics

_REPORT: TypeAdapter[StepReport | EvalReport] = TypeAdapter(
    Annotated[StepReport | EvalReport, Field(discriminator="kind")]
)


class NoJournal:
    """For the processes of a team that do not write: their leader does."""

    def write(self, report: StepReport | EvalReport) -> None: ...

    def rewind(self, after_step: int) -> None: ...

    def reports(self) -> tuple[list[StepReport], list[EvalReport]]:
        return [], []

    def flush(self) -> None: ...

    def close(self) -> None: ...


class Journal:
    """Opened after a step, it forgets what was written of later steps: they will be trained again."""

    def __init__(self, folder: Path, after_step: int) -> None:
        self._folder = folder
        self._metrics = MetricsFile(folder / "metrics.jsonl", after_step)
        self._curves = CurveLog(folder, after_step)

    def write(self, report: StepReport | EvalReport) -> None:
        self._metrics.write(report)
        self._curves.add(report)

    def rewind(self, after_step: int) -> None:
        """Forget the rows of later steps."""
        self._metrics.close()
        self._curves.close()
        self._metrics = MetricsFile(self._folder / "metrics.jsonl", after_step)
        self._curves = CurveLog(self._folder, after_step)

    def reports(self) -> tuple[list[StepReport], list[EvalReport]]:
        """Everything written so far, this run's earlier processes included."""
        self._metrics.flush()
        rows = read_metrics(self._folder / "metrics.jsonl")
        reports = [_REPORT.validate_python(row) for row in rows]
        return (
            [report for report in reports if isinstance(report, StepReport)],
            [report for report in reports if isinstance(report, EvalReport)],
        )

    def flush(self) -> None:
        """Everything so far is on the disk: call it before the checkpoint that counts on it."""
        self._metrics.flush()

    def close(self) -> None:
        self._metrics.close()
        self._curves.close()
