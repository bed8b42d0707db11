"""What is said when pip fails, and what pip is shielded from."""

import stat
import sys
from pathlib import Path

import pytest

from chatzero.language import set_language
from chatzero.setup import pip as pip_module
from chatzero.setup.pip import SetupError, clean_environment, explain, pip_install, slow_hint
from chatzero.setup.place import Place

PLACE = Place(Path("/clone"))
NETWORK = """2026-01-01T00:00:00,000 WARNING: Retrying after connection broken by 'NewConnectionError(...)'
2026-01-01T00:00:09,000 ERROR: Could not find a version that satisfies the requirement torch (from versions: none)
2026-01-01T00:00:09,000 ERROR: No matching distribution found for torch==2.13.0
"""


@pytest.mark.parametrize(
    ("log", "why", "do"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk is full",
            "free",
        ),
        (NETWORK, "cannot be reached", "config --site set global.index-url"),
        ("ERROR: ... ReadTimeoutError: Read timed out.", "cannot be reached", "config --site set global.index-url"),
        ("ERROR: SSLError(SSLCertVerificationError('CERTIFICATE_VERIFY_FAILED'))", "proxy", "PIP_CERT"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "damaged", "cache purge"),
        ("ERROR: [WinError 5] Access is denied: 'torch.dll'", "in use", "close the programs"),
        ("ERROR: No matching distribution found for torch==2.13.0", "no package for this system", "64-bit Python 3.12"),
        ("2026-01-01 ERROR: something never seen", "something never seen", "chatzero-setup.log"),
        ("", "without a reason", "chatzero-setup.log"),
    ],
)
def test_a_failure_is_explained_and_ends_with_the_command_that_goes_on(log: str, why: str, do: str) -> None:
    error = explain(log, PLACE, ["--upgrade", "torch==2.13.0"], "python3 start.py")
    assert error.what == "could not install torch==2.13.0"
    assert why in error.why
    assert do in error.do
    assert error.do.endswith("python3 start.py")


def test_a_failure_is_explained_in_chinese() -> None:
    set_language("zh")
    error = explain(NETWORK, PLACE, ["torch"], "python start.py")
    assert "连不上软件源" in error.why
    assert "镜像" in error.do
    assert "镜像" in slow_hint(PLACE)


def test_the_reason_quotes_the_last_error_of_pip() -> None:
    assert "No matching distribution found for torch==2.13.0" in explain(NETWORK, PLACE, ["torch"], "again").why


def test_pip_is_shielded_from_other_environments_but_keeps_its_own_settings() -> None:
    environ = {
        "PYTHONPATH": "/ros",
        "PYTHONHOME": "/x",
        "PIP_TARGET": "/y",
        "PIP_USER": "1",
        "PIP_INDEX_URL": "https://mine.example",
    }
    assert clean_environment(environ) == {"PIP_INDEX_URL": "https://mine.example", "PIP_USER": "0"}


@pytest.mark.skipif(sys.platform == "win32", reason="the pretended pip is a shell script")
class TestRunningPip:
    def pretend(self, folder: Path, script: str) -> Place:
        place = Place(folder)
        place.python.parent.mkdir(parents=True)
        place.python.write_text(f"#!/bin/sh\n{script}\n")
        place.python.chmod(place.python.stat().st_mode | stat.S_IXUSR)
        return place

    def test_its_words(self, tmp_path: Path) -> None:
        place = self.pretend(tmp_path, f'echo "$@" > {tmp_path}/words')
        pip_install(place, ["torch==2.13.0"], "again")
        words = (tmp_path / "words").read_text().split()
        assert words[:4] == ["-I", "-m", "pip", "install"]
        assert words[-1] == "torch==2.13.0"

    def test_its_failure(self, tmp_path: Path) -> None:
        place = self.pretend(
            tmp_path, f"echo 'ERROR: No space left on device' > {tmp_path}/.venv/chatzero-setup.log; exit 1"
        )
        with pytest.raises(SetupError, match="disk is full"):
            pip_install(place, ["torch"], "again")

    def test_a_slow_download_brings_the_hint(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(pip_module, "SLOW_AFTER_S", 0.05)
        pip_install(self.pretend(tmp_path, "sleep 0.5"), ["torch"], "again")
        assert "config --site set global.index-url ADDRESS" in capsys.readouterr().err
