"""A client that leaves stops costing within a token; a server that stops finishes what it has begun."""

import http.client
import json
import socket
import threading
import time
from dataclasses import replace

import pytest
import torch

from chatzero.apps.server.limits import ServerSettings
from chatzero.checkpoint.bundle import Bundle
from chatzero.serving.limits import EngineLimits
from tests.apps.server.running import BYTES, Running, running_server, small_bundle

JSON = {"Content-Type": "application/json"}


def talkative(arch: str) -> Bundle:
    """Never says a control token, in a window of 5,000: an answer lasts until somebody ends it."""
    bundle = small_bundle(arch, max_seq_len=5000)
    with torch.no_grad():
        for name, parameter in bundle.model.named_parameters():
            if name.startswith("output"):
                parameter[:5] = 0
    return bundle


def long_request(stream: bool) -> bytes:
    bias = {str(i): -100 for i in range(5)}
    messages = [{"role": "user", "content": "hi"}]
    return json.dumps(
        {"model": "small", "messages": messages, "max_tokens": 4900, "stream": stream, "logit_bias": bias}
    ).encode()


def begin(server: Running, stream: bool) -> http.client.HTTPConnection:
    """Send a request for a long answer, and wait until it is being written."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("POST", "/v1/chat/completions", long_request(stream), JSON)
    if stream:
        assert connection.getresponse().read(10)
    deadline_s = time.monotonic() + 60
    while not server.engine.running:
        assert time.monotonic() < deadline_s
        time.sleep(0.005)
    return connection


@pytest.mark.parametrize("arch", ["gpt", "transformer"])
@pytest.mark.parametrize("stream", [True, False])
def test_who_leaves_costs_nothing_more(arch: str, stream: bool) -> None:
    with running_server(talkative(arch)) as server:
        connection = begin(server, stream)
        if connection.sock is not None:
            connection.sock.close()
        connection.close()
        server.until_idle()
        said = server.engine.metrics.completion_tokens
        assert said < 4900, "not the whole answer was written"
        assert server.engine.metrics.finished["cancelled"] == 1
        status, _ = server.chat("hi", max_tokens=3)
        assert status == 200


def test_who_takes_nothing_for_too_long_is_given_up() -> None:
    """Large events, a small buffer, and a client that only reads the head."""
    settings = replace(ServerSettings(), send_time_s=0.4)
    with running_server(talkative("gpt"), settings) as server, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", server.port))
        body = json.dumps(json.loads(long_request(stream=True)) | {"logprobs": True, "top_logprobs": 20, "n": 8})
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"  # noqa: E501
        slow.sendall((head + body).encode())
        assert b"200 OK" in slow.recv(100)
        server.until_idle()
        assert server.engine.metrics.finished["cancelled"] > 0


def test_a_full_server_says_429_and_when_to_come_again() -> None:
    settings = ServerSettings(engine=EngineLimits(max_running=1, max_waiting=0))
    with running_server(talkative("gpt"), settings) as server:
        connection = begin(server, stream=True)
        status, headers, answer = server.ask("POST", "/v1/chat/completions", long_request(False), JSON)
        assert status == 429
        assert int(headers["retry-after"]) >= 1
        assert json.loads(answer)["error"]["type"] == "rate_limit_error"
        connection.close()


def test_the_time_limit_cuts_an_answer_off() -> None:
    settings = ServerSettings(engine=EngineLimits(time_limit_s=0.3))
    with running_server(talkative("gpt"), settings) as server:
        status, _, answer = server.ask("POST", "/v1/chat/completions", long_request(False), JSON)
        assert status == 200
        assert json.loads(answer)["choices"][0]["finish_reason"] == "length"
        assert json.loads(answer)["usage"]["completion_tokens"] < 4900


def test_a_stopping_server_finishes_what_has_begun() -> None:
    got: list[tuple[int, bytes]] = []
    with running_server(small_bundle("gpt", max_seq_len=400)) as server:
        body = json.loads(long_request(False)) | {"max_tokens": 300}

        def ask() -> None:
            status, _, answer = server.ask("POST", "/v1/chat/completions", json.dumps(body).encode(), JSON)
            got.append((status, answer))

        asking = threading.Thread(target=ask)
        asking.start()
        while not server.engine.running and asking.is_alive():
            time.sleep(0.001)
    asking.join()
    [(status, answer)] = got
    assert status == 200
    assert json.loads(answer)["usage"]["completion_tokens"] == 300


def test_a_body_that_does_not_come_is_given_up() -> None:
    with running_server(small_bundle("gpt"), replace(ServerSettings(), body_time_s=0.2)) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.putrequest("POST", "/v1/chat/completions")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", "100")
        connection.endheaders(b"{")
        answer = connection.getresponse()
        assert answer.status == 408
        assert json.loads(answer.read())["error"]["code"] == "request_timeout"


def test_the_vocabulary_is_of_bytes() -> None:
    assert BYTES.vocab_size == 262, "else the biases above are of other tokens"
