"""Data larger than the memory trains as if it were in it, and takes no more memory when there is more of it."""

import json
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import torch

from chatzero.data import sides
from chatzero.data.batch import IGNORE
from chatzero.data.loader import Loader
from chatzero.data.packing import PackedRows
from chatzero.data.rows import LMRows, PairRows
from chatzero.errors import DataError
from chatzero.models.sizes import ARCHS, Arch
from chatzero.pipeline import large_data
from chatzero.pipeline.materials import gather
from chatzero.pipeline.recipe import Recipe, parse_recipe
from chatzero.training.run import Materials, Stopped, run

T = TypeVar("T")


def write_chats(path: Path, count: int) -> str:
    with path.open("w", encoding="utf-8") as file:
        for n in range(count):
            words = [f"question {n} of {n * 7919 % 10007}?", f"the answer to {n}" + " and more" * (n % 9)]
            file.write(json.dumps({"question": words[0], "answer": words[1]}) + "\n")
    return path.as_posix()


def recipe_for(file: str, arch: str = "gpt", on_disk: bool | None = True, **data: object) -> Recipe:
    raw: dict[str, object] = {
        "model": {"arch": arch, "size": "nano", "max_seq_len": 64},
        "tokenizer": {"vocab_size": 400},
        "data": {"files": [file], "heldout": 0.1, "on_disk": on_disk, **data},
        "train": {"steps": 6, "batch_tokens": 800, "save_every": 2, "eval_every": 3, "precision": "float32"},
    }
    return parse_recipe(raw, Path("test.toml"))


def prepared(recipe: Recipe, folder: Path) -> Materials:
    return gather(recipe, folder, lambda words: None)[0]


def same(left: Loader, right: Loader, steps: Iterable[int]) -> bool:
    return all(
        torch.equal(left.batch_at(step).targets, right.batch_at(step).targets)
        and torch.equal(left.part_at(step, 1, 2).targets, right.part_at(step, 1, 2).targets)
        for step in steps
    )


@pytest.mark.parametrize("arch", ARCHS)
def test_few_rows_give_the_batches_that_they_give_in_memory(tmp_path: Path, arch: Arch) -> None:
    file = write_chats(tmp_path / "chats.jsonl", 400)
    in_files = prepared(recipe_for(file, arch), tmp_path / "one")
    assert (tmp_path / "one/rows/rows.json").is_file()
    # the tokenizer of both: a sample of the stream is drawn in another way
    (tmp_path / "two").mkdir()
    (tmp_path / "one/tokenizer").rename(tmp_path / "two/tokenizer")
    in_memory = prepared(recipe_for(file, arch, on_disk=False), tmp_path / "two")
    assert not (tmp_path / "two/rows").exists()
    assert same(in_files.loader, in_memory.loader, range(60))
    assert in_files.bytes_per_target == in_memory.bytes_per_target
    assert [b.num_targets for b in in_files.held_out] == [b.num_targets for b in in_memory.held_out]


def test_a_run_resumed_from_files_ends_with_the_same_weights(tmp_path: Path) -> None:
    recipe = recipe_for(write_chats(tmp_path / "chats.jsonl", 300))
    ended = []
    for name, stops in (("whole", []), ("stopped", [3])):
        for stop in (*stops, None):
            events = run(tmp_path / name, prepared(recipe, tmp_path / name), recipe.train, {})
            for event in events:
                if getattr(event, "step", None) == stop:
                    events.close()  # type: ignore[attr-defined]
                    break
            else:
                assert isinstance(event, Stopped)
        ended.append((tmp_path / name / "model/model.safetensors").read_bytes())
    assert ended[0] == ended[1]


def answers(loader: Loader, epoch: int) -> list[tuple[int, ...]]:
    """What is to be said in each row, in the order of the epoch."""
    batches = (loader.batch_at(step) for step in loader.epoch_steps(epoch))
    return [tuple(row[row != IGNORE].tolist()) for batch in batches for row in batch.targets]


def test_rows_dealt_in_hands_are_all_seen_once_in_another_order_each_epoch(tmp_path: Path) -> None:
    rows = prepared(recipe_for(write_chats(tmp_path / "chats.jsonl", 900)), tmp_path).loader._rows

    def dealt() -> Loader:
        return Loader(rows, batch_tokens=800, seed=4, pad_id=0, rows_at_once=256)

    loader = dealt()
    first, second = answers(loader, 0), answers(loader, 1)
    assert len(first) == len(set(first)) == len(rows)
    assert first != second
    assert sorted(first) == sorted(second)
    late = loader.epoch_steps(2).start + 1
    assert same(dealt(), loader, [late, 0, 5])


@pytest.mark.parametrize("change", ["file", "tokenizer", "window", "torn", "nothing"])
def test_rows_are_made_anew_when_what_they_were_made_from_has_changed(tmp_path: Path, change: str) -> None:
    file, folder = write_chats(tmp_path / "chats.jsonl", 200), tmp_path / "run"
    recipe = recipe_for(file)
    prepared(recipe, folder)
    made = (folder / "rows/about.json").stat().st_ino
    if change == "file":
        write_chats(tmp_path / "chats.jsonl", 201)
    elif change == "tokenizer":
        raw = recipe.model_dump(mode="json")
        raw["tokenizer"]["vocab_size"] = 280
        prepared(parse_recipe(raw, Path("other.toml")), tmp_path / "other")
        (folder / "tokenizer").rename(tmp_path / "old")
        (tmp_path / "other/tokenizer").rename(folder / "tokenizer")
    elif change == "window":
        recipe = recipe.model_copy(update={"model": recipe.model.model_copy(update={"max_seq_len": 48})})
    elif change == "torn":
        with (folder / "rows/token_ids.values").open("ab") as values:
            values.truncate(100)
    prepared(recipe, folder)
    assert ((folder / "rows/about.json").stat().st_ino == made) == (change == "nothing")
    assert not [path for path in folder.iterdir() if ".tmp-" in path.name]


def test_an_interrupted_preparation_leaves_nothing_that_is_taken_for_rows(tmp_path: Path) -> None:
    recipe = recipe_for(write_chats(tmp_path / "chats.jsonl", 200))

    def pulled(things: Iterator[T], words: str, total: int | None) -> Iterator[T]:
        for number, thing in enumerate(things):
            if total == 200 and number == 150:
                raise KeyboardInterrupt
            yield thing

    with pytest.raises(KeyboardInterrupt):
        gather(recipe, tmp_path / "run", lambda words: None, pulled)
    assert not (tmp_path / "run/rows").exists()
    assert len(prepared(recipe, tmp_path / "run").loader._rows) > 150


def test_nothing_is_lost_in_silence(tmp_path: Path) -> None:
    file = tmp_path / "chats.jsonl"
    write_chats(file, 100)
    with file.open("a", encoding="utf-8") as more:
        more.write('{"broken\n{"question": "only"}\n')
    held_out = tmp_path / "held.jsonl"
    held_out.write_text(file.read_text(encoding="utf-8").splitlines()[7] + "\n", encoding="utf-8")
    said: list[str] = []
    gather(recipe_for(file.as_posix(), heldout=[held_out.as_posix()]), tmp_path / "run", said.append)
    counts = json.loads((tmp_path / "run/rows/counts.json").read_text())
    assert counts == {"training": 99, "held_out": 1, "leaked": 1, "set_aside": 2}
    aside = [json.loads(line) for line in (tmp_path / "run/rows/set_aside.jsonl").read_text().splitlines()]
    assert [where for where, _, _ in aside] == [f"{file}:101", f"{file}:102"]
    assert any("2 set aside" in line for line in said)


def test_one_side_empty_is_said(tmp_path: Path) -> None:
    file = write_chats(tmp_path / "chats.jsonl", 20)
    with pytest.raises(DataError, match="0 conversations to train on"):
        prepared(recipe_for(file, heldout=[file]), tmp_path / "run")


def test_plain_text_and_pairs_come_in_parts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatzero.data.source._PART_CHARACTERS", 500)
    text = tmp_path / "book.txt"
    text.write_text("".join(f"line {n} of a long story\n" for n in range(900)), encoding="utf-8")
    raw = recipe_for(text.as_posix()).model_dump(mode="json") | {"stage": "pretrain"}
    packed = prepared(parse_recipe(raw, Path("t.toml")), tmp_path / "text").loader._rows
    assert isinstance(packed, PackedRows)
    assert len(packed) > 20
    for name in ("en", "de"):
        (tmp_path / name).write_text("".join(f"{name} word {n}\n" for n in range(90)), encoding="utf-8")
    names: dict[str, Any] = {"kind": "pairs", "source": f"{tmp_path}/en", "target": f"{tmp_path}/de", "files": []}
    pairs = prepared(recipe_for("", "transformer", **names), tmp_path / "pairs").loader._rows
    assert isinstance(pairs, PairRows)
    assert 60 < len(pairs) < 90


def test_large_files_are_kept_on_disk_without_being_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = recipe_for(write_chats(tmp_path / "chats.jsonl", 50), on_disk=None)
    assert recipe.data is not None
    assert not sides.is_kept_on_disk(recipe.data)
    monkeypatch.setattr(sides, "LARGE_BYTES", 1000)
    assert sides.is_kept_on_disk(recipe.data)


def peak_bytes(recipe: Recipe, folder: Path) -> int:
    """Of preparing the rows and of the first batches, without the tokenizer and the model that were there before."""
    prepared(recipe, folder)  # trains the tokenizer
    (folder / "rows").rename(folder / "away")
    tracemalloc.start()
    loader = prepared(recipe, folder).loader
    for step in range(8):
        loader.batch_at(step)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(loader._rows, LMRows)
    return peak


def test_ten_times_the_data_takes_the_same_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_data, "_PART_ROWS", 100)
    monkeypatch.setattr(large_data, "_HELD_OUT_MOST", 20)
    monkeypatch.setattr("chatzero.pipeline.materials.ROWS_AT_ONCE", 256)
    monkeypatch.setattr("chatzero.pipeline.materials._TOKENIZER_CHARACTERS", 5_000)
    monkeypatch.setattr("chatzero.checkpoint.atomic._sha256", lambda path: "")  # takes a megabyte, where there is one
    few, many = (write_chats(tmp_path / f"{count}.jsonl", count) for count in (300, 3000))
    in_files = [peak_bytes(recipe_for(file), tmp_path / f"run{n}") for n, file in enumerate((few, many))]
    assert in_files[1] < 1.15 * in_files[0]
