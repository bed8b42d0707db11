"""When two texts count as the same, and which questions are held out. Both go by `key_of`."""

import re
import unicodedata
from hashlib import blake2b

from chatzero.text.conversation import Conversation

# Blanks and the marks of sentences. Not + - * / = < > %: "5-3" is not "53".
_UNIMPORTANT = re.compile(r"[\s.,!?;:'\"()\[\]…。，、！？；：“”‘’（）【】《》「」~～]+")


def key_of(text: str) -> str:
    """`text` without what does not change its meaning: case, width, blanks, marks of sentences."""
    return _UNIMPORTANT.sub("", unicodedata.normalize("NFKC", text).casefold())


def first_question(conversation: Conversation) -> str:
    """The words the user begins with."""
    return next(message.content for message in conversation.messages if message.role == "user")


def is_held_out(conversation: Conversation, share: float) -> bool:
    """Is it kept back? The hash of its first question decides: the same question is never on both sides.

    Neither order, nor other rows, nor the machine matter; a larger share keeps back what a smaller one does, and more.
    """
    digest = blake2b(key_of(first_question(conversation)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 < share
