"""What a run tells on the way: read back in order, also after a torn line and a run that repeats steps."""

from pathlib import Path

from chatzero.training.guards.remark import Remark
from chatzero.training.told import TOLD_FILE, Sample, read_told, tell_remark, tell_sample


def remark(step: int, name: str) -> Remark:
    return Remark(step, name, ("what", "什么"), ("why", "为何"), ("do", "怎么办"))


def test_what_was_told_comes_back(tmp_path: Path) -> None:
    assert read_told(tmp_path).samples == []
    tell_sample(tmp_path, 10, [("你是谁？", "我"), ("Hi", "a\nb")])
    tell_remark(tmp_path, remark(12, "spike"))
    tell_sample(tmp_path, 20, [("Hi", "Hello")])
    told = read_told(tmp_path)
    assert told.samples == [Sample(10, (("你是谁？", "我"), ("Hi", "a\nb"))), Sample(20, (("Hi", "Hello"),))]
    assert told.remarks == [remark(12, "spike")]


def test_steps_that_are_trained_again_are_told_once(tmp_path: Path) -> None:
    for step in (10, 20, 30, 20, 30):
        tell_sample(tmp_path, step, [("Hi", f"answer {step}")])
        tell_remark(tmp_path, remark(step, "spike"))
    told = read_told(tmp_path)
    assert [sample.step for sample in told.samples] == [10, 20, 30]
    assert told.remarks == [remark(10, "spike")]


def test_lines_that_are_none_of_ours_do_no_harm(tmp_path: Path) -> None:
    tell_sample(tmp_path, 10, [("Hi", "Hello")])
    with (tmp_path / TOLD_FILE).open("a") as file:
        file.write('[]\n{"kind": "sample", "step": "x"}\n{"kind": "sample", "step": 1, "answers": [["a"]]}\n{"ki')
    assert [sample.step for sample in read_told(tmp_path).samples] == [10]
