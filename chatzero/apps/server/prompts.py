"""From the words of a request to the tokens that the model reads."""

from collections.abc import Sequence

import anyio.to_thread

from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.requests import ChatMessage
from chatzero.apps.server.served import Served
from chatzero.chat.reply import prompt_for
from chatzero.errors import DataError
from chatzero.generation.options import GenerationOptions
from chatzero.generation.window import shares_window
from chatzero.language import tr
from chatzero.text.conversation import Conversation, Message

_SHORT_CHARACTERS = 4000
"""Up to here the event loop cuts text into tokens itself: a thread would take longer than the work."""


async def chat_prompt(served: Served, messages: Sequence[ChatMessage], options: GenerationOptions) -> tuple[int, ...]:
    """The prompt of a conversation, without its oldest turns where it would be too long, as in `chatzero chat`.

    Raises `ApiError` for a conversation that is none, or whose last message alone is too long.
    """
    conversation = conversation_of(messages)
    always_read = [m for m in conversation.messages if m.role == "system"] + [conversation.messages[-1]]
    _require_possible(served, sum(len(message.content) for message in always_read), "messages")
    return await _tokens(served, conversation, options, "messages")


async def plain_prompt(served: Served, prompt: str | list[int], options: GenerationOptions) -> tuple[int, ...]:
    """The prompt of `/v1/completions`: tokens as they are; text as the model met text in training.

    A decoder-only model goes on with it, from the beginning of a document. An encoder-decoder has learnt to answer: to
    it the text is what the person says. Raises `ApiError` for what is too long or no token.
    """
    tokenizer, config = served.bundle.tokenizer, served.bundle.model.config
    if isinstance(prompt, list):
        if max(prompt) >= tokenizer.vocab_size:
            raise ApiError(
                400,
                tr(
                    f"token ids run from 0 to {tokenizer.vocab_size - 1}",
                    f"词元编号从 0 到 {tokenizer.vocab_size - 1}",
                ),
                code="invalid_value",
                param="prompt",
            )
        return tuple(prompt)
    _require_possible(served, len(prompt), "prompt")
    if shares_window(config):
        return (tokenizer.document_id, *tokenizer.encode(prompt))
    if not prompt.strip():
        raise ApiError(400, tr("the prompt has no words", "提示没有文字"), code="invalid_value", param="prompt")
    return await _tokens(served, Conversation.of(prompt), options, "prompt")


def conversation_of(messages: Sequence[ChatMessage]) -> Conversation:
    """Roles as our chat format has them: system messages first, as one; neighbours of the same role as one turn.

    Raises `ApiError` for what remains out of turn.
    """
    turns: list[Message] = []
    scene: list[str] = []
    for i, message in enumerate(messages):
        if message.role in ("system", "developer"):
            if turns:
                raise _out_of_turn(i, tr("system messages stand before all others", "system 消息应当在其他消息之前"))
            scene += [message.text] if message.text.strip() else []
        elif turns and turns[-1].role == message.role:
            turns[-1] = Message(turns[-1].role, f"{turns[-1].content}\n{message.text}")
        else:
            turns.append(Message("user" if message.role == "user" else "assistant", message.text))
    if turns and turns[-1].role == "assistant":
        raise _out_of_turn(len(messages) - 1, tr("the last message must be the user's", "最后一条消息应当来自 user"))
    system = (Message("system", "\n".join(scene)),) if scene else ()
    try:
        return Conversation((*system, *turns))
    except DataError as error:
        raise ApiError(400, f"{error.what}: {error.why}", code="invalid_value", param="messages") from error


async def _tokens(
    served: Served, conversation: Conversation, options: GenerationOptions, param: str
) -> tuple[int, ...]:
    model, tokenizer = served.bundle.model, served.bundle.tokenizer

    def cut() -> tuple[int, ...]:
        try:
            return tuple(prompt_for(conversation, model, tokenizer, options))
        except DataError as error:
            raise ApiError(400, f"{error.what}: {error.why}", code="context_length_exceeded", param=param) from error

    if sum(len(message.content) for message in conversation.messages) <= _SHORT_CHARACTERS:
        return cut()
    return await anyio.to_thread.run_sync(cut)


def _require_possible(served: Served, num_characters: int, param: str) -> None:
    """Refuses at a glance what cannot fit, however its text is cut: cutting a huge text takes a while."""
    window = served.bundle.model.config.max_seq_len
    if num_characters > window * served.longest_token_bytes:
        raise ApiError(
            400,
            tr(
                f"This model's maximum context length is {window} tokens; {num_characters} characters cannot fit.",
                f"模型的上下文窗口是 {window} 个词元，容纳不下 {num_characters} 个字符。",
            ),
            code="context_length_exceeded",
            param=param,
        )


def _out_of_turn(index: int, message: str) -> ApiError:
    return ApiError(400, message, code="invalid_value", param=f"messages[{index}].role")
