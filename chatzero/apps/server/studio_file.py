"""A data file dropped on the studio: what was recognised, the lint, the first conversations as the model reads them.

The same as `chatzero data check` and `preview`. The file is read in memory, and kept nowhere.
"""

import asyncio

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.requests import Request

from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.body import read_body
from chatzero.apps.server.limits import ServerSettings
from chatzero.apps.server.one_at_a_time import one_at_a_time
from chatzero.apps.server.openapi import ERRORS
from chatzero.apps.server.shelf import Shelf
from chatzero.data.front_door import Corpus, FileReport, read_conversations
from chatzero.data.memory_file import MemoryFile
from chatzero.data.prepare import problem_titles, survey
from chatzero.errors import ChatZeroError
from chatzero.language import tr
from chatzero.text.chat_template import render
from chatzero.text.conversation import Conversation
from chatzero.text.pieces import label_of
from chatzero.text.tokenizer import Tokenizer

FILE_TYPE = "application/octet-stream"
_SHOWN = 10
_SHOWN_TOKENS = 600
_EXAMPLES = 3
_MOST_NAME_CHARACTERS = 200


class Problem(BaseModel):
    """A kind of problem, how often it was found, and a few places."""

    kind: str
    title: str
    count: int
    examples: list[str]


class Preview(BaseModel):
    """A conversation as tokens: (how it is shown, whether the model is trained to say it); at most the first 600."""

    line: int
    tokens: list[tuple[str, bool]]
    num_tokens: int
    num_trained: int


class DataReport(BaseModel):
    """`characters` of a conversation: median, 95th percentile, longest. `model` is whose tokens are shown."""

    file: FileReport
    conversations: int
    turns: int
    characters: tuple[int, int, int]
    languages: dict[str, int]
    problems: list[Problem]
    preview: list[Preview]
    model: str


def add_file_view(app: FastAPI, settings: ServerSettings) -> None:
    """`POST /studio/data?name=chats.jsonl`, the file itself as body."""
    lock = asyncio.Lock()

    @app.post(
        "/studio/data",
        response_model=DataReport,
        responses=ERRORS,
        openapi_extra={"requestBody": {"required": True, "content": {FILE_TYPE: {}}}},
    )
    async def look_at(request: Request) -> DataReport:
        name = request.query_params.get("name", "")[:_MOST_NAME_CHARACTERS]
        content = await read_body(request, settings, FILE_TYPE)
        shelf = request.app.state.shelf
        assert isinstance(shelf, Shelf)
        busy = tr("another file is being looked at; try again soon", "正在查看另一个文件，请稍后再试")
        async with one_at_a_time(lock, busy):
            with shelf.lending() as lent:
                served = await lent.model(request.query_params.get("model"))
                model, tokenizer = served.settings.model_id, served.bundle.tokenizer
            return await asyncio.to_thread(_report, MemoryFile(name, content), tokenizer, model)


def _report(file: MemoryFile, tokenizer: Tokenizer, model: str) -> DataReport:
    """Raises `ApiError` with what to do about it where nothing in the file can be used."""
    try:
        corpus = read_conversations([file])
    except ChatZeroError as error:
        raise ApiError(400, f"{error.what}: {error.why}. {error.do}", code="unusable_data") from error
    except RecursionError as error:
        message = tr("the JSON is nested too deeply", "JSON 嵌套过深")
        raise ApiError(400, message, code="unusable_data") from error
    seen = survey(corpus)
    titles, examples = problem_titles(), seen.examples
    problems = [
        Problem(kind=kind, title=titles[kind], count=count, examples=[_plain(e) for e in examples[kind][:_EXAMPLES]])
        for kind, count in seen.problems.items()
    ]
    return DataReport(
        file=seen.report.files[0],
        conversations=seen.conversations,
        turns=seen.turns,
        characters=seen.characters,
        languages=dict(seen.languages),
        problems=problems,
        preview=_previews(corpus, tokenizer),
        model=model,
    )


def _previews(corpus: Corpus, tokenizer: Tokenizer) -> list[Preview]:
    first = zip(corpus.conversations[:_SHOWN], corpus.origins, strict=False)
    return [_preview(conversation, origin.line, tokenizer) for conversation, origin in first]


def _preview(conversation: Conversation, line: int, tokenizer: Tokenizer) -> Preview:
    rendered = render(conversation, tokenizer)
    shown = zip(rendered.token_ids[:_SHOWN_TOKENS], rendered.trained_on, strict=False)
    return Preview(
        line=line,
        tokens=[(label_of(token_id, tokenizer), bool(trained)) for token_id, trained in shown],
        num_tokens=len(rendered.token_ids),
        num_trained=sum(rendered.trained_on),
    )


def _plain(text: str) -> str:
    """A byte that could not be decoded stands as half a character, which no answer can hold."""
    return text.encode("utf-8", errors="backslashreplace").decode("utf-8")
