import pytest

from chatzero.text.compression import compression
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer


def test_characters_bytes_and_tokens_are_counted_over_all_texts() -> None:
    counts = compression(["ab", "汉"], Tokenizer.train([], MIN_VOCAB_SIZE))  # one token a byte
    assert (counts.num_characters, counts.num_bytes, counts.num_tokens) == (3, 5, 5)
    assert counts.characters_per_token == pytest.approx(0.6)
    assert counts.bytes_per_token == 1.0


def test_no_text_has_no_ratio_but_is_no_error() -> None:
    assert compression([], Tokenizer.train([], MIN_VOCAB_SIZE)).bytes_per_token == 0.0
