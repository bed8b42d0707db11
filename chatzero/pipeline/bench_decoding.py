"""How fast one chat is answered: greedily, token by token, as `chatzero chat` does it. Many at once is the server's."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from chatzero.generation.decode import decode
from chatzero.generation.options import GenerationOptions
from chatzero.models.interface import LanguageModel


@dataclass(frozen=True)
class DecodingSpeed:
    """Of one chat. `first_token_s`: reading the prompt and saying one token; the others come at `tokens_per_s`."""

    precision: str
    first_token_s: float
    tokens_per_s: float


def time_decoding(model: LanguageModel, prompt_ids: Sequence[int], tokens: int, seconds: float) -> DecodingSpeed:
    """Answer the prompt again and again for about `seconds`, each answer `tokens` (at least 2) long.

    No end token ends it, so that an untrained model is as good as a trained one: the speed does not depend on what is
    said. The first answer warms up and is not counted.
    """
    options = GenerationOptions(max_tokens=tokens)
    firsts_s: list[float] = []
    rest_s, said = 0.0, 0
    began_s = time.perf_counter()
    while len(firsts_s) < 2 or time.perf_counter() - began_s < seconds:
        answer = decode(model, prompt_ids, options, end_ids=())
        started_s = time.perf_counter()
        for _ in islice(answer, 1):
            firsts_s.append(time.perf_counter() - started_s)
        started_s = time.perf_counter()
        others = sum(1 for _ in answer)
        if len(firsts_s) > 1:
            rest_s += time.perf_counter() - started_s
            said += others
    precision = str(next(model.parameters()).dtype).removeprefix("torch.")
    return DecodingSpeed(precision, min(firsts_s[1:]), said / rest_s)
