"""Named tensors in a safetensors file, read with words when it cannot be read. Never a pickle."""

import os
import re
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from chatzero.errors import ModelFolderError
from chatzero.language import tr
from chatzero.shapes import Tensor


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write tensors by name. Tensors that share memory are written once each. Raises `OSError` as `open` does."""
    try:
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, path)
    except SafetensorError as error:  # it has the system's error number in its words only
        if found := re.search(r"os error (\d+)", str(error)):
            raise OSError(int(found[1]), os.strerror(int(found[1])), str(path)) from error
        raise


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Read what `write_tensors` wrote. Raises `ModelFolderError` for a missing or torn file."""
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelFolderError(
            what=tr(f"cannot read {path}", f"无法读取 {path}"),
            why=str(error),
            do=tr("copy the file again, or make it again", "请重新复制或重新生成该文件"),
        ) from error
