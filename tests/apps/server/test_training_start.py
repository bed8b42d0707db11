"""Runs started, stopped and resumed over HTTP: what is refused, what is started, and that both sides live alone."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatzero.apps.server.limits import ServerSettings
from chatzero.checkpoint.process_note import process_in
from chatzero.pipeline.run_list import remember
from tests.apps.server.pretended_training import eventually, pretend_training
from tests.apps.server.running import Running, running_server, small_bundle
from tests.apps.server.test_hostile import require_error
from tests.apps.test_train import RECIPE
from tests.pipeline.test_run_summary import make_run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal to stop a run by")

KEY = "correct-horse-battery"
BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of runs, whose training is pretended; whatever still trains at the end is killed."""
    folder = tmp_path / "runs"
    folder.mkdir()
    pretend_training(monkeypatch, tmp_path)
    monkeypatch.setenv("CHATZERO_API_KEY", KEY)
    yield folder
    for path in folder.iterdir():
        if path.is_dir() and (pid := process_in(path)) is not None:
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def server(runs: Path) -> Iterator[Running]:
    with running_server(small_bundle("gpt"), training_in(runs)) as running:
        yield running


def training_in(runs: Path) -> ServerSettings:
    return ServerSettings(runs=runs, recipes=runs.parent / "recipes", train=True)


def started(server: Running, name: str = "mine", **more: object) -> str:
    status, answer = server.post("/studio/runs", {"name": name, **more})
    assert status == 201, answer
    return str(answer["id"])


def state_of(server: Running, name: str) -> str:
    rows = json.loads(server.ask("GET", "/studio/runs")[2])["runs"]
    return str({Path(row["run"]["where"]).name: row["run"]["state"] for row in rows}[name])


def words_of(folder: Path) -> list[list[str]]:
    return [json.loads(line) for line in (folder / "words.jsonl").read_text().splitlines()]


def test_a_run_is_prepared_trains_is_stopped_and_taken_up_again(server: Running, runs: Path) -> None:
    run = started(server, arch="gpt", length=3)
    assert state_of(server, "mine") == "preparing"
    (runs / "prepared").touch()
    eventually(lambda: state_of(server, "mine") == "running")
    expected = ["quickstart", "--arch", "gpt", "--minutes", "3", "--no-chat", "--out", str(runs / "mine")]
    assert words_of(runs / "mine") == [["--lang", "en", *expected]]
    assert server.post("/studio/runs", {"name": "second"})[0] == 409
    assert server.post(f"/studio/runs/{run}/resume", {})[0] == 409
    assert server.post(f"/studio/runs/{run}/stop", {}) == (200, {"id": run})
    eventually(lambda: state_of(server, "mine") == "interrupted")
    eventually(lambda: process_in(runs / "mine") is None)
    assert server.post(f"/studio/runs/{run}/stop", {})[0] == 409
    assert server.post(f"/studio/runs/{run}/resume", {}) == (200, {"id": run})
    assert words_of(runs / "mine")[1:] in ([], [["--lang", "en", "train", str(runs / "mine")]])
    eventually(lambda: state_of(server, "mine") == "running")
    (runs / "finish").touch()
    eventually(lambda: state_of(server, "mine") == "finished")
    assert server.post(f"/studio/runs/{run}/resume", {})[0] == 409
    assert not (runs / "second").exists()


def test_training_outlives_the_server_and_the_next_one_finds_it(runs: Path) -> None:
    (runs / "prepared").touch()
    with running_server(small_bundle("gpt"), training_in(runs)) as first:
        run = started(first)
        eventually(lambda: state_of(first, "mine") == "running")
    assert process_in(runs / "mine") is not None
    with running_server(small_bundle("gpt"), training_in(runs)) as second:
        assert state_of(second, "mine") == "running"
        assert second.post(f"/studio/runs/{run}/stop", {})[0] == 200
        eventually(lambda: state_of(second, "mine") == "interrupted")


def test_a_run_that_was_killed_can_be_taken_up_again(server: Running, runs: Path) -> None:
    (runs / "prepared").touch()
    run = started(server)
    eventually(lambda: state_of(server, "mine") == "running")
    os.kill(process_in(runs / "mine") or 0, signal.SIGKILL)
    eventually(lambda: state_of(server, "mine") == "interrupted")
    assert server.chat("still there?", max_tokens=2)[0] == 200
    assert server.post(f"/studio/runs/{run}/resume", {})[0] == 200


def test_one_that_fails_says_why_and_its_name_is_free_again(server: Running, runs: Path) -> None:
    run = started(server, "bad")
    eventually(lambda: state_of(server, "bad") == "failed")
    said = json.loads(server.ask("GET", f"/studio/runs/{run}/words")[2])
    assert "the data is not there" in said["log"]
    assert server.post(f"/studio/runs/{run}/resume", {})[0] == 409
    assert started(server, "bad") == run


NO_LENGTHS: tuple[object, ...] = (0, -1, 1e9, "5; ls", [])


@pytest.mark.parametrize(
    "document",
    [
        *({"name": name} for name in ("", "..", "../x", "a/b", "a\\b", "/etc", ".x", "-x", "x\n", "a b", "a" * 65, 1)),
        *({"name": "x", "recipe": recipe} for recipe in ("mine2", "../mine", "/etc/passwd", "mine.toml", "", 1)),
        *({"name": "x", "length": length} for length in NO_LENGTHS),
        {"name": "x", "arch": "--help"},
        {"name": "x", "out": "/tmp"},
        {},
        [],
    ],
    ids=repr,
)
def test_nothing_else_can_be_started(server: Running, runs: Path, document: object) -> None:
    status, answer = server.post("/studio/runs", document)
    assert status == 400, answer
    require_error(json.dumps(answer).encode())
    assert list(runs.iterdir()) == []


def test_no_folder_that_holds_something_is_trained_in(server: Running, runs: Path) -> None:
    make_run(runs / "done")
    (runs / "mine").mkdir()
    (runs / "mine" / "diary.txt").write_text("dear")
    (runs / "file").touch()
    (runs / "away").symlink_to(runs.parent)
    for name in ("done", "mine", "file", "away"):
        status, answer = server.post("/studio/runs", {"name": name})
        assert status == 409, name
        require_error(json.dumps(answer).encode())


def test_recipes_are_offered_by_name(server: Running, runs: Path) -> None:
    recipes = runs.parent / "recipes"
    recipes.mkdir()
    (recipes / "mine.toml").write_text(RECIPE.format(arch="gpt", files="chats.jsonl"))
    (recipes / "broken.toml").write_text("stage = ")
    (recipes / "no name.toml").write_text((recipes / "mine.toml").read_text())
    offered = json.loads(server.ask("GET", "/studio/recipes")[2])
    assert offered == {
        "may_train": True,
        "choices": [
            {"name": "quickstart", "unit": "minutes", "length": 10.0, "arch": None},
            {"name": "mine", "unit": "steps", "length": 6.0, "arch": "gpt"},
        ],
    }
    started(server, "chats", recipe="mine", length=40)
    eventually((runs / "chats" / "words.jsonl").exists)
    words = ["train", str(recipes / "mine.toml"), "--set", "train.steps=40", "--out", str(runs / "chats")]
    eventually(lambda: words_of(runs / "chats") == [["--lang", "en", *words]])


def test_a_run_is_steered_only_by_its_id(server: Running, runs: Path) -> None:
    make_run(runs / "mine", state="interrupted")
    for run in ("nothing", "..%2f..", "0" * 16, "mine"):
        for act in ("stop", "resume"):
            status, answer = server.post(f"/studio/runs/{run}/{act}", {})
            assert status == 404
            require_error(json.dumps(answer).encode())


def test_a_page_from_elsewhere_starts_nothing(runs: Path) -> None:
    elsewhere = "https://evil.example"
    body = json.dumps({"name": "mine"}).encode()
    json_type = {"Content-Type": "application/json"}
    settings = ServerSettings(runs=runs, train=True, allowed_origins=(elsewhere,))
    with running_server(small_bundle("gpt"), settings) as server:
        for headers, expected in (
            ({**json_type, "Origin": elsewhere}, 403),
            ({**json_type, "Sec-Fetch-Site": "cross-site"}, 403),
            ({"Content-Type": "text/plain"}, 415),
            ({}, 415),
        ):
            status, _, answer = server.ask("POST", "/studio/runs", body, headers)
            assert status == expected
            require_error(answer)
    assert list(runs.iterdir()) == []


@pytest.mark.parametrize("train", [False, True])
def test_on_a_network_only_who_has_the_key_and_only_if_it_was_said(runs: Path, train: bool) -> None:
    settings = ServerSettings(host="0.0.0.0", api_key=KEY, runs=runs, train=train)
    with running_server(small_bundle("gpt"), settings) as server:
        assert server.post("/studio/runs", {"name": "mine"})[0] == 401
        assert server.post("/studio/runs", {"name": "mine"}, BEARER)[0] == (201 if train else 403)
        assert server.ask("GET", "/studio/runs", headers=BEARER)[0] == (200 if train else 403)


def test_a_server_told_not_to_train_shows_runs_and_starts_none(runs: Path) -> None:
    make_run(runs / "done")
    with running_server(small_bundle("gpt"), ServerSettings(runs=runs)) as server:
        assert json.loads(server.ask("GET", "/studio/recipes")[2])["may_train"] is False
        assert state_of(server, "done") == "finished"
        status, answer = server.post("/studio/runs", {"name": "mine"})
        assert (status, answer["error"]["code"]) == (403, "training_not_allowed")  # type: ignore[index]


def test_the_key_is_not_passed_on(server: Running, runs: Path, tmp_path: Path) -> None:
    script = tmp_path / "trainer.py"
    script.write_text("import os; print('key:', os.environ.get('CHATZERO_API_KEY'), os.getsid(0) == os.getpid())")
    run = started(server)
    eventually(lambda: "key:" in json.loads(server.ask("GET", f"/studio/runs/{run}/words")[2])["log"])
    assert "key: None True" in (runs / "mine" / "training.log").read_text()


def test_runs_elsewhere_on_this_machine_are_shown_and_not_steered(runs: Path, tmp_path: Path) -> None:
    make_run(tmp_path / "elsewhere", state="interrupted")
    remember(tmp_path / "elsewhere", tmp_path / "notes")
    make_run(runs / "here", state="interrupted")
    settings = replace(training_in(runs), run_notes=tmp_path / "notes")
    with running_server(small_bundle("gpt"), settings) as server:
        rows = json.loads(server.ask("GET", "/studio/runs")[2])["runs"]
        assert {Path(row["run"]["where"]).name: row["steered"] for row in rows} == {"elsewhere": False, "here": True}
        status = {
            Path(row["run"]["where"]).name: server.post(f"/studio/runs/{row['id']}/resume", {})[0] for row in rows
        }
        assert status == {"elsewhere": 404, "here": 200}
