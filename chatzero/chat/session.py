"""A chat that remembers its turns, for the terminal. How it looks there is `chatzero.apps.cli.chat`."""

import json
from collections.abc import Generator
from pathlib import Path

from chatzero.chat.reply import reply
from chatzero.errors import StorageError
from chatzero.generation.answer_text import Piece
from chatzero.generation.options import GenerationOptions
from chatzero.generation.writer import Speaks
from chatzero.language import tr
from chatzero.text.conversation import Conversation, Message
from chatzero.text.tokenizer import Tokenizer


class Session:
    """One person, one model, and what they said. `system` sets the scene; empty for none."""

    def __init__(self, model: Speaks, tokenizer: Tokenizer, options: GenerationOptions, system: str = "") -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._options = options
        self._turns: list[Message] = []
        self.system = system

    @property
    def messages(self) -> tuple[Message, ...]:
        """All turns so far, also those that no longer fit the model's window; the system message first."""
        return (*self._scene(), *self._turns)

    def say(self, words: str) -> Generator[Piece, None, None]:
        """The answer to `words`, piece by piece; afterwards both are remembered.

        Closed early, the answer is remembered as far as it got. An exchange without an answer is not remembered.
        Raises `DataError`, and remembers nothing, when `words` are too long for the model.
        """
        asked = Message("user", words)
        conversation = Conversation((*self.messages, asked))
        answer = ""
        try:
            for piece in reply(conversation, self._model, self._tokenizer, self._options):
                answer += piece.text
                yield piece
        finally:
            if answer.strip():
                self._turns += [asked, Message("assistant", answer)]

    def reset(self) -> None:
        """Forget all turns; the system message stays."""
        self._turns = []

    def save(self, path: Path) -> None:
        """Write the chat as one line of JSON, `{"messages": [...]}`: a line of training data, if you like it.

        Raises `StorageError` when the file is there already (nothing is overwritten) or cannot be written.
        """
        messages = [{"role": message.role, "content": message.content} for message in self.messages]
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
        except OSError as error:
            raise StorageError(
                what=tr(f"cannot write {path}", f"无法写入 {path}"),
                why=str(error),
                do=tr("choose a new file in a folder you may write to", "请在可写的文件夹中选一个新的文件名"),
            ) from error

    def _scene(self) -> tuple[Message, ...]:
        return (Message("system", self.system),) if self.system else ()
