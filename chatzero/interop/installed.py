"""Are the libraries of an engine installed? If not, an error that names the command that installs them."""

from collections.abc import Sequence
from importlib.util import find_spec

from chatzero.errors import ConfigError
from chatzero.language import tr

WRITES: dict[str, tuple[str, ...]] = {
    "hf": ("transformers",),
    "gguf": ("gguf",),
    "ct2": ("ctranslate2",),
    "onnx": ("onnx", "onnxscript", "onnxruntime"),
}
"""What each format of `--to` is written with. The name is also that of the extra which installs it."""


def missing(modules: Sequence[str]) -> list[str]:
    """Those that cannot be imported."""
    return [module for module in modules if find_spec(module) is None]


def require_installed(modules: Sequence[str], wanted: str, extra: str) -> None:
    """Raises `ConfigError` unless all are there; `wanted` is what the person asked for, as in "--to onnx"."""
    if absent := missing(modules):
        raise ConfigError(
            what=tr(f"{wanted} needs {', '.join(absent)}", f"{wanted} 需要 {'、'.join(absent)}"),
            why=tr("it is not installed here: it is an extra", "这里没有安装它：它是可选的扩展"),
            do=f'pip install "chatzero[{extra}]"',
        )
