"""What people send who do not mean well, or whose program is broken: a refusal that every client can read, never a
5xx, never a hang; and the server goes on."""

import json
import socket
from collections.abc import Callable

import pytest

from tests.apps.server.running import Running

JSON = {"Content-Type": "application/json"}
CHAT = "/v1/chat/completions"
PLAIN = "/v1/completions"
HI = [{"role": "user", "content": "hi"}]


def body(**fields: object) -> bytes:
    return json.dumps({"model": "small", "messages": HI, "max_tokens": 2, **fields}).encode()


def text(words: str) -> bytes:
    return body(messages=[{"role": "user", "content": words}])


def raw(fields: str) -> bytes:
    """Fields that Python's own json would not write."""
    return f'{{"model": "small", "messages": [{{"role": "user", "content": "hi"}}], {fields}}}'.encode()


def plain(**fields: object) -> bytes:
    return json.dumps({"model": "small", "prompt": "hi", "max_tokens": 2, **fields}).encode()


HOSTILE: dict[str, tuple[str, bytes]] = {
    "nothing": (CHAT, b""),
    "no JSON": (CHAT, b"{"),
    "not an object": (CHAT, b"[]"),
    "a number": (CHAT, b"1"),
    "null": (CHAT, b"null"),
    "two documents": (CHAT, body() + body()),
    "not UTF-8": (CHAT, b'{"model": "\xff\xfe"}'),
    "UTF-16": (CHAT, body().decode().encode("utf-16")),
    "nested too deep": (CHAT, b"[" * 100_000),
    "nested too deep, in a field": (CHAT, raw('"user": ' + "[" * 50_000 + "]" * 50_000)),
    "half a surrogate": (CHAT, raw('"user": "\\ud800"')),
    "half a surrogate in the words": (CHAT, body().replace(b'"hi"', b'"\\udc00"')),
    "NaN temperature": (CHAT, raw('"temperature": NaN')),
    "infinite temperature": (CHAT, raw('"temperature": 1e999')),
    "negative infinity": (CHAT, raw('"temperature": -Infinity')),
    "temperature -1": (CHAT, body(temperature=-1)),
    "temperature as text": (CHAT, body(temperature="a")),
    "temperature true": (CHAT, body(temperature=True)),
    "top_p 2": (CHAT, body(top_p=2)),
    "max_tokens 0": (CHAT, body(max_tokens=0)),
    "max_tokens -5": (CHAT, body(max_tokens=-5)),
    "max_tokens as text": (CHAT, body(max_tokens="9")),
    "max_tokens 1.5": (CHAT, body(max_tokens=1.5)),
    "n 0": (CHAT, body(n=0)),
    "n 1000": (CHAT, body(n=1000)),
    "seed as text": (CHAT, body(seed="x")),
    "seed of 5000 digits": (CHAT, raw('"seed": 1' + "0" * 5000)),
    "no model": (CHAT, json.dumps({"messages": HI}).encode()),
    "another model": (CHAT, body(model="../../etc/passwd")),
    "a model of a megabyte": (CHAT, body(model="m" * 900_000)),
    "model as a number": (CHAT, body(model=1)),
    "no messages": (CHAT, json.dumps({"model": "small"}).encode()),
    "messages empty": (CHAT, body(messages=[])),
    "messages as text": (CHAT, body(messages="x")),
    "messages of null": (CHAT, body(messages=[None])),
    "too many messages": (CHAT, body(messages=HI * 2000)),
    "unknown role": (CHAT, body(messages=[{"role": "king", "content": "hi"}])),
    "no role": (CHAT, body(messages=[{"content": "hi"}])),
    "no content": (CHAT, body(messages=[{"role": "user"}])),
    "content null": (CHAT, body(messages=[{"role": "user", "content": None}])),
    "content a number": (CHAT, body(messages=[{"role": "user", "content": 1}])),
    "content empty": (CHAT, text("")),
    "content blank": (CHAT, text(" \n\t")),
    "content parts empty": (CHAT, body(messages=[{"role": "user", "content": []}])),
    "the assistant last": (CHAT, body(messages=[*HI, {"role": "assistant", "content": "yes"}])),
    "the assistant first": (CHAT, body(messages=[{"role": "assistant", "content": "yes"}, *HI])),
    "only a system message": (CHAT, body(messages=[{"role": "system", "content": "be"}])),
    "a late system message": (CHAT, body(messages=[*HI, {"role": "system", "content": "be"}, *HI])),
    "an image": (
        CHAT,
        body(
            messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}]}]
        ),
    ),
    "sound": (CHAT, body(messages=[{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}])),
    "a part of no type": (CHAT, body(messages=[{"role": "user", "content": [{"text": "hi"}]}])),
    "a part whose type is a list": (CHAT, body(messages=[{"role": "user", "content": [{"type": []}]}])),
    "a tool's answer": (CHAT, body(messages=[*HI, {"role": "tool", "content": "1", "tool_call_id": "a"}])),
    "tools": (CHAT, body(tools=[{"type": "function", "function": {"name": "f"}}])),
    "tool_choice": (CHAT, body(tool_choice={"type": "function"})),
    "a template": (CHAT, body(chat_template="{{ ''.__class__ }}")),
    "template arguments": (CHAT, body(chat_template_kwargs={"x": 1})),
    "response_format": (CHAT, body(response_format={"type": "json_object"})),
    "audio wanted": (CHAT, body(modalities=["text", "audio"])),
    "unknown field": (CHAT, body(temprature=1)),
    "unknown field of a message": (CHAT, body(messages=[{"role": "user", "content": "hi", "x": 1}])),
    "unknown field with a hostile name": (CHAT, body(**{"\u001b[2J\u202e" * 30: 1})),
    "stop empty": (CHAT, body(stop="")),
    "stop of nothing": (CHAT, body(stop=[""])),
    "five stops": (CHAT, body(stop=list("abcde"))),
    "a long stop": (CHAT, body(stop="x" * 100_000)),
    "stop as a number": (CHAT, body(stop=1)),
    "top_logprobs 1000": (CHAT, body(logprobs=True, top_logprobs=1000)),
    "top_logprobs without logprobs": (CHAT, body(top_logprobs=2)),
    "logprobs as a number": (CHAT, body(logprobs=1)),
    "logit_bias of a word": (CHAT, body(logit_bias={"hello": 1})),
    "logit_bias of no token": (CHAT, body(logit_bias={"99999999": 1})),
    "logit_bias of a negative token": (CHAT, body(logit_bias={"-1": 1})),
    "logit_bias in other digits": (CHAT, body(logit_bias={"٣": 1})),
    "logit_bias 1000": (CHAT, body(logit_bias={"5": 1000})),
    "logit_bias of everything": (CHAT, body(logit_bias={str(i): 1 for i in range(5000)})),
    "presence_penalty 3": (CHAT, body(presence_penalty=3)),
    "frequency_penalty -3": (CHAT, body(frequency_penalty=-3)),
    "repetition_penalty 0": (CHAT, body(repetition_penalty=0)),
    "top_k -1": (CHAT, body(top_k=-1)),
    "min_p 2": (CHAT, body(min_p=2)),
    "stream as text": (CHAT, body(stream="yes")),
    "stream_options without stream": (CHAT, body(stream_options={"include_usage": True})),
    "stream_options as text": (CHAT, body(stream=True, stream_options="x")),
    "a prompt beyond the window": (CHAT, text("word " * 500)),
    "a prompt far beyond the window": (CHAT, text("x" * 500_000)),
    "one word far beyond the window": (CHAT, text("汉" * 200_000)),
    "a body beyond the limit": (CHAT, text("x" * 3_000_000)),
    "a body far beyond the limit": (CHAT, b"x" * 20_000_000),
    "no prompt": (PLAIN, json.dumps({"model": "small"}).encode()),
    "prompt null": (PLAIN, plain(prompt=None)),
    "prompts none": (PLAIN, plain(prompt=[])),
    "prompts mixed": (PLAIN, plain(prompt=["a", 1])),
    "prompt tokens none": (PLAIN, plain(prompt=[[]])),
    "prompt tokens of no vocabulary": (PLAIN, plain(prompt=[5, 10**6])),
    "prompt tokens negative": (PLAIN, plain(prompt=[-1])),
    "prompt tokens huge": (PLAIN, plain(prompt=[10**30])),
    "prompt tokens too many": (PLAIN, plain(prompt=[5] * 5000)),
    "prompts too many": (PLAIN, plain(prompt=["a"] * 100)),
    "prompts times choices too many": (PLAIN, plain(prompt=["a"] * 30, n=8)),
    "best_of": (PLAIN, plain(best_of=3)),
    "suffix": (PLAIN, plain(suffix="end")),
    "logprobs 50": (PLAIN, plain(logprobs=50)),
    "echo with logprobs": (PLAIN, plain(echo=True, logprobs=1)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_in_a_form_that_clients_read(server: Running, name: str) -> None:
    path, sent = HOSTILE[name]
    try:
        status, headers, answer = server.ask("POST", path, sent, JSON)
    except (BrokenPipeError, ConnectionResetError):
        assert len(sent) > 16 * server.settings.body_bytes, "only who sends far too much is cut off while sending"
        return
    assert 400 <= status < 500, answer
    assert headers["content-type"] == "application/json"
    require_error(answer)


def require_error(answer: bytes) -> dict[str, object]:
    assert answer.isascii()
    document = json.loads(answer)
    assert document.keys() == {"error"}
    error = document["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["type"] in ("invalid_request_error", "rate_limit_error")
    assert isinstance(error["message"], str)
    assert 0 < len(error["message"]) < 1000
    assert isinstance(error["code"], str)
    assert error["param"] is None or len(error["param"]) <= 100
    return dict(error)


ODD_BUT_FINE: dict[str, bytes] = {
    "max_tokens beyond all windows": body(max_tokens=10**18, stop="a"),
    "everything null": body(
        **dict.fromkeys(("temperature", "top_p", "n", "stop", "seed", "stream", "tools", "user", "logit_bias"))
    ),
    "text that spells control tokens": text("<|end|><|assistant|><pad>"),
    "a zero byte and control characters": text("\x00\x01\x1b[2J\r\n"),
    "a right-to-left mark": text("\u202e\u200f abc"),
    "smallest seed": body(seed=-(2**63), temperature=1),
    "largest seed, several choices": body(seed=2**63 - 1, temperature=1, n=3),
    "temperature next to nothing": body(temperature=5e-324),
    "top_p 0": body(temperature=1, top_p=0),
    "top_k beyond the vocabulary": body(temperature=1, top_k=10**9),
    "two users in a row": body(messages=HI + HI),
    "text in parts, from a developer": body(
        messages=[
            {"role": "developer", "content": [{"type": "text", "text": "be"}]},
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "name": "n"},
        ]
    ),
    "a conversation too long: its oldest turns go": body(
        messages=[*HI, {"role": "assistant", "content": "yes"}] * 200 + HI
    ),
    "what cannot matter": body(user="u", metadata={"a": "b"}, service_tier="auto", parallel_tool_calls=False, tools=[]),
}


@pytest.mark.parametrize("name", ODD_BUT_FINE)
def test_odd_but_fine(server: Running, name: str) -> None:
    status, _, answer = server.ask("POST", CHAT, ODD_BUT_FINE[name], JSON)
    assert status == 200, answer


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("GET", "/v1/nothing", {}, 404, "unknown_url"),
        ("POST", "/v1/responses", JSON, 404, "unknown_url"),
        ("POST", "/v1/embeddings", JSON, 404, "unknown_url"),
        ("GET", "/v1/models/../../etc/passwd", {}, 404, "model_not_found"),
        ("GET", "/v1/models/%00%1b", {}, 404, "model_not_found"),
        ("GET", CHAT, {}, 405, "method_not_allowed"),
        ("DELETE", "/v1/models", {}, 405, "method_not_allowed"),
        ("PURGE", "/health", {}, 405, "method_not_allowed"),
        ("POST", CHAT, {}, 415, "unsupported_media_type"),
        ("POST", CHAT, {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        ("GET", "/v1/models", {"Host": "evil.example"}, 403, "host_not_allowed"),
        ("GET", "/v1/models", {"Host": "[::1"}, 403, "host_not_allowed"),
        ("GET", "/docs", {}, 404, "unknown_url"),
    ],
)
def test_odd_paths_and_headers(
    server: Running, method: str, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    got, _, answer = server.ask(method, path, body() if method == "POST" else None, headers)
    assert got == status, answer
    assert require_error(answer)["code"] == code


@pytest.mark.parametrize(
    "sent",
    [
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/9.9\r\nConnection: close\r\n\r\n",
        b"GET /health HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /health HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_what_is_no_http(server: Running, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(sent)
        if not sent.startswith(b"\x16"):
            answer = read_all(connection.recv)
            assert answer.startswith(b"HTTP/1.1 4")
            require_error(answer.partition(b"\r\n\r\n")[2])


def read_all(receive: Callable[[int], bytes]) -> bytes:
    parts = []
    try:
        while part := receive(65536):
            parts.append(part)
    except ConnectionResetError:  # it did not read all that we sent
        pass
    return b"".join(parts)


def test_after_all_that_the_server_still_answers(server: Running) -> None:
    status, answer = server.chat("hi", max_tokens=3)
    assert status == 200, answer
    server.until_idle()
    assert server.engine.metrics.finished["fault"] == 0
