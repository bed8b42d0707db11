"""The order of things in start.py, driven with faked steps; one slow real set-up."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import start
from chatzero.setup.driver import Driver
from chatzero.setup.pip import SetupError
from chatzero.setup.place import Inside, Place, read_stamp
from chatzero.setup.torch_build import Choice, Source
from chatzero.setup.torch_index import Answer

INDEX = "https://download.pytorch.org/whl"


class Steps:
    """Writes down what start.py does, and does nothing of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.complete = True
        self.driver: Driver | None = None
        self.answers: dict[str, Answer] = {}
        self.failing: str = ""
        self.torch = ""
        self.installed: list[str] = []
        self.handed_over: list[str] = []
        self.folder: Path | None = None
        self.trial = ""
        for name in ("CHATZERO_TORCH", "CHATZERO_TORCH_INDEX", "VIRTUAL_ENV", "CONDA_PREFIX"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LC_ALL", "C")
        monkeypatch.setattr("platform.system", lambda: "Linux")
        monkeypatch.setattr(start, "speak_utf8", lambda: None)
        monkeypatch.setattr(start, "is_complete", lambda place, extras, wish: self.complete)
        monkeypatch.setattr(start, "make_venv", self.make_venv)
        monkeypatch.setattr(start, "look_inside", lambda place: Inside("3.12", "25.0", "2.13.0+cpu", True))
        monkeypatch.setattr(start, "read_driver", lambda: self.driver)
        monkeypatch.setattr(start, "ask_index", self.ask_index)
        monkeypatch.setattr(start, "pip_install", self.pip_install)
        monkeypatch.setattr(start, "try_it", lambda place: self.installed.append(self.trial or "trial"))
        monkeypatch.setattr(start, "hand_over", self.hand_over)

    def make_venv(self, place: Place, again: str) -> Inside:
        place.venv.mkdir(exist_ok=True)
        return Inside("3.12", "25.0", self.torch, False)

    def ask_index(self, source: Source) -> Answer:
        return self.answers.get(source.build, Answer.SILENT)

    def pip_install(self, place: Place, words: Sequence[str], again: str) -> None:
        self.installed.append(" ".join(words))
        if self.failing and self.failing in words[0]:
            raise SetupError(what=f"could not install {words[0]}", why="a pretended reason", do=again)

    def hand_over(self, command: list[str], folder: Path | None = None) -> int:
        self.handed_over = command[1:]
        self.folder = folder
        return 7


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Steps:
    monkeypatch.setattr(start, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    return Steps(monkeypatch)


def test_words_go_to_chatzero_and_its_exit_code_comes_back(steps: Steps) -> None:
    assert start.main(["--lang", "zh", "doctor", "--json"]) == 7
    assert steps.handed_over == ["-m", "chatzero", "--lang", "zh", "doctor", "--json"]
    assert steps.folder is None  # relative paths in the words must keep their meaning
    assert steps.installed == []


@pytest.mark.parametrize("words", [[], ["--lang", "zh"], ["--debug"]])
def test_without_a_verb_it_is_the_quickstart(steps: Steps, words: list[str]) -> None:
    start.main(words)
    assert steps.handed_over == ["-m", "chatzero", *words, "quickstart"]


def test_the_word_test_runs_pytest_in_the_clone(steps: Steps, tmp_path: Path) -> None:
    start.main(["test", "-k", "stamp"])
    assert steps.handed_over == ["-m", "pytest", "-k", "stamp"]
    assert steps.folder == tmp_path


def test_a_language_that_is_not_spoken_is_bad_input(steps: Steps, capsys: pytest.CaptureFixture[str]) -> None:
    assert start.main(["--lang", "fr"]) == 2
    assert "'fr'" in capsys.readouterr().err


def test_set_up_installs_pytorch_first_then_chatzero_then_stamps(steps: Steps, tmp_path: Path) -> None:
    steps.complete = False
    steps.answers = {"cpu": Answer.HAS_IT}
    assert start.main(["test"]) == 7
    assert steps.installed == [
        f"torch==2.13.0+cpu --extra-index-url {INDEX}/cpu",
        f"--editable {tmp_path}[test]",
        "trial",
    ]
    stamp = read_stamp(Place(tmp_path).stamp)
    assert stamp is not None
    assert (stamp.wish, stamp.build, stamp.extras, stamp.python) == ("auto", "cpu", ("test",), "3.12")


def test_extras_installed_before_are_kept(steps: Steps, tmp_path: Path) -> None:
    steps.complete = False
    start.main(["test"])
    start.main([])
    assert steps.installed[-2] == f"--editable {tmp_path}[test]"


def test_nothing_is_stamped_when_the_trial_fails(
    steps: Steps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(place: Place) -> None:
        raise SetupError(what="does not run", why="libc10.so is missing", do="delete .venv")

    steps.complete = False
    monkeypatch.setattr(start, "try_it", broken)
    assert start.main([]) == 1
    assert not Place(tmp_path).stamp.exists()
    assert steps.handed_over == []
    assert "libc10.so is missing\n  do:  delete .venv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"cu130": Answer.HAS_IT}, ["torch==2.13.0+cu130"]),
        ({"cu130": Answer.HAS_NOT, "cu126": Answer.HAS_IT}, ["torch==2.13.0+cu126"]),
        ({"cu130": Answer.HAS_NOT, "cu126": Answer.HAS_NOT}, ["torch==2.13.0"]),
        ({"cu130": Answer.SILENT, "cu126": Answer.HAS_IT}, ["torch==2.13.0"]),  # one host: asked once only
    ],
)
def test_pytorch_comes_from_the_first_source_that_has_it(
    steps: Steps, tmp_path: Path, answers: dict[str, Answer], expected: list[str]
) -> None:
    steps.answers = answers
    start.install_torch(Place(tmp_path), Choice(("cu130", "cu126"), "why"), INDEX)
    assert [words.split()[0] for words in steps.installed] == expected


def test_a_download_that_breaks_falls_back_to_the_package_index(
    steps: Steps, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps.answers = {"cpu": Answer.HAS_IT}
    steps.failing = "+cpu"
    start.install_torch(Place(tmp_path), Choice(("cpu",), "why"), INDEX)
    assert steps.installed[-1] == "torch==2.13.0"
    assert "a pretended reason" in capsys.readouterr().err


def test_when_the_last_source_fails_too_the_reason_and_the_way_on_are_printed(
    steps: Steps, capsys: pytest.CaptureFixture[str]
) -> None:
    steps.complete = False
    steps.failing = "torch"
    assert start.main([]) == 1
    said = capsys.readouterr().err
    assert "could not install torch==2.13.0\n  why: a pretended reason\n  do:  " in said
    assert "Traceback" not in said


def test_the_gpu_decides_the_build(steps: Steps, capsys: pytest.CaptureFixture[str]) -> None:
    steps.complete = False
    steps.driver = Driver((12, 4))
    steps.answers = {"cu126": Answer.HAS_IT}
    start.main([])
    assert steps.installed[0].startswith("torch==2.13.0+cu126 ")
    assert "CUDA up to 12.4" in capsys.readouterr().err


def test_a_pytorch_that_fits_is_not_installed_twice(steps: Steps) -> None:
    steps.complete = False
    steps.torch = "2.13.0+cpu"
    start.main([])
    assert [words.split()[0] for words in steps.installed] == ["--editable", "trial"]
    steps.driver = Driver((13, 0))  # a GPU has been added since
    steps.installed.clear()
    start.main([])
    assert steps.installed[0] == "torch==2.13.0"


def test_the_person_may_name_the_build_and_the_index(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    steps.complete = False
    steps.answers = {"cu126": Answer.HAS_IT}
    monkeypatch.setenv("CHATZERO_TORCH", "cu126")
    monkeypatch.setenv("CHATZERO_TORCH_INDEX", "https://mirror.example/whl")
    start.main([])
    assert steps.installed[0] == "torch==2.13.0+cu126 --extra-index-url https://mirror.example/whl/cu126"


def test_a_build_that_does_not_exist_is_bad_input(
    steps: Steps, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps.complete = False
    monkeypatch.setenv("CHATZERO_TORCH", "cu999")
    assert start.main([]) == 2
    assert "'cu999'" in capsys.readouterr().err


def test_another_environment_is_named_and_left_alone(
    steps: Steps, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps.complete = False
    monkeypatch.setenv("CONDA_PREFIX", "/opt/conda/envs/mine")
    start.main([])
    assert "/opt/conda/envs/mine stays as it is" in capsys.readouterr().err


def test_everything_is_said_in_chinese_too(steps: Steps, capsys: pytest.CaptureFixture[str]) -> None:
    steps.complete = False
    start.main(["--lang", "zh", "doctor"])
    said = capsys.readouterr().err
    assert "开始安装" in said
    assert "没有 NVIDIA 驱动" in said
    assert "连不上" in said


def test_ctrl_c_during_set_up(
    steps: Steps, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(place: Place, again: str) -> Inside:
        raise KeyboardInterrupt

    steps.complete = False
    monkeypatch.setattr(start, "make_venv", interrupted)
    assert start.main([]) == 130
    assert "goes on from here" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(
    steps: Steps, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(place: Place, again: str) -> Inside:
        raise PermissionError(13, "Permission denied", ".venv")

    steps.complete = False
    monkeypatch.setattr(start, "make_venv", refused)
    assert start.main([]) == 1
    assert "could not write in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("system", "machine", "is_64_bit", "what"),
    [("Windows", "x86", False, "32-bit"), ("Darwin", "x86_64", True, "Intel Macs")],
)
def test_a_machine_that_cannot_is_told_before_any_download(
    system: str, machine: str, is_64_bit: bool, what: str
) -> None:
    with pytest.raises(SetupError, match=what):
        start.check_machine(system, machine, is_64_bit)


def test_a_machine_that_can() -> None:
    for system, machine in (("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64"), ("Windows", "AMD64")):
        start.check_machine(system, machine, True)


def test_a_full_disk_is_told_before_pytorch_is_downloaded_and_not_when_it_is_there(
    steps: Steps, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps.complete = False
    monkeypatch.setattr(start, "NEEDED_BYTES", 2**62)
    assert start.main([]) == 1
    assert "the disk has too little room" in capsys.readouterr().err
    assert steps.installed == []
    steps.torch = "2.13.0+cpu"
    assert start.main([]) == 7


def test_an_old_python_is_told_which_one_to_use() -> None:
    assert "found 3.8.18" in start.too_old((3, 8, 18), None)
    assert "python3.12 start.py" in start.too_old((3, 8, 18), "python3.12")


def test_an_old_python_can_read_the_file_as_far_as_that() -> None:
    source = Path(start.__file__).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 8))


def test_the_set_up_needs_the_standard_library_only(tmp_path: Path) -> None:
    """Imported by a Python without site-packages: what start.py imports must need nothing installed."""
    root = Path(start.__file__).parent
    code = f"import sys; sys.path.insert(0, {str(root)!r}); import start"
    answer = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="the pretended program is a shell script")
def test_the_exit_code_of_the_program_is_passed_on(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nexit 5\n")
    program.chmod(0o755)
    root = Path(start.__file__).parent
    code = f"import sys; sys.path.insert(0, {str(root)!r}); import start; start.hand_over([{str(program)!r}])"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 5


@pytest.mark.slow
def test_a_real_set_up_in_a_fresh_folder_then_a_second_start(tmp_path: Path) -> None:
    root = Path(start.__file__).parent
    for name in ("start.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, tmp_path / name)
    shutil.copytree(root / "chatzero", tmp_path / "chatzero", ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    command = [sys.executable, str(tmp_path / "start.py"), "--version"]
    first = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert first.returncode == 0, first.stderr
    assert "[chatzero] ready: PyTorch 2.13.0" in first.stderr
    second = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=30)
    assert second.stdout == first.stdout
    assert second.stderr == ""
