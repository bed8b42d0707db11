"""The door: keys, hosts, pages from elsewhere, and a log that holds no words."""

import json
import logging
from collections.abc import Iterator

import pytest

from chatzero.apps.server.guard import OPEN_PATHS
from chatzero.apps.server.limits import ServerSettings
from tests.apps.server.running import Running, running_server, small_bundle

KEY = "correct-horse-battery"


@pytest.fixture(scope="module")
def locked() -> Iterator[Running]:
    settings = ServerSettings(api_key=KEY, allowed_origins=("https://good.example",))
    with running_server(small_bundle("gpt"), settings) as running:
        yield running


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer wrong", f"Basic {KEY}", f"Bearer {KEY}x", KEY, "Bearer é"]
)
def test_every_path_but_health_and_the_pages_wants_the_key(locked: Running, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given}
    paths = [getattr(route, "path", "") for route in locked.app.routes] + ["/nothing"]
    assert len(paths) > 6
    assert {"/health", "/", "/studio/chat.js"} <= OPEN_PATHS <= set(paths)
    assert not any(path.startswith(("/v1", "/metrics", "/studio/runs", "/openapi")) for path in OPEN_PATHS)
    assert "/studio/look" not in OPEN_PATHS
    for path in paths:
        for method in ("GET", "POST"):
            status, answered, answer = locked.ask(method, path.replace("{name:path}", "small"), b"", headers)
            if path in OPEN_PATHS:
                assert status in (200, 405), path
            else:
                assert status == 401, path
                assert json.loads(answer)["error"]["code"] == "invalid_api_key"
                assert answered["www-authenticate"] == "Bearer"


def test_with_the_key_it_answers(locked: Running) -> None:
    for scheme in ("Bearer", "bearer"):
        status, _, _ = locked.ask("GET", "/v1/models", headers={"Authorization": f"{scheme} {KEY}"})
        assert status == 200


def test_pages_from_elsewhere_are_let_in_only_by_name(locked: Running, server: Running) -> None:
    key = {"Authorization": f"Bearer {KEY}"}
    _, headers, _ = locked.ask("GET", "/v1/models", headers={**key, "Origin": "https://good.example"})
    assert headers["access-control-allow-origin"] == "https://good.example"
    for asked, more in ((locked, key), (server, {})):
        _, headers, _ = asked.ask("GET", "/v1/models", headers={**more, "Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in headers
        assert headers["x-content-type-options"] == "nosniff"


def test_the_log_holds_no_words(server: Running, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        _, answer = server.chat("my secret", max_tokens=4)
        server.ask("GET", "/v1/%1b[2Jsecret-path?key=hidden")
    assert "POST /v1/chat/completions 200" in caplog.text
    for hidden in ("my secret", "\x1b", "hidden", json.dumps(answer)):
        assert hidden not in caplog.text


def test_metrics_count(server: Running) -> None:
    server.chat("hi", max_tokens=4)
    server.until_idle()
    _, headers, page = server.ask("GET", "/metrics")
    assert headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = page.decode().splitlines()
    assert "chatzero_answers_running 0" in lines
    values = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}
    assert values["chatzero_completion_tokens_total"] >= 1
    assert values["chatzero_first_token_seconds_count"] == values['chatzero_first_token_seconds_bucket{le="+Inf"}'] > 0
    assert values['chatzero_http_requests_total{path="/v1/chat/completions",status="200"}'] >= 1
