"""`chatzero doctor`: is this machine ready, and what can it train?"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from chatzero.language import tr

if TYPE_CHECKING:
    from chatzero.doctor.advice import Prediction
    from chatzero.doctor.measure import Measurement


def doctor(
    arch: Annotated[
        Literal["transformer", "gpt"], typer.Option(help=tr("What to measure.", "测量哪种结构。"))
    ] = "transformer",
    tokens: Annotated[
        int,
        typer.Option(
            min=1, metavar="N", help=tr("Predict training on that many tokens.", "按这么多 token 预测训练时间。")
        ),
    ] = 10_000_000,
    quick: Annotated[
        bool, typer.Option("--quick", help=tr("Check only, measure nothing.", "只检查，不实测。"))
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help=tr("Print one JSON document.", "输出一个 JSON 文档。"))
    ] = False,
) -> None:
    """Check and measure this machine: what is wrong, the command that mends it, and what it can train.

    Exits 1 when something is wrong that must be mended.

    Example: chatzero doctor --quick
    """
    from chatzero.apps.cli.doctor_view import show_findings, show_measurement, show_predictions
    from chatzero.doctor.checks import check
    from chatzero.doctor.facts import gather_facts

    console, progress = Console(), Console(stderr=True)
    facts = gather_facts(Path.cwd(), thorough=not quick)
    findings = check(facts)
    if not as_json:
        show_findings(findings, console)
    measurement: Measurement | None = None
    predictions: list[Prediction] = []
    if facts.torch is not None and not quick:
        from chatzero.device import choose_device
        from chatzero.doctor.advice import predict
        from chatzero.doctor.measure import measure
        from chatzero.doctor.memory import process_bytes

        choice = choose_device()
        progress.print(tr(f"measuring: {choice.reason} ...", f"正在实测：{choice.reason}……"))
        measurement = measure(choice.device, arch)
        own_bytes = process_bytes() or 0
        predictions = predict(measurement, tokens, facts.free_memory_bytes, own_bytes)
        if not as_json:
            show_measurement(measurement, console)
            show_predictions(predictions, tokens, console)
    failed = any(finding.verdict == "fail" for finding in findings)
    if as_json:
        document = {
            "ok": not failed,
            "findings": [asdict(finding) for finding in findings],
            "measured": asdict(measurement) if measurement is not None else None,
            "predicted": {"tokens": tokens, "sizes": [asdict(prediction) for prediction in predictions]},
        }
        print(json.dumps(document, ensure_ascii=False))
    if failed:
        raise typer.Exit(1)
