"""Two processes train as one does, resume as one or two, agree on everything, and survive the death of one of them.

The teams themselves are in `team_at_work`: real processes that talk over gloo.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from chatzero.data.batch import IGNORE, Batch, LMBatch
from chatzero.data.shares import part_of, rows_of_part
from chatzero.errors import ConfigError
from chatzero.models.sizes import ARCHS, Arch
from chatzero.training.report import read_metrics
from chatzero.training.team import ALONE, Team, joined_team
from tests import small

PARALLEL = ("ddp", "fsdp")
Scenes = dict[str, list[dict[str, Any]]]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="members are forked")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("teams")


@pytest.fixture(scope="module")
def scenes(root: Path) -> Scenes:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "XDG_STATE_HOME": str(root / "state")}
    words = [sys.executable, "-m", "tests.training.team_at_work", str(root)]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    found: Scenes = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("arch", ARCHS)
@pytest.mark.parametrize("parallel", PARALLEL)
def test_two_processes_have_the_losses_of_one(scenes: Scenes, arch: Arch, parallel: str) -> None:
    """Only sums in another order differ."""
    (one,) = scenes[f"{arch} alone"]
    for member in scenes[f"{arch} {parallel}"]:
        assert member["losses"] == pytest.approx(one["losses"], rel=2e-6)
        assert member["norms"] == pytest.approx(one["norms"], rel=1e-5)
        assert member["held_out"] == pytest.approx(one["held_out"], rel=2e-6)
        assert [tokens for tokens, _ in member["tokens"]] == [tokens for tokens, _ in one["tokens"]]
    first, second = scenes[f"{arch} {parallel}"]
    assert first == second, "members see the same numbers"
    assert len(set(one["losses"])) == 6, "so that equal losses mean something"


@pytest.mark.parametrize("parallel", PARALLEL)
def test_two_go_on_as_one_and_one_as_two(scenes: Scenes, parallel: str) -> None:
    (one,) = scenes["gpt alone"]
    for name, then, now in ((f"{parallel} to alone", 2, 1), (f"alone to {parallel}", 1, 2)):
        for member in scenes[name]:
            ((step, changed),) = member["resumed"]
            assert 2 <= step <= 4
            assert f"processes: {then} then, {now} now" in changed
            assert member["losses"] == pytest.approx(one["losses"][step:], rel=2e-6)


def test_a_model_in_parts_is_saved_in_parts_and_without_pickle(root: Path, scenes: Scenes) -> None:
    assert scenes["whole fsdp"]
    newest = sorted((root / "whole-fsdp" / "checkpoints").iterdir())[-1]
    files = sorted(path.name for path in newest.iterdir())
    assert [name for name in files if name.startswith("shard-")] == [
        f"shard-0000{rank}-model-00001-of-00001.safetensors" for rank in (1, 2)
    ]
    assert {path.suffix for path in newest.iterdir()} == {".safetensors", ".json"}


@pytest.mark.parametrize("parallel", PARALLEL)
def test_the_death_of_one_ends_all_and_the_next_team_ends_where_it_would_have(scenes: Scenes, parallel: str) -> None:
    """Bit for bit, with dropout: its randomness is a function of seed, step and rank."""
    survivor, victim = scenes[f"killed {parallel}"]
    assert victim == {"killed": signal.SIGKILL}
    assert "left by another of its team" in survivor["error"]
    again, whole = scenes[f"again {parallel}"], scenes[f"whole {parallel}"]
    for member, other in zip(again, whole, strict=True):
        ((step, changed),) = member["resumed"]
        assert 2 <= step <= 4
        assert not changed
        assert member["losses"] == other["losses"][step:]
    assert again[0]["same_weights"]


@pytest.mark.parametrize("parallel", PARALLEL)
def test_only_the_leader_writes(scenes: Scenes, parallel: str) -> None:
    leader, other = scenes[f"whole {parallel}"]
    assert {"metrics.jsonl", "run.json", "loss.png"} <= {name.split(".tmp")[0].lstrip(".") for name in leader["wrote"]}
    assert all(name.startswith("shard-00002-") for name in other["wrote"])
    assert bool(other["wrote"]) == (parallel == "fsdp")


def test_three_micro_batches_are_summed_once(scenes: Scenes) -> None:
    for member in scenes["accumulate ddp"]:
        assert member["summed"] == [member["parameters"]] * 2, "one sum of all gradients for each of two updates"
    for member in scenes["accumulate fsdp"]:
        assert member["scattered"] == 3 * 2, "two layers and the rest, for each of two updates"


@pytest.mark.parametrize("parallel", PARALLEL)
def test_what_is_not_finite_on_one_is_refused_by_all(scenes: Scenes, parallel: str) -> None:
    first, second = scenes[f"overflow {parallel}"]
    assert first == second
    ((step, name, _),) = first["remarks"]
    assert (step, name) == (4, "not finite")
    assert first["stopped"] == [6, True, 0]
    (one,) = scenes["gpt alone"]
    assert first["losses"][:3] == pytest.approx(one["losses"][:3], rel=2e-6)


def test_a_signal_to_one_stops_all_after_the_same_step(scenes: Scenes) -> None:
    assert [member["stopped"] for member in scenes["signal"]] == [[3, False, signal.SIGTERM]] * 2


def test_by_the_minute_all_stop_at_the_same_step(scenes: Scenes) -> None:
    first, second = scenes["minutes"]
    assert first["stopped"] == second["stopped"]
    assert first["stopped"][1]
    assert first["losses"] == second["losses"]


@pytest.mark.parametrize("num_rows", [1, 4, 5, 16])
@pytest.mark.parametrize("parts", [1, 2, 4])
def test_parts_are_equal_and_joined_are_the_whole(num_rows: int, parts: int) -> None:
    shares = [rows_of_part(num_rows, part, parts) for part in range(parts)]
    assert [row for rows, own in shares for row in rows[:own]] == list(range(num_rows))
    assert len({len(rows) for rows, _ in shares}) == 1


@pytest.mark.parametrize("arch", ARCHS)
def test_the_part_of_a_step_is_the_part_of_its_batch(arch: Arch) -> None:
    loader = small.loader(arch, small.tokenizer())

    def tensors(batch: Batch) -> list[torch.Tensor]:
        inputs = batch.token_ids if isinstance(batch, LMBatch) else batch.source_ids
        return [inputs, batch.targets]

    for step in range(5):
        whole = loader.batch_at(step)
        for part in range(3):
            ours, theirs = tensors(loader.part_at(step, part, 3)), tensors(part_of(whole, part, 3))
            assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
        targets = sum(loader.part_at(step, part, 3).num_targets for part in range(3))
        assert targets == whole.num_targets
        without = loader.part_at(step, 0, 1, without=[1])
        assert torch.equal(without.targets, whole.rows([0, *range(2, whole.num_rows)]).targets)


def test_filling_carries_no_loss() -> None:
    batch = small.loader("gpt", small.tokenizer()).batch_at(0).rows([0, 1, 2])
    last = part_of(batch, 3, 4)
    assert last.num_rows == 1
    assert (last.targets == IGNORE).all()


def test_one_alone_talks_to_nobody() -> None:
    with joined_team("cpu", {}) as team:
        assert team == ALONE == Team(0, 1)
    assert ALONE.totals(1, 2.5) == [1, 2.5]
    assert ALONE.told(lambda: "语言") == "语言"
    assert (ALONE.largest(3), ALONE.led(2.0), ALONE.leader_first(lambda: 1)) == (3, 2.0, 1)


def test_a_device_that_cannot_be_shared_is_refused() -> None:
    with pytest.raises(ConfigError, match="several processes"), joined_team("cuda:1", {"WORLD_SIZE": "2", "RANK": "0"}):
        pass


RECIPE = """
stage = "sft"
model = { arch = "gpt", size = "nano", max_seq_len = 128 }
tokenizer.vocab_size = 600
builtin.examples = 1000
train = { steps = 150, batch_tokens = 1024, eval_every = 75, save_every = 10, precision = "float32", device = "cpu" }
"""


@pytest.mark.slow  # most of a minute each: real torchrun, real restarts
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks up the workers in /proc")
@pytest.mark.parametrize("parallel", PARALLEL)
def test_torchrun_starts_anew_after_a_kill_and_goes_on(tmp_path: Path, parallel: str) -> None:
    """The command of docs/scaling.md; one of its workers is killed when there is a checkpoint."""
    recipe, folder = tmp_path / "nano.toml", tmp_path / "run"
    recipe.write_text(RECIPE)
    words = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--max-restarts", "1"]
    words += ["-m", "chatzero", "train", str(recipe), "--out", str(folder), "--set", f"train.parallel={parallel}"]
    with (tmp_path / "said.txt").open("w") as said:
        boss = subprocess.Popen(words, stdout=said, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 200
        while len(read_metrics(folder / "metrics.jsonl")) < 25:
            assert boss.poll() is None, (tmp_path / "said.txt").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.2)
        workers = Path(f"/proc/{boss.pid}/task/{boss.pid}/children").read_text().split()
        os.kill(int(workers[-1]), signal.SIGKILL)
        assert boss.wait(200) == 0, (tmp_path / "said.txt").read_text()
    rows = read_metrics(folder / "metrics.jsonl")
    assert [row["step"] for row in rows if row["kind"] == "step"] == list(range(1, 151))
    text = (tmp_path / "said.txt").read_text()
    assert "Resuming at step" in text
    assert (folder / "report.md").exists()
