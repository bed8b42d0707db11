"""How a stream is cut into sendings. What its events say is tested with the clients."""

import json
import socket

from tests.apps.server.running import Running


def test_what_is_there_at_the_same_moment_is_sent_together(server: Running) -> None:
    """An answer of one token: who speaks, then the token, why it is over, the usage and `[DONE]`; and the end."""
    messages = [{"role": "user", "content": "hi"}]
    asked = {"model": "small", "messages": messages, "max_tokens": 1, "stream": True}
    body = json.dumps(asked | {"stream_options": {"include_usage": True}, "logit_bias": {"70": 100}})
    head = ["POST /v1/chat/completions HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    head += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(("\r\n".join(head) + body).encode())
        answer = b""
        while part := connection.recv(4096):
            answer += part
    chunks = []
    rest = answer.split(b"\r\n\r\n", 1)[1]
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        chunks.append(rest[: int(size, 16)])
        rest = rest[int(size, 16) + 2 :]
    assert chunks[-1] == b""
    assert len(chunks) <= 3
    assert b"".join(chunks).count(b"data: ") == 5
    assert chunks[-2].endswith(b"data: [DONE]\n\n")
