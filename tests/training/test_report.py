"""metrics.jsonl after a resume: no row twice, none missing, a torn last line forgotten."""

from pathlib import Path

from chatzero.training.report import EvalReport, MetricsFile, StepReport, read_metrics


def row(step: int) -> StepReport:
    return StepReport(step, 0.1, 2.0, 1e-3, 1.0, 10, 12, 0.1, 1.0)


def test_rows_after_the_checkpoint_are_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    first = MetricsFile(path, after_step=0)
    for step in (1, 2, 3):
        first.write(row(step))
    first.write(EvalReport(3, 1.5, 0.7, 2.0, True))
    first.close()
    with path.open("a") as file:
        file.write('{"step": 4, "lo')  # killed while writing
    second = MetricsFile(path, after_step=2)
    second.write(row(3))
    second.close()
    assert [r["step"] for r in read_metrics(path)] == [1, 2, 3]
    assert [r["kind"] for r in read_metrics(path)] == ["step", "step", "step"]


def test_no_file_no_rows(tmp_path: Path) -> None:
    assert read_metrics(tmp_path / "none.jsonl") == []
