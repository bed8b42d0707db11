from collections.abc import Iterator

import pytest

from tests.apps.server.running import Running, running_server, small_bundle


@pytest.fixture(scope="package", params=["gpt", "transformer"])
def server(request: pytest.FixtureRequest) -> Iterator[Running]:
    """One server of each architecture for all tests of this folder: what one request does, the next must not feel."""
    with running_server(small_bundle(request.param)) as running:
        yield running
