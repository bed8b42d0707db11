"""How much faster many chats are together than one after another: tokens per second, and the wait for the first token.

    python -m benchmarks.serving_load runs/quickstart-gpt --out serving.json

Starts `chatzero serve` on a free port and talks to it over loopback. Each simulated person streams one answer after
another, without a pause. Answers end where the model ends them, as in real use; every request is counted, and one that
is not answered is an error. The load generator shares the machine with the server: the numbers hold for both together.
"""

import argparse
import asyncio
import json
import math
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.started_server import NAME, started_server
from benchmarks.told import tell

QUESTIONS = (
    "Who are you?",
    "你是谁？",
    "What is 12 + 30?",
    "把 5, 2, 9 从小到大排列。",
    "Tell me about the Transformer.",
    "讲一讲你能做什么。",
    "Say the words back: red, green, blue.",
    "What day comes after Monday?",
)


@dataclass(frozen=True)
class Asked:
    """One request, timed."""

    first_token_s: float
    whole_s: float
    tokens: int


@dataclass(frozen=True)
class Load:
    """What one number of people at once came to."""

    people: int
    requests: int
    errors: int
    seconds: float
    tokens_per_s: float
    first_token_p50_s: float
    first_token_p95_s: float
    answer_p50_s: float
    answer_p95_s: float


async def ask(port: int, question: str, max_tokens: int) -> Asked:
    """One streamed chat, over a connection of its own. Raises `RuntimeError` when it is not answered to the end."""
    body = json.dumps(
        {
            "model": NAME,
            "messages": [{"role": "user", "content": question}],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": max_tokens,
        }
    ).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"  # noqa: E501
    started_s = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    first_token_s, tokens, done = 0.0, 0, False
    try:
        writer.write(head.encode() + body)
        while line := await reader.readline():
            if not first_token_s and b'"content":' in line and b'"role":' not in line:
                first_token_s = time.perf_counter() - started_s
            if found := re.search(rb'"completion_tokens":(\d+)', line):
                tokens = int(found[1])
            done = done or line.startswith(b"data: [DONE]")
    finally:
        writer.close()
    if not (done and tokens):
        raise RuntimeError(f"not answered: {question}")
    whole_s = time.perf_counter() - started_s
    return Asked(first_token_s or whole_s, whole_s, tokens)


async def load(port: int, people: int, seconds: float, max_tokens: int) -> Load:
    """So many people ask one question after another for so long; what has begun then is finished."""
    answered: list[Asked] = []
    errors = 0
    started_s = time.perf_counter()

    async def person(number: int) -> None:
        nonlocal errors
        turn = number
        while time.perf_counter() - started_s < seconds:
            try:
                answered.append(await ask(port, QUESTIONS[turn % len(QUESTIONS)], max_tokens))
            except (OSError, RuntimeError):
                errors += 1
            turn += 1

    await asyncio.gather(*(person(number) for number in range(people)))
    took_s = time.perf_counter() - started_s
    first, whole = ([getattr(a, name) for a in answered] for name in ("first_token_s", "whole_s"))
    return Load(
        people,
        len(answered),
        errors,
        round(took_s, 2),
        round(sum(a.tokens for a in answered) / took_s, 1),
        *(round(quantile(values, q), 4) for values in (first, whole) for q in (0.5, 0.95)),
    )


def quantile(values: Sequence[float], q: float) -> float:
    """The smallest value that at least the share `q` of all does not exceed."""
    return sorted(values)[max(0, math.ceil(q * len(values)) - 1)] if values else math.nan


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a model folder or a run folder")
    parser.add_argument("--people", type=int, nargs="+", default=[1, 8, 32], help="how many at once")
    parser.add_argument("--seconds", type=float, default=30.0, help="for each of these numbers")
    parser.add_argument("--max-tokens", type=int, default=64)
    parser.add_argument("--out", type=Path, help="write the JSON there too")
    options = parser.parse_args()
    with started_server(options.model) as (port, _):
        asyncio.run(load(port, 2, 2.0, options.max_tokens))  # warm up
        loads = [asyncio.run(load(port, people, options.seconds, options.max_tokens)) for people in options.people]
    document = {
        "model": options.model.name,
        "max_tokens": options.max_tokens,
        "loads": [asdict(each) for each in loads],
        "speedup": round(loads[-1].tokens_per_s / loads[0].tokens_per_s, 2),
    }
    tell(document, options.out)
    return 1 if any(each.errors for each in loads) else 0


if __name__ == "__main__":
    sys.exit(main())
