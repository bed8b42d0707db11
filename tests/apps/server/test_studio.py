"""The studio's files and what its pages ask for: strict headers, nothing from elsewhere, no path opened by request."""

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from chatzero.apps.server.limits import MAX_LOOK_CHARACTERS, MAX_LOOK_TOKENS, ServerSettings
from chatzero.apps.server.studio import STUDIO_PATHS
from chatzero.doctor.finding import Verdict
from chatzero.inspection.look import look
from chatzero.pipeline.run_summary import State
from tests.apps.server.running import Running, running_server, small_bundle
from tests.apps.server.test_hostile import require_error
from tests.pipeline.test_run_summary import make_run

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("path", sorted(STUDIO_PATHS))
def test_every_file_comes_with_a_strict_policy(server: Running, path: str) -> None:
    status, headers, body = server.ask("GET", path)
    assert status == 200
    assert body
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert not re.search(r"unsafe|\*|https?:|data:", policy)
    assert headers["x-content-type-options"] == "nosniff"
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    assert headers["content-type"].startswith(kinds.get(path.rpartition(".")[2], "text/html"))


@pytest.mark.parametrize("path", sorted(STUDIO_PATHS))
def test_nothing_comes_from_elsewhere_and_what_is_asked_for_is_there(server: Running, path: str) -> None:
    text = server.ask("GET", path)[2].decode()
    elsewhere = set(re.findall(r"""["'(](?:https?:)?//[\w.-]+[^"')\s]*""", text))
    assert elsewhere <= {'"http://www.w3.org/2000/svg'}
    for name in re.findall(r"""(?:src|href)="(/[^"]*)"|from "\./([\w.]+)\"""", text):
        asked = name[0] or f"/studio/{name[1]}"
        assert server.ask("GET", asked)[0] == 200, asked
    assert not re.search(r"<script(?![^>]*(src=|application/json))|<style|\son\w+=|\sstyle=", text) or path.endswith(
        ".js"
    )


@pytest.mark.parametrize("path", sorted(path for path in STUDIO_PATHS if path.endswith(".js")))
def test_no_script_makes_html_of_words(server: Running, path: str) -> None:
    script = server.ask("GET", path)[2].decode()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script)


def test_every_word_is_there_in_both_languages_and_none_is_left_over(server: Running) -> None:
    texts = {path: server.ask("GET", path)[2].decode() for path in STUDIO_PATHS if "/look/" not in path}
    words = texts.pop("/studio/words.js")
    there = dict(re.findall(r'^  (\w+): \[\s*("[^"]+",\s*"[^"]+"),?\s*\],$', words, re.MULTILINE))
    assert len(there) == len(re.findall(r"^  \w+: \[", words, re.MULTILINE)) > 50
    asks = r'(?:\bsay\(|data-text=|data-label=|reason = |name: )"(\w+)"'
    asked = {word for text in texts.values() for word in re.findall(asks, text)}
    asked |= {"user", "assistant"}  # a turn's role
    asked |= {f"theme_{theme}" for theme in ("system", "light", "dark")}
    asked |= {f"state_{state}" for state in get_args(State)} | {"minutes", "steps"}
    asked |= {"file", "format", "encoding", "shape", "kept", "set_aside", "kind", "count", "examples"}  # columns
    asked |= {f"verdict_{verdict}" for verdict in get_args(Verdict)}
    assert asked == there.keys()


@pytest.mark.parametrize(
    "path",
    ["/studio/", "/studio/../guard.py", "/studio/..%2fguard.py", "/studio/look/look.html", "/studio//etc/passwd"],
)
def test_other_paths_lead_nowhere(server: Running, path: str) -> None:
    status, _, body = server.ask("GET", path)
    assert status == 404
    require_error(body)


# -- runs -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    folder = tmp_path_factory.mktemp("runs")
    make_run(folder / "mine")
    (make_run(folder / "torn") / "run.json").write_text("{")
    with running_server(small_bundle("gpt"), ServerSettings(runs=folder)) as running:
        yield running, folder


def test_runs_and_their_curves(with_runs: tuple[Running, Path]) -> None:
    server, folder = with_runs
    rows = json.loads(server.ask("GET", "/studio/runs")[2])["runs"]
    assert [(row["run"]["where"], row["run"]["state"]) for row in rows] == [
        (str(folder / "mine"), "finished"),
        (str(folder / "torn"), "damaged"),
    ]
    curves = json.loads(server.ask("GET", f"/studio/runs/{rows[0]['id']}")[2])
    assert curves["training"] == [[1, 5.5, 50.0], [2, 3.25, 100.0]]
    assert curves["held_out"] == [[1, 4.5]]


@pytest.mark.parametrize("run", ["nothing", "..%2f..%2fetc", "0" * 16, "%00", "mine"])
def test_a_run_is_named_only_by_its_id(with_runs: tuple[Running, Path], run: str) -> None:
    status, _, body = with_runs[0].ask("GET", f"/studio/runs/{run}")
    assert status == 404
    require_error(body)


def test_a_server_that_was_given_no_folder_shows_no_runs(server: Running) -> None:
    assert json.loads(server.ask("GET", "/studio/runs")[2]) == {"runs": []}


def test_a_network_does_not_see_the_runs(tmp_path: Path) -> None:
    make_run(tmp_path / "mine")
    settings = ServerSettings(host="0.0.0.0", api_key="correct-horse-battery", runs=tmp_path)
    with running_server(small_bundle("gpt"), settings) as server:
        status, _, body = server.ask("GET", "/studio/runs", headers={"Authorization": "Bearer correct-horse-battery"})
    assert status == 403
    assert json.loads(body)["error"]["code"] == "local_only"
    assert b"mine" not in body


# -- look -------------------------------------------------------------------------------------------------------------


def ask_to_look(server: Running, document: object) -> tuple[int, bytes]:
    status, _, body = server.ask("POST", "/studio/look", json.dumps(document).encode(), JSON)
    return status, body


def test_the_look_is_that_of_the_command(server: Running) -> None:
    status, body = ask_to_look(server, {"question": "Hi 你"})
    assert status == 200
    expected = look(server.bundle.model, server.bundle.tokenizer, "Hi 你", "small")
    assert json.loads(body) == json.loads(json.dumps(expected))


def test_looking_hears_nothing_of_the_answers_to_others(server: Running) -> None:
    """A listener in the served model itself would record, or spoil, what is written at the same time."""
    alone = ask_to_look(server, {"question": "abc"})
    answers: list[object] = []
    words = dict.fromkeys(["temperature"], 0)
    threads = [threading.Thread(target=lambda: answers.append(server.chat("abc", **words))) for _ in range(4)]
    for thread in threads:
        thread.start()
    beside = ask_to_look(server, {"question": "abc"})
    for thread in threads:
        thread.join()
    assert beside == alone
    assert len(answers) == 4
    assert not any(module._forward_hooks for module in server.bundle.model.modules())


@pytest.mark.parametrize(
    ("document", "param"),
    [
        ({}, "question"),
        ({"question": 1}, "question"),
        ({"question": ""}, "question"),
        ({"question": "x" * (MAX_LOOK_CHARACTERS + 1)}, "question"),
        ({"question": "x" * MAX_LOOK_TOKENS}, "question"),
        ({"question": "x", "file": "/etc"}, "file"),
        ({"question": "   "}, None),
        ([], None),
    ],
)
def test_what_cannot_be_looked_into(server: Running, document: object, param: str | None) -> None:
    status, body = ask_to_look(server, document)
    assert status == 400
    require_error(body)
    assert json.loads(body)["error"]["param"] == param
