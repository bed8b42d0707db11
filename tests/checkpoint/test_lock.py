"""Two processes do not train in one folder; a process that dies lets go."""

import subprocess
import sys
from pathlib import Path

import pytest

from chatzero.checkpoint.lock import alone_in
from chatzero.errors import ConfigError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked")

_HOLD = """
import sys, time
from pathlib import Path
from chatzero.checkpoint.lock import alone_in
with alone_in(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_another_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _HOLD, tmp_path], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(ConfigError, match="another process is training"), alone_in(tmp_path):
            pass
        first.kill()
    with alone_in(tmp_path):
        pass
