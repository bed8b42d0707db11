"""The thread around the batch: cancelling, time, faults, the end. A scripted model holds still where need be."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from chatzero.errors import DataError
from chatzero.generation.options import GenerationOptions
from chatzero.serving.engine import Engine, StoppedError
from chatzero.serving.job import Failure, Job, Progress
from chatzero.serving.limits import EngineLimits
from chatzero.serving.scheduler import BusyError
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer
from tests.generation.scripted import ScriptedModel, likes
from tests.serving.mailbox import Mailbox, hand_out

BYTES = Tokenizer.train([], MIN_VOCAB_SIZE)
LONG = GenerationOptions(no_repeat_ngram_size=0, max_tokens=10_000)
[LETTER] = BYTES.encode("x")


def endless(act: Callable[[int], None] = lambda said: None) -> ScriptedModel:
    """Says x for ever; `act` is called before every token of the prompt [1], with the number said."""

    def script(prompt: tuple[int, ...], said: tuple[int, ...]) -> Sequence[float]:
        if prompt == (1,):
            act(len(said))
        return likes(LETTER, BYTES.vocab_size)

    return ScriptedModel(script, BYTES.vocab_size, max_seq_len=20_000)


def started(
    model: ScriptedModel, limits: EngineLimits | None = None, clock: Callable[[], float] = time.monotonic
) -> Engine:
    engine = Engine(model, BYTES, limits or EngineLimits(events_per_s=math.inf), hand_out, clock)
    engine.start()
    return engine


def test_a_cancelled_answer_costs_no_further_token() -> None:
    """The model holds still before token 5, and is cancelled there: token 6 must not be computed."""
    reached, go_on = threading.Event(), threading.Event()
    said: list[int] = []

    def act(number: int) -> None:
        said.append(number)
        if number == 5:
            reached.set()
            assert go_on.wait(30)

    engine = started(endless(act), EngineLimits(max_running=1))
    box, next_one = Mailbox(), Mailbox()
    tickets = engine.submit([(Job((1,), LONG), box)])
    assert reached.wait(30)
    engine.submit([(Job((2,), replace(LONG, max_tokens=3)), next_one)])
    engine.cancel(tickets)
    go_on.set()
    assert next_one.generated().text == "xxx", "the place is free"
    engine.stop(10.0)
    assert max(said) == 5
    assert not box.over.is_set()
    assert engine.metrics.finished["cancelled"] == 1


def test_a_short_answer_is_not_held_up_by_a_long_one() -> None:
    engine = started(endless())
    long, short = Mailbox(), Mailbox()
    tickets = engine.submit([(Job((1,), LONG), long)])
    engine.submit([(Job((2,), replace(LONG, max_tokens=3)), short)])
    assert short.generated().num_tokens == 3
    assert not long.over.is_set()
    engine.cancel(tickets)
    engine.stop(10.0)


def test_pieces_come_no_faster_than_they_are_to_and_lose_nothing() -> None:
    """A token a second, and a piece every four: the first at once, the last with what is left."""
    now_s = [0.0]

    def act(number: int) -> None:
        now_s[0] = float(number)

    engine = started(endless(act), EngineLimits(events_per_s=0.25), clock=lambda: now_s[0])
    box = Mailbox()
    engine.submit([(Job((1,), replace(LONG, max_tokens=11), alternatives=0), box)])
    box.last()
    engine.stop(10.0)
    pieces = [event for event in box.events if isinstance(event, Progress)]
    assert [piece.text for piece in pieces] == ["x", "xxxx", "xxxx", "xx"]
    assert [len(piece.scores) for piece in pieces] == [1, 4, 4, 2]
    assert [piece.num_tokens for piece in pieces] == [1, 5, 9, 11]


def test_out_of_time_cuts_an_answer_off_and_sends_a_waiting_one_away() -> None:
    now_s = [0.0]
    reached = threading.Event()

    def act(number: int) -> None:
        if number == 4:
            now_s[0] = 100.0
        if number == 1:
            assert reached.wait(30)

    engine = started(endless(act), EngineLimits(max_running=1, time_limit_s=60.0), clock=lambda: now_s[0])
    running, waiting = Mailbox(), Mailbox()
    engine.submit([(Job((1,), LONG), running)])
    engine.submit([(Job((2,), LONG), waiting)])
    reached.set()
    assert waiting.last() == Failure("waited_too_long")
    generated = running.generated()
    assert (generated.text, generated.finish_reason) == ("xxxxx", "length")
    engine.stop(10.0)


def test_too_many_are_refused_and_the_others_served() -> None:
    hold = threading.Event()

    def act(number: int) -> None:
        assert hold.wait(30)

    engine = started(endless(act), EngineLimits(max_running=1, max_waiting=1))
    boxes = [Mailbox(), Mailbox()]
    engine.submit([(Job((1,), replace(LONG, max_tokens=2)), boxes[0])])
    while not engine.running:
        time.sleep(0.001)
    engine.submit([(Job((2,), replace(LONG, max_tokens=2)), boxes[1])])
    with pytest.raises(BusyError):
        engine.submit([(Job((3,), LONG), Mailbox())])
    hold.set()
    assert [box.generated().text for box in boxes] == ["xx", "xx"]
    engine.stop(10.0)


def test_a_fault_ends_what_ran_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    def act(number: int) -> None:
        if number == 2:
            raise RuntimeError("no memory")

    engine = started(endless(act), EngineLimits(max_running=1))
    broken, after = Mailbox(), Mailbox()
    engine.submit([(Job((1,), LONG), broken), (Job((2,), replace(LONG, max_tokens=4)), after)])
    assert broken.last() == Failure("fault")
    assert after.generated().text == "xxxx"
    assert "no memory" in caplog.text
    engine.stop(10.0)


def test_the_end_finishes_what_has_begun_and_takes_nothing_new() -> None:
    engine = started(endless())
    boxes = [Mailbox() for _ in range(3)]
    engine.submit([(Job((i,), replace(LONG, max_tokens=40)), box) for i, box in enumerate(boxes)])
    engine.stop(30.0)
    assert [box.generated().num_tokens for box in boxes] == [40, 40, 40]
    assert not engine.accepting
    with pytest.raises(StoppedError, match="stopping"):
        engine.submit([(Job((1,), LONG), Mailbox())])


def test_the_end_does_not_wait_for_ever() -> None:
    engine = started(endless())
    box = Mailbox()
    engine.submit([(Job((1,), LONG), box)])
    engine.stop(0.01)
    assert box.last() == Failure("stopped")
    assert (engine.running, engine.waiting) == (0, 0)


def test_a_prompt_that_cannot_be_read_is_refused_at_once() -> None:
    engine = started(endless())
    with pytest.raises(DataError, match="20001 tokens"):
        engine.submit([(Job((1,) * 20_001, LONG), Mailbox())])
    engine.stop(1.0)


def test_scores_come_with_the_text_they_belong_to() -> None:
    """ "xxxx" with the stop string "xxx": nothing is shown, so no score is told; unstreamed, all come at once."""
    engine = started(endless())
    options = replace(LONG, max_tokens=4)
    streamed, whole, stopped, none = (Mailbox() for _ in range(4))
    engine.submit(
        [
            (Job((1,), options, alternatives=2), streamed),
            (Job((2,), options, alternatives=0, streamed=False), whole),
            (Job((3,), replace(options, stop=("xxx",)), alternatives=0), stopped),
            (Job((4,), options), none),
        ]
    )
    for box in (streamed, whole, stopped, none):
        box.last()
    engine.stop(10.0)
    assert [len(event.scores) for event in streamed.events if isinstance(event, Progress)] == [1, 1, 1, 1]
    [event] = whole.events
    assert isinstance(event, Progress)
    assert [score.token_id for score in event.scores] == [LETTER] * 4
    assert event.text == "xxxx"
    first = streamed.events[0]
    assert isinstance(first, Progress)
    assert first.scores[0].alternatives[0][0] == LETTER
    assert first.scores[0].alternatives[0][1] == pytest.approx(first.scores[0].logprob_nats)
    [event] = stopped.events
    assert isinstance(event, Progress)
    assert (event.text, event.finish_reason, event.scores) == ("", "stop", ())
    assert all(isinstance(event, Progress) and not event.scores for event in none.events)
