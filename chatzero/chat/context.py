"""Which turns to drop when the window is full: whole oldest exchanges; the system message and the last words stay.

Training cuts conversations the same way (`chatzero.data.conversations`), so the model has seen what it gets here.
"""

from chatzero.errors import DataError
from chatzero.language import tr
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer


def fit_window(conversation: Conversation, tokenizer: Tokenizer, room_tokens: int) -> Conversation:
    """The conversation without as many of its oldest user/assistant pairs as it takes to make its prompt fit.

    `conversation` ends with the user's words. Raises `DataError` when these alone, with the system message, are
    longer than `room_tokens`.
    """
    messages = conversation.messages
    first = 1 if messages[0].role == "system" else 0
    while (num_tokens := len(render_prompt(Conversation(messages), tokenizer))) > room_tokens:
        if len(messages) == first + 1:
            raise DataError(
                what=tr(f"the message is {num_tokens} tokens long", f"这条消息有 {num_tokens} 个词元"),
                why=tr(
                    f"this model has room for {room_tokens} (the system message counted)",
                    f"这个模型最多容纳 {room_tokens} 个（包括 system 消息）",
                ),
                do=tr("say it in fewer words, or in several messages", "请说得短一些，或分成几条来说"),
            )
        messages = (*messages[:first], *messages[first + 2 :])
    return Conversation(messages)
