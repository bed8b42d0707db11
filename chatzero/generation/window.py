"""How much fits: the room for the prompt and for the answer, by the kind of model.

A decoder-only model reads prompt and answer in one window of `max_seq_len` tokens. An encoder-decoder has a window of
that size for each. Which turns to drop when a conversation is too long is `chatzero.chat.context`.
"""

from chatzero.errors import DataError
from chatzero.language import tr
from chatzero.models.config import GPTConfig, TransformerConfig


def shares_window(config: TransformerConfig | GPTConfig) -> bool:
    """Do prompt and answer stand in one window?"""
    return isinstance(config, GPTConfig)


def prompt_room(config: TransformerConfig | GPTConfig, max_tokens: int) -> int:
    """The longest prompt, in tokens, that leaves enough room for an answer of at most `max_tokens`.

    Where the window is shared a quarter of it is enough: most answers are short, and the conversation so far is worth
    more than the tail of the longest one.
    """
    if not shares_window(config):
        return config.max_seq_len
    return config.max_seq_len - min(max_tokens, config.max_seq_len // 4)


def answer_room(config: TransformerConfig | GPTConfig, prompt_tokens: int) -> int:
    """The longest answer, in tokens, to a prompt of `prompt_tokens`.

    Raises `DataError` for a prompt of no tokens, or of more than `max_seq_len`.
    """
    if not 1 <= prompt_tokens <= config.max_seq_len:
        raise DataError(
            what=tr(f"the prompt has {prompt_tokens} tokens", f"提示有 {prompt_tokens} 个词元"),
            why=tr(
                f"this model reads from 1 to {config.max_seq_len} (max_seq_len)",
                f"这个模型能读 1 到 {config.max_seq_len} 个（max_seq_len）",
            ),
            do=tr("shorten the text, or train with a larger max_seq_len", "请缩短文字，或用更大的 max_seq_len 训练"),
        )
    if not shares_window(config):
        return config.max_seq_len
    # +1: the last token of an answer is not read again, so it needs no place in the window
    return config.max_seq_len - prompt_tokens + 1
