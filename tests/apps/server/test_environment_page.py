"""The doctor's table in the studio: the quick one at once, the measured one from a process that may fail."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from chatzero.apps.server import studio_environment
from chatzero.apps.server.limits import ServerSettings
from chatzero.doctor.advice import Prediction
from chatzero.doctor.finding import Finding
from chatzero.doctor.measure import Measurement, SizeTime
from tests.apps.server.browser import Browser, expect, open_page
from tests.apps.server.running import Running, running_server, small_bundle
from tests.apps.server.test_hostile import require_error

KEY = "correct-horse-battery"
DOCUMENT = {
    "ok": False,
    "findings": [asdict(Finding("memory <b>", "1 GiB", "2 GiB", "fail", "close other programs"))],
    "measured": asdict(
        Measurement(
            "cpu",
            "gpt",
            SizeTime("nano", 2_000_000_000, 1, {"float32": 0.5, "bfloat16": 0.25}),
            SizeTime("small", 8_000_000_000, 1, {"float32": 1.0, "bfloat16": 2.0}),
            {"float32": 16e9, "bfloat16": 32e9},
        )
    ),
    "predicted": {"tokens": 10_000_000, "sizes": [asdict(Prediction("nano", 500_000, 1234.5, 2.25, 2**30, False))]},
}


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """In place of `chatzero doctor`: a script that waits for the file `go`, notes its words and says `DOCUMENT`."""
    script = tmp_path / "doctor.py"
    script.write_text(
        "import pathlib, sys, time\n"
        f"place = pathlib.Path({str(tmp_path)!r})\n"
        "while not (place / 'go').exists():\n    time.sleep(0.01)\n"
        "(place / 'words').write_text(' '.join(sys.argv[1:]))\n"
        f"print({json.dumps(DOCUMENT)!r})\n"
    )
    monkeypatch.setattr(studio_environment, "DOCTOR", (sys.executable, str(script)))
    yield tmp_path
    (tmp_path / "go").touch()


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running_server(small_bundle("gpt")) as running:
        yield running


def test_the_quick_table_measures_nothing(server: Running) -> None:
    status, _, body = server.ask("GET", "/studio/doctor", headers={"Accept-Language": "zh-CN"})
    document = json.loads(body)
    assert status == 200
    assert document["measured"] is document["predicted"] is None
    found = {finding["name"]: finding for finding in document["findings"]}
    assert found["Python"]["found"] == ".".join(map(str, sys.version_info[:3]))
    assert "内存" in found
    assert document["ok"] == all(finding["verdict"] != "fail" for finding in document["findings"])
    english = json.loads(server.ask("GET", "/studio/doctor")[2])
    assert "memory" in {finding["name"] for finding in english["findings"]}


def test_the_measured_table_is_the_doctor_s(server: Running, doctor: Path) -> None:
    (doctor / "go").touch()
    assert server.post("/studio/doctor", {"arch": "gpt"}) == (200, DOCUMENT)
    assert (doctor / "words").read_text() == "--lang en doctor --json --arch gpt"


@pytest.mark.parametrize("document", [{"arch": "rnn"}, {"arch": 1}, {"minutes": 1}, {"arch": "gpt; ls"}])
def test_nothing_else_can_be_measured(server: Running, doctor: Path, document: object) -> None:
    assert server.ask("POST", "/studio/doctor", json.dumps(document).encode())[0] == 415
    status, answer = server.post("/studio/doctor", document)
    assert status == 400
    require_error(json.dumps(answer).encode())
    assert not (doctor / "words").exists()


def test_a_doctor_that_dies_is_told_of(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    dying = (sys.executable, "-c", "import sys; sys.exit('the driver is gone')")
    monkeypatch.setattr(studio_environment, "DOCTOR", dying)
    status, answer = server.post("/studio/doctor", {})
    assert status == 503
    assert answer["error"]["code"] == "not_measured"  # type: ignore[index]
    assert "the driver is gone" in json.dumps(answer)


def test_a_network_learns_nothing_of_the_machine(doctor: Path) -> None:
    bearer = {"Authorization": f"Bearer {KEY}"}
    with running_server(small_bundle("gpt"), ServerSettings(host="0.0.0.0", api_key=KEY)) as server:
        assert server.ask("GET", "/studio/doctor", headers=bearer)[0] == 403
        assert server.post("/studio/doctor", {}, bearer)[0] == 403
        assert server.ask("GET", "/studio/doctor")[0] == 401


def test_a_page_from_elsewhere_gets_nothing(server: Running) -> None:
    own = f"http://127.0.0.1:{server.port}"
    host = f"127.0.0.1:{server.port}"
    for headers, status in (
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": f"http://127.0.0.1:{server.port + 1}"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": own}, 403),
        ({"Origin": own}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://front.example"}, 200),  # behind a proxy
        ({}, 200),
    ):
        answer = server.ask("GET", "/studio/doctor", headers={"Host": host, **headers})
        assert answer[0] == status, headers
        if status == 403:
            assert json.loads(answer[2])["error"]["code"] == "other_origin"
    # The page itself may be linked to from anywhere
    assert server.ask("GET", "/studio/environment", headers={"Sec-Fetch-Site": "cross-site"})[0] == 200


def test_the_page(browser: Browser, server: Running, doctor: Path) -> None:
    with open_page(browser, f"http://127.0.0.1:{server.port}/studio/environment") as page:
        expect(page.locator("#findings")).to_contain_text("Python")
        page.select_option("#arch", "gpt")
        button = page.get_by_role("button", name="Measure a training step")
        button.click()
        expect(page.locator("#status")).to_have_text("Measuring …")
        expect(button).to_be_disabled()
        (doctor / "go").touch()
        expect(page.locator("#measured")).to_contain_text("1.00")
        assert "--arch gpt" in (doctor / "words").read_text()
        expect(page.locator("#findings")).to_contain_text("memory <b>")
        expect(page.locator("#findings .bad")).to_have_text("fail")
        rows = page.locator("#measured tbody tr").all_inner_texts()
        assert rows[2].split("\t") == ["small", "float32", "1.00", "8", "50 %"]
        assert rows[4].split("\t") == ["nano", "0.5 M", "1,235", "2.3", "1.0 GiB (more than there is)"]
        page.click("#language")
        expect(page.locator("#findings")).to_contain_text("内存")
        expect(page.locator("#measured")).to_contain_text("实测")
