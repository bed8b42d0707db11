"""Requests made up from the server's own description, and mutilated: never a 5xx, never another error body."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.apps.server.running import Running
from tests.apps.server.test_hostile import require_error

NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([0, 1, -1, 2**31, 2**63, 1e308, 5e-324]))
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["type", "text", "role", "content", "x"]), inner)
    ),
    max_leaves=6,
)


def fields_of(server: Running, schema: str) -> dict[str, object]:
    _, _, answer = server.ask("GET", "/openapi.json")
    return dict(json.loads(answer)["components"]["schemas"][schema]["properties"])


@settings(max_examples=80)
@given(st.data())
def test_mutilated_requests(server: Running, data: st.DataObject) -> None:
    chat = data.draw(st.booleans())
    known = fields_of(server, "ChatRequest" if chat else "CompletionRequest")
    assert {"model", "temperature", "top_k", "stop"} <= known.keys()
    document: dict[str, object] = {"model": "small", "max_tokens": 2}
    document |= {"messages": [{"role": "user", "content": "hi"}]} if chat else {"prompt": "hi"}
    for name in data.draw(st.lists(st.sampled_from(sorted(known)), max_size=3)):
        document[name] = data.draw(JUNK)
    if data.draw(st.integers(0, 4)) == 0:
        document[data.draw(st.text(max_size=5))] = data.draw(JUNK)
    body = json.dumps(document).encode()
    if data.draw(st.integers(0, 9)) == 0:
        body = body[: data.draw(st.integers(0, len(body)))] + data.draw(st.binary(max_size=4))
    path = "/v1/chat/completions" if chat else "/v1/completions"
    status, headers, answer = server.ask("POST", path, body, {"Content-Type": "application/json"})
    if status == 200:
        assert headers["content-type"].startswith(("application/json", "text/event-stream"))
    else:
        assert 400 <= status < 500, answer
        require_error(answer)


def test_the_description_is_complete(server: Running) -> None:
    _, _, answer = server.ask("GET", "/openapi.json")
    document = json.loads(answer)
    assert {"/v1/chat/completions", "/v1/completions", "/v1/models", "/health", "/metrics"} <= document["paths"].keys()
    names = set(document["components"]["schemas"])

    def check(part: object) -> None:
        if isinstance(part, dict):
            if "$ref" in part:
                assert part["$ref"].removeprefix("#/components/schemas/") in names
            for inner in part.values():
                check(inner)
        elif isinstance(part, list):
            for inner in part:
                check(inner)

    check(document)
