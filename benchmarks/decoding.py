"""How fast one chat is written: by us, CTranslate2, llama.cpp and onnxruntime, on the same weights, in one run.

    python -m benchmarks.decoding runs/quickstart-gpt --out decoding.json

The model is exported for each engine that is installed, in each precision, and the export compared with ours on eight
questions. Then all read the same prompt and write so many tokens, greedily; an end token ends nothing, so that all
write equally many. Each engine runs its own loop, the tightest that it offers in Python, with the same number of
threads. They take turns, round by round: a machine that is slow for a while is so for all. What is given is the tokens
per second of the whole answer, reading the prompt included: the median of the rounds, the slowest and the fastest.
"""

import argparse
import copy
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import torch

from benchmarks.machine import machine
from benchmarks.told import tell
from chatzero.checkpoint.bundle import Bundle, load_bundle
from chatzero.errors import ChatZeroError
from chatzero.generation.decode import decode
from chatzero.generation.options import GenerationOptions
from chatzero.interop.export import export
from chatzero.interop.installed import missing
from chatzero.models.config import GPTConfig
from chatzero.models.interface import LanguageModel
from chatzero.text.tokenizer import Tokenizer

Write = Callable[[Sequence[int], int], int]
"""(prompt, how many tokens) -> how many it wrote."""


def ours(model: LanguageModel) -> Write:
    def write(prompt: Sequence[int], num_tokens: int) -> int:
        options = GenerationOptions(max_tokens=num_tokens, no_repeat_ngram_size=0)
        return len(list(decode(model, prompt, options, end_ids=())))

    return write


def ctranslate2(folder: Path, threads: int) -> Write:
    from ctranslate2 import Generator, Translator

    tokens = Tokenizer.load(folder).tokens
    options = {"device": "cpu", "inter_threads": 1, "intra_threads": threads, "compute_type": "default"}
    decoder_only = "decoder_start_token" not in json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model = (Generator if decoder_only else Translator)(str(folder), **options)

    def write(prompt: Sequence[int], num_tokens: int) -> int:
        words = [[tokens[number] for number in prompt]]
        if decoder_only:
            settings = {"max_length": num_tokens, "min_length": num_tokens, "include_prompt_in_result": False}
            return len(model.generate_batch(words, beam_size=1, sampling_topk=1, **settings)[0].sequences_ids[0])
        settings = {"max_decoding_length": num_tokens, "min_decoding_length": num_tokens}
        return len(model.translate_batch(words, beam_size=1, **settings)[0].hypotheses[0])

    return write


def llama_cpp(folder: Path, threads: int) -> Write:
    """The calls of llama.h, without the Python around them that copies scores; keys and values in float32, as ours."""
    import llama_cpp as library

    from chatzero.interop.gguf_file import FILE

    exact = {"type_k": library.GGML_TYPE_F32, "type_v": library.GGML_TYPE_F32}
    model = library.Llama(
        str(folder / FILE), n_ctx=0, n_threads=threads, n_threads_batch=threads, verbose=False, **exact
    )
    sampler = library.llama_sampler_init_greedy()

    def write(prompt: Sequence[int], num_tokens: int) -> int:
        library.llama_memory_clear(library.llama_get_memory(model.ctx), True)
        unread = (library.llama_token * len(prompt))(*prompt)
        said = 0
        while True:
            if library.llama_decode(model.ctx, library.llama_batch_get_one(unread, len(unread))):
                raise RuntimeError("llama_decode failed")
            token = library.llama_sampler_sample(sampler, model.ctx, -1)
            said += 1
            if said == num_tokens:
                return said
            unread = (library.llama_token * 1)(token)

    return write


def onnx(folder: Path, threads: int) -> Write:
    from chatzero.interop.onnx_model import OnnxModel

    return ours(OnnxModel(folder))  # takes PyTorch's number of threads


ENGINES: dict[str, tuple[str, tuple[str, ...], Callable[[Path, int], Write]]] = {
    "ctranslate2": ("ct2", ("f32", "int8"), ctranslate2),
    "llama-cpp-python": ("gguf", ("f32", "q8_0"), llama_cpp),
    "onnxruntime": ("onnx", ("f32", "int8"), onnx),
}
"""By package: the format it reads, the precisions, and how it is opened."""


def opened(bundle: Bundle, threads: int, place: Path) -> Iterator[tuple[str, str, Write]]:
    """(library and version, precision, how it writes) of all that is installed and reads this model."""
    torch_name = f"torch {torch.__version__}"
    yield torch_name, "f32", ours(bundle.model)
    yield torch_name, "bf16", ours(copy.deepcopy(bundle.model).to(torch.bfloat16))
    for package, (target, precisions, open_it) in ENGINES.items():
        if missing([package.removesuffix("-python").replace("-", "_")]):
            print(f"{package}: not installed", file=sys.stderr)
            continue
        for precision in precisions:
            folder = place / f"{target}-{precision}"
            try:
                export(bundle, target, folder, precision, num_questions=8)
            except ChatZeroError as error:
                print(f"{package} {precision}: {error}", file=sys.stderr)
            else:
                yield f"{package} {version(package)}", precision, open_it(folder, threads)


def tokens_per_s(write: Write, prompt: Sequence[int], num_tokens: int) -> float:
    started_s = time.perf_counter()
    written = write(prompt, num_tokens)
    took_s = time.perf_counter() - started_s
    assert written == num_tokens, f"{written} tokens instead of {num_tokens}"
    return num_tokens / took_s


def in_turns(engines: Sequence[Write], prompt: Sequence[int], num_tokens: int, rounds: int) -> list[list[float]]:
    """Tokens per second of each engine in each round. Each round begins with another; a first one only warms up."""
    speeds: list[list[float]] = [[] for _ in engines]
    for number in range(1 + rounds):
        for i in range(len(engines)):
            turn = (i + number) % len(engines)
            speed = tokens_per_s(engines[turn], prompt, num_tokens)
            if number:
                speeds[turn].append(speed)
    return speeds


def compare(bundle: Bundle, threads: int, prompt_tokens: int, longest: int, rounds: int) -> dict[str, object]:
    """One chat on each engine, as a document."""
    config = bundle.model.config
    num_tokens = min(longest, config.max_seq_len - prompt_tokens)
    generator = torch.Generator().manual_seed(0)
    prompt = torch.randint(10, config.vocab_size - 1, (prompt_tokens,), generator=generator).tolist()
    with TemporaryDirectory() as place:
        engines = list(opened(bundle, threads, Path(place)))
        speeds = in_turns([write for _, _, write in engines], prompt, num_tokens, rounds)
    return {
        "machine": machine(torch.device("cpu")),
        "architecture": "decoder-only" if isinstance(config, GPTConfig) else "encoder-decoder",
        "parameters": sum(parameter.numel() for parameter in bundle.model.parameters()),
        "prompt_tokens": prompt_tokens,
        "tokens": num_tokens,
        "rounds": rounds,
        "tokens_per_s": [
            {
                "engine": name,
                "precision": precision,
                "median": round(median(measured), 1),
                "slowest": round(min(measured), 1),
                "fastest": round(max(measured), 1),
            }
            for (name, precision, _), measured in zip(engines, speeds, strict=True)
        ],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a model folder or a run folder")
    parser.add_argument("--prompt-tokens", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--out", type=Path, help="write the JSON there too")
    words = parser.parse_args()
    torch.set_num_threads(words.threads)
    document = compare(load_bundle(words.model), words.threads, words.prompt_tokens, words.tokens, words.rounds)
    settings = f"--prompt-tokens {words.prompt_tokens} --tokens {words.tokens} --rounds {words.rounds}"
    command = f"python -m benchmarks.decoding {words.model.name} {settings} --threads {words.threads}"
    tell({"command": command, **document}, words.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
