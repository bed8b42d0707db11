"""One answer on its way to whoever asked: tokens in, progress out, each token's score beside the text it belongs to."""

from chatzero.generation.answer_text import AnswerText, Piece
from chatzero.serving.batch import Row
from chatzero.serving.job import Progress, TokenScore
from chatzero.text.tokenizer import Tokenizer


class Answer:
    """Follows a row of the batch."""

    def __init__(self, row: Row, tokenizer: Tokenizer) -> None:
        self.row = row
        self._tokenizer = tokenizer
        self._text = AnswerText(tokenizer, row.job.options.stop)
        self._next_piece_s = 0.0
        self._waiting_text = ""
        self._waiting_scores: list[tuple[int, TokenScore]] = []  # with the byte of the answer at which the token begins
        self._said_bytes = 0
        self._shown_bytes = 0

    def follow(self, now_s: float, pause_s: float) -> Progress | None:
        """After the row has said a token: what there is to deliver now, if anything.

        After each piece comes a pause, and what is said meanwhile is in the next.
        """
        token_id = self.row.said[-1]
        num_bytes = len(self._tokenizer.token_bytes(token_id))
        if self.row.score is not None and num_bytes:
            self._waiting_scores.append((self._said_bytes, self.row.score))
        self._said_bytes += num_bytes
        piece = self._text.push(token_id)
        if not self._text.over and len(self.row.said) == self.row.longest:
            last = self._text.cut_off()
            piece = last if piece is None else Piece(piece.text + last.text, last.finish_reason, last.num_tokens)
        if piece is None:
            return None
        if piece.finish_reason is None and (now_s < self._next_piece_s or not self.row.job.streamed):
            self._waiting_text += piece.text
            return None
        self._next_piece_s = now_s + pause_s
        return self._deliver(piece)

    def cut_off(self) -> Progress:
        """End it here, out of time."""
        return self._deliver(self._text.cut_off())

    def _deliver(self, piece: Piece) -> Progress:
        text, self._waiting_text = self._waiting_text + piece.text, ""
        self._shown_bytes += len(text.encode())
        # A token that only ended the answer, or is part of a stop string, shows nothing: its score is not told either.
        told = tuple(score for start, score in self._waiting_scores if start < self._shown_bytes)
        self._waiting_scores = self._waiting_scores[len(told) :]
        return Progress(text, piece.finish_reason, piece.num_tokens, told)
