"""Several models behind one server: found among the runs, loaded when asked for, a bounded number at a time."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatzero.apps.server.limits import ServerSettings
from chatzero.apps.server.shelf import Shelf
from chatzero.checkpoint.bundle import save_bundle
from chatzero.serving.batch import RunningBatch
from tests.apps.server.browser import Browser, expect, open_page
from tests.apps.server.pretended_training import eventually
from tests.apps.server.running import Running, running_server, small_bundle
from tests.apps.server.test_hostile import require_error
from tests.apps.server.test_studio_browser import ask, home
from tests.pipeline.test_run_summary import make_run

KEY = "correct-horse-battery"


def make_model(folder: Path, seed: int, arch: str = "gpt") -> None:
    bundle = small_bundle(arch, seed=seed)
    save_bundle(folder / "model", bundle.model, bundle.tokenizer, "card")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    for seed, name in enumerate(("one", "two", "three", "sub/one")):
        make_model(make_run(folder / name), 10 + seed, "transformer" if name == "two" else "gpt")
    make_run(folder / "without-a-model")
    return folder


@pytest.fixture
def server(runs: Path) -> Iterator[Running]:
    with running_server(small_bundle("gpt"), ServerSettings(runs=runs, max_models=3)) as running:
        yield running


def names(server: Running) -> list[str]:
    return [model["id"] for model in json.loads(server.ask("GET", "/v1/models")[2])["data"]]


def said(server: Running, model: str) -> str:
    status, answer = server.chat("abc", model=model, max_tokens=12)
    assert status == 200, answer
    assert answer["model"] == model
    return str(answer["choices"][0]["message"]["content"])  # type: ignore[index]


def loaded(server: Running) -> list[str]:
    shelf = server.app.state.shelf
    assert isinstance(shelf, Shelf)
    return shelf.loaded


def test_every_run_with_a_model_is_listed_once(server: Running) -> None:
    first, *others = names(server)
    assert first == "small"
    assert len(set(others)) == len(others) == 4
    assert {"two", "three"} < set(others)
    assert sum(name == "one" or name.startswith("one-") for name in others) == 2
    for name in (first, *others):
        assert json.loads(server.ask("GET", f"/v1/models/{name}")[2])["id"] == name


def test_the_model_that_is_named_answers(server: Running, runs: Path) -> None:
    with running_server(small_bundle("gpt", seed=12)) as alone:
        expected = said(alone, "small")
    assert said(server, "three") == expected != said(server, "small")
    assert said(server, "two") != expected
    status, answer = server.post("/v1/completions", {"model": "three", "prompt": "abc", "max_tokens": 3})
    assert (status, answer["model"]) == (200, "three")


@pytest.mark.parametrize("name", ["four", "without-a-model", "../one", "/etc", "one/model", "", "sub/one"])
def test_an_unknown_model_is_a_404(server: Running, name: str) -> None:
    status, answer = server.chat("hi", model=name)
    assert (status, answer["error"]["code"]) == (404, "model_not_found")  # type: ignore[index]
    require_error(json.dumps(answer).encode())
    assert loaded(server) == []


def test_only_so_many_are_in_memory(server: Running) -> None:
    for name in ("one", "two", "one", "three"):
        said(server, name)
    assert loaded(server) == ["one", "three"]
    said(server, "small")
    assert loaded(server) == ["one", "three"]


def test_a_model_in_use_is_not_put_away(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, step = threading.Event(), RunningBatch.step

    def gated(batch: RunningBatch) -> None:
        gate.wait(30)
        step(batch)

    monkeypatch.setattr(RunningBatch, "step", gated)
    answers: list[str] = []
    threads = [threading.Thread(target=lambda name=name: answers.append(said(server, name))) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    eventually(lambda: len(loaded(server)) == 2 and not server.app.state.shelf.unused)
    status, answer = server.chat("hi", model="three")
    assert (status, answer["error"]["code"]) == (429, "models_busy")  # type: ignore[index]
    require_error(json.dumps(answer).encode())
    gate.set()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    eventually(lambda: len(server.app.state.shelf.unused) == 2)
    said(server, "three")
    assert loaded(server)[-1] == "three"


def test_many_who_ask_at_once_for_what_must_be_loaded(server: Running) -> None:
    heard: list[tuple[str, str]] = []

    def hear(name: str) -> None:
        heard.append((name, said(server, name)))

    threads = [threading.Thread(target=hear, args=(name,)) for name in ("one", "two") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 8
    assert len({text for name, text in heard if name == "one"}) == 1
    assert sorted(loaded(server)) == ["one", "two"]


def test_a_model_that_was_trained_anew_is_loaded_anew(tmp_path: Path) -> None:
    make_model(make_run(tmp_path / "mine"), 5)
    with running_server(small_bundle("gpt"), ServerSettings(runs=tmp_path)) as server:
        before = said(server, "mine")
        make_model(tmp_path / "mine", 6)
        assert said(server, "mine") != before
        assert loaded(server) == ["mine"]


def test_a_folder_that_is_damaged_or_disappears(tmp_path: Path) -> None:
    make_model(make_run(tmp_path / "gone"), 5)
    make_model(make_run(tmp_path / "torn"), 5)
    weights = tmp_path / "torn" / "model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with running_server(small_bundle("gpt"), ServerSettings(runs=tmp_path)) as server:
        said(server, "gone")
        shutil.rmtree(tmp_path / "gone")
        for name in ("torn", "gone"):
            status, answer = server.chat("hi", model=name)
            assert status == 404
            require_error(json.dumps(answer).encode())
        assert said(server, "small")


def test_a_network_has_the_one_model_it_was_given(runs: Path) -> None:
    bearer = {"Authorization": f"Bearer {KEY}"}
    with running_server(small_bundle("gpt"), ServerSettings(host="0.0.0.0", api_key=KEY, runs=runs)) as server:
        assert len(json.loads(server.ask("GET", "/v1/models", headers=bearer)[2])["data"]) == 1
        messages = [{"role": "user", "content": "hi"}]
        assert server.post("/v1/chat/completions", {"model": "one", "messages": messages}, bearer)[0] == 404


def test_the_model_is_chosen_on_the_page(browser: Browser, server: Running) -> None:
    with open_page(browser, home(server)) as page:
        expect(page.locator("#model")).to_have_value("small")
        assert page.locator("#model option").count() == 5
        page.select_option("#model", "three")
        page.click("#settings summary")
        page.fill("#max_tokens", "12")
        page.locator("#max_tokens").blur()
        ask(page, "abc")
        page.reload()
        expect(page.locator("#model")).to_have_value("three")
        assert page.locator(".turn.assistant .said").text_content() is not None
        assert loaded(server) == ["three"]
        with page.context.expect_page() as opened:
            page.get_by_role("button", name="What happens inside").click()
        opened.value.wait_for_selector("#s0")
        assert "three" in (opened.value.locator("#page").text_content() or "")


def test_a_model_that_is_gone_is_not_asked_again(browser: Browser, tmp_path: Path) -> None:
    make_model(make_run(tmp_path / "mine"), 5)
    with running_server(small_bundle("gpt"), ServerSettings(runs=tmp_path)) as server:
        context = browser.new_context(locale="en-US")
        page = context.new_page()
        page.goto(home(server))
        page.select_option("#model", "mine")
        shutil.rmtree(tmp_path / "mine")
        ask(page, "hi")
        expect(page.locator(".error")).to_contain_text("'mine' does not exist")
        page.get_by_role("button", name="Ask again").click()
        expect(page.locator(".error")).to_have_count(0)
        expect(page.locator("#model")).to_have_value("small")
        context.close()
