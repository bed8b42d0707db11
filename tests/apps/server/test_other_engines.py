"""The server on engines that write an answer by themselves: the stock client gets what our own model says."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion

from chatzero.chat.reply import answer
from chatzero.checkpoint.bundle import Bundle
from chatzero.generation.options import GenerationOptions
from chatzero.generation.writer import Writer
from chatzero.interop.speak import open_engine
from tests.apps.server.running import Running, running_server
from tests.interop.trained import QUESTIONS, tokenizer, trained

needs_llama_cpp = pytest.mark.skipif(find_spec("llama_cpp") is None, reason="llama-cpp-python is not installed")
WAYS = [
    pytest.param(("ct2", "qwen3"), id="ct2"),
    pytest.param(("ct2", "marian"), id="ct2, encoder-decoder"),
    pytest.param(("llama.cpp", "qwen3"), id="llama.cpp", marks=needs_llama_cpp),
]


@pytest.fixture(scope="module", params=WAYS)
def other(request: pytest.FixtureRequest) -> Iterator[tuple[str, Running]]:
    engine, variant = request.param
    bundle = Bundle(trained(variant), tokenizer(), Path("nowhere"))
    writer = open_engine(bundle, engine)
    assert isinstance(writer, Writer)
    with running_server(bundle, answering=writer) as running:
        yield engine, running


def asked(server: Running, question: int, **fields: object) -> ChatCompletion:
    words = QUESTIONS[question].messages[0].content
    with OpenAI(base_url=server.url, api_key="none", max_retries=0) as api:
        got = api.chat.completions.create(  # type: ignore[call-overload]
            model="small", messages=[{"role": "user", "content": words}], **fields
        )
    assert isinstance(got, ChatCompletion)
    return got


def ours(server: Running, question: int, **options: object) -> str:
    return answer(QUESTIONS[question], server.bundle.model, tokenizer(), GenerationOptions(**options)).text  # type: ignore[arg-type]


def test_answers_are_those_of_our_model_whoever_else_asks(other: tuple[str, Running]) -> None:
    _, server = other
    numbers = range(0, 128, 9)
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: asked(server, n, max_tokens=20), numbers))
    assert [g.choices[0].message.content for g in got] == [ours(server, n, max_tokens=20) for n in numbers]
    server.until_idle()


def test_the_pieces_of_a_stream_and_its_usage(other: tuple[str, Running]) -> None:
    _, server = other
    words = [{"role": "user", "content": QUESTIONS[3].messages[0].content}]
    whole = asked(server, 3, max_tokens=20)
    with OpenAI(base_url=server.url, api_key="none", max_retries=0) as api:
        chunks = list(
            api.chat.completions.create(  # type: ignore[call-overload]
                model="small", messages=words, max_tokens=20, stream=True, stream_options={"include_usage": True}
            )
        )
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert len(pieces) > 1, "as they are written; what comes fast is sent together"
    assert "".join(pieces) == whole.choices[0].message.content
    assert chunks[-2].choices[0].finish_reason == whole.choices[0].finish_reason == "stop"
    assert chunks[-1].usage.model_dump() == whole.usage.model_dump()  # type: ignore[union-attr]
    assert whole.usage is not None
    assert whole.usage.completion_tokens == len(tokenizer().encode("".join(pieces))) + 1


def test_limits_and_stop_strings(other: tuple[str, Running]) -> None:
    _, server = other
    text = ours(server, 5, max_tokens=20)
    cut = asked(server, 5, max_tokens=3)
    assert (cut.choices[0].finish_reason, cut.usage.completion_tokens) == ("length", 3)  # type: ignore[union-attr]
    assert text.startswith(cut.choices[0].message.content or "?")
    stopped = asked(server, 5, max_tokens=20, stop=["="])
    assert (stopped.choices[0].message.content, stopped.choices[0].finish_reason) == (text[: text.index("=")], "stop")
    long = server.post("/v1/chat/completions", {"model": "small", "messages": [{"role": "user", "content": "x" * 300}]})
    assert long[0] == 400


def test_choices_are_drawn_one_by_one(other: tuple[str, Running]) -> None:
    _, server = other
    hot = asked(server, 7, n=4, temperature=2.0, max_tokens=12)
    assert len({choice.message.content for choice in hot.choices}) > 1
    assert [choice.index for choice in hot.choices] == [0, 1, 2, 3]


REFUSED: dict[str, dict[str, object]] = {
    "logprobs": {"logprobs": True},
    "logit_bias": {"logit_bias": {"9": 5}},
    "seed": {"seed": 1, "temperature": 1.0},
    "min_p": {"min_p": 0.2},
    "presence_penalty": {"presence_penalty": 1.0},
    "frequency_penalty": {"frequency_penalty": 1.0},
}


@pytest.mark.parametrize("param", REFUSED)
def test_what_an_engine_has_not_is_a_400_that_names_it(other: tuple[str, Running], param: str) -> None:
    engine, server = other
    status, body = server.chat("What is 1 + 2?", **REFUSED[param], max_tokens=4)
    if engine == "llama.cpp" and param != "logprobs":
        assert status == 200, "its tokens are chosen by our own code"
        return
    assert status == 400
    error = body["error"]
    assert isinstance(error, dict)
    assert (error["param"], error["code"]) == (param, "unsupported_parameter")
    assert error["type"] == "invalid_request_error"
    assert f"--engine {engine}" in error["message"]
    server.until_idle()
