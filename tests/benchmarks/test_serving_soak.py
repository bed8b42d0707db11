"""A few seconds of the soak, so that its half hour starts without surprises; and that it sees what goes wrong."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.serving_soak import Soaked, Standing, problems
from benchmarks.soak_visits import Ledger
from chatzero.checkpoint.bundle import save_bundle
from tests.apps.server.running import small_bundle

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
# The slow one is the same for the other architecture: CI asks one.
@pytest.mark.parametrize("arch", ["gpt", pytest.param("transformer", marks=pytest.mark.slow)])
def test_nothing_leaks_and_nobody_is_lost(arch: str, tmp_path: Path) -> None:
    bundle = small_bundle(arch, max_seq_len=300)
    save_bundle(tmp_path / "model", bundle.model, bundle.tokenizer, "card")
    words = [sys.executable, "-m", "benchmarks.serving_soak", str(tmp_path / "model"), "--minutes", "0.03"]
    environ = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        # so short a run says little about memory
        [*words, "--people", "12", "--max-growth", "200"],
        capture_output=True,
        text=True,
        env=environ,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["problems"] == []
    kinds = {outcome.split(":")[0] for outcome in result["outcomes"]}
    assert len(kinds) >= 5, "of seven kinds of visitors most have come"
    assert result["answers"]["taken on"] > 20
    assert result["answers"]["cancelled"] > 0


SOUND = Standing(
    running=0,
    waiting=0,
    tasks=4,
    kept_mib=1.0,
    accepted=8,
    over={"stop": 5, "length": 1, "cancelled": 2, "fault": 0, "stopped": 0},
    statuses={"200": 8, "400": 3},
    threads=9,
    files=11,
    rss_mib=300.0,
)


def test_it_sees_what_goes_wrong() -> None:
    before = replace(SOUND, over=dict.fromkeys(SOUND.over, 0))

    def found(answers: int = 6, mib: Sequence[float] = (), **changes: Any) -> list[str]:
        return problems(before, replace(SOUND, **changes), Soaked(Ledger(answers), own_mib=list(mib)), bound_mib=10.0)

    assert found() == []
    assert found(threads=12) == [], "idle workers are none too many"
    assert found(tasks=5) == ["tasks: 4 before, 5 now"]
    assert found(files=12) == ["files: 11 before, 12 now"]
    assert found(threads=30) == ["threads: 9 before, 30 now"]
    assert found(running=1) == ["running: 1"]
    assert found(accepted=9) == ["9 answers taken on, 8 over"]
    assert found(answers=7) == ["7 answers received, 6 written"]
    assert found(over=SOUND.over | {"fault": 1, "stop": 4}, answers=5) == ["1 answers ended by fault"]
    assert found(statuses={"200": 8, "500": 1}) == ["1 answers with status 500"]
    leak = [100.0 + i for i in range(50)]
    assert found(mib=leak) == ["memory grew by 30.0 MiB"]
    assert found(mib=[*leak[:8], *[120.0] * 42]) == [], "what comes with the first load is no leak"
