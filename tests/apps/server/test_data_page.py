"""A data file looked at in the studio: the same findings as on the command line, bounded, and nothing kept."""

import gzip
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatzero.apps.server.limits import ServerSettings
from chatzero.apps.server.studio_file import FILE_TYPE
from chatzero.data.front_door import read_conversations
from chatzero.data.prepare import survey
from chatzero.text.chat_template import render
from tests.apps.server.browser import Browser, Page, expect, open_page
from tests.apps.server.running import Running, running_server, small_bundle
from tests.apps.server.test_hostile import require_error

GOOD = [
    {"question": "你好 <b>", "answer": "hi"},
    {"question": "two", "answer": "2"},
    {"question": "two", "answer": "2"},
]
LINES = "".join(json.dumps(row) + "\n" for row in GOOD) + "{broken\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running_server(small_bundle("gpt")) as running:
        yield running


def look_at(server: Running, content: bytes, name: str = "chats.jsonl") -> tuple[int, dict[str, object]]:
    status, _, answer = server.ask("POST", f"/studio/data?name={name}", content, {"Content-Type": FILE_TYPE})
    if status >= 400:
        require_error(answer)
    return status, json.loads(answer)


def test_the_findings_are_those_of_the_command_line(server: Running, tmp_path: Path) -> None:
    (tmp_path / "chats.jsonl").write_text(LINES)
    corpus = read_conversations([str(tmp_path / "chats.jsonl")])
    seen = survey(corpus)
    status, found = look_at(server, LINES.encode())
    assert status == 200
    assert found["file"] == {**vars(seen.report.files[0]), "file": "chats.jsonl"}
    assert (found["conversations"], found["turns"]) == (seen.conversations, seen.turns) == (3, 6)
    assert {row["kind"]: row["count"] for row in found["problems"]} == seen.problems  # type: ignore[attr-defined]
    assert set(seen.problems) >= {"duplicate", "set aside"}
    assert found["problems"][0]["examples"][0].startswith("chats.jsonl:")  # type: ignore[index]
    for shown, conversation in zip(found["preview"], corpus.conversations, strict=True):  # type: ignore[call-overload]
        rendered = render(conversation, server.bundle.tokenizer)
        assert [trained for _, trained in shown["tokens"]] == rendered.trained_on
        assert shown["num_trained"] == sum(rendered.trained_on) < shown["num_tokens"] == len(rendered.token_ids)
    answer = "".join(text for text, trained in found["preview"][0]["tokens"] if trained)  # type: ignore[index]
    assert answer == "hi<|end|>"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps(GOOD).encode()),
        ("a.CSV", "question,answer\n你好,hi\n".encode("gb18030")),
        ("a.tsv", b"question\tanswer\nhello\thi\n"),
        ("a.ndjson", "\ufeff".encode() + LINES.encode()),
        ("a.jsonl", LINES.encode("utf-16")),
    ],
)
def test_formats_and_encodings(server: Running, name: str, content: bytes) -> None:
    status, found = look_at(server, content, name)
    assert status == 200, found
    assert found["conversations"] in (1, 3)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("", b"x"),
        ("a", b"x"),
        ("a.exe", b"x"),
        ("a.parquet", b"PAR1"),
        ("a.jsonl.gz", gzip.compress(LINES.encode())),
        ("a.jsonl", b""),
        ("a.jsonl", b" \n"),
        ("a.jsonl", b"\0\1\2"),
        ("a.jsonl", b"\xff\xfe\xfa"),
        ("a.jsonl", b"{broken"),
        ("a.jsonl", b"[" * 100_000),
        ("a.json", b"[" * 100_000),
        ("a.json", b'{"a":' * 100_000),
        ("a.json", b'[{"question": 1}'),
        ("a.csv", b'"' + b"a," * 1000),
        ("a.txt", b"no conversation"),
        ("hf:owner/name", b"x"),
        ("../../etc/passwd.jsonl", b""),
        ("%2fetc%2fpasswd", b"x"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_be_used_is_said(server: Running, name: str, content: bytes) -> None:
    assert look_at(server, content, name)[0] == 400


def test_a_name_is_a_name_and_not_a_place(server: Running, tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_text('{"question": "q", "answer": "the secret"}\n')
    status, found = look_at(server, b'{"question": "q", "answer": "mine"}', f"{tmp_path}/secret.jsonl")
    assert status == 200
    assert "secret" not in json.dumps(found["preview"])


def test_bodies_are_bounded_and_declared(server: Running) -> None:
    too_large = b"x" * (ServerSettings().body_bytes + 1)
    assert look_at(server, too_large)[0] == 413
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        assert server.ask("POST", "/studio/data?name=a.jsonl", LINES.encode(), {"Content-Type": kind})[0] == 415
    status, _, _ = server.ask(
        "POST", "/studio/data?name=a.jsonl", b"x", {"Content-Type": FILE_TYPE, "Origin": "https://evil.example"}
    )
    assert status == 403


def test_nothing_is_kept(server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert look_at(server, LINES.encode())[0] == 200
    assert list(tmp_path.iterdir()) == []


# -- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(browser: Browser, server: Running) -> Iterator[Page]:
    with open_page(browser, f"http://127.0.0.1:{server.port}/studio/files") as opened:
        yield opened


def test_a_file_is_chosen_and_shown(page: Page) -> None:
    page.set_input_files("#file", {"name": "my <b>.jsonl", "mimeType": "", "buffer": LINES.encode()})
    expect(page.locator("#recognised tbody")).to_contain_text("my <b>.jsonl")
    assert page.locator("#recognised tbody tr").inner_text().split("\t")[1:3] == ["jsonl", "utf-8"]
    expect(page.locator("#summary")).to_contain_text("3 conversations, 6 turns")
    expect(page.locator("#problems")).to_contain_text("duplicate")
    assert page.locator("#preview figure").count() == 3
    first = page.locator("#preview figure").first
    assert "".join(first.locator(".trained").all_text_contents()) == "hi<|end|>"
    expect(first.locator("p")).to_contain_text("<|user|>")
    plain, learnt = (
        first.locator(f"p span{kind}").first.evaluate("e => getComputedStyle(e).backgroundColor")
        for kind in (":not(.trained)", ".trained")
    )
    assert plain != learnt
    page.click("#language")
    expect(page.locator("#problems")).to_contain_text("重复")


def test_a_file_is_dropped(page: Page) -> None:
    page.evaluate(
        """lines => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([lines], "dropped.jsonl"));
            document.getElementById("drop").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
        }""",
        LINES,
    )
    expect(page.locator("#recognised tbody")).to_contain_text("dropped.jsonl")


def test_of_a_large_file_the_beginning_is_shown(page: Page) -> None:
    line = json.dumps({"question": "x" * 1000, "answer": "y"}) + "\n"
    rows = 2 * ServerSettings().body_bytes // len(line)
    page.set_input_files("#file", {"name": "large.jsonl", "mimeType": "", "buffer": (line * rows).encode()})
    expect(page.locator("#summary")).to_contain_text("Only the first megabyte was looked at", timeout=30_000)
    expect(page.locator("#summary")).to_contain_text(f"{ServerSettings().body_bytes // len(line):,} conversations")
    page.set_input_files("#file", {"name": "large.json", "mimeType": "", "buffer": (line * rows).encode()})
    expect(page.locator("#status")).to_contain_text("too large to look at here")


def test_what_is_wrong_with_a_file_is_told(browser: Browser, server: Running) -> None:
    context = browser.new_context(locale="en-US")  # not `open_page`: the refusal is complained of, and should be
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/studio/files")
    page.set_input_files("#file", {"name": "a.jsonl", "mimeType": "", "buffer": b"{broken"})
    expect(page.locator("#status")).to_contain_text("no row of a.jsonl can be used")
    expect(page.locator("#report")).to_be_hidden()
    context.close()
