"""A throwaway tokenizer and made-up conversations for the tests of this room."""

import random

import pytest

from chatzero.text.conversation import Conversation, Message
from chatzero.text.tokenizer import Tokenizer

WORDS = ("red", "blue", "seven", "cat", "weather", "天气", "公园", "你好", "what is", "please", "tell me about")


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return Tokenizer.train([" ".join(WORDS)] * 3, 300)


def made_up(count: int, seed: int = 0) -> list[Conversation]:
    """One to four questions with answers; some with a system message, some waiting for their last answer."""
    rng = random.Random(seed)
    conversations = []
    for _ in range(count):
        turns = rng.randint(1, 8)
        words = [" ".join(rng.choices(WORDS, k=rng.randint(1, 6))) for _ in range(turns)]
        messages = Conversation.of(*words).messages
        system = (Message("system", "be kind"),) if rng.random() < 0.3 else ()
        conversations.append(Conversation(system + messages))
    return conversations
