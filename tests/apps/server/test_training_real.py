"""The real command, started over HTTP: it trains, stops when told with everything kept, and goes on from there."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from chatzero.apps.server.limits import ServerSettings
from chatzero.checkpoint.process_note import process_in
from tests.apps.server.pretended_training import eventually
from tests.apps.server.running import Running, running_server, small_bundle
from tests.apps.test_train import RECIPE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal to stop a run by")

PATIENCE_S = 120


def test_started_stopped_and_resumed(tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    rows = [{"question": f"What is {n}?", "answer": f"It is {n}."} for n in range(60)]
    (tmp_path / "chats.jsonl").write_text("\n".join(map(json.dumps, rows)))
    recipe = RECIPE.format(arch="gpt", files=(tmp_path / "chats.jsonl").as_posix())
    recipe = recipe.replace("steps = 6", "steps = 1000000").replace("eval_every = 3", "eval_every = 10")
    (tmp_path / "recipes" / "mine.toml").write_text(recipe)
    folder = tmp_path / "runs" / "mine"
    settings = ServerSettings(runs=tmp_path / "runs", recipes=tmp_path / "recipes", train=True)
    try:
        with running_server(small_bundle("gpt"), settings) as server:
            status, answer = server.post("/studio/runs", {"name": "mine", "recipe": "mine"})
            assert status == 201, answer
            run = str(answer["id"])
            eventually(lambda: told(server, run)["told"]["samples"], PATIENCE_S)
            assert server.post(f"/studio/runs/{run}/stop", {})[0] == 200
            eventually(lambda: row(server, run)["state"] == "interrupted", PATIENCE_S)
            assert (folder / "model" / "model.safetensors").exists()
            eventually(lambda: process_in(folder) is None, PATIENCE_S)
            before = row(server, run)["step"]
            assert before >= 10
            assert server.post(f"/studio/runs/{run}/resume", {})[0] == 200
        with running_server(small_bundle("gpt"), settings) as server:  # the server goes, the training stays
            eventually(lambda: row(server, run)["step"] > before, PATIENCE_S)
            assert f"Resuming at step {before}" in told(server, run)["log"]
            assert server.chat("abc", model="mine", max_tokens=2)[0] == 200
            assert server.post(f"/studio/runs/{run}/stop", {})[0] == 200
            eventually(lambda: row(server, run)["state"] == "interrupted", PATIENCE_S)
    finally:
        if (pid := process_in(folder)) is not None:
            os.kill(pid, signal.SIGKILL)


def row(server: Running, run: str) -> dict[str, Any]:
    rows = json.loads(server.ask("GET", "/studio/runs")[2])["runs"]
    return dict(next(one["run"] for one in rows if one["id"] == run))


def told(server: Running, run: str) -> dict[str, dict[str, list[object]]]:
    return dict(json.loads(server.ask("GET", f"/studio/runs/{run}/words")[2]))
