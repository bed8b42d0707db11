"""A model on the engine of one's choice: converted, compared with ours on a few questions, and opened.

torch       our own model                        chats, serves, evaluates; every option
onnx        onnxruntime behind `LanguageModel`   chats, serves, evaluates; every option
ct2         CTranslate2, as a `Writer`           chats, serves one by one, evaluates; not: min-p, penalties by count,
                                                 biases, seeds
llama.cpp   as a `Writer`                        chats, serves one by one, evaluates; decoder-only; not: beams
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from chatzero.checkpoint.bundle import Bundle
from chatzero.generation.answer_text import end_ids
from chatzero.generation.decode import device_of
from chatzero.generation.options import GenerationOptions
from chatzero.generation.writer import Speaks, answers_of
from chatzero.interop.engine_names import ENGINES, RUNS, TOGETHER, EngineName
from chatzero.interop.export import export
from chatzero.interop.installed import missing
from chatzero.interop.prompts import questions
from chatzero.models.config import GPTConfig
from chatzero.text.chat_template import render_prompt

_TARGETS = {"onnx": "onnx", "ct2": "ct2", "llama.cpp": "gguf"}
_COMPARED = 8
_ROUNDS = 3


def open_engine(bundle: Bundle, name: EngineName, precision: str | None = None) -> Speaks:
    """The model on that engine, after a few of its answers were found to be ours.

    Raises `ConfigError` for a variant or a precision that the engine has not, `ExportDiffersError` if it says else.
    """
    if name == "torch":
        return bundle.model
    with TemporaryDirectory(prefix="chatzero-engine-", ignore_cleanup_errors=True) as place:
        folder = Path(place) / "model"
        export(bundle, _TARGETS[name], folder, precision, _COMPARED)
        return _opened(name, folder, bundle)


def _opened(name: EngineName, folder: Path, bundle: Bundle) -> Speaks:
    """Each reads its files to the end: the folder may go."""
    match name:
        case "onnx":
            from chatzero.interop.onnx_model import OnnxModel

            return OnnxModel(folder)
        case "ct2":
            from chatzero.interop.writer_ct2 import CT2Writer

            return CT2Writer(folder, bundle.model.config)
        case "llama.cpp":
            from chatzero.interop.writer_llama_cpp import LlamaCppWriter

            return LlamaCppWriter(folder, bundle.model.config)
    raise AssertionError(name)


def candidates(bundle: Bundle, serving: bool = False) -> list[EngineName]:
    """The engines that are installed and can do this; only ours where the model is on a GPU: they run on the CPU."""
    if device_of(bundle.model).type != "cpu":
        return ["torch"]
    able = [name for name in (TOGETHER if serving else ENGINES) if not missing(RUNS.get(name, ()))]
    return able if isinstance(bundle.model.config, GPTConfig) else [name for name in able if name != "llama.cpp"]


def fastest(bundle: Bundle, opened: Mapping[EngineName, Speaks], together: bool) -> dict[EngineName, float]:
    """Seconds that each needs to answer the same few questions, fastest first; `together`: all at once.

    Rounds by turns, and the best of them counts: a machine that is busy for a moment is so for all.
    """
    greedy = GenerationOptions(max_tokens=32, no_repeat_ngram_size=0)
    asked = questions(bundle.tokenizer, bundle.model.config, _COMPARED, greedy.max_tokens)
    prompts = [render_prompt(question, bundle.tokenizer) for question in asked]
    batches = [prompts] if together else [[prompt] for prompt in prompts]
    ends = end_ids(bundle.tokenizer)
    best: dict[EngineName, float] = dict.fromkeys(opened, float("inf"))
    for _ in range(1 + _ROUNDS):  # the first warms up, and is as good as any if it is the best
        for name, model in opened.items():
            best[name] = min(best[name], _seconds(model, batches, greedy, ends))
    return dict(sorted(best.items(), key=lambda pair: pair[1]))


def _seconds(
    model: Speaks, batches: Sequence[Sequence[Sequence[int]]], options: GenerationOptions, ends: frozenset[int]
) -> float:
    started = time.perf_counter()
    for prompts in batches:
        answers_of(model, prompts, options, ends)
    return time.perf_counter() - started
