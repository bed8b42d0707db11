"""The visitors of `serving_soak.py`: good ones, slow ones, ones that leave, and ones that mean harm.

Each visit is one connection, and ends in a word that says how: "answered", "refused" (as it should be), "busy" (429
with Retry-After) or "left" (on purpose). Whatever else happens raises `BrokenPromiseError`. HTTP is spoken by hand: a
library would neither send half a request nor leave in the middle of an answer.
"""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from benchmarks.serving_load import QUESTIONS
from benchmarks.started_server import NAME

PATIENCE_S = 60.0
NOT_JSON = (b"", b"{", b"[]", b"null", b'{"model": "\xff\xfe"}', b"[" * 50_000, b"x" * 2_000_000)
NOT_VALID: tuple[dict[str, object], ...] = (
    {"model": "../../etc/passwd"},
    {"messages": []},
    {"messages": "x"},
    {"messages": [{"role": "king", "content": "hi"}]},
    {"messages": [{"role": "user", "content": "word " * 100_000}]},
    {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}]}]},
    {"temperature": "hot"},
    {"temperature": 1e999},
    {"n": 10**9},
    {"max_tokens": -1},
    {"stop": ["x" * 10_000]},
    {"logit_bias": {"-1": 1}},
    {"chat_template": "{{ ''.__class__ }}"},
)


class BrokenPromiseError(Exception):
    """The server did not do what it promises."""


@dataclass
class Ledger:
    """What all visitors together have seen."""

    answers: int = 0
    """Choices that came to their end, with a reason."""
    tokens: int = 0
    first_token_s: list[float] = field(default_factory=list)


Visit = Callable[[int, Random, Ledger], Awaitable[str]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


async def streamed(port: int, random: Random, ledger: Ledger) -> str:
    """A chat, read piece by piece to its end."""
    started_s = asyncio.get_running_loop().time()
    reader, writer = await _send(port, _chat(random, stream=True, stream_options={"include_usage": True}))
    try:
        status, headers = await _head(reader)
        if status != 200:
            return _refusal(Answer(status, headers, await _rest(reader)), busy=True)
        reasons, usage, done, first_s = 0, 0, False, 0.0
        while line := await _line(reader):
            if not line.startswith(b"data: "):
                continue
            if line.strip() == b"data: [DONE]":
                done = True
                continue
            document = json.loads(line[6:])
            if "error" in document:
                raise BrokenPromiseError(f"an error in a stream: {document}")
            if not first_s and any(choice["delta"].get("content") for choice in document["choices"]):
                first_s = asyncio.get_running_loop().time() - started_s
            reasons += sum(choice["finish_reason"] is not None for choice in document["choices"])
            usage = (document["usage"] or {}).get("completion_tokens", usage)
    finally:
        writer.close()
    if not (done and reasons == 1 and usage):
        raise BrokenPromiseError(f"a stream without its end: [DONE] {done}, {reasons} reasons, usage {usage}")
    ledger.answers += 1
    ledger.tokens += usage
    ledger.first_token_s += [first_s] if first_s else []
    return "answered"


async def conversation(port: int, random: Random, ledger: Ledger) -> str:
    """Three turns over one connection; each begins with all that was said before."""
    messages: list[dict[str, str]] = []
    reader, writer = await _open(port)
    try:
        for _ in range(3):
            messages.append({"role": "user", "content": random.choice(QUESTIONS)})
            writer.write(_request(_body(random, messages=messages, n=random.choice((1, 1, 2))), "keep-alive"))
            status, headers = await _head(reader)
            length = int(headers.get("content-length", "-1"))
            if length < 0:
                raise BrokenPromiseError("an answer without its length")
            answer = Answer(status, headers, await asyncio.wait_for(reader.readexactly(length), PATIENCE_S))
            if status != 200:
                return _refusal(answer, busy=True)
            document = json.loads(answer.body)
            if not all(choice["finish_reason"] in ("stop", "length") for choice in document["choices"]):
                raise BrokenPromiseError(f"an answer without its end: {document}")
            ledger.answers += len(document["choices"])
            ledger.tokens += document["usage"]["completion_tokens"]
            messages.append(
                {"role": "assistant", "content": document["choices"][0]["message"]["content"].strip() or "..."}
            )
    finally:
        writer.close()
    return "answered"


async def leaves_in_the_middle(port: int, random: Random, ledger: Ledger) -> str:
    """Reads some pieces, and is gone."""
    reader, writer = await _send(port, _chat(random, stream=True, max_tokens=256, temperature=1.5))
    try:
        for _ in range(random.randrange(12)):
            await _line(reader)
    finally:
        writer.transport.abort()
    return "left"


async def leaves_before_the_answer(port: int, random: Random, ledger: Ledger) -> str:
    """Asks for a whole answer, and does not wait for it."""
    _, writer = await _send(port, _chat(random, max_tokens=256, n=2, temperature=1.5))
    await asyncio.sleep(random.random() * 0.1)
    writer.transport.abort()
    return "left"


async def reads_slowly(port: int, random: Random, ledger: Ledger) -> str:
    """Large events, taken in sips through a small buffer; then it has had enough."""
    body = _chat(random, stream=True, max_tokens=256, n=2, logprobs=True, top_logprobs=20, temperature=1.5)
    reader, writer = await _send(port, body, buffer_bytes=4096)
    try:
        for _ in range(random.randrange(10, 60)):
            if not await asyncio.wait_for(reader.read(1024), PATIENCE_S):
                break
            await asyncio.sleep(0.02)
    finally:
        writer.transport.abort()
    return "left"


async def says_half(port: int, random: Random, ledger: Ledger) -> str:
    """Half a request, or nothing at all; and goes, in one of the two ways there are."""
    whole = _chat(random)
    _, writer = await _open(port)
    writer.write(whole[: random.choice((0, random.randrange(len(whole))))])
    await asyncio.sleep(random.random() * 0.3)
    if random.random() < 0.5:
        writer.transport.abort()
    else:
        writer.close()
    return "left"


async def means_harm(port: int, random: Random, ledger: Ledger) -> str:
    """What nobody should send: refused, in a form that clients read."""
    kind = random.randrange(4)
    if kind == 0:
        sent = _request(random.choice(NOT_JSON))
    elif kind == 1:
        sent = random.choice((b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"BREW / HTTP/9\r\n\r\n", bytes(300)))
        sent += b"\r\n\r\n"
    else:
        sent = _request(_body(random, **random.choice(NOT_VALID)))
    reader, writer = await _open(port)
    try:
        writer.write(sent)
        status, headers = await _head(reader)
        return _refusal(Answer(status, headers, await _rest(reader)))
    finally:
        writer.close()


VISITS: dict[str, tuple[Visit, int]] = {
    "streamed": (streamed, 30),
    "conversation": (conversation, 15),
    "leaves in the middle": (leaves_in_the_middle, 12),
    "leaves before the answer": (leaves_before_the_answer, 12),
    "reads slowly": (reads_slowly, 3),
    "says half": (says_half, 8),
    "means harm": (means_harm, 20),
}
"""Each kind, and how often it comes among all."""


def _refusal(answer: Answer, busy: bool = False) -> str:
    """ "refused" or "busy". Raises `BrokenPromiseError` unless it is one, in the form of the OpenAI API."""
    if not 400 <= answer.status < 500:
        raise BrokenPromiseError(f"{answer.status} instead of a refusal: {answer.body[:200]!r}")
    try:
        error = json.loads(answer.body)["error"]
    except (ValueError, KeyError, TypeError) as problem:
        raise BrokenPromiseError(f"no error object: {answer.body[:200]!r}") from problem
    if not {"message", "type", "param", "code"} <= error.keys():
        raise BrokenPromiseError(f"an incomplete error object: {error}")
    if not busy:
        return "refused"
    if answer.status != 429 or "retry-after" not in answer.headers:
        raise BrokenPromiseError(f"{answer.status} to a good request: {error}")
    return "busy"


def _body(random: Random, **fields: object) -> bytes:
    asked = {"model": NAME, "messages": [{"role": "user", "content": random.choice(QUESTIONS)}], "max_tokens": 32}
    return json.dumps(asked | fields).encode()


def _chat(random: Random, **fields: object) -> bytes:
    return _request(_body(random, **fields))


def _request(body: bytes, connection: str = "close") -> bytes:
    head = [
        "POST /v1/chat/completions HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Connection: {connection}",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


async def _open(port: int, buffer_bytes: int = 0) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    connecting = socket.socket()
    connecting.setblocking(False)
    if buffer_bytes:
        connecting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
    await asyncio.wait_for(asyncio.get_running_loop().sock_connect(connecting, ("127.0.0.1", port)), PATIENCE_S)
    return await asyncio.open_connection(sock=connecting, limit=buffer_bytes or 1 << 20)


async def _send(port: int, request: bytes, buffer_bytes: int = 0) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await _open(port, buffer_bytes)
    writer.write(request)
    return reader, writer


async def _line(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.readline(), PATIENCE_S)


async def _rest(reader: asyncio.StreamReader) -> bytes:
    return await asyncio.wait_for(reader.read(), PATIENCE_S)


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers, names in lower case."""
    first = (await _line(reader)).split()
    if len(first) < 2 or not first[1].isdigit():
        raise BrokenPromiseError(f"no answer: {first}")
    headers = {}
    while (line := await _line(reader)).strip():
        name, _, value = line.decode().partition(":")
        headers[name.strip().lower()] = value.strip()
    return int(first[1]), headers
