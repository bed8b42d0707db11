"""The same model on other engines: the same answers, in the chat and in a running batch; what an engine has not."""

import time
from collections.abc import Collection, Generator, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from chatzero.apps.cli.engine_option import speaker
from chatzero.chat.reply import answer
from chatzero.checkpoint.bundle import Bundle
from chatzero.errors import ConfigError
from chatzero.evaluation.answer import greedy_answers
from chatzero.generation.answer_text import end_ids
from chatzero.generation.decode import decode
from chatzero.generation.options import GenerationOptions
from chatzero.generation.writer import Speaks, Writer, tokens_of
from chatzero.interop.engine_names import AUTO, EngineName, require_engine
from chatzero.interop.speak import candidates, fastest, open_engine
from chatzero.models.interface import LanguageModel
from chatzero.serving.batch import RunningBatch, row_for
from chatzero.serving.job import Job
from chatzero.text.chat_template import render_prompt
from tests.interop.trained import QUESTIONS, tokenizer, trained

pytestmark = pytest.mark.usefixtures("tracing")

needs_llama_cpp = pytest.mark.skipif(find_spec("llama_cpp") is None, reason="llama-cpp-python is not installed")
WAYS = [
    ("ct2", "qwen3"),
    ("ct2", "marian"),
    ("onnx", "qwen3"),
    ("onnx", "marian"),
    pytest.param("llama.cpp", "qwen3", marks=needs_llama_cpp),
]


def bundle(variant: str) -> Bundle:
    return Bundle(trained(variant), tokenizer(), Path("nowhere"))


@cache
def opened(engine: EngineName, variant: str) -> Speaks:
    return open_engine(bundle(variant), engine)


@pytest.mark.parametrize(("engine", "variant"), WAYS)
def test_the_chat_says_the_same_on_every_engine(engine: EngineName, variant: str) -> None:
    ours, theirs = trained(variant), opened(engine, variant)
    for options in (GenerationOptions(max_tokens=20), GenerationOptions(max_tokens=3)):
        for question in QUESTIONS[::9]:
            mine = answer(question, ours, tokenizer(), options)
            assert answer(question, theirs, tokenizer(), options) == mine
    assert answer(QUESTIONS[0], theirs, tokenizer(), GenerationOptions(stop=("=",))).text in ("0 + 0 ", "")


@pytest.mark.parametrize(("engine", "variant"), WAYS)
def test_the_scoreboard_asks_any_engine(engine: EngineName, variant: str) -> None:
    asked = QUESTIONS[:6]
    assert greedy_answers(opened(engine, variant), tokenizer(), asked, 20) == greedy_answers(
        trained(variant), tokenizer(), asked, 20
    )


@pytest.mark.parametrize(("engine", "variant"), WAYS)
def test_sampling_and_leaving_a_stream(engine: EngineName, variant: str) -> None:
    theirs, prompt = opened(engine, variant), render_prompt(QUESTIONS[5], tokenizer())
    if engine != "ct2":  # which has no seeds
        options = GenerationOptions(temperature=5.0, max_tokens=12, seed=3)
        ours = list(tokens_of(trained(variant), prompt, options, ()))
        assert list(tokens_of(theirs, prompt, options, ())) == ours
    hot = [tuple(tokens_of(theirs, prompt, GenerationOptions(temperature=9.0, max_tokens=9), ())) for _ in range(8)]
    assert len(set(hot)) > 4
    left = tokens_of(theirs, prompt, GenerationOptions(max_tokens=30), ())
    next(left)
    left.close()
    whole = list(tokens_of(theirs, prompt, GenerationOptions(max_tokens=20), end_ids(tokenizer())))
    assert whole[-1] == tokenizer().end_id


@pytest.mark.parametrize("variant", ["qwen3", "marian"])
def test_beams_of_ctranslate2_find_an_answer_at_least_as_likely(variant: str) -> None:
    options = GenerationOptions(beam_size=3, max_tokens=20)
    same = [
        answer(q, opened("ct2", variant), tokenizer(), options) == answer(q, trained(variant), tokenizer(), options)
        for q in QUESTIONS[::9]
    ]
    assert sum(same) >= 0.8 * len(same)  # when to stop looking is decided in another way there


@pytest.mark.parametrize("variant", ["qwen3", "marian"])
def test_onnxruntime_writes_many_answers_together_in_the_server(variant: str) -> None:
    theirs, ours = opened("onnx", variant), trained(variant)
    assert isinstance(theirs, LanguageModel)
    prompts = [render_prompt(question, tokenizer()) for question in QUESTIONS[::20]]
    options = GenerationOptions(max_tokens=9)
    rows = [row_for(Job(tuple(prompt), options), theirs.config) for prompt in prompts]
    batch = RunningBatch(theirs)
    for row in rows:  # each comes while the others are being written
        batch.join([row])
        batch.step()
    while unfinished := [row for row in rows if len(row.said) < 9]:
        batch.leave({row for row in batch.rows if row not in unfinished})
        batch.step()
    for prompt, row in zip(prompts, rows, strict=True):
        assert row.said[:9] == list(decode(ours, prompt, options, ()))


class Slow:
    """Ours, later."""

    name = "slow"

    def __init__(self, model: LanguageModel) -> None:
        self.model, self.config = model, model.config

    def require(self, options: GenerationOptions) -> None:
        pass

    def write(
        self, prompt_ids: Sequence[int], options: GenerationOptions, end_ids: Collection[int]
    ) -> Generator[int, None, None]:
        time.sleep(0.05)
        yield from decode(self.model, prompt_ids, options, end_ids)


def test_the_fastest_is_measured() -> None:
    model = trained("qwen3")
    slow = Slow(model)
    assert isinstance(slow, Writer)
    seconds = fastest(bundle("qwen3"), {"ct2": slow, "torch": model}, together=False)
    assert list(seconds) == ["torch", "ct2"]
    assert seconds["ct2"] > 8 * 0.05 > 0 < seconds["torch"]


def test_auto_says_what_it_chose_and_why(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatzero.interop.speak.open_engine", lambda _, name: opened(name, "qwen3"))
    monkeypatch.setattr("chatzero.interop.speak.missing", lambda modules: "llama_cpp" in modules)
    chosen = speaker(bundle("qwen3"), AUTO, None)
    said = capsys.readouterr().err
    name = said.split("engine: ")[1].split(",")[0]
    assert chosen is opened(name, "qwen3")
    assert all(f"{engine} " in said for engine in ("torch", "onnx", "ct2"))


def test_who_is_measured() -> None:
    """llama.cpp has no encoder-decoder; for the server, those that write many answers together."""
    assert set(candidates(bundle("marian"))) == {"torch", "onnx", "ct2"}
    assert set(candidates(bundle("qwen3"))) >= {"torch", "onnx", "ct2"}
    assert candidates(bundle("qwen3"), serving=True) == ["torch", "onnx"]


@pytest.mark.parametrize(
    "asked",
    [
        {"min_p": 0.1},
        {"presence_penalty": 1.0},
        {"frequency_penalty": 1.0},
        {"logit_bias": ((3, 1.0),)},
        {"seed": 1, "temperature": 1.0},
    ],
)
def test_what_ctranslate2_has_not_is_refused(asked: dict[str, object]) -> None:
    name = next(iter(asked))
    with pytest.raises(ConfigError, match=f"{name} with --engine ct2"):
        answer(QUESTIONS[0], opened("ct2", "qwen3"), tokenizer(), GenerationOptions(**asked))  # type: ignore[arg-type]


@needs_llama_cpp
def test_llama_cpp_has_no_beams_here() -> None:
    with pytest.raises(ConfigError, match=r"beam_size with --engine llama\.cpp"):
        answer(QUESTIONS[0], opened("llama.cpp", "qwen3"), tokenizer(), GenerationOptions(beam_size=2))


def refusals() -> Iterator[tuple[dict[str, object], str]]:
    yield {"name": "vllm"}, "--engine 'vllm' is not an engine"
    yield {"name": "onnx", "device": "cuda"}, "--engine onnx with --device cuda"


@pytest.mark.parametrize(("asked", "words"), list(refusals()))
def test_what_cannot_be_is_refused_at_once(asked: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        require_engine(**asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("engine", "module", "extra"),
    [("ct2", "ctranslate2", "ct2"), ("llama.cpp", "llama_cpp", "llama-cpp"), ("onnx", "onnxruntime", "onnx")],
)
def test_an_engine_that_is_not_installed(engine: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatzero.interop.installed.find_spec", lambda name: None if name == module else name)
    with pytest.raises(ConfigError, match=rf"--engine {engine} needs {module}(.|\n)*chatzero\[{extra}\]"):
        require_engine(engine)


def test_precision_is_for_another_engine() -> None:
    with pytest.raises(ConfigError, match="--precision with --engine torch"):
        speaker(bundle("qwen3"), "torch", "int8")
