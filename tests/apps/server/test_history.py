"""The studio's conversations on the server: kept whole, never overwritten, never a path."""

import json
import sqlite3
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatzero.apps.server.history import ConflictError, History
from chatzero.apps.server.limits import ServerSettings
from chatzero.data.front_door import read_conversations
from tests.apps.server.running import Running, running_server, small_bundle
from tests.apps.server.test_hostile import require_error

KEY = "correct-horse-battery"
TURNS: list[dict[str, object]] = [
    {"role": "user", "content": "你好\n<b>"},
    {"role": "assistant", "content": "hi", "reason": "cut", "tokens": 3},
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    place = tmp_path_factory.mktemp("state") / "new" / "chats.sqlite3"
    with running_server(small_bundle("gpt"), ServerSettings(history=place)) as running:
        yield running


def send(server: Running, method: str, path: str, document: object = None) -> tuple[int, dict[str, object]]:
    body = json.dumps(document or {}).encode()
    status, _, answer = server.ask(method, path, body, {"Content-Type": "application/json"})
    if status >= 400:
        require_error(answer)
    return status, json.loads(answer)


def test_saved_listed_loaded_renamed_and_removed(server: Running) -> None:
    assert send(server, "PUT", "/studio/chats/a-1", {"turns": TURNS}) == (200, {"id": "a-1", "version": 1})
    again = {"turns": TURNS, "title": "Greeting", "version": 1}
    assert send(server, "PUT", "/studio/chats/a-1", again) == (200, {"id": "a-1", "version": 2})
    assert send(server, "PUT", "/studio/chats/b-1", {"turns": TURNS[:1]})[0] == 200
    _, listed = send(server, "GET", "/studio/chats")
    assert listed["kept"] is True
    rows = [(row["id"], row["title"], row["opening"], row["version"]) for row in listed["chats"]]  # type: ignore[attr-defined]
    assert rows == [("b-1", "", "你好\n<b>", 1), ("a-1", "Greeting", "你好\n<b>", 2)]
    _, loaded = send(server, "GET", "/studio/chats/a-1")
    shown = [{name: value for name, value in turn.items() if value is not None} for turn in loaded["turns"]]  # type: ignore[attr-defined]
    assert shown == TURNS
    assert send(server, "DELETE", "/studio/chats/b-1")[0] == 200
    assert send(server, "DELETE", "/studio/chats/b-1")[0] == 404
    assert send(server, "GET", "/studio/chats/b-1")[0] == 404


def test_what_is_exported_can_be_trained_on(server: Running, tmp_path: Path) -> None:
    send(server, "PUT", "/studio/chats/export", {"turns": TURNS})
    status, headers, body = server.ask("GET", "/studio/chats.jsonl")
    assert (status, headers["content-type"]) == (200, "application/jsonl")
    (tmp_path / "chats.jsonl").write_bytes(body)
    told = {conversation.messages for conversation in read_conversations([str(tmp_path / "chats.jsonl")]).conversations}
    assert [message.content for message in told.pop()] == ["你好\n<b>", "hi"]


def test_what_was_changed_elsewhere_is_not_overwritten(server: Running) -> None:
    for version, status in ((0, 200), (0, 409), (2, 409), (1, 200), (1, 409), (2, 200)):
        assert send(server, "PUT", "/studio/chats/c", {"turns": TURNS, "version": version})[0] == status, version
    send(server, "DELETE", "/studio/chats/c")
    assert send(server, "PUT", "/studio/chats/c", {"turns": TURNS, "version": 3})[0] == 409
    assert send(server, "PUT", "/studio/chats/c", {"turns": TURNS})[0] == 200


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"turns": []},
        {"turns": TURNS * 600},
        {"turns": [{"role": "system", "content": "x"}]},
        {"turns": [{"role": "user", "content": 1}]},
        {"turns": [{"role": "user", "content": "x", "html": "<b>"}]},
        {"turns": TURNS, "version": -1},
        {"turns": TURNS, "title": "x" * 201},
        {"turns": TURNS, "path": "/etc"},
    ],
    ids=lambda document: str(document)[:40],
)
def test_what_is_no_conversation_is_refused(server: Running, document: object) -> None:
    assert send(server, "PUT", "/studio/chats/refused", document)[0] == 400
    assert send(server, "GET", "/studio/chats/refused")[0] == 404


@pytest.mark.parametrize("id", ["..%2fx", "a%20b", "a.b", "x" * 65, "%00", "a'--", "你"])
def test_an_id_is_a_plain_word(server: Running, id: str) -> None:
    path = f"/studio/chats/{id.encode('ascii', 'replace').decode()}"
    assert send(server, "PUT", path, {"turns": TURNS})[0] in (400, 404)


def test_two_who_save_at_once_do_not_lose_each_other(tmp_path: Path) -> None:
    history = History(tmp_path / "chats.sqlite3")
    version = history.save("one", "", TURNS, 0)
    told: list[str] = []

    def save(name: str) -> None:
        try:
            history.save("one", name, TURNS, version)
            told.append(name)
        except ConflictError:
            told.append("conflict")

    threads = [threading.Thread(target=save, args=(str(i),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = history.turns("one")
    assert found is not None
    assert sorted(told) == sorted([found[0].title, *["conflict"] * 7])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights on files")
def test_nobody_else_on_the_machine_reads_the_file(tmp_path: Path) -> None:
    History(tmp_path / "chats.sqlite3").save("one", "", TURNS, 0)
    assert stat.S_IMODE((tmp_path / "chats.sqlite3").stat().st_mode) == 0o600


def test_a_damaged_file_is_told_of_and_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "chats.sqlite3"
    place.write_text("this is no database, and it is longer than a header " * 20)
    with running_server(small_bundle("gpt"), ServerSettings(history=place)) as server:
        status, _, body = server.ask("GET", "/studio/chats")
        assert (status, json.loads(body)["error"]["code"]) == (503, "history_unavailable")
        assert server.chat("still there?", max_tokens=2)[0] == 200
    assert place.read_text().startswith("this is no database")
    with pytest.raises(sqlite3.Error):
        History(place).entries()


def test_a_server_for_a_network_keeps_nothing(tmp_path: Path) -> None:
    settings = ServerSettings(host="0.0.0.0", api_key=KEY, history=tmp_path / "chats.sqlite3", train=True)
    with running_server(small_bundle("gpt"), settings) as server:
        bearer = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        assert json.loads(server.ask("GET", "/studio/chats", headers=bearer)[2]) == {"kept": False, "chats": []}
        body = json.dumps({"turns": TURNS}).encode()
        assert server.ask("PUT", "/studio/chats/a", body, bearer)[0] == 404
        assert server.ask("GET", "/studio/chats.jsonl", headers=bearer)[0] == 404
    assert list(tmp_path.iterdir()) == []
