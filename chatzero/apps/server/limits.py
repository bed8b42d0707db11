"""How much a request may ask for, and how the server may be reached."""

from dataclasses import dataclass, field
from pathlib import Path

from chatzero.serving.limits import EngineLimits

MAX_MESSAGES = 1024
MAX_CHOICES = 8
MAX_STOP_STRINGS = 4
MAX_STOP_CHARACTERS = 256
MAX_PROMPTS = 32
MAX_BIASES = 1024
MAX_ALTERNATIVES = 20
MAX_LOOK_CHARACTERS = 2000
MAX_LOOK_TOKENS = 256
"""To look inside, every attention map of every layer is kept: their size goes with the square of this."""
LOOK_ANSWER_TOKENS = 64

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What `chatzero serve` was told."""

    host: str = "127.0.0.1"
    port: int = 8000
    api_key: str | None = None
    model_id: str = "chatzero"
    allowed_origins: tuple[str, ...] = ()
    """Web pages from elsewhere that may call the API (CORS); by default none."""
    body_bytes: int = 1 << 20
    body_time_s: float = 30.0
    """A body that takes longer to arrive is given up."""
    send_time_s: float = 60.0
    """A client that takes nothing for so long is given up."""
    shutdown_s: float = 30.0
    """What runs may take so long to finish after a signal."""
    engine: EngineLimits = field(default_factory=EngineLimits)
    max_models: int = 3
    """So many models are in memory at once: this server's own, and those asked for last."""
    runs: Path | None = None
    """The folder whose runs the studio shows and whose models can be asked for; by default none."""
    run_notes: Path | None = None
    """Where further runs on this machine are noted."""

    history: Path | None = None
    """The file that keeps the studio's conversations; by default they stay in the browser."""
    recipes: Path | None = None
    """The folder whose recipes the page offers; by default none."""
    train: bool = False
    """May the page start and stop runs below `runs`? On a server for a network it then also shows them."""

    @property
    def is_local(self) -> bool:
        return self.host in LOOPBACK
