"""All engines write in turns, equally much; who writes less is no faster for it. What reuse saves, answers equal."""

import time
from collections.abc import Sequence
from itertools import pairwise

import pytest

from benchmarks import decoding, prefix_reuse
from benchmarks.decoding import Write, compare, in_turns
from benchmarks.prefix_reuse import talk
from chatzero.checkpoint.bundle import Bundle
from tests.apps.server.running import small_bundle


def test_each_round_begins_with_another_and_the_first_only_warms_up() -> None:
    order: list[int] = []

    def engine(number: int) -> Write:
        def write(prompt: Sequence[int], num_tokens: int) -> int:
            order.append(number)
            time.sleep(0.01 * number)
            return num_tokens

        return write

    speeds = in_turns([engine(1), engine(3)], [5], num_tokens=10, rounds=2)
    assert order == [1, 3, 3, 1, 1, 3]
    assert [len(of_one) for of_one in speeds] == [2, 2]
    assert 10 / 0.01 > min(speeds[0]) > 10 / 0.03 > max(speeds[1])


def test_an_engine_that_writes_less_is_an_error() -> None:
    with pytest.raises(AssertionError, match="3 tokens instead of 4"):
        in_turns([lambda prompt, num_tokens: num_tokens - 1], [5], num_tokens=4, rounds=1)


@pytest.mark.parametrize("arch", ["gpt", "transformer"])
def test_ours_is_measured_in_both_precisions(arch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "ENGINES", {})
    document = compare(small_bundle(arch), threads=1, prompt_tokens=3, longest=5, rounds=1)
    assert document["tokens"] == 5
    rows = document["tokens_per_s"]
    assert isinstance(rows, list)
    assert [row["precision"] for row in rows] == ["f32", "bf16"]
    assert all(0 < row["slowest"] <= row["median"] <= row["fastest"] for row in rows)


def test_later_turns_reuse_and_the_answers_are_the_same() -> None:
    turns = prefix_reuse.compare(small_bundle("gpt", max_seq_len=800), turns=4, rounds=1)
    assert turns[0]["reused"] == 0
    for before, turn in pairwise(turns[1:]):
        assert before["prompt_tokens"] <= turn["reused"] < turn["prompt_tokens"]
    assert all(turn["first_token_ms"] > 0 and turn["first_token_ms_without"] > 0 for turn in turns)


def test_other_answers_with_what_was_kept_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(bundle: Bundle, kept_bytes: int, turns: int) -> list[tuple[int, int, float, list[int]]]:
        told = talk(bundle, kept_bytes, turns)
        return [(*turn[:3], [0]) for turn in told] if kept_bytes else told

    monkeypatch.setattr(prefix_reuse, "talk", wrong)
    with pytest.raises(RuntimeError, match="the answers are others"):
        prefix_reuse.compare(small_bundle("gpt", max_seq_len=400), turns=2, rounds=1)
