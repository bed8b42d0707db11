"""The one home of the chat format: a conversation as token ids, and which of them the model is trained to say.

    <|system|> words <|end|>  <|user|> words <|end|>  <|assistant|> words <|end|>  ...
                                                                    ~~~~~~~~~~~~~~ trained on

The system turn is optional. The model answers a prompt that ends in `<|assistant|>`, and says `<|end|>` when done.
Training (`chatzero.data`) and talking (`chatzero.chat`) both come here, so they cannot disagree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chatzero.errors import DataError
from chatzero.language import tr
from chatzero.text.conversation import Conversation, Role
from chatzero.text.special_tokens import END
from chatzero.text.tokenizer import Tokenizer

JINJA = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '" + END + "' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
"""The same format for programs that read a template from the model folder (`transformers`, llama.cpp, vLLM)."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """`token_ids`, and for each whether the model is trained to say it: the assistant's words and their `<|end|>`."""

    token_ids: list[int]
    trained_on: list[bool]


def render(conversation: Conversation, tokenizer: Tokenizer) -> Rendered:
    """All turns as ids."""
    return render_many([conversation], tokenizer)[0]


def render_many(conversations: Sequence[Conversation], tokenizer: Tokenizer) -> list[Rendered]:
    """`render` of each; the words of all are encoded in one call, which uses all cores."""
    # each wording once: short answers repeat by the thousand
    contents = list(dict.fromkeys(m.content for conversation in conversations for m in conversation.messages))
    words = dict(zip(contents, tokenizer.encode_batch(contents), strict=True))
    return [
        _assemble(conversation, [words[message.content] for message in conversation.messages], tokenizer)
        for conversation in conversations
    ]


def render_prompt(conversation: Conversation, tokenizer: Tokenizer) -> list[int]:
    """The ids that ask the model for the next answer. Raises `DataError` when it has that answer already."""
    if conversation.answered:
        raise DataError(
            what=tr("the conversation already ends with an answer", "对话已经以回答结尾"),
            why=tr("a prompt ends with the user's words", "提示应当以用户的话结尾"),
            do=tr("add a user turn, or leave out the last answer", "请补上一轮用户的话，或去掉最后的回答"),
        )
    return [*render(conversation, tokenizer).token_ids, tokenizer.assistant_id]


def _assemble(conversation: Conversation, words: list[list[int]], tokenizer: Tokenizer) -> Rendered:
    openings: dict[Role, int] = {
        "system": tokenizer.system_id,
        "user": tokenizer.user_id,
        "assistant": tokenizer.assistant_id,
    }
    token_ids: list[int] = []
    trained_on: list[bool] = []
    for message, ids in zip(conversation.messages, words, strict=True):
        said = message.role == "assistant"
        token_ids += [openings[message.role], *ids, tokenizer.end_id]
        trained_on += [False, *[said] * len(ids), said]
    return Rendered(token_ids, trained_on)
