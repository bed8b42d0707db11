"""One token made visible: what it spells, a byte of a character it divides, or the name of a control token."""

from chatzero.text.special_tokens import LEADING, PAD
from chatzero.text.tokenizer import Tokenizer


def piece_of(token_id: int, tokenizer: Tokenizer) -> str:
    """`·` is a space, `↵` a new line, `<e6>` a byte of a character it divides, nothing a control token."""
    piece = tokenizer.token_bytes(token_id)
    try:
        text = piece.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(f"<{byte:02x}>" for byte in piece)
    text = text.replace(" ", "·").replace("\n", "↵").replace("\t", "→")
    return "".join(c if c.isprintable() else f"<{ord(c):x}>" for c in text)


def label_of(token_id: int, tokenizer: Tokenizer) -> str:
    """`piece_of`, and control tokens by their name."""
    if token_id == tokenizer.pad_id:
        return PAD
    return LEADING[token_id] if token_id < len(LEADING) else piece_of(token_id, tokenizer)
