"""Many numbers in few characters: a tensor as 16-bit steps between its smallest and largest, for the page to unpack."""

import base64

import numpy as np

from chatzero.shapes import Float, Tensor

STEPS = 65535

Packed = dict[str, object]


def pack(tensor: Float[Tensor, "..."]) -> Packed:
    """`{"shape", "min", "max", "u16"}`: value = min + (max - min) * step / 65535, row by row, little-endian base64."""
    numbers = tensor.detach().cpu().double().numpy()
    low, high = (float(numbers.min()), float(numbers.max())) if numbers.size else (0.0, 0.0)
    steps = np.round((numbers - low) / ((high - low) or 1.0) * STEPS).astype("<u2")
    return {
        "shape": list(numbers.shape),
        "min": low,
        "max": high,
        "u16": base64.b64encode(steps.tobytes()).decode("ascii"),
    }


def unpack(packed: Packed) -> np.ndarray:
    """The numbers again, each within half a step: what the page's script does, in Python."""
    low, high, shape = packed["min"], packed["max"], packed["shape"]
    assert isinstance(low, float)
    assert isinstance(high, float)
    assert isinstance(shape, list)
    steps = np.frombuffer(base64.b64decode(str(packed["u16"])), dtype="<u2").astype(np.float64)
    return (low + (high - low) * steps / STEPS).reshape(shape)
