from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

pytest.register_assert_rewrite("tests.apps.server.browser")  # so that a failure names what the page complained of

from tests.apps.server.running import Running, running_server, small_bundle  # noqa: E402

if TYPE_CHECKING:
    from tests.apps.server.browser import Browser


@pytest.fixture(scope="package", params=["gpt", "transformer"])
def server(request: pytest.FixtureRequest) -> Iterator[Running]:
    """One server of each architecture for all tests of this folder: what one request does, the next must not feel."""
    with running_server(small_bundle(request.param)) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Not for the whole folder: while it is open, no test in this thread can run an event loop of its own."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install playwright)")
    from tests.apps.server.browser import chromium

    with chromium() as started:
        yield started
