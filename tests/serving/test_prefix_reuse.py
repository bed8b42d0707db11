"""Conversations whose earlier turns are not read again get, token for token, the answers they get without that."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from chatzero.chat.context import fit_window
from chatzero.generation.decode import decode
from chatzero.generation.options import GenerationOptions
from chatzero.generation.window import prompt_room
from chatzero.models.interface import LanguageModel
from chatzero.serving.batch import Row, RunningBatch, row_for
from chatzero.serving.engine import Engine
from chatzero.serving.job import Job
from chatzero.serving.kept_prefixes import WORTH_TOKENS
from chatzero.serving.limits import EngineLimits
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation, Message
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer
from tests.generation.real_models import ARCHS, prompts_of, random_model
from tests.serving.mailbox import Mailbox, hand_out

BYTES = Tokenizer.train([], MIN_VOCAB_SIZE)
GREEDY = GenerationOptions(no_repeat_ngram_size=0, max_tokens=12)
KEPT = 1 << 20


def model(arch: str = "gpt", max_seq_len: int = 200) -> LanguageModel:
    return random_model(arch, BYTES.vocab_size, max_seq_len)


def alone(speaks: LanguageModel, prompt: Sequence[int], options: GenerationOptions = GREEDY) -> list[int]:
    return list(decode(speaks, prompt, options, end_ids=()))


class Together:
    """A batch in which all rows begin together, and what it reused."""

    def __init__(self, speaks: LanguageModel, kept_bytes: int = KEPT) -> None:
        self.batch = RunningBatch(speaks, kept_bytes)
        self.config = speaks.config
        self.reused = 0

    def say(self, *prompts: Sequence[int], options: GenerationOptions = GREEDY) -> list[list[int]]:
        rows = [row_for(Job(tuple(prompt), options), self.config) for prompt in prompts]
        self.reused = self.batch.join(rows)
        running = rows
        while running := [row for row in running if not self._over(row)]:
            self.batch.step()
        return [row.said for row in rows]

    def _over(self, row: Row) -> bool:
        if len(row.said) < row.longest:
            return False
        self.batch.leave({row})
        return True


def test_the_next_turn_reads_only_what_is_new() -> None:
    speaks = model()
    chat = Together(speaks)
    [text] = prompts_of([30], BYTES.vocab_size)
    for turn in range(4):
        [said] = chat.say(text)
        assert said == alone(speaks, text)
        # all of the last prompt and answer but the answer's last token, which was said and never read
        assert chat.reused == (len(text) - 6 if turn else 0)
        text = [*text, *said, 40 + turn, 41, 42, 43, 44]


def test_a_text_that_goes_on_differently_reuses_what_is_the_same() -> None:
    speaks = model()
    chat = Together(speaks)
    [text] = prompts_of([60], BYTES.vocab_size)
    chat.say(text)
    for same in (WORTH_TOKENS, 31, 59):
        other = [*text[:same], 7, 8, 9] if text[same] != 7 else [*text[:same], 8, 8, 9]
        assert chat.say(other) == [alone(speaks, other)]
        assert chat.reused == same
    shifted = text[1:]
    assert chat.say(shifted) == [alone(speaks, shifted)]
    assert chat.reused == 0, "the same words at other places are not the same"
    assert chat.say(text) == [alone(speaks, text)]
    assert chat.reused == len(text) - 1


def test_rows_that_kept_much_little_and_nothing_are_read_together() -> None:
    speaks = model()
    chat = Together(speaks)
    prompts = prompts_of([50, 21, 35, 17, 80], BYTES.vocab_size)
    first = chat.say(*prompts)
    nexts = [
        [*prompts[0], *first[0], 1, 2, 3],
        [*prompts[1], *first[1], *range(90, 130)],  # reads more than others know: they read some again
        [*prompts[2][:20], 5, 6],
        *prompts_of([12, 90, 2], BYTES.vocab_size, seed=5),
        [*prompts[4], *first[4][:5], 4],
        [*prompts[4], *first[4][:5], 4],
    ]
    options = replace(GREEDY, max_tokens=25)
    assert chat.say(*nexts, options=options) == [alone(speaks, prompt, options) for prompt in nexts]
    assert chat.reused > 100


def test_a_row_shorter_than_what_another_must_read() -> None:
    speaks = model()
    chat = Together(speaks)
    short, long = prompts_of([20, 18], BYTES.vocab_size)
    chat.say(short, long)
    nexts = [[*short, 3], [*long, *range(30, 120)]]
    assert chat.say(*nexts) == [alone(speaks, prompt) for prompt in nexts]
    assert chat.reused == len(long)


def test_a_conversation_that_outgrows_the_window() -> None:
    """When the oldest turn is dropped, all others stand at new places: only the system message can be reused."""
    speaks = model(max_seq_len=160)
    kept, unkept = Together(speaks), Together(speaks, kept_bytes=0)
    turns = [Message("system", "You are a calm and patient teacher.")]
    reused = []
    for turn in range(8):
        turns.append(Message("user", f"Question {turn}, of some length?"))
        whole = Conversation(tuple(turns))
        prompt = render_prompt(fit_window(whole, BYTES, prompt_room(speaks.config, GREEDY.max_tokens)), BYTES)
        assert prompt[:WORTH_TOKENS] == render_prompt(whole, BYTES)[:WORTH_TOKENS]
        [said] = kept.say(prompt)
        assert [said] == unkept.say(prompt)
        assert unkept.reused == 0
        reused.append(kept.reused)
        turns.append(Message("assistant", "an answer"))
    scene = len(BYTES.encode(turns[0].content)) + 3  # its opening, its end, and the opening of the user's turn
    assert max(reused) > 2 * scene, "as long as nothing is dropped, the conversation is reused"
    assert reused[-1] in range(scene, scene + 15), "what two questions begin with comes on top"


def test_an_encoder_reads_everything_again() -> None:
    speaks = model("transformer")
    chat = Together(speaks)
    [prompt] = prompts_of([40], BYTES.vocab_size)
    for _ in range(2):
        assert chat.say(prompt) == [alone(speaks, prompt)]
        assert chat.reused == 0


def test_the_memory_is_bounded() -> None:
    speaks = model()
    config = speaks.config
    token_bytes = config.num_layers * 2 * config.num_kv_heads * config.head_dim * 4  # type: ignore[union-attr]
    limit = token_bytes * 100
    chat = Together(speaks, kept_bytes=limit)
    for prompt in prompts_of([30, 40, 50, 60, 20, 90], BYTES.vocab_size):
        chat.say(prompt)
        assert 0 < chat.batch.kept_bytes <= limit


@pytest.mark.parametrize("arch", ARCHS)
def test_through_the_engine(arch: str) -> None:
    """Conversations side by side for three turns: nothing differs but the work."""
    speaks = model(arch, max_seq_len=160)
    answers = {}
    reused = {}
    for kept_bytes in (0, KEPT):
        engine = Engine(speaks, BYTES, EngineLimits(max_running=3, kept_bytes=kept_bytes), hand_out)
        engine.start()
        texts = prompts_of([18, 30, 25, 41, 20], BYTES.vocab_size)
        got = []
        for turn in range(3):
            boxes = [Mailbox() for _ in texts]
            short = replace(GREEDY, max_tokens=9)
            jobs = [Job(tuple(text), short, alternatives=0) for text in texts]
            engine.submit(list(zip(jobs, boxes, strict=True)))
            got.append([box.generated() for box in boxes])
            texts = [[*t, *BYTES.encode(box.text), 70 + turn, 71] for t, box in zip(texts, boxes, strict=True)]
        engine.stop(10.0)
        answers[kept_bytes] = got
        reused[kept_bytes] = engine.metrics.prompt_tokens_reused
        assert engine.metrics.prompt_tokens > reused[kept_bytes]
    assert answers[0] == answers[KEPT]
    assert reused[0] == 0
    assert (reused[KEPT] > 100) == (arch == "gpt")
