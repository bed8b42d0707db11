"""`POST /v1/chat/completions`: from the request to its jobs, and from their progress to the answer or its stream."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from chatzero.apps.server.answers import Answers, whole_answers
from chatzero.apps.server.body import read_json_body
from chatzero.apps.server.completion_id import new_id
from chatzero.apps.server.event_stream import EventStream
from chatzero.apps.server.logprobs import chat_logprobs
from chatzero.apps.server.prompts import chat_prompt
from chatzero.apps.server.requests import ChatRequest, parse_chat
from chatzero.apps.server.responses import AssistantMessage, ChatChoice, ChatCompletion, Usage
from chatzero.apps.server.served import Served
from chatzero.apps.server.shelf import Lending
from chatzero.generation.options import GenerationOptions
from chatzero.serving.job import Job, Progress


async def chat_completions(request: Request, lent: Lending) -> Response:
    """Raises `ApiError` for what cannot be answered, `ClientLeftError` when nobody waits any more."""
    wanted = parse_chat(await read_json_body(request, lent.settings))
    served = await lent.model(wanted.model)
    options = wanted.options(wanted.longest, served.bundle.tokenizer.vocab_size)
    prompt_ids = await chat_prompt(served, wanted.messages, options)
    jobs = [
        Job(prompt_ids, choice, alternatives=wanted.alternatives, streamed=bool(wanted.stream))
        for choice in each_choice(options, wanted.choices)
    ]
    answers = Answers(served.engine, jobs)
    answers.prompt_tokens = len(prompt_ids)
    if wanted.stream:
        return EventStream(_chunks(answers, wanted, served), answers, served.settings.send_time_s)
    last = dict(await whole_answers(answers, request.receive))
    completion = ChatCompletion(
        id=new_id("chatcmpl"),
        created=int(time.time()),
        model=served.settings.model_id,
        choices=[_choice(index, last[index], wanted, served) for index in sorted(last)],
        usage=Usage.of(answers.prompt_tokens, sum(answers.completion_tokens)),
        system_fingerprint=served.fingerprint,
    )
    return Response(completion.model_dump_json(), media_type="application/json")


def each_choice(options: GenerationOptions, choices: int) -> Sequence[GenerationOptions]:
    """The options of each choice: the same, but that choice i has the seed `seed + i`."""
    if options.seed is None:
        return [options] * choices
    return [replace(options, seed=(options.seed + i) % 2**63) for i in range(choices)]


def _choice(index: int, whole: Progress, wanted: ChatRequest, served: Served) -> ChatChoice:
    assert whole.finish_reason is not None, "an answer that is not streamed comes at its end"
    return ChatChoice(
        index=index,
        message=AssistantMessage(content=whole.text),
        logprobs=None if wanted.alternatives is None else chat_logprobs(whole.scores, served.bundle.tokenizer),
        finish_reason=whole.finish_reason,
    )


async def _chunks(answers: Answers, wanted: ChatRequest, served: Served) -> AsyncIterator[Mapping[str, object]]:
    """First who speaks, then the pieces, then why each choice is over; the usage last, if asked for."""
    with_usage = wanted.stream_options is not None and bool(wanted.stream_options.include_usage)
    head = served.chunk_head(new_id("chatcmpl"), "chat.completion.chunk", with_usage)

    def chunk(
        index: int, delta: Mapping[str, object], logprobs: object = None, finish_reason: str | None = None
    ) -> Mapping[str, object]:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish_reason}
        return {**head, "choices": [choice]}

    for index in range(wanted.choices):
        yield chunk(index, {"role": "assistant", "content": "", "refusal": None})
    async for index, progress in answers:
        if progress.text or progress.scores:
            logprobs = None
            if wanted.alternatives is not None:
                logprobs = chat_logprobs(progress.scores, served.bundle.tokenizer).model_dump()
            yield chunk(index, {"content": progress.text}, logprobs)
        if progress.finish_reason is not None:
            yield chunk(index, {}, finish_reason=progress.finish_reason)
    if with_usage:
        usage = Usage.of(answers.prompt_tokens, sum(answers.completion_tokens))
        yield {**head, "choices": [], "usage": usage.model_dump()}
