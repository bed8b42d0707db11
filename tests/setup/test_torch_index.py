"""Asking the PyTorch index: what its page lists, and that a silent one costs little."""

import http.server
import platform
import socket
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from chatzero.setup import torch_index
from chatzero.setup.torch_build import TORCH_VERSION, Source
from chatzero.setup.torch_index import Answer, ask_index, lists_wheel

PAGE = "\n".join(
    f'<a href="/whl/cu126/{name}">{name.replace("%2B", "+")}</a>'
    for name in (
        f"torch-{TORCH_VERSION}%2Bcu126-cp311-cp311-manylinux_2_28_x86_64.whl",
        f"torch-{TORCH_VERSION}%2Bcu126-cp312-cp312-win_amd64.whl",
        f"torch-{TORCH_VERSION}%2Bcu126-cp313-cp313t-manylinux_2_28_x86_64.whl",
        "torch-2.99.0%2Bcu126-cp310-cp310-manylinux_2_28_x86_64.whl",
    )
)


@pytest.mark.parametrize(
    ("build", "python", "machine", "expected"),
    [
        ("cu126", (3, 11), "x86_64", True),
        ("cu126", (3, 12), "AMD64", True),
        ("cu126", (3, 12), "x86_64", False),  # that wheel is for Windows
        ("cu126", (3, 11), "aarch64", False),
        ("cu126", (3, 13), "x86_64", False),  # that one is for the free-threaded Python
        ("cu126", (3, 10), "x86_64", False),  # that one is another release
        ("cpu", (3, 11), "x86_64", False),
    ],
)
def test_what_a_page_lists(build: str, python: tuple[int, int], machine: str, expected: bool) -> None:
    assert lists_wheel(PAGE, build, python, machine) == expected


class Index(http.server.BaseHTTPRequestHandler):
    """Serves one wheel, for the Python and machine that ask."""

    def do_GET(self) -> None:
        if self.path != "/whl/cpu/torch/":
            self.send_error(403)
            return
        tag = "cp{}{}".format(*sys.version_info[:2])
        name = f"torch-{TORCH_VERSION}%2Bcpu-{tag}-{tag}-any_{platform.machine()}.whl"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f'<a href="{name}">wheel</a>'.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def index() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/whl"
    server.shutdown()
    server.server_close()
    thread.join()


def source(index: str, build: str) -> Source:
    return Source(build, f"torch=={TORCH_VERSION}+{build}", f"{index}/{build}")


def test_an_index_that_has_it_and_one_that_has_not(index: str) -> None:
    assert ask_index(source(index, "cpu")) is Answer.HAS_IT
    assert ask_index(source(index, "cu126")) is Answer.HAS_NOT


def test_an_index_that_refuses() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert ask_index(source(f"http://127.0.0.1:{port}", "cpu")) is Answer.SILENT


def test_an_index_that_never_answers_costs_only_the_time_limit() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        started_s = time.monotonic()
        assert ask_index(source(f"http://127.0.0.1:{deaf.getsockname()[1]}", "cpu"), timeout_s=0.3) is Answer.SILENT
        assert time.monotonic() - started_s < 5


def test_a_name_that_takes_for_ever_to_look_up_costs_only_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up a name has no time limit of its own."""
    released = threading.Event()

    def hang(source: Source, timeout_s: float) -> Answer:
        released.wait(30)
        return Answer.HAS_IT

    monkeypatch.setattr(torch_index, "_ask", hang)
    started_s = time.monotonic()
    assert ask_index(source("http://nowhere.invalid", "cpu"), timeout_s=0.1) is Answer.SILENT
    assert time.monotonic() - started_s < 5
    released.set()
