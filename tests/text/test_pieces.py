from chatzero.text.pieces import label_of, piece_of
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer


def test_pieces_are_made_visible() -> None:
    tokenizer = Tokenizer.train([], MIN_VOCAB_SIZE)
    pieces = [piece_of(token_id, tokenizer) for token_id in tokenizer.encode("a \n\t\x1bé")]
    assert pieces == ["a", "·", "↵", "→", "<1b>", "<c3>", "<a9>"]


def test_control_tokens_have_names() -> None:
    tokenizer = Tokenizer.train([], MIN_VOCAB_SIZE)
    ids = [tokenizer.user_id, tokenizer.end_id, tokenizer.pad_id, tokenizer.encode("a")[0]]
    assert [label_of(token_id, tokenizer) for token_id in ids] == ["<|user|>", "<|end|>", "<pad>", "a"]
    assert piece_of(tokenizer.user_id, tokenizer) == ""
