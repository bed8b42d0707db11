"""The model that is served, with all that the endpoints need beside it."""

import hashlib
import time
from dataclasses import dataclass, field

from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.limits import ServerSettings
from chatzero.checkpoint.bundle import Bundle
from chatzero.language import tr
from chatzero.serving.engine import Engine


@dataclass
class Served:
    """One model. The engine runs as long as the server does."""

    bundle: Bundle
    settings: ServerSettings
    engine: Engine
    created: int = field(default_factory=lambda: int(time.time()))
    fingerprint: str = field(init=False)
    """Says which weights answer: two servers with the same model have the same."""
    longest_token_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        tokenizer = self.bundle.tokenizer
        weights = hashlib.sha256()
        for name, parameter in sorted(self.bundle.model.named_parameters()):
            weights.update(name.encode())
            weights.update(parameter.detach().cpu().contiguous().numpy().tobytes())
        self.fingerprint = f"fp_{weights.hexdigest()[:12]}"
        self.longest_token_bytes = max(len(tokenizer.token_bytes(i)) for i in range(tokenizer.vocab_size))

    def require(self, model: str) -> None:
        """Raises `ApiError` for another model than this."""
        if model != self.settings.model_id:
            raise ApiError(
                404,
                tr(
                    f"The model '{model[:100]}' does not exist; this server has '{self.settings.model_id}'.",
                    f"模型 '{model[:100]}' 不存在；这里提供的是 '{self.settings.model_id}'。",
                ),
                code="model_not_found",
                param="model",
            )

    def chunk_head(self, id: str, kind: str, with_usage: bool) -> dict[str, object]:
        """What every piece of one stream begins with; `usage` is null until the last, where it was asked for."""
        head: dict[str, object] = {
            "id": id,
            "object": kind,
            "created": int(time.time()),
            "model": self.settings.model_id,
            "system_fingerprint": self.fingerprint,
        }
        return {**head, "usage": None} if with_usage else head
