"""The stock `openai` client against our server, and our own promises about what it gets."""

import asyncio
from dataclasses import replace

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam

from chatzero.chat.reply import answer, prompt_for
from chatzero.generation.generate import generate
from chatzero.generation.options import GenerationOptions
from chatzero.text.conversation import Conversation
from tests.apps.server.running import Running

WORDS = "你好, what is 1 + 1?"
MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": WORDS}]


def client(server: Running) -> OpenAI:
    return OpenAI(base_url=server.url, api_key="none", max_retries=0)


def ask(server: Running, **fields: object) -> ChatCompletion:
    with client(server) as api:
        got = api.chat.completions.create(model="small", messages=MESSAGES, **fields)  # type: ignore[call-overload]
    assert isinstance(got, ChatCompletion)
    return got


def alone(server: Running, **options: object) -> str:
    """The same, without any server."""
    bundle = server.bundle
    return answer(
        Conversation.of(WORDS),
        bundle.model,
        bundle.tokenizer,
        GenerationOptions(**options),  # type: ignore[arg-type]
    ).text


def test_a_chat_is_what_the_model_says_alone(server: Running) -> None:
    got = ask(server, max_tokens=20)
    assert got.object == "chat.completion"
    assert got.model == "small"
    assert got.choices[0].message.role == "assistant"
    assert got.choices[0].message.content == alone(server, max_tokens=20)
    assert got.choices[0].finish_reason in ("stop", "length")


def test_usage_is_the_tokenizers_count(server: Running) -> None:
    bundle = server.bundle
    options = GenerationOptions(max_tokens=9)
    prompt = prompt_for(Conversation.of(WORDS), bundle.model, bundle.tokenizer, options)
    alone = generate(bundle.model, bundle.tokenizer, prompt, options)
    usage = ask(server, max_completion_tokens=9).usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (len(prompt), alone.num_tokens)
    assert usage.total_tokens == len(prompt) + alone.num_tokens


@pytest.mark.parametrize(
    "fields",
    [
        {"max_tokens": 30},
        {"max_tokens": 30, "temperature": 1.0, "seed": 7},
        {"max_tokens": 30, "temperature": 1.5, "seed": 8, "stop": ["\n", "e", "\ufffd"]},
        {"max_tokens": 30, "temperature": 1.0, "seed": 1, "logit_bias": {"228": 30, "189": 30, "160": 30}},
    ],
)
def test_the_pieces_of_a_stream_make_up_the_answer(server: Running, fields: dict[str, object]) -> None:
    whole = ask(server, **fields)
    assert whole.usage is not None
    with client(server) as api:
        chunks = list(
            api.chat.completions.create(  # type: ignore[call-overload]
                model="small", messages=MESSAGES, stream=True, stream_options={"include_usage": True}, **fields
            )
        )
    assert chunks[0].choices[0].delta.role == "assistant"
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(pieces) == whole.choices[0].message.content
    reasons = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices]
    assert reasons[-1] == whole.choices[0].finish_reason
    assert not any(reasons[:-1])
    assert chunks[-1].choices == []
    assert chunks[-1].usage.model_dump() == whole.usage.model_dump()
    assert len({chunk.id for chunk in chunks}) == 1


def test_no_stop_string_leaks(server: Running) -> None:
    without_end = {str(token_id): -100 for token_id in range(5)}
    fields = {"max_tokens": 60, "temperature": 1.0, "seed": 3, "logit_bias": without_end}
    text = ask(server, **fields).choices[0].message.content
    assert text is not None
    assert len(text) > 20
    for stop in {text[1:3], text[2], text[3:5], text[10:16]}:
        got = ask(server, stop=[stop], **fields).choices[0]
        assert got.message.content == text[: text.index(stop)]
        assert got.finish_reason == "stop"


def test_options_reach_the_sampler(server: Running) -> None:
    assert ask(server, max_tokens=20, extra_body={"top_k": 1}, temperature=2.0).choices[0].message.content == alone(
        server, max_tokens=20
    )
    assert ask(server, max_tokens=20, extra_body={"repetition_penalty": 5.0}).choices[0].message.content == alone(
        server, max_tokens=20, repetition_penalty=5.0
    )
    biased = ask(server, max_tokens=5, logit_bias={str(server.bundle.tokenizer.encode("z")[0]): 100})
    assert biased.choices[0].message.content == "zzzzz"
    apart = ask(server, max_tokens=4, frequency_penalty=2, logit_bias={str(server.bundle.tokenizer.encode("z")[0]): 5})
    assert apart.choices[0].message.content == alone(
        server,
        max_tokens=4,
        frequency_penalty=2,
        logit_bias=((server.bundle.tokenizer.encode("z")[0], 5.0),),
    )


def test_choices_have_seeds_of_their_own(server: Running) -> None:
    got = ask(server, n=3, seed=5, temperature=1.0, max_tokens=20)
    texts = [choice.message.content for choice in got.choices]
    assert [choice.index for choice in got.choices] == [0, 1, 2]
    assert texts == [alone(server, seed=5 + i, temperature=1.0, max_tokens=20) for i in range(3)]
    assert len(set(texts)) == 3


def test_logprobs(server: Running) -> None:
    choice = ask(server, logprobs=True, top_logprobs=3, max_tokens=12, seed=2, temperature=0.5).choices[0]
    assert choice.logprobs is not None
    assert choice.logprobs.content
    for token in choice.logprobs.content:
        assert token.logprob <= 0
        assert len(token.top_logprobs) == 3
        logprobs = [top.logprob for top in token.top_logprobs]
        assert logprobs == sorted(logprobs, reverse=True)
    spelled = b"".join(bytes(token.bytes or []) for token in choice.logprobs.content)
    assert spelled.decode(errors="replace") == choice.message.content
    assert ask(server, max_tokens=3).choices[0].logprobs is None


def test_plain_completions(server: Running) -> None:
    bundle = server.bundle
    with client(server) as api:
        got = api.completions.create(model="small", prompt=["ab", "xyz"], n=2, max_tokens=6, seed=1, temperature=1)
        streamed = list(
            api.completions.create(model="small", prompt="ab", max_tokens=6, seed=1, temperature=1, stream=True)
        )
        scored = api.completions.create(model="small", prompt="ab", max_tokens=6, logprobs=2)
    assert [choice.index for choice in got.choices] == [0, 1, 2, 3]
    assert "".join(chunk.choices[0].text for chunk in streamed) == got.choices[0].text
    logprobs = scored.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.tokens
    assert logprobs.token_logprobs
    assert logprobs.text_offset is not None
    assert logprobs.text_offset[0] == 0
    if bundle.model.config.arch == "gpt":
        prompt = [bundle.tokenizer.document_id, *bundle.tokenizer.encode("ab")]
        options = GenerationOptions(max_tokens=6, seed=1, temperature=1)
        assert got.choices[0].text == generate(bundle.model, bundle.tokenizer, prompt, options).text
        second = generate(bundle.model, bundle.tokenizer, prompt, replace(options, seed=2))
        assert got.choices[1].text == second.text


def test_models(server: Running) -> None:
    with client(server) as api:
        assert [model.id for model in api.models.list()] == ["small"]
        assert api.models.retrieve("small").owned_by == "chatzero"


def test_errors_arrive_as_the_clients_own(server: Running) -> None:
    with client(server) as api:
        with pytest.raises(openai.NotFoundError, match="'gpt-9' does not exist") as not_found:
            api.chat.completions.create(model="gpt-9", messages=MESSAGES)
        assert (not_found.value.code, not_found.value.param) == ("model_not_found", "model")
        with pytest.raises(openai.BadRequestError, match="Unknown parameter: 'tempurature'") as bad:
            api.chat.completions.create(model="small", messages=MESSAGES, extra_body={"tempurature": 1})
        assert (bad.value.code, bad.value.type) == ("unknown_parameter", "invalid_request_error")
        with pytest.raises(openai.BadRequestError) as long:
            api.chat.completions.create(model="small", messages=[{"role": "user", "content": "long " * 100}])
        assert long.value.code == "context_length_exceeded"


def test_thirty_two_at_once_are_all_answered_as_alone(server: Running) -> None:
    async def one(api: AsyncOpenAI, i: int) -> str:
        if i % 2:
            parts = []
            async for chunk in await api.chat.completions.create(
                model="small", messages=[{"role": "user", "content": f"{i}?"}], max_tokens=5 + i, stream=True
            ):
                parts.append(chunk.choices[0].delta.content or "")
            return "".join(parts)
        got = await api.chat.completions.create(
            model="small", messages=[{"role": "user", "content": f"{i}?"}], max_tokens=5 + i
        )
        return got.choices[0].message.content or ""

    async def everybody() -> list[str]:
        async with AsyncOpenAI(base_url=server.url, api_key="none", max_retries=0) as api:
            return await asyncio.gather(*(one(api, i) for i in range(32)))

    bundle = server.bundle
    expected = [
        answer(Conversation.of(f"{i}?"), bundle.model, bundle.tokenizer, GenerationOptions(max_tokens=5 + i)).text
        for i in range(32)
    ]
    assert asyncio.run(everybody()) == expected
    assert max(server.engine.metrics.finished["fault"], server.engine.metrics.finished["stopped"]) == 0
