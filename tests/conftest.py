"""Every annotated tensor shape is checked at run time in tests; each test starts in English."""

from collections.abc import Iterator
from typing import Any

import jaxtyping
import pytest
import torch
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


@pytest.fixture
def tracing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets ONNX trace our code: sizes are symbols then, which no annotation knows, so shapes go unchecked there."""
    export = torch.onnx.export

    def unchecked(*args: Any, **kwargs: Any) -> Any:
        jaxtyping.config.update("jaxtyping_disable", True)
        try:
            return export(*args, **kwargs)
        finally:
            jaxtyping.config.update("jaxtyping_disable", False)

    monkeypatch.setattr(torch.onnx, "export", unchecked)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages are asserted in English; a test that wants Chinese says so."""
    set_language("en")
    yield
    set_language("en")
