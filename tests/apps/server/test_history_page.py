"""Conversations kept on the server, in a real browser: across visits, windows and browsers; and those from before."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatzero.apps.server.history import History
from chatzero.apps.server.limits import ServerSettings
from tests.apps.server.browser import Browser, Page, Route, expect, open_page
from tests.apps.server.running import Running, running_server, small_bundle
from tests.apps.server.test_studio_browser import ask, held, home, pretend, until, until_asked


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "chats.sqlite3")


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Running]:
    with running_server(small_bundle("gpt"), ServerSettings(history=tmp_path / "chats.sqlite3")) as running:
        yield running


@pytest.fixture
def page(browser: Browser, keeper: Running) -> Iterator[Page]:
    with open_page(browser, home(keeper)) as opened:
        yield opened


def kept(history: History) -> list[list[str]]:
    """The words of each conversation, the last changed first."""
    found = [history.turns(entry.id) for entry in history.entries()]
    return [[str(turn["content"]) for turn in turns] for _, turns in filter(None, found)]


def until_kept(page: Page, history: History, *expected: list[str]) -> None:
    for _ in range(500):
        if kept(history) == [*expected]:
            return
        page.wait_for_timeout(20)
    assert kept(history) == [*expected]


def test_conversations_are_there_in_another_browser(
    page: Page, browser: Browser, keeper: Running, history: History
) -> None:
    pretend(page, "one", "two")
    ask(page, "first")
    until_kept(page, history, ["first", "one"])
    page.click("#new")
    ask(page, "second")
    until_kept(page, history, ["second", "two"], ["first", "one"])
    assert page.evaluate("Object.keys(localStorage).filter(name => name.includes('chat.'))") == []
    with open_page(browser, home(keeper)) as other:
        expect(other.locator(".turn.assistant .said")).to_have_text("two")
        other.get_by_role("button", name="first", exact=True).click()
        expect(other.locator(".turn.assistant .said")).to_have_text("one")


def test_rename_remove_undo_and_export(page: Page, history: History, tmp_path: Path) -> None:
    pretend(page, "fine")
    ask(page, "hello")
    page.get_by_role("button", name="Rename this conversation").click()
    page.keyboard.type("Greeting <b>")
    page.keyboard.press("Enter")
    expect(page.locator("#conversations .open")).to_have_text("Greeting <b>")
    page.get_by_role("button", name="Rename this conversation").click()
    page.keyboard.type("not this")
    page.keyboard.press("Escape")
    expect(page.locator("#conversations .open")).to_have_text("Greeting <b>")
    page.reload()
    expect(page.locator("#conversations .open")).to_have_text("Greeting <b>")
    with page.expect_download() as download:
        page.click("#export")
    download.value.save_as(tmp_path / "chats.jsonl")
    messages = json.loads((tmp_path / "chats.jsonl").read_text(encoding="utf-8"))["messages"]
    assert [message["content"] for message in messages] == ["hello", "fine"]
    page.get_by_role("button", name="Delete this conversation").click()
    expect(page.locator("#conversations li")).to_have_count(0)
    until_kept(page, history)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#conversations .open")).to_have_text("Greeting <b>")
    until_kept(page, history, ["hello", "fine"])


def test_a_list_that_comes_while_a_name_is_typed_waits(page: Page, history: History) -> None:
    pretend(page, "fine")
    ask(page, "hello")
    until_kept(page, history, ["hello", "fine"])
    page.get_by_role("button", name="Rename this conversation").click()
    page.keyboard.type("Gree")
    with page.expect_response("**/studio/chats"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate("new Promise(requestAnimationFrame)")
    page.keyboard.type("ting")
    page.keyboard.press("Enter")
    expect(page.locator("#conversations .open")).to_have_text("Greeting")


def test_what_the_browser_kept_before_moves_to_the_server_once(
    browser: Browser, keeper: Running, history: History
) -> None:
    old: list[dict[str, Any]] = [
        {"id": "1-old", "changed": 1, "turns": [{"role": "user", "content": "older"}]},
        {
            "id": "2-old",
            "changed": 2,
            "turns": [
                {"role": "user", "content": "newer"},
                {"role": "assistant", "content": "yes", "tokens": 3, "ms": 20.5, "firstMs": 7.5},
            ],
        },
    ]
    with open_page(browser, home(keeper, "/studio/environment")) as page:
        for one in old:
            page.evaluate("one => (localStorage[`chatzero.chat.${one.id}`] = JSON.stringify(one))", one)
        page.goto(home(keeper))
        expect(page.locator("#conversations li")).to_have_count(2)
        expect(page.locator(".turn.assistant .meta")).to_contain_text("first after 8 ms")
        until_kept(page, history, ["newer", "yes"], ["older"])
        expect(page.get_by_role("button", name="newer")).to_be_visible()
        until(page, "!Object.keys(localStorage).some(name => name.includes('chat.'))")
        page.get_by_role("button", name="Delete this conversation").first.click()
        until_kept(page, history, ["older"])
        page.reload()
        expect(page.locator("#conversations li")).to_have_count(1)


def test_a_late_list_does_not_bring_back_what_was_deleted(page: Page, history: History) -> None:
    pretend(page, "fine")
    ask(page, "hello")
    until_kept(page, history, ["hello", "fine"])
    waiting = held(page, "/studio/chats")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as when the reader comes back to the page
    late = until_asked(page, waiting)
    before = late.fetch()
    page.get_by_role("button", name="Delete this conversation").click()
    until_kept(page, history)
    with page.expect_response("**/studio/chats"):
        late.fulfill(response=before)
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(page.locator("#conversations li")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    until_kept(page, history, ["hello", "fine"])


def test_two_windows(page: Page, history: History) -> None:
    asked = pretend(page, "one")
    second = page.context.new_page()
    second.goto(page.url)
    pretend(second, "two")
    ask(page, "from the first")
    second.get_by_role("button", name="from the first").click()
    expect(second.locator(".turn.assistant .said")).to_have_text("one")
    ask(second, "from the second")
    expect(page.locator(".turn.assistant")).to_have_count(2)  # the first window shows it by itself
    ask(page, "and on")
    assert [m["content"] for m in asked[1]["messages"]] == ["from the first", "one", "from the second", "two", "and on"]
    page.get_by_role("button", name="Delete this conversation").click()
    expect(second.locator("#conversations li")).to_have_count(0)
    until_kept(page, history)


def test_what_two_windows_write_at_once_is_kept_beside_one_another(
    browser: Browser, keeper: Running, history: History
) -> None:
    context = browser.new_context(locale="en-US")  # not `open_page`: the conflict is complained of, and should be
    page, second = context.new_page(), context.new_page()
    page.goto(home(keeper))
    pretend(page, "one")
    ask(page, "question")
    held: list[Route] = []
    page.unroute("**/v1/chat/completions")
    page.route("**/v1/chat/completions", lambda route: held.append(route))  # answered when the test says so
    page.fill("#words", "of the first")
    page.press("#words", "Enter")
    until_kept(page, history, ["question", "one", "of the first"])
    second.goto(home(keeper))
    pretend(second, "two")
    expect(second.locator(".turn.user")).to_have_count(2)
    ask(second, "of the second")
    until_kept(second, history, ["question", "one", "of the first", "of the second", "two"])
    chunk = {"choices": [{"delta": {"content": "late"}, "finish_reason": "stop"}]}
    held[0].fulfill(content_type="text/event-stream", body=f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n")
    expect(page.locator("#status")).to_contain_text("both are kept")
    first, other = (
        ["question", "one", "of the first", "late"],
        ["question", "one", "of the first", "of the second", "two"],
    )
    until_kept(page, history, first, other)
    expect(page.locator("#conversations li")).to_have_count(2)
    expect(second.locator("#conversations li")).to_have_count(2)
    expect(page.locator(".turn.assistant .said").last).to_have_text("late")
    context.close()


def test_a_server_that_goes_away_loses_nothing_that_was_said(
    browser: Browser, keeper: Running, history: History
) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(home(keeper))
    pretend(page, "one", "two")
    page.route("**/studio/chats/*", lambda route: route.abort())
    ask(page, "hello")
    expect(page.locator("#status")).to_contain_text("cannot be reached")
    expect(page.locator(".turn.assistant .said")).to_have_text("one")
    page.unroute("**/studio/chats/*")
    ask(page, "again")
    until_kept(page, history, ["hello", "one", "again", "two"])
    page.reload()
    expect(page.locator(".turn")).to_have_count(4)
    context.close()
