"""What a request may say: the fields of the OpenAI API that we honour, those we ignore, those we refuse, and ours.

A field that nobody knows is refused by name, as the OpenAI API does: a misspelt option must not vanish in silence.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Literal, TypeVar

import pydantic_core
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chatzero.apps.server.api_error import ApiError
from chatzero.apps.server.limits import (
    MAX_ALTERNATIVES,
    MAX_BIASES,
    MAX_CHOICES,
    MAX_MESSAGES,
    MAX_PROMPTS,
    MAX_STOP_CHARACTERS,
    MAX_STOP_STRINGS,
)
from chatzero.generation.options import GenerationOptions
from chatzero.language import tr

Number = Annotated[float, Field(allow_inf_nan=False)]
TokenId = Annotated[int, Field(ge=0, lt=2**31)]
StopString = Annotated[str, Field(min_length=1, max_length=MAX_STOP_CHARACTERS)]
Ignored = object
"""A field that cannot change an answer here: whatever it holds is accepted."""

_CHAT_DEFAULT_TOKENS = GenerationOptions().max_tokens
_COMPLETION_DEFAULT_TOKENS = 16  # as the OpenAI API documents it


class Closed(BaseModel):
    """Only the fields named."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Wanted = TypeVar("Wanted", bound=Closed)


class StreamOptions(Closed):
    include_usage: bool | None = None
    include_obfuscation: Ignored = None


class ContentPart(Closed):
    """Text; other types are refused by name before they come here."""

    type: Literal["text"]
    text: str


class ChatMessage(Closed):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | Annotated[list[ContentPart], Field(min_length=1, max_length=MAX_MESSAGES)]
    name: Ignored = None
    refusal: Ignored = None
    annotations: Ignored = None
    audio: Ignored = None
    tool_calls: Ignored = None
    function_call: Ignored = None

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)


class SamplingFields(Closed):
    """What chat and plain completions share. Left out, an option has the value that `chatzero chat` has."""

    model: str
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[Number, Field(ge=0, le=2)] | None = None
    top_p: Annotated[Number, Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    stop: StopString | Annotated[list[StopString], Field(max_length=MAX_STOP_STRINGS)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    n: Annotated[int, Field(ge=1, le=MAX_CHOICES)] | None = None
    presence_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = None
    logit_bias: Annotated[dict[str, Annotated[Number, Field(ge=-100, le=100)]], Field(max_length=MAX_BIASES)] | None = (
        None
    )
    user: Ignored = None

    # Ours, beside those of the OpenAI API
    top_k: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    min_p: Annotated[Number, Field(ge=0, le=1)] | None = None
    repetition_penalty: Annotated[Number, Field(gt=0, le=10)] | None = None

    @property
    def choices(self) -> int:
        return self.n or 1

    def options(self, max_tokens: int, vocab_size: int) -> GenerationOptions:
        """The same, as generation wants it. Raises `ApiError` for a bias of what is no token."""
        given = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "top_k": self.top_k,
            "min_p": self.min_p,
            "repetition_penalty": self.repetition_penalty,
            "presence_penalty": self.presence_penalty,
            "frequency_penalty": self.frequency_penalty,
            "stop": (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ()),
            "seed": None if self.seed is None else self.seed % 2**63,
            "logit_bias": _bias(self.logit_bias or {}, vocab_size),
            "max_tokens": max_tokens,
        }
        return GenerationOptions(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


class ChatRequest(SamplingFields):
    """`POST /v1/chat/completions`."""

    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MAX_MESSAGES)]
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=MAX_ALTERNATIVES)] | None = None

    metadata: Ignored = None
    service_tier: Ignored = None
    safety_identifier: Ignored = None
    prompt_cache_key: Ignored = None
    prompt_cache_retention: Ignored = None
    parallel_tool_calls: Ignored = None
    # Refused unless they ask for nothing; see _REFUSED
    tools: Ignored = None
    tool_choice: Ignored = None
    functions: Ignored = None
    function_call: Ignored = None
    response_format: Ignored = None
    modalities: Ignored = None
    audio: Ignored = None
    prediction: Ignored = None
    reasoning_effort: Ignored = None
    verbosity: Ignored = None
    web_search_options: Ignored = None
    store: Ignored = None

    @property
    def alternatives(self) -> int | None:
        """How many likely tokens to tell with each; None: not even the token's own probability."""
        return (self.top_logprobs or 0) if self.logprobs else None

    @property
    def longest(self) -> int:
        return self.max_completion_tokens or self.max_tokens or _CHAT_DEFAULT_TOKENS


class CompletionRequest(SamplingFields):
    """`POST /v1/completions`."""

    prompt: (
        str
        | Annotated[list[str], Field(min_length=1, max_length=MAX_PROMPTS)]
        | Annotated[list[TokenId], Field(min_length=1)]
        | Annotated[list[Annotated[list[TokenId], Field(min_length=1)]], Field(min_length=1, max_length=MAX_PROMPTS)]
    )
    logprobs: Annotated[int, Field(ge=0, le=MAX_ALTERNATIVES)] | None = None
    echo: bool | None = None
    best_of: Ignored = None
    suffix: Ignored = None

    @property
    def longest(self) -> int:
        return self.max_tokens or _COMPLETION_DEFAULT_TOKENS


# Fields that ask for what this server does not do, with the values that ask for nothing.
_REFUSED: Mapping[str, tuple[object, ...]] = {
    "tools": (None, []),
    "tool_choice": (None, "none", "auto"),
    "functions": (None, []),
    "function_call": (None, "none", "auto"),
    "response_format": (None, {"type": "text"}),
    "modalities": (None, ["text"]),
    "audio": (None,),
    "prediction": (None,),
    "reasoning_effort": (None, "none"),
    "verbosity": (None, "medium"),
    "web_search_options": (None,),
    "store": (None, False),
    "suffix": (None, ""),
    "best_of": (None, 1),
}


def parse_chat(body: bytes) -> ChatRequest:
    """Raises `ApiError` for anything that is not a chat request."""
    document = _document(body)
    messages = document.get("messages")
    for i, message in enumerate(messages if isinstance(messages, list) else []):
        if isinstance(message, dict):
            _refuse_other_content(message, f"messages[{i}]")
    try:
        request = ChatRequest.model_validate(document)
    except ValidationError as error:
        raise _explained(error) from error
    if request.top_logprobs is not None and not request.logprobs:
        raise ApiError(
            400,
            tr("top_logprobs needs logprobs=true", "top_logprobs 需要 logprobs=true"),
            code="invalid_value",
            param="top_logprobs",
        )
    _check_stream_options(request)
    return request


def parse_completion(body: bytes) -> CompletionRequest:
    """Raises `ApiError` for anything that is not a completion request."""
    try:
        request = CompletionRequest.model_validate(_document(body))
    except ValidationError as error:
        raise _explained(error) from error
    _check_stream_options(request)
    return request


def parse_as(kind: type[Wanted], body: bytes) -> Wanted:
    """The body as one of our own requests. Raises `ApiError` for anything that is none."""
    try:
        return kind.model_validate(_document(body))
    except ValidationError as error:
        raise _explained(error, kind.model_fields.keys()) from error


def _check_stream_options(request: SamplingFields) -> None:
    if request.stream_options is not None and not request.stream:
        raise ApiError(
            400,
            tr("stream_options is only for stream=true", "stream_options 只用于 stream=true"),
            code="invalid_value",
            param="stream_options",
        )


def _document(body: bytes) -> dict[str, object]:
    try:
        document = pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError as error:
        message = tr(
            f"We could not parse the JSON body of your request: {error}", f"无法把请求正文解析为 JSON：{error}"
        )
        raise ApiError(400, message, code="invalid_json") from error
    if not isinstance(document, dict):
        raise ApiError(400, tr("the body must be a JSON object", "请求正文应为 JSON 对象"), code="invalid_type")
    for name, harmless in _REFUSED.items():
        if name in document and not any(document[name] == value for value in harmless):
            raise ApiError(
                400,
                tr(f"{name} is not supported: this model only reads and writes text", f"不支持 {name}：模型只读写文字"),
                code="unsupported_parameter",
                param=name,
            )
    return document


def _refuse_other_content(message: Mapping[str, object], where: str) -> None:
    """Says what it is that a text model cannot take, before the schema would only say that it does not fit."""
    role = message.get("role")
    if role in ("tool", "function") or message.get("tool_calls") or message.get("function_call"):
        raise ApiError(
            400,
            tr("tools are not supported: this model only reads and writes text", "不支持工具调用：模型只读写文字"),
            code="unsupported_parameter",
            param=where,
        )
    content = message.get("content")
    for i, part in enumerate(content if isinstance(content, list) else []):
        kind = part.get("type") if isinstance(part, dict) else None
        if isinstance(kind, str) and kind in ("image_url", "input_image", "input_audio", "file", "video_url"):
            raise ApiError(
                400,
                tr(
                    f"content of type {kind} is not supported: this model only reads text",
                    f"不支持 {kind} 类型的内容：模型只读文字",
                ),
                code="unsupported_content",
                param=f"{where}.content[{i}]",
            )


def _bias(bias: Mapping[str, float], vocab_size: int) -> tuple[tuple[int, float], ...]:
    for key in bias:
        if not (key.isascii() and key.isdecimal() and len(key) < 10 and int(key) < vocab_size):
            raise ApiError(
                400,
                tr(
                    f"logit_bias: token ids run from 0 to {vocab_size - 1}",
                    f"logit_bias：词元编号从 0 到 {vocab_size - 1}",
                ),
                code="invalid_value",
                param="logit_bias",
            )
    return tuple(sorted((int(key), value) for key, value in bias.items()))


_CODES = {"missing": "missing_required_parameter", "extra_forbidden": "unknown_parameter"}
_FIELDS = {
    name
    for model in (ChatRequest, CompletionRequest, ChatMessage, ContentPart, StreamOptions)
    for name in model.model_fields
}


def _explained(error: ValidationError, own_fields: Collection[str] = ()) -> ApiError:
    """The first thing wrong. What the client sent is not repeated: it may be long, or a prompt."""
    found = min(error.errors(include_input=False, include_url=False), key=lambda e: e["type"] != "extra_forbidden")
    # Which member of a union was tried is part of pydantic's path, and nobody else's
    unknown = found["type"] == "extra_forbidden"
    steps = [
        s
        for i, s in enumerate(found["loc"])
        if isinstance(s, int) or s in _FIELDS or s in own_fields or (unknown and i == len(found["loc"]) - 1)
    ]
    param = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")[:100]
    match found["type"]:
        case "missing":
            message = tr(f"Missing required parameter: '{param}'.", f"缺少必需的参数 '{param}'。")
        case "extra_forbidden":
            message = tr(f"Unknown parameter: '{param}'.", f"未知的参数 '{param}'。")
        case _:
            message = tr(f"Invalid '{param}': {found['msg']}.", f"参数 '{param}' 无效：{found['msg']}。")
    kind = found["type"]
    code = _CODES.get(kind, "invalid_type" if kind.endswith(("_type", "_parsing")) else "invalid_value")
    return ApiError(400, message, code=code, param=param or None)
