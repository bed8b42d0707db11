"""The names of the engines that can run a model, what each needs, and what it cannot do. No torch here."""

from typing import Literal, get_args

from chatzero.errors import ConfigError
from chatzero.interop.installed import require_installed
from chatzero.language import tr

EngineName = Literal["torch", "onnx", "ct2", "llama.cpp"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
AUTO = "auto"
"""Measure, and take the fastest."""

_EXTRAS = {"onnx": "onnx", "ct2": "ct2", "llama.cpp": "llama-cpp"}
RUNS: dict[str, tuple[str, ...]] = {
    "onnx": ("onnx", "onnxscript", "onnxruntime"),
    "ct2": ("ctranslate2",),
    "llama.cpp": ("gguf", "llama_cpp"),
}
"""What each needs beside PyTorch."""
TOGETHER: tuple[EngineName, ...] = ("torch", "onnx")
"""Those that write many answers together, and have every option of the API: `auto` serves with one of them."""


def device_for(engine: str, device: str) -> str:
    """Where our model is loaded: another engine has it from the CPU, and computes there itself."""
    return device if engine in ("torch", AUTO) else "cpu"


def require_engine(name: str, device: str = "auto") -> None:
    """Raises `ConfigError` for an engine that is unknown, not installed, or asked onto a GPU."""
    if name not in (*ENGINES, AUTO):
        raise ConfigError(
            what=tr(f"--engine {name!r} is not an engine I know", f"--engine {name!r} 不是可用的引擎"),
            why=tr("each engine is run by its own code", "每个引擎由各自的代码运行"),
            do=tr(f"use one of {', '.join((*ENGINES, AUTO))}", f"请用 {'、'.join((*ENGINES, AUTO))} 之一"),
        )
    if name in RUNS:
        require_installed(RUNS[name], f"--engine {name}", _EXTRAS[name])
    if name in RUNS and device not in ("auto", "cpu"):
        raise ConfigError(
            what=tr(f"--engine {name} with --device {device}", f"--engine {name} 不能与 --device {device} 同用"),
            why=tr("the other engines are run on the CPU here", "其他引擎在这里只用 CPU 运行"),
            do=tr("leave --device out, or use --engine torch", "去掉 --device，或用 --engine torch"),
        )
