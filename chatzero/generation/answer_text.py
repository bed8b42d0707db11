"""The tokens of an answer, one by one, to the text that may be shown: whole characters, no part of a stop string."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatzero.generation.stop import FinishReason, StopStrings
from chatzero.text.tokenizer import Tokenizer
from chatzero.text.utf8_stream import Utf8Stream


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more text, of whole characters; the last piece says why the answer is over. Tokens counted so far."""

    text: str
    finish_reason: FinishReason | None
    num_tokens: int


class AnswerText:
    """One answer being written. Push its tokens until it is `over`; if no more come before that, `cut_off` ends it."""

    def __init__(self, tokenizer: Tokenizer, stop: Sequence[str]) -> None:
        self._tokenizer = tokenizer
        self._ends = end_ids(tokenizer)
        self._characters = Utf8Stream()
        self._stop_strings = StopStrings(stop)
        self.num_tokens = 0
        self.over = False

    def push(self, token_id: int) -> Piece | None:
        """What this token lets be shown: nothing, while a character or perhaps a stop string is incomplete."""
        self.num_tokens += 1
        if token_id in self._ends:
            return self._last("stop")
        text = self._stop_strings.push(self._characters.push(self._tokenizer.token_bytes(token_id)))
        if self._stop_strings.met:
            self.over = True
            return Piece(text, "stop", self.num_tokens)
        return Piece(text, None, self.num_tokens) if text else None

    def cut_off(self) -> Piece:
        """The end of an answer for which there is no more room: what was held back is shown after all."""
        return self._last("length")

    def _last(self, reason: FinishReason) -> Piece:
        self.over = True
        # Half a character becomes U+FFFD, and that may complete a stop string.
        rest = self._stop_strings.push(self._characters.flush()) + self._stop_strings.flush()
        return Piece(rest, "stop" if self._stop_strings.met else reason, self.num_tokens)


def end_ids(tokenizer: Tokenizer) -> frozenset[int]:
    """The tokens that end an answer: `<|end|>`, and every other control token, for none is ever part of one."""
    return frozenset(
        (
            tokenizer.document_id,
            tokenizer.system_id,
            tokenizer.user_id,
            tokenizer.assistant_id,
            tokenizer.end_id,
            tokenizer.pad_id,
        )
    )
