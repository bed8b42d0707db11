"""The studio in a real browser, against a real server: what a person does with it, and what a hostile model may try."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatzero.apps.server.limits import ServerSettings
from chatzero.generation.options import GenerationOptions
from chatzero.serving.batch import RunningBatch
from chatzero.text.conversation import Conversation
from tests.apps.server.browser import PHONE, Browser, Page, Route, Scheme, expect, open_page
from tests.apps.server.running import Running, running_server, small_bundle
from tests.pipeline.test_run_summary import make_run, step, write

KEY = "correct-horse-battery"
PAGES = ("/", "/studio/training", "/studio/files", "/studio/inside", "/studio/environment")


@pytest.fixture(scope="module")
def talker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A model with room for long answers, and a folder with a run."""
    runs = tmp_path_factory.mktemp("runs")
    make_run(runs / "mine")
    with running_server(small_bundle("gpt", max_seq_len=4096), ServerSettings(runs=runs)) as running:
        yield running


@pytest.fixture
def page(browser: Browser, talker: Running) -> Iterator[Page]:
    with open_page(browser, home(talker)) as opened:
        yield opened


def home(server: Running, path: str = "/") -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def set_field(page: Page, name: str, value: object) -> None:
    if not page.locator("#settings").evaluate("box => box.open"):
        page.click("#settings summary")
    page.fill(f"#{name}", str(value))
    page.locator(f"#{name}").blur()


def say(page: Page, words: str) -> None:
    page.fill("#words", words)
    page.press("#words", "Enter")
    page.wait_for_selector("#stop:visible")


def ask(page: Page, words: str) -> None:
    answers = page.locator(".turn.assistant")
    there = answers.count()
    page.fill("#words", words)
    page.press("#words", "Enter")
    answers.nth(there).get_by_role("button").first.wait_for()  # its buttons come when it is written


def until(page: Page, script: str, arg: object = None) -> Any:
    """What the script gives, once it gives anything. (Playwright's own way to wait wants `eval`, which we forbid.)"""
    deadline_s = time.monotonic() + 10
    while not (found := page.evaluate(script, arg)):
        assert time.monotonic() < deadline_s, script
        page.wait_for_timeout(20)
    return found


def held(page: Page, path: str) -> list[Route]:
    """The page's next requests for `path`: they wait until the test answers them."""
    waiting: list[Route] = []
    page.route(f"**{path}", lambda route: waiting.append(route))
    return waiting


def until_asked(page: Page, waiting: list[Route]) -> Route:
    for _ in range(500):
        if waiting:
            return waiting[0]
        page.wait_for_timeout(20)
    raise AssertionError("never asked")


def kept(page: Page, count: int | None = None) -> list[dict[str, Any]]:
    """The conversations in localStorage, the newest first; with `count`, once there are so many."""
    if count is not None:
        until(page, f"Object.keys(localStorage).filter(n => n.startsWith('chatzero.chat.')).length === {count}")
    script = (
        "Object.keys(localStorage).filter(n => n.startsWith('chatzero.chat.')).map(n => JSON.parse(localStorage[n]))"
    )
    found = page.evaluate(script)
    return sorted(found, key=lambda one: -int(one["changed"]))


def pretend(page: Page, *answers: str) -> list[dict[str, Any]]:
    """Let the server answer these words, one answer a request; gives the requests."""
    asked: list[dict[str, Any]] = []

    def answer(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or ""))
        text = answers[(len(asked) - 1) % len(answers)]
        pieces = [{"content": text[i : i + 7]} for i in range(0, len(text), 7)]
        chunks: list[dict[str, Any]] = [{"choices": [{"delta": piece, "finish_reason": None}]} for piece in pieces]
        chunks += [
            {"choices": [{"delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": {"completion_tokens": 3}},
        ]
        lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
        route.fulfill(status=200, content_type="text/event-stream", body="".join([*lines, "data: [DONE]\n\n"]))

    page.route("**/v1/chat/completions", answer)
    return asked


# -- talking ----------------------------------------------------------------------------------------------------------


def test_the_answer_is_the_model_s(page: Page, talker: Running) -> None:
    set_field(page, "max_tokens", 40)
    ask(page, "你好, hi")
    _, expected = talker.chat("你好, hi", max_tokens=40)
    question, answer = kept(page)[0]["turns"]
    assert question == {"role": "user", "content": "你好, hi"}
    assert answer["content"] == expected["choices"][0]["message"]["content"]  # type: ignore[index]
    assert answer["tokens"] == expected["usage"]["completion_tokens"]  # type: ignore[index]
    assert page.locator(".turn.user .said").inner_text() == "你好, hi"
    assert "tokens/s" in page.locator(".turn.assistant .meta").inner_text()
    assert page.locator("#model").input_value() == "small"


def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model takes a moment over each token, so that a browser on a busy machine meets an unfinished answer."""
    step = RunningBatch.step

    def step_slowly(batch: RunningBatch) -> None:
        time.sleep(0.02)
        step(batch)

    monkeypatch.setattr(RunningBatch, "step", step_slowly)


def test_text_comes_while_it_is_written_and_stops_when_told(
    page: Page, talker: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid_the_end(route: Route) -> None:  # so that nothing but the reader stops it
        request = {
            **json.loads(route.request.post_data or ""),
            "logit_bias": {str(talker.bundle.tokenizer.end_id): -100},
        }
        route.continue_(post_data=json.dumps(request))

    unhurried(monkeypatch)
    page.route("**/v1/chat/completions", forbid_the_end)
    set_field(page, "max_tokens", 4000)
    say(page, "go on")
    shown = "document.querySelector('.turn.assistant .said').textContent.length"
    first = until(page, shown)
    until(page, f"{shown} > {first}")
    assert page.locator("#chat").get_attribute("aria-busy") == "true"
    page.press("body", "Escape")
    page.wait_for_selector("#send:visible")
    assert talker.engine.running <= 1
    talker.until_idle(5)
    answer = kept(page)[0]["turns"][1]
    assert answer["reason"] == "stopped"
    assert 0 < len(answer["content"]) < 3000
    assert "stopped" in page.locator(".turn.assistant .meta").inner_text()
    page.locator("#stop").wait_for(state="hidden")


def test_another_conversation_while_one_is_written(
    page: Page, talker: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    unhurried(monkeypatch)
    set_field(page, "max_tokens", 200)
    say(page, "a long one")
    page.click("#new")
    assert page.locator(".welcome").is_visible()
    set_field(page, "max_tokens", 5)
    ask(page, "a short one")
    page.get_by_role("button", name="a long one").click()
    page.wait_for_selector("#send:visible", timeout=20_000)
    long, short = sorted(kept(page), key=lambda one: -len(one["turns"][1]["content"]))
    assert (long["turns"][0]["content"], short["turns"][0]["content"]) == ("a long one", "a short one")
    assert "stopped" not in (long["turns"][1].get("reason"), short["turns"][1].get("reason"))
    talker.until_idle()


def test_retry_and_edit(page: Page) -> None:
    asked = pretend(page, "one", "two", "three", "four")
    ask(page, "first")
    ask(page, "second")
    page.locator(".turn.assistant").last.get_by_role("button", name="Ask again").click()
    expect(page.locator("#chat")).to_contain_text("three")
    page.wait_for_selector("#send:visible")
    assert [m["content"] for m in asked[2]["messages"]] == ["first", "one", "second"]
    page.locator(".turn.user").first.get_by_role("button", name="Edit").click()
    field = page.locator(".turn textarea")
    assert field.input_value() == "first"
    field.press("Escape")
    assert page.locator(".turn textarea").count() == 0
    page.locator(".turn.user").first.get_by_role("button", name="Edit").click()
    field.fill("changed")
    field.press("Enter")
    expect(page.locator("#chat")).to_contain_text("four")
    page.wait_for_selector("#send:visible")
    assert asked[3]["messages"] == [{"role": "user", "content": "changed"}]
    assert [turn["content"] for turn in kept(page)[0]["turns"]] == ["changed", "four"]


def test_settings_go_into_the_request_and_stay(page: Page) -> None:
    asked = pretend(page, "yes")
    ask(page, "plain")
    assert asked[0].keys() == {"model", "messages", "stream", "stream_options"}
    given = {
        "temperature": 0.7,
        "top_p": 0.9,
        "top_k": 5,
        "min_p": 0.1,
        "repetition_penalty": 1.2,
        "max_tokens": 9,
        "seed": 3,
    }
    for name, value in given.items():
        set_field(page, name, value)
    page.fill("#system", "Be brief.")
    page.locator("#system").blur()
    page.reload()
    ask(page, "set")
    assert {name: asked[1][name] for name in given} == given
    assert asked[1]["messages"][0] == {"role": "system", "content": "Be brief."}
    page.click("#settings summary")
    page.click("#reset")
    page.reload()
    ask(page, "plain again")
    assert asked[2].keys() == asked[0].keys()
    assert {message["role"] for message in asked[2]["messages"]} == {"user", "assistant"}
    usual = GenerationOptions()
    for name in given.keys() - {"seed"}:
        assert float(page.locator(f"#{name}").get_attribute("placeholder") or "") == getattr(usual, name)


def test_conversations_stay_are_deleted_brought_back_and_exported(page: Page, tmp_path: Path) -> None:
    pretend(page, "fine <b>")
    ask(page, "one\nof two lines")
    page.click("#new")
    ask(page, "two")
    page.reload()
    assert page.locator("#conversations li").count() == 2
    page.get_by_role("button", name="Delete this conversation").first.click()
    assert [one["turns"][0]["content"] for one in kept(page, 1)] == ["one\nof two lines"]
    page.get_by_role("button", name="Undo").click()
    kept(page, 2)
    with page.expect_download() as download:
        page.click("#export")
    download.value.save_as(tmp_path / "chats.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "chats.jsonl").read_text(encoding="utf-8").splitlines()]
    told = {Conversation.of(*(turn["content"] for turn in line["messages"])).messages for line in lines}
    assert told == {Conversation.of(words, "fine <b>").messages for words in ("one\nof two lines", "two")}


def test_undo_stays_offered_while_the_server_is_slow(page: Page) -> None:
    pretend(page, "fine")
    ask(page, "one")
    waiting = held(page, "/v1/models")
    page.reload()
    slow = until_asked(page, waiting)
    page.get_by_role("button", name="Delete this conversation").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    slow.continue_()
    expect(page.locator("#model-box")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    kept(page, 1)


def test_two_windows_share_their_conversations(page: Page) -> None:
    pretend(page, "fine")
    second = page.context.new_page()
    second.goto(page.url)
    ask(page, "from the first")
    second.get_by_role("button", name="from the first").click()
    expect(second.locator(".turn.assistant .said")).to_have_text("fine")
    page.get_by_role("button", name="Delete this conversation").click()
    expect(second.locator("#conversations li")).to_have_count(0)


def test_a_question_outlives_its_window_and_waits_for_an_answer(page: Page) -> None:
    page.route("**/v1/chat/completions", lambda route: None)  # never answered
    say(page, "lost?")
    page.reload()
    assert page.locator(".turn.user .said").inner_text() == "lost?"
    page.unroute("**/v1/chat/completions")
    asked = pretend(page, "fine")
    ask(page, "again")
    assert [m["content"] for m in asked[0]["messages"]] == ["again"]
    assert page.locator(".turn.user").count() == 2


# -- what a model may say ---------------------------------------------------------------------------------------------

HOSTILE = """<img src=x onerror="window.harm=1"><script>window.harm=1</script>
[link](javascript:window.harm=1) ![](https://evil.example/x.png) <svg onload=window.harm=1>
- **bold <i>x</i>** and *soft*
- `code </code><script>window.harm=1</script>`
3. third
```html
<iframe src="https://evil.example"></iframe>
```
# Head <a href="https://evil.example">
2*3*4=24 &lt; &#60;"""


def test_nothing_a_model_says_becomes_more_than_text(page: Page) -> None:
    pretend(page, HOSTILE)
    ask(page, "<img src=x onerror=window.harm=1>")
    page.reload()
    assert page.evaluate("window.harm") is None
    tags = set(page.evaluate("[...document.querySelectorAll('.said *')].map(e => e.tagName)"))
    assert tags == {"P", "BR", "UL", "OL", "LI", "STRONG", "EM", "CODE", "PRE", "H3"}
    assert page.evaluate(
        "document.querySelectorAll('.said *').length == document.querySelectorAll('.said *:not([href])').length"
    )
    shown = page.locator(".turn.assistant .said").text_content() or ""
    for words in ('<img src=x onerror="window.harm=1">', "[link](javascript:", "2*3*4=24 &lt; &#60;", "<iframe src="):
        assert words in shown
    assert page.locator(".turn.assistant strong").inner_text() == "bold <i>x</i>"
    assert page.locator(".turn.assistant ol li").get_attribute("value") == "3"


def test_what_is_kept_and_broken_does_no_harm(page: Page) -> None:
    for number, broken in enumerate(
        ["{", '{"turns": [null]}', '{"id": 1, "turns": []}', '{"id": 1, "turns": [{}]}', "7", "null", "[]"]
    ):
        page.evaluate("([number, broken]) => (localStorage[`chatzero.chat.${number}`] = broken)", [number, broken])
    for name in ("settings", "language", "theme"):
        page.evaluate(f"localStorage['chatzero.{name}'] = '7'")
    page.reload()
    pretend(page, "fine")
    ask(page, "still there?")
    assert page.locator(".turn.assistant .said").inner_text() == "fine"
    assert page.locator("#conversations li").count() == 1


# -- when something is wrong ------------------------------------------------------------------------------------------


def test_errors_are_told_and_can_be_tried_again(browser: Browser, talker: Running) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(home(talker))
    page.route("**/v1/chat/completions", lambda route: route.abort())
    ask(page, "hello?")
    expect(page.locator(".error")).to_contain_text("cannot be reached")
    page.unroute("**/v1/chat/completions")
    half = 'data: {"choices": [{"delta": {"content": "half"}, "finish_reason": null}]}\n\n'
    page.route("**/v1/chat/completions", lambda route: route.fulfill(content_type="text/event-stream", body=half))
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".error")).to_contain_text("broke off")
    expect(page.locator(".turn.assistant .said")).to_have_text("half")
    page.unroute("**/v1/chat/completions")
    set_field(page, "temperature", 5)
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".error")).to_contain_text("temperature")
    context.close()


def test_a_key_is_asked_for_and_not_kept(browser: Browser) -> None:
    with running_server(small_bundle("gpt"), ServerSettings(api_key=KEY)) as locked:
        context = browser.new_context(locale="en-US")
        page = context.new_page()
        page.goto(home(locked))
        expect(page.locator("#status")).to_contain_text("API key")
        page.fill("#key", KEY)
        page.press("#key", "Enter")
        expect(page.locator("#model")).to_have_text("small")
        expect(page.locator("#status")).to_be_empty()
        ask(page, "hi")
        assert page.locator(".error").count() == 0
        assert KEY not in page.evaluate("JSON.stringify(localStorage)")
        with context.expect_page() as opened:
            page.get_by_role("button", name="What happens inside").click()
        opened.value.wait_for_selector("#s0")
        context.close()


# -- for everybody ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "words", "other"), [("zh-CN", "发送", "Send"), ("en-US", "Send", "发送"), ("fr-FR", "Send", "发送")]
)
def test_the_language_is_the_reader_s_and_can_be_switched(
    browser: Browser, talker: Running, locale: str, words: str, other: str
) -> None:
    with open_page(browser, home(talker), locale) as page:
        assert page.locator("#send").inner_text() == words
        page.click("#language")
        assert page.locator("#send").inner_text() == other
        page.goto(home(talker, "/studio/training"))
        assert page.locator("html").get_attribute("lang") == ("zh-CN" if other == "发送" else "en")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_on_a_phone_nothing_is_cut_off(browser: Browser, talker: Running, path: str, locale: str) -> None:
    with open_page(browser, home(talker, path), locale, size=PHONE) as page:
        if path == "/":
            pretend(page, "a" * 300 + " `" + "b" * 300 + "`\n```\n" + "c" * 300 + "\n```")
            ask(page, "w" * 200)
        page.wait_for_timeout(200)
        boxes = "[...document.querySelectorAll('html, main, #chat, .sheet')]"
        assert page.evaluate(f"{boxes}.filter(e => e.scrollWidth > e.clientWidth).map(e => e.id || e.tagName)") == []
        if page.locator("#menu").count():
            assert not page.locator("#side").is_visible()
            page.click("#menu")
            assert page.locator("#side a").first.evaluate("a => a === document.activeElement")
            page.keyboard.press("Escape")
            page.locator("#side").wait_for(state="hidden")
            assert page.locator("#menu").evaluate("b => b === document.activeElement")


def test_keys(page: Page) -> None:
    asked = pretend(page, "yes")
    assert page.locator("#words").evaluate("field => field === document.activeElement")
    page.keyboard.type("two")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("lines")
    page.locator("#words").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    assert page.locator(".turn").count() == 0
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn.assistant .meta button")
    assert asked[0]["messages"][0]["content"] == "two\nlines"
    names = []
    for _ in range(30):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert {"new", "language", "theme", "export", "send", "chat", "Copy", "Retry"} <= set(names)


@pytest.mark.parametrize("path", PAGES)
def test_everything_has_a_name(browser: Browser, talker: Running, path: str) -> None:
    with open_page(browser, home(talker, path)) as page:
        if path == "/":
            pretend(page, "yes")
            ask(page, "hi")
        page.wait_for_timeout(200)
        nameless = page.evaluate(
            """[...document.querySelectorAll("button, a, input, select, textarea, summary")].filter(e =>
                !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.[0]?.textContent.trim()))
                .map(e => e.outerHTML)"""
        )
        assert nameless == []


CONTRAST = """names => {
  const probe = document.body.appendChild(document.createElement("i"));
  const light = (name) => {
    probe.style.color = `var(--${name})`;
    const [r, g, b] = getComputedStyle(probe).color.match(/[\\d.]+/g).map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return names.map(([ink, paper]) => {
    const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_can_be_read(browser: Browser, talker: Running, scheme: Scheme) -> None:
    papers: dict[str, Sequence[str]] = {
        "paper": ["ink", "faint", "accent", "wrong", "good", "warn"],
        "panel": ["ink", "faint", "accent"],
    }
    pairs = [[ink, paper] for paper, inks in papers.items() for ink in inks] + [
        ["on-accent", "accent"],
        ["ink", "mine"],
        ["good", "learnt"],
    ]
    with open_page(browser, home(talker), scheme=scheme) as page:
        ground = "getComputedStyle(document.body).backgroundColor"
        own = page.evaluate(ground)
        for _ in range(2):  # by the system, then chosen: once more the light, or the dark
            ratios = page.evaluate(CONTRAST, pairs)
            assert [pair for pair, ratio in zip(pairs, ratios, strict=True) if ratio < 4.5] == []
            while page.locator("html").get_attribute("data-theme") != ("dark" if scheme == "light" else "light"):
                page.click("#theme")
        assert page.evaluate(ground) != own
        page.reload()
        assert page.evaluate(ground) != own


# -- the other pages --------------------------------------------------------------------------------------------------


def test_training_is_shown_as_it_goes(browser: Browser, tmp_path: Path) -> None:
    first = make_run(tmp_path / "first", state="running")
    make_run(tmp_path / "second")
    with (
        running_server(small_bundle("gpt"), replace(ServerSettings(), runs=tmp_path)) as server,
        open_page(browser, home(server, "/studio/training")) as page,
    ):
        page.wait_for_selector("#loss > svg")
        assert page.locator("#name").inner_text() == "first"
        assert "3.250" in page.locator("#facts").inner_text()
        assert "Training loss 3.25, Held-out loss 4.5" in (
            page.locator("#loss > svg").get_attribute("aria-label") or ""
        )
        write(first, [step(i, 1.5) for i in range(1, 40)])
        expect(page.locator("#facts")).to_contain_text("1.500")
        page.select_option("#compare", label="second")
        expect(page.locator("#loss > svg polyline")).to_have_count(3)
        page.get_by_role("button", name="second").click()
        expect(page.locator("#name")).to_have_text("second")
        expect(page.locator("#facts")).to_contain_text("finished")


@pytest.mark.parametrize("arch", ["gpt", "transformer"])
def test_the_inside_of_the_model(browser: Browser, arch: str) -> None:
    with (
        running_server(small_bundle(arch)) as server,
        open_page(browser, home(server, "/studio/inside"), "zh-CN") as page,
    ):
        page.fill("#question", "Hi <b>#50% 你")
        page.press("#question", "Enter")
        page.wait_for_selector("#s5")
        assert page.locator("h1").inner_text() == "看进你的模型里"
        assert page.locator("#question").input_value() == "Hi <b>#50% 你"
        assert page.locator("#page canvas, #page svg").count() > 3
        page.evaluate("window.same = true")
        page.locator("#page nav a").nth(3).click()  # a place on the page, not a new question
        page.wait_for_timeout(100)
        assert page.evaluate("window.same")
        page.fill("#question", "s1")
        page.press("#question", "Enter")
        expect(page.locator("#page")).to_contain_text("s1")
        assert page.evaluate("window.same") is None
