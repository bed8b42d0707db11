"""Every annotated tensor shape is checked at run time in tests; each test starts in English."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from jaxtyping import install_import_hook

# Before the first import of chatzero: the hook rewrites modules as they are loaded.
install_import_hook("chatzero", "beartype.beartype")

from chatzero.language import set_language  # noqa: E402

# A property is right or wrong, not fast or slow: no time limit per example on a busy machine.
settings.register_profile("chatzero", deadline=None)
settings.load_profile("chatzero")


@pytest.fixture(autouse=True)
def no_notes_at_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ChatZero remembers of its runs goes into a folder of the tests, not into the person's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages are asserted in English; a test that wants Chinese says so."""
    set_language("en")
    yield
    set_language("en")
