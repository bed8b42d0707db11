"""The tensors of a checkpoint in shards: each process writes the parts it holds, any number of them reads them back.

By torch.distributed.checkpoint, in its safetensors format: each file says in its header where its parts belong, so that
nothing is pickled. When a folder is whole, and what else is in it, is known elsewhere (`resume`).
"""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import distributed

from chatzero.shapes import Tensor

Place = Callable[[str, torch.Size, torch.dtype], Tensor]
"""Where a tensor of that name, shape and type is to be read to; it may be one of which this process holds a part."""


def has_shards(folder: Path) -> bool:
    return any(folder.glob("shard-*.safetensors"))


def write_shards(folder: Path, tensors: Mapping[str, Tensor], group: distributed.ProcessGroup) -> None:
    """Called by every process of the group with the same names. Returns when all have written. Raises `OSError`."""
    from torch.distributed.checkpoint.api import CheckpointException
    from torch.distributed.checkpoint.hf_storage import HuggingFaceStorageWriter
    from torch.distributed.checkpoint.state_dict_saver import save

    try:
        writer = HuggingFaceStorageWriter(str(folder), save_distributed=True)
        save(dict(tensors), storage_writer=writer, process_group=group)
    except CheckpointException as error:
        first, _ = next(iter(error.failures.values()))
        raise (first if isinstance(first, OSError) else OSError(str(first))) from error


def read_shards(
    folder: Path, place: Place | None = None, group: distributed.ProcessGroup | None = None
) -> dict[str, Tensor]:
    """Every tensor, whole; or read to where `place` says, by every process of the group together."""
    from torch.distributed.checkpoint.hf_storage import HuggingFaceStorageReader
    from torch.distributed.checkpoint.metadata import TensorStorageMetadata
    from torch.distributed.checkpoint.state_dict_loader import load

    reader = HuggingFaceStorageReader(str(folder))
    tensors: dict[str, Tensor] = {}
    for name, item in reader.read_metadata().state_dict_metadata.items():
        if "/" in name and isinstance(item, TensorStorageMetadata):  # the random generators beside them have no "/"
            shape, dtype = item.size, item.properties.dtype
            tensors[name] = torch.empty(shape, dtype=dtype) if place is None else place(name, shape, dtype)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "torch.distributed is disabled")  # one process alone: as intended
        load(dict(tensors), storage_reader=reader, process_group=group, no_dist=group is None)
    return tensors
