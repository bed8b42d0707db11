"""Pairs -> rows for translation. A pair is a question and its answer: one format for talking and translating."""

from collections.abc import Sequence

from chatzero.data.conversations import seq2seq_rows
from chatzero.data.rows import PairRows
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer


def pair_rows(pairs: Sequence[tuple[str, str]], tokenizer: Tokenizer, max_seq_len: int) -> PairRows:
    """One row a pair; source (as a prompt) and target each at most `max_seq_len` tokens."""
    conversations = [Conversation.of(source, target) for source, target in pairs]
    return seq2seq_rows(conversations, tokenizer, max_seq_len, every_turn=False)
