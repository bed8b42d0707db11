"""What it saves to keep what earlier turns have read: the wait for the first token of each turn, with and without.

    python -m benchmarks.prefix_reuse runs/quickstart-gpt --out reuse.json

One conversation of so many turns, with a decoder-only model; both ways by turns, so that a machine that is slow for a
while is so for both. The answers are the same, token for token, or it ends with an error.
"""

import argparse
import sys
import time
from pathlib import Path
from statistics import median

import torch

from benchmarks.machine import machine
from benchmarks.told import tell
from chatzero.chat.context import fit_window
from chatzero.checkpoint.bundle import Bundle, load_bundle
from chatzero.generation.options import GenerationOptions
from chatzero.generation.window import prompt_room
from chatzero.serving.batch import RunningBatch, row_for
from chatzero.serving.job import Job
from chatzero.serving.limits import EngineLimits
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation, Message

WORDS = ("Who are you?", "What is 12 + 30?", "Tell me about the Transformer.", "你是谁？", "讲一讲你能做什么。")


def talk(bundle: Bundle, kept_bytes: int, turns: int) -> list[tuple[int, int, float, list[int]]]:
    """For each turn: tokens of the prompt, tokens reused, seconds to the first token, and the answer."""
    batch = RunningBatch(bundle.model, kept_bytes)
    options = GenerationOptions(max_tokens=24)
    messages: list[Message] = []
    told = []
    for turn in range(turns):
        messages.append(Message("user", WORDS[turn % len(WORDS)]))
        room = prompt_room(bundle.model.config, options.max_tokens)
        prompt = render_prompt(fit_window(Conversation(tuple(messages)), bundle.tokenizer, room), bundle.tokenizer)
        row = row_for(Job(tuple(prompt), options), bundle.model.config)
        started_s = time.perf_counter()
        reused = batch.join([row])
        took_s = time.perf_counter() - started_s
        while row.said[-1] != bundle.tokenizer.end_id and len(row.said) < row.longest:
            batch.step()
        batch.leave({row})
        told.append((len(prompt), reused, took_s, row.said))
        words = [token_id for token_id in row.said if token_id != bundle.tokenizer.end_id]
        messages.append(Message("assistant", bundle.tokenizer.decode(words).strip() or "..."))
    return told


def compare(bundle: Bundle, turns: int, rounds: int) -> list[dict[str, float]]:
    """Each turn, both ways; a first round only warms up. Raises `RuntimeError` when the answers differ."""
    kept, unkept = [], []
    for _ in range(1 + rounds):
        kept.append(talk(bundle, EngineLimits().kept_bytes, turns))
        unkept.append(talk(bundle, 0, turns))
    if any(mine[3] != theirs[3] for mine, theirs in zip(kept[0], unkept[0], strict=True)):
        raise RuntimeError("with what was kept the answers are others")
    return [
        {
            "turn": turn + 1,
            "prompt_tokens": kept[0][turn][0],
            "reused": kept[0][turn][1],
            "first_token_ms": round(1000 * median(told[turn][2] for told in kept[1:]), 2),
            "first_token_ms_without": round(1000 * median(told[turn][2] for told in unkept[1:]), 2),
        }
        for turn in range(turns)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a model folder or a run folder")
    parser.add_argument("--turns", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--out", type=Path, help="write the JSON there too")
    words = parser.parse_args()
    settings = f"--turns {words.turns} --rounds {words.rounds}"
    document = {
        "command": f"python -m benchmarks.prefix_reuse {words.model.name} {settings}",
        "machine": machine(torch.device("cpu")),
        "turns": compare(load_bundle(words.model), words.turns, words.rounds),
    }
    tell(document, words.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
