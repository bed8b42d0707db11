"""How well a tokenizer compresses a text: fewer tokens for the same words mean faster training and a longer memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatzero.text.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Compression:
    """Counts of one text, or of many together."""

    num_characters: int
    num_bytes: int
    num_tokens: int

    @property
    def characters_per_token(self) -> float:
        return self.num_characters / max(1, self.num_tokens)

    @property
    def bytes_per_token(self) -> float:
        """Comparable across languages: a Chinese character has three bytes, an English letter one."""
        return self.num_bytes / max(1, self.num_tokens)


def compression(texts: Sequence[str], tokenizer: Tokenizer) -> Compression:
    """The counts over all `texts`. Raises `DataError` for text that is not Unicode."""
    encoded = tokenizer.encode_batch(texts)
    return Compression(
        num_characters=sum(map(len, texts)),
        num_bytes=sum(len(text.encode()) for text in texts),
        num_tokens=sum(map(len, encoded)),
    )
