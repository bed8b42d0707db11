"""An engine that writes an answer by itself, in the server: one at a time, ended at the next token, and on."""

import threading
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import replace

import pytest

from chatzero.generation.options import GenerationOptions
from chatzero.generation.writer import UnsupportedOptionError, Writer
from chatzero.models.config import GPTConfig
from chatzero.serving.engine import Engine
from chatzero.serving.job import Failure, Job
from chatzero.serving.limits import EngineLimits
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer
from tests.models.random_models import gpt_config
from tests.serving.mailbox import Mailbox, hand_out

BYTES = Tokenizer.train([], MIN_VOCAB_SIZE)
OPTIONS = GenerationOptions(no_repeat_ngram_size=0, max_tokens=1000)
LETTERS = BYTES.encode("abcdefghij")


class Alphabet:
    """Says the alphabet for ever, and knows no bias. `before` is told of each token before it is said."""

    name = "alphabet"

    def __init__(self, before: Callable[[int], None] = lambda said: None) -> None:
        self.config: GPTConfig = gpt_config(vocab_size=BYTES.vocab_size, max_seq_len=2000)
        self.before = before
        self.open = 0

    def require(self, options: GenerationOptions) -> None:
        if options.logit_bias:
            raise UnsupportedOptionError("logit_bias", self.name, "it has none")

    def write(
        self, prompt_ids: Sequence[int], options: GenerationOptions, end_ids: Collection[int]
    ) -> Generator[int, None, None]:
        self.open += 1
        assert self.open == 1, "two at once"
        try:
            for said in range(options.max_tokens):
                self.before(said)
                yield LETTERS[said % len(LETTERS)]
        finally:
            self.open -= 1


def started(writer: Writer) -> Engine:
    engine = Engine(writer, BYTES, EngineLimits(), hand_out)
    engine.start()
    return engine


def test_many_are_answered_one_after_another() -> None:
    writer = Alphabet()
    assert isinstance(writer, Writer)
    engine = started(writer)
    boxes = [Mailbox() for _ in range(5)]
    engine.submit([(Job((1,), replace(OPTIONS, max_tokens=3 + i)), box) for i, box in enumerate(boxes)])
    for i, box in enumerate(boxes):
        answer = box.generated()
        assert (answer.text, answer.finish_reason, answer.num_tokens) == ("abcdefghij"[: 3 + i], "length", 3 + i)
        assert len(box.events) > 1, "in pieces"
    engine.stop(10.0)
    assert writer.open == 0
    assert engine.metrics.completion_tokens == sum(3 + i for i in range(5))


def test_a_stop_string_ends_it_and_is_not_shown() -> None:
    writer = Alphabet()
    engine = started(writer)
    box = Mailbox()
    engine.submit([(Job((1,), replace(OPTIONS, stop=("ef",))), box)])
    assert (box.generated().text, box.generated().finish_reason) == ("abcd", "stop")
    engine.stop(10.0)
    assert writer.open == 0, "what the engine had begun is ended"


def test_a_cancelled_answer_costs_no_further_token_and_the_next_begins() -> None:
    reached, go_on = threading.Event(), threading.Event()
    said: list[int] = []

    def before(number: int) -> None:
        said.append(number)
        if number == 5:
            reached.set()
            assert go_on.wait(30)

    engine = started(Alphabet(before))
    box, next_one = Mailbox(), Mailbox()
    tickets = engine.submit([(Job((1,), OPTIONS), box)])
    assert reached.wait(30)
    engine.submit([(Job((2,), replace(OPTIONS, max_tokens=2)), next_one)])
    assert (engine.running, engine.waiting) == (1, 1)
    engine.cancel(tickets)
    go_on.set()
    assert next_one.generated().text == "ab"
    engine.stop(10.0)
    assert max(said) == 5
    assert engine.metrics.finished["cancelled"] == 1


@pytest.mark.parametrize(
    ("job", "option"),
    [
        (Job((1,), replace(OPTIONS, logit_bias=((3, 1.0),))), "logit_bias"),
        (Job((1,), OPTIONS, alternatives=0), "logprobs"),
    ],
)
def test_what_it_has_not_is_refused_by_name_before_it_is_queued(job: Job, option: str) -> None:
    engine = started(Alphabet())
    with pytest.raises(UnsupportedOptionError) as caught:
        engine.submit([(job, Mailbox())])
    assert caught.value.option == option
    assert "--engine alphabet" in caught.value.what
    assert (engine.running, engine.waiting) == (0, 0)
    engine.stop(10.0)


def test_a_fault_loses_one_answer_only() -> None:
    broken = [True]

    def before(number: int) -> None:
        if number == 2 and broken.pop():
            broken.append(False)
            raise RuntimeError("the engine fell over")

    writer = Alphabet(before)
    engine = started(writer)
    lost, next_one = Mailbox(), Mailbox()
    engine.submit([(Job((1,), OPTIONS), lost)])
    assert lost.last() == Failure("fault")
    engine.submit([(Job((1,), replace(OPTIONS, max_tokens=4)), next_one)])
    assert next_one.generated().text == "abcd"
    engine.stop(10.0)
    assert writer.open == 0
