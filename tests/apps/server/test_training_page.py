"""Training from the page, in a real browser: a pretended process goes on only when the test lets it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatzero.apps.server.limits import ServerSettings
from chatzero.training.guards.remark import Remark
from chatzero.training.told import tell_remark, tell_sample
from tests.apps.server.browser import Browser, Page, expect, open_page
from tests.apps.server.running import Running, running_server, small_bundle
from tests.apps.server.test_training_start import runs, training_in
from tests.pipeline.test_run_summary import make_run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal to stop a run by")

__all__ = ["runs"]


@pytest.fixture
def server(runs: Path) -> Iterator[Running]:
    with running_server(small_bundle("gpt"), training_in(runs)) as running:
        yield running


@pytest.fixture
def page(browser: Browser, server: Running) -> Iterator[Page]:
    with open_page(browser, f"http://127.0.0.1:{server.port}/studio/training") as opened:
        yield opened


def state(page: Page, words: str) -> None:
    expect(page.locator("#facts div").first).to_have_text(f"State{words}", timeout=20_000)


def test_a_run_from_the_first_click_to_the_last(page: Page, runs: Path) -> None:
    expect(page.get_by_role("heading", name="Train a model")).to_be_visible()  # there is no run yet
    page.select_option("#arch", "gpt")
    assert page.locator("#length").input_value() == "10"
    assert page.locator("#run-name").input_value().startswith("quickstart-gpt-")
    page.fill("#run-name", "mine")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#name")).to_have_text("mine")
    state(page, "preparing")
    (runs / "prepared").touch()
    state(page, "training")
    expect(page.locator("#facts")).to_contain_text("Remaining0:20")
    tell_sample(runs / "mine", 10, [("Hi", "Hello <b>")])
    tell_remark(runs / "mine", Remark(12, "spike", ("the loss jumped", "跳"), ("a batch", "批次"), ("wait", "等")))
    expect(page.locator("#samples")).to_contain_text("Hello <b>")
    expect(page.locator("#remarks")).to_contain_text("the loss jumped (Step 12)")
    expect(page.locator("#remarks")).to_contain_text("a batch → wait")
    page.get_by_text("What it says").click()
    expect(page.locator("#log")).to_contain_text("Measuring a training step")
    page.get_by_role("button", name="Stop", exact=True).click()
    state(page, "interrupted")
    page.get_by_role("button", name="Resume", exact=True).click()
    state(page, "training")
    (runs / "finish").touch()
    state(page, "finished")
    expect(page.locator("#acts")).to_be_hidden()
    page.click("#language")
    expect(page.locator("#remarks")).to_contain_text("跳")


def test_what_the_server_refuses_is_told(browser: Browser, server: Running, runs: Path) -> None:
    make_run(runs / "there")
    context = browser.new_context(locale="en-US")  # not `open_page`: the refusals are complained of, and should be
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/studio/training")
    page.get_by_role("button", name="+ New run").click()
    page.fill("#run-name", "there")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#status")).to_contain_text("choose another name")
    page.fill("#run-name", "../there")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#status")).to_contain_text("name")
    assert sorted(path.name for path in runs.iterdir()) == ["there"]
    context.close()


def test_a_run_that_fails_shows_its_last_words(page: Page, runs: Path) -> None:
    page.fill("#run-name", "bad")
    page.get_by_role("button", name="Start", exact=True).click()
    state(page, "failed to begin")
    page.get_by_text("What it says").click()
    expect(page.locator("#log")).to_contain_text("ConfigError: the data is not there")


def test_without_leave_to_train_there_is_nothing_to_press(browser: Browser, runs: Path) -> None:
    make_run(runs / "mine", state="interrupted")
    settings = ServerSettings(runs=runs)
    with (
        running_server(small_bundle("gpt"), settings) as server,
        open_page(browser, f"http://127.0.0.1:{server.port}/studio/training") as page,
    ):
        state(page, "interrupted")
        for name in ("Start", "Stop", "Resume", "+ New run"):
            assert page.get_by_role("button", name=name, exact=True).count() == 0
