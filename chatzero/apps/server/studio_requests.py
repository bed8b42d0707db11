"""What the studio's pages may send beside the API. Parsed as strictly as that: `requests.parse_as`."""

from typing import Annotated, Literal

from pydantic import Field

from chatzero.apps.server.limits import MAX_LOOK_CHARACTERS, MAX_MESSAGES
from chatzero.apps.server.requests import Closed
from chatzero.models.sizes import Arch


class LookRequest(Closed):
    """`POST /studio/look`. Without a name, the server's own model."""

    question: Annotated[str, Field(min_length=1, max_length=MAX_LOOK_CHARACTERS)]
    model: str | None = None


class MeasureRequest(Closed):
    """`POST /studio/doctor`."""

    arch: Arch = "transformer"


NAME = r"[^\W_][\w-]{0,63}"
"""A name, of letters and digits of any language: no path, no option, no hidden file."""


class StartRequest(Closed):
    """`POST /studio/runs`. `length` in the recipe's own unit, minutes or steps; None: as it says itself."""

    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    recipe: str = "quickstart"
    arch: Arch = "transformer"
    """Of a quickstart; a recipe has its own."""
    length: Annotated[float, Field(ge=0.05, le=1e7, allow_inf_nan=False)] | None = None


class NothingRequest(Closed):
    """A request that says all by its path."""


CHAT_ID = r"[A-Za-z0-9-]{1,64}"


class ChatTurn(Closed):
    """One turn, as the page shows it: why it ended, what went wrong, how fast it came."""

    role: Literal["user", "assistant"]
    content: str
    reason: Annotated[str, Field(max_length=40)] | None = None
    error: Annotated[str, Field(max_length=2000)] | None = None
    tokens: int | None = None
    ms: float | None = None
    first_ms: float | None = None


class SaveRequest(Closed):
    """`PUT /studio/chats/ID`. `version`: the one that this was read as; 0 for a new conversation."""

    title: Annotated[str, Field(max_length=200)] = ""
    turns: Annotated[list[ChatTurn], Field(min_length=1, max_length=MAX_MESSAGES)]
    version: Annotated[int, Field(ge=0, lt=2**53)] = 0


STUDIO_REQUESTS = (LookRequest, MeasureRequest, StartRequest, NothingRequest, SaveRequest)
