"""The key/value cache: what attention computed for earlier positions, so that a new token costs one step.

A cache is an argument of `forward`, never an attribute of the model: two conversations share a model, not a cache.
For inference only: it writes in place, which autograd does not follow. Rows that begin and end at different times have
theirs in `ragged_cache`.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from chatzero.shapes import Float, Int, Tensor


@runtime_checkable
class RemembersKeysValues(Protocol):
    """What attention needs of the cache of its layer: to add what is new and get back all there is."""

    def append(
        self, keys: Float[Tensor, "B G T K"], values: Float[Tensor, "B G T K"]
    ) -> tuple[Float[Tensor, "B G S K"], Float[Tensor, "B G S K"]]:
        """Add T positions; give back all S so far."""


@runtime_checkable
class RemembersLayers(Protocol):
    """What a stack needs of a cache: one for each of its layers."""

    @property
    def layers(self) -> Sequence[RemembersKeysValues]: ...


class LayerCache:
    """The keys and values of one attention layer, for all positions so far.

    The storage has room for more than is in use and doubles when full, so that appending a token copies one token.
    """

    def __init__(self) -> None:
        self.length = 0
        self._keys: Tensor | None = None  # B G capacity K
        self._values: Tensor | None = None

    def append(
        self, keys: Float[Tensor, "B G T K"], values: Float[Tensor, "B G T K"]
    ) -> tuple[Float[Tensor, "B G S K"], Float[Tensor, "B G S K"]]:
        """Add T positions; give back all S so far, as views into the storage."""
        start, self.length = self.length, self.length + keys.shape[2]
        if self._keys is None or self._values is None or self.length > self._keys.shape[2]:
            self._keys = _grown(self._keys, start, keys, self.length)
            self._values = _grown(self._values, start, values, self.length)
        self._keys[:, :, start : self.length] = keys
        self._values[:, :, start : self.length] = values
        return self.held()

    def held(self) -> tuple[Float[Tensor, "B G S K"], Float[Tensor, "B G S K"]]:
        """The keys and values of all S positions so far, as views into the storage; there must be some."""
        assert self._keys is not None
        assert self._values is not None
        return self._keys[:, :, : self.length], self._values[:, :, : self.length]

    def select(self, rows: Int[Tensor, "N"]) -> None:
        """Keep, reorder or repeat rows of the batch: row i becomes what row `rows[i]` was."""
        if self._keys is not None and self._values is not None:
            self._keys = self._keys.index_select(0, rows)
            self._values = self._values.index_select(0, rows)

    def rewind(self, length: int) -> None:
        """Forget the positions from `length` on."""
        self.length = min(self.length, length)


class KVCache:
    """One LayerCache for each layer of a stack."""

    def __init__(self, num_layers: int) -> None:
        self.layers = [LayerCache() for _ in range(num_layers)]

    @property
    def length(self) -> int:
        """Positions so far."""
        return self.layers[0].length

    def select(self, rows: Int[Tensor, "N"]) -> None:
        """Keep, reorder or repeat rows of the batch."""
        for layer in self.layers:
            layer.select(rows)

    def rewind(self, length: int) -> None:
        """Forget the positions from `length` on."""
        for layer in self.layers:
            layer.rewind(length)


def _grown(
    old: Float[Tensor, "B G capacity K"] | None, used: int, like: Float[Tensor, "B G T K"], needed: int
) -> Float[Tensor, "B G larger K"]:
    """Storage for at least `needed` positions, twice the old capacity, holding the `used` positions of the old."""
    capacity = max(needed, 2 * old.shape[2] if old is not None else 2 * needed)
    batch_size, num_kv_heads, _, head_dim = like.shape
    new = like.new_empty(batch_size, num_kv_heads, capacity, head_dim)
    if old is not None:
        new[:, :, :used] = old[:, :, :used]
    return new
