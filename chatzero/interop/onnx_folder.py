"""A folder for onnxruntime, both architectures and all their variants: graphs, our tokenizer, config and chat template.

The graphs themselves are `onnx_graphs`; running them is `onnx_model`.
"""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from chatzero.checkpoint.bundle import Bundle
from chatzero.interop.card import exported_card
from chatzero.interop.onnx_graphs import Graph, graphs_of
from chatzero.interop.precision import Precision
from chatzero.text.chat_template import JINJA

_ROUNDED = ["MatMul", "Gemm"]


def write_onnx(folder: Path, bundle: Bundle, precision: Precision) -> None:
    """Fill `folder`. In int8 the matrices of linear layers are kept in eight bits, a scale for each column."""
    for graph in graphs_of(bundle.model):
        exact = folder / graph.file
        if precision.name == "f32":
            _trace(graph, exact)
            continue
        exact = folder / f"f32-{graph.file}"
        _trace(graph, exact)
        with _quietly():
            quantize_dynamic(exact, folder / graph.file, _ROUNDED, per_channel=True, weight_type=QuantType.QInt8)
        exact.unlink()
    config = {"format": "chatzero-onnx", **bundle.model.config.model_dump()}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (folder / "chat_template.jinja").write_text(JINJA, encoding="utf-8")
    bundle.tokenizer.save(folder)
    run = "`docs/interop.md` of ChatZero shows a loop of a few lines that runs it with `onnxruntime` alone."
    (folder / "README.md").write_text(exported_card(bundle.folder, {"library_name": "onnx"}, run), encoding="utf-8")


@torch.no_grad()
def _trace(graph: Graph, path: Path) -> None:
    with _quietly():
        program = torch.onnx.export(
            graph.module.eval(),
            graph.example,
            dynamo=True,
            dynamic_shapes=graph.free,
            input_names=graph.inputs,
            output_names=graph.outputs,
            external_data=False,
            verbose=False,
        )
    assert program is not None
    program.save(path, external_data=False)


@contextmanager
def _quietly() -> Iterator[None]:
    """Without what the exporters say to their own developers: deprecations, libraries that we do not use."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "root")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
