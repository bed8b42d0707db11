"""Names for answers."""

import secrets


def new_id(kind: str) -> str:
    """Unique: `chatcmpl-9f86d081884c7d659a2feaa0`."""
    return f"{kind}-{secrets.token_hex(12)}"
