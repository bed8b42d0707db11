"""`POST /v1/completions`: text that the model goes on with; several prompts in one request, each with its choices."""

import time
from collections.abc import AsyncIterator, Mapping

from starlette.requests import Request
from starlette.responses import Response

from chatzero.apps.server.answers import Answers, whole_answers
from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.body import read_json_body
from chatzero.apps.server.chat_completions import each_choice
from chatzero.apps.server.completion_id import new_id
from chatzero.apps.server.event_stream import EventStream
from chatzero.apps.server.limits import MAX_PROMPTS
from chatzero.apps.server.logprobs import completion_logprobs
from chatzero.apps.server.prompts import plain_prompt
from chatzero.apps.server.requests import CompletionRequest, parse_completion
from chatzero.apps.server.responses import Completion, CompletionChoice, CompletionLogprobs, Usage
from chatzero.apps.server.served import Served
from chatzero.apps.server.shelf import Lending
from chatzero.generation.window import shares_window
from chatzero.language import tr
from chatzero.serving.job import Job, Progress


async def completions(request: Request, lent: Lending) -> Response:
    """Raises `ApiError` for what cannot be answered, `ClientLeftError` when nobody waits any more."""
    wanted = parse_completion(await read_json_body(request, lent.settings))
    served = await lent.model(wanted.model)
    prompts = _prompts(wanted)
    _check(wanted, len(prompts), served)
    options = wanted.options(wanted.longest, served.bundle.tokenizer.vocab_size)
    prompt_ids = [await plain_prompt(served, prompt, options) for prompt in prompts]
    jobs = [
        Job(ids, choice, alternatives=wanted.logprobs, streamed=bool(wanted.stream))
        for ids in prompt_ids
        for choice in each_choice(options, wanted.choices)
    ]
    echoes = [_echo(prompt, served) if wanted.echo else "" for prompt in prompts for _ in range(wanted.choices)]
    answers = Answers(served.engine, jobs)
    answers.prompt_tokens = sum(map(len, prompt_ids))
    if wanted.stream:
        return EventStream(_chunks(answers, echoes, wanted, served), answers, served.settings.send_time_s)
    last = dict(await whole_answers(answers, request.receive))
    completion = Completion(
        id=new_id("cmpl"),
        created=int(time.time()),
        model=served.settings.model_id,
        choices=[_choice(index, echoes[index], last[index], wanted, served) for index in sorted(last)],
        usage=Usage.of(answers.prompt_tokens, sum(answers.completion_tokens)),
        system_fingerprint=served.fingerprint,
    )
    return Response(completion.model_dump_json(), media_type="application/json")


def _prompts(wanted: CompletionRequest) -> list[str | list[int]]:
    """One text, several texts, one list of tokens, or several."""
    prompt = wanted.prompt
    if isinstance(prompt, str):
        return [prompt]
    if isinstance(prompt[0], int):
        return [prompt]
    return [*prompt]


def _check(wanted: CompletionRequest, num_prompts: int, served: Served) -> None:
    if num_prompts * wanted.choices > MAX_PROMPTS:
        raise ApiError(
            400,
            tr(f"at most {MAX_PROMPTS} answers in one request", f"一个请求最多要 {MAX_PROMPTS} 个回答"),
            code="invalid_value",
            param="n",
        )
    if wanted.echo and (wanted.logprobs is not None or not shares_window(served.bundle.model.config)):
        raise ApiError(
            400,
            tr(
                "echo is for decoder-only models, and not together with logprobs",
                "echo 只用于 decoder-only 模型，且不能与 logprobs 同时使用",
            ),
            code="unsupported_parameter",
            param="echo",
        )


def _echo(prompt: str | list[int], served: Served) -> str:
    return prompt if isinstance(prompt, str) else served.bundle.tokenizer.decode(prompt)


def _choice(index: int, echo: str, whole: Progress, wanted: CompletionRequest, served: Served) -> CompletionChoice:
    assert whole.finish_reason is not None, "an answer that is not streamed comes at its end"
    return CompletionChoice(
        index=index,
        text=echo + whole.text,
        logprobs=_logprobs(whole, wanted, served, offset=0),
        finish_reason=whole.finish_reason,
    )


def _logprobs(progress: Progress, wanted: CompletionRequest, served: Served, offset: int) -> CompletionLogprobs | None:
    if wanted.logprobs is None:
        return None
    return completion_logprobs(progress.scores, served.bundle.tokenizer, wanted.logprobs > 0, offset)


async def _chunks(
    answers: Answers, echoes: list[str], wanted: CompletionRequest, served: Served
) -> AsyncIterator[Mapping[str, object]]:
    """The pieces, the last of each choice with the reason why it is over; the usage last, if asked for."""
    with_usage = wanted.stream_options is not None and bool(wanted.stream_options.include_usage)
    head = served.chunk_head(new_id("cmpl"), "text_completion", with_usage)
    shown = [0] * len(echoes)
    for index, echo in enumerate(echoes):
        if echo:
            yield {**head, "choices": [{"index": index, "text": echo, "logprobs": None, "finish_reason": None}]}
    async for index, progress in answers:
        logprobs = _logprobs(progress, wanted, served, shown[index])
        shown[index] += len(progress.text)
        choice = {
            "index": index,
            "text": progress.text,
            "logprobs": None if logprobs is None else logprobs.model_dump(),
            "finish_reason": progress.finish_reason,
        }
        yield {**head, "choices": [choice]}
    if with_usage:
        usage = Usage.of(answers.prompt_tokens, sum(answers.completion_tokens))
        yield {**head, "choices": [], "usage": usage.model_dump()}
