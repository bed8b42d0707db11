"""The order of the control tokens is an agreement with every model folder ever written: it never changes."""

from chatzero.text.special_tokens import LEADING, NUM_CONTROL_TOKENS, PAD


def test_the_leading_tokens_in_id_order() -> None:
    assert LEADING == ("<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
    assert PAD == "<pad>"
    assert NUM_CONTROL_TOKENS == 6
