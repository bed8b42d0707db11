"""How well trained models translate the test sets of Multi30k: BLEU and chrF of each run, as one JSON document.

    python benchmarks/multi30k.py runs/multi30k-en-de runs/multi30k-en-de-2 --data multi30k_tok
    python -m docs.results_page                     # then fills in docs/results.md

Every test set that lies in `--data` is translated as `chatzero translate` does, with a beam of 5. The text is cut into
words already and in lower case, so BLEU counts it as it is (`tokenize none`). Languages, seed, updates and minutes are
those of the run folders. A test set is only ever measured here: training and choosing are done on `train` and `val`.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from chatzero.apps.cli.translate import read_lines, translations
from chatzero.checkpoint.bundle import load_bundle
from chatzero.checkpoint.resume import latest_state
from chatzero.evaluation.translation import score_translations
from chatzero.generation.options import GenerationOptions
from chatzero.models.size import parameters
from chatzero.training.report import read_metrics
from chatzero.training.run import read_run_file

TEST_SETS = ("test_2016_flickr", "test_2017_flickr", "test_2017_mscoco", "test_2018_flickr")
OPTIONS = GenerationOptions(beam_size=5, length_penalty=1.0, max_tokens=256)
RESULTS = Path(__file__).parent / "results" / "multi30k.json"


def measure(folder: Path, data: Path) -> dict[str, object]:
    """One run: what it was, and its scores on each test set that is there in both of its languages."""
    run = read_run_file(folder)
    metrics = read_metrics(folder / "metrics.jsonl")
    if run is None or run.state != "finished" or not metrics:
        raise SystemExit(f"{folder} is not a finished run")
    source, target = languages(run.settings)
    bundle = load_bundle(folder)
    saved, _ = latest_state(folder / "checkpoints")
    sets: dict[str, object] = {}
    for name in TEST_SETS:
        pair = [data / f"{name}.{language}.gz" for language in (source, target)]
        if not all(path.is_file() for path in pair):
            print(f"{folder.name}: {name} is not in {data}", file=sys.stderr)
            continue
        asked, references = map(read_lines, pair)
        score = score_translations(list(translations(bundle, asked, OPTIONS)), references, "none")
        print(f"{folder.name}: {name}: {score}", file=sys.stderr, flush=True)
        sets[name] = score.as_json()
    train = run.settings["train"]
    assert isinstance(train, dict)
    return {
        "run": folder.name,
        "direction": f"{source}-{target}",
        "seed": train["seed"],
        "parameters": parameters(bundle.model.config),
        "updates": metrics[-1]["step"],
        "minutes": round(float(str(metrics[-1]["elapsed_s"])) / 60, 1),
        "environment": saved.numbers.get("environment") if saved is not None else None,
        "sets": sets,
    }


def languages(settings: Mapping[str, object]) -> tuple[str, str]:
    """Of the run's training files: "train.en.gz" and "train.de.gz" are ("en", "de")."""
    data = settings["data"]
    assert isinstance(data, dict)
    names = [str(data[side]).removesuffix(".gz") for side in ("source", "target")]
    return names[0].rpartition(".")[2], names[1].rpartition(".")[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", help="run folders of recipes/multi30k-en-de.toml, all at once")
    parser.add_argument("--data", type=Path, default=Path("multi30k_tok"), help="the folder of the test sets")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the JSON document (default: %(default)s)")
    options = parser.parse_args()
    document = {
        "command": f"python benchmarks/multi30k.py {' '.join(f'runs/{folder.name}' for folder in options.runs)}",
        "beam": OPTIONS.beam_size,
        "length_penalty": OPTIONS.length_penalty,
        "runs": [measure(folder, options.data) for folder in options.runs],
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(options.out)


if __name__ == "__main__":
    main()
