"""How likely each token was, in the two forms of the OpenAI API: that of chats, and that of plain completions."""

from collections.abc import Iterable

from chatzero.apps.server.responses import Alternative, ChatLogprobs, CompletionLogprobs, TokenLogprob
from chatzero.serving.job import TokenScore
from chatzero.text.tokenizer import Tokenizer


def chat_logprobs(scores: Iterable[TokenScore], tokenizer: Tokenizer) -> ChatLogprobs:
    return ChatLogprobs(
        content=[
            TokenLogprob(
                **_alternative(score.token_id, score.logprob_nats, tokenizer).model_dump(),
                top_logprobs=[_alternative(*alternative, tokenizer) for alternative in score.alternatives],
            )
            for score in scores
        ]
    )


def completion_logprobs(
    scores: Iterable[TokenScore], tokenizer: Tokenizer, wants_alternatives: bool, offset: int
) -> CompletionLogprobs:
    """`offset`: characters of the answer before these tokens."""
    tokens, logprobs, offsets = [], [], []
    best: list[dict[str, float]] = []
    for score in scores:
        tokens.append(_spelled(tokenizer.token_bytes(score.token_id)))
        logprobs.append(score.logprob_nats)
        offsets.append(offset)
        offset += len(tokenizer.token_bytes(score.token_id).decode(errors="ignore"))
        best.append({_spelled(tokenizer.token_bytes(i)): logprob for i, logprob in reversed(score.alternatives)})
    return CompletionLogprobs(
        tokens=tokens,
        token_logprobs=logprobs,
        top_logprobs=best if wants_alternatives else None,
        text_offset=offsets,
    )


def _alternative(token_id: int, logprob_nats: float, tokenizer: Tokenizer) -> Alternative:
    spelled = tokenizer.token_bytes(token_id)
    return Alternative(token=_spelled(spelled), logprob=logprob_nats, bytes=list(spelled))


def _spelled(token: bytes) -> str:
    """A token that is part of a character is spelled as its bytes, as the OpenAI API does."""
    try:
        return token.decode()
    except UnicodeDecodeError:
        return "bytes:" + "".join(f"\\x{byte:02x}" for byte in token)
