"""schemathesis reads the server's description and makes up requests from it, good and bad: no 5xx, no hang, and every
answer is one that the description promises."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.apps.server.running import running_server, small_bundle

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.mark.parametrize("phases", ["fuzzing", pytest.param("examples,coverage,fuzzing", marks=pytest.mark.slow)])
def test_no_request_from_the_description_breaks_it(phases: str, tmp_path: Path) -> None:
    """Some random requests; with `-m slow` also every field at each of its limits, which takes most of a minute."""
    with running_server(small_bundle("gpt")) as server:
        description = json.loads(server.ask("GET", "/openapi.json")[2])
        for name in ("ChatRequest", "CompletionRequest"):  # else every request asks for some other model
            description["components"]["schemas"][name]["properties"]["model"]["enum"] = ["small"]
        (tmp_path / "openapi.json").write_text(json.dumps(description), encoding="utf-8")
        words = [sys.executable, "-m", "schemathesis.cli", "run", "openapi.json"]
        words += [
            "--url",
            f"http://127.0.0.1:{server.port}",
            "--checks",
            CHECKS,
            "--phases",
            phases,
            "--mode",
            "all",
            "--max-examples",
            "15",
            "--seed",
            "1",
        ]
        words += ["--request-timeout", "120", "--no-color"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stdout[-20000:] + done.stderr[-2000:]
        server.until_idle()
        assert sum(server.engine.metrics.finished.values()) > 5, "some requests were good"
        assert server.chat("hi", max_tokens=2)[0] == 200
