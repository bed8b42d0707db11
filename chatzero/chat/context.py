"""Which turns to drop when the window is full: whole oldest exchanges; the system message and the last words stay.

Training cuts conversations the same way (`chatzero.data.conversations`), so the model has seen what it gets here.
"""

from chatzero.errors import DataError
from chatzero.language import tr
from chatzero.text.chat_template import render
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer


def fit_window(conversation: Conversation, tokenizer: Tokenizer, room_tokens: int) -> Conversation:
    """The conversation without as many of its oldest user/assistant pairs as it takes to make its prompt fit.

    `conversation` ends with the user's words. Raises `DataError` when these alone, with the system message, are
    longer than `room_tokens`.
    """
    messages = conversation.messages
    turn_tokens = _turn_tokens(conversation, tokenizer)
    scene = 1 if messages[0].role == "system" else 0
    first = scene  # the first turn that stays
    num_tokens = sum(turn_tokens) + 1  # +1: the assistant's opening
    while num_tokens > room_tokens:
        if first >= len(messages) - 1:
            raise DataError(
                what=tr(f"the message is {num_tokens} tokens long", f"这条消息有 {num_tokens} 个词元"),
                why=tr(
                    f"this model has room for {room_tokens} (the system message counted)",
                    f"这个模型最多容纳 {room_tokens} 个（包括 system 消息）",
                ),
                do=tr("say it in fewer words, or in several messages", "请说得短一些，或分成几条来说"),
            )
        num_tokens -= turn_tokens[first] + turn_tokens[first + 1]
        first += 2
    return Conversation((*messages[:scene], *messages[first:]))


def _turn_tokens(conversation: Conversation, tokenizer: Tokenizer) -> list[int]:
    """The tokens of each turn. Each ends with `<|end|>`, which stands nowhere else."""
    token_ids = render(conversation, tokenizer).token_ids
    ends = [i + 1 for i, token_id in enumerate(token_ids) if token_id == tokenizer.end_id]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]
