import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chatzero.apps.cli.main import build_app
from chatzero.apps.cli.serve import require_safe
from chatzero.apps.server.shelf import model_name
from chatzero.checkpoint.bundle import save_bundle
from chatzero.errors import ConfigError
from tests.apps.server.running import small_bundle


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_who_serves_a_network_says_who_may_come(host: str) -> None:
    with pytest.raises(ConfigError, match=f"--host {host} without an API key"):
        require_safe(host, None, insecure=False)
    require_safe(host, "a-long-enough-key", insecure=False)
    require_safe(host, None, insecure=True)
    require_safe(host, "a-long-enough-key", insecure=False, train=True)
    with pytest.raises(ConfigError, match=f"--host {host} --train without an API key"):
        require_safe(host, None, insecure=True, train=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_needs_no_key(host: str) -> None:
    require_safe(host, None, insecure=False)


@pytest.mark.parametrize("key", ["", "short", "with\nnew line", "schlüssel-lang"])
def test_a_key_that_cannot_be_sent_or_is_guessed(key: str) -> None:
    with pytest.raises(ConfigError, match="at least 8 printable ASCII"):
        require_safe("127.0.0.1", key, insecure=False)


def test_it_is_refused_before_a_model_is_loaded() -> None:
    result = CliRunner().invoke(build_app(), ["serve", "/nowhere", "--host", "0.0.0.0"])
    assert isinstance(result.exception, ConfigError)
    assert "without an API key" in str(result.exception)


def test_the_model_has_the_name_of_its_run(tmp_path: Path) -> None:
    assert model_name(tmp_path / "quickstart-gpt" / "model") == "quickstart-gpt"
    assert model_name(tmp_path / "mine") == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    bundle = small_bundle("gpt")
    save_bundle(tmp_path / "my-run" / "model", bundle.model, bundle.tokenizer, "card")
    words = [sys.executable, "-m", "chatzero", "--lang", "en", "serve", str(tmp_path / "my-run"), "--port", "0"]
    environ = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Serving my-run at http://127.0.0.1:")
            url = line.split()[3]
            with urllib.request.urlopen(f"{url}/models", timeout=60) as answer:
                assert b'"my-run"' in answer.read()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
