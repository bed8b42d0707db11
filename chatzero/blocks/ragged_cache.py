"""The cache of a batch whose rows begin and end at different times: each row is as long as it is.

Row r keeps its positions 0 ... lengths[r] - 1 at the front of its storage; what lies behind them is rubble that a mask
hides. A row that joins is copied in once, a row that leaves makes room for another, and the others never move. For
prompts that begin and end together the plain `cache` is the simpler one.
"""

from collections.abc import Sequence

import torch

from chatzero.blocks.masks import padding_mask
from chatzero.shapes import Bool, Float, Int, Tensor


class RaggedLayerCache:
    """The keys and values of one layer. Which row is how long is known to the `RaggedCache` it belongs to."""

    def __init__(self, owner: "RaggedCache") -> None:
        self._owner = owner
        self._keys: Tensor | None = None  # rows G positions K, both first with room to spare
        self._values: Tensor | None = None

    def append(
        self, keys: Float[Tensor, "B G 1 K"], values: Float[Tensor, "B G 1 K"]
    ) -> tuple[Float[Tensor, "B G S K"], Float[Tensor, "B G S K"]]:
        """Write the newest position of each row, as `RaggedCache.advance` said; give back all, as views."""
        owner = self._owner
        all_keys, all_values = self._storage(like=keys)
        all_keys[owner.rows, :, owner.newest] = keys[:, :, 0]
        all_values[owner.rows, :, owner.newest] = values[:, :, 0]
        return self.views()

    def views(self) -> tuple[Float[Tensor, "B G S K"], Float[Tensor, "B G S K"]]:
        """All rows, up to the longest."""
        assert self._keys is not None
        assert self._values is not None
        num_rows, longest = len(self._owner.lengths), self._owner.longest
        return self._keys[:num_rows, :, :longest], self._values[:num_rows, :, :longest]

    def write(self, row: int, keys: Float[Tensor, "G T K"], values: Float[Tensor, "G T K"]) -> None:
        """Make these the first T positions of a row."""
        all_keys, all_values = self._storage(like=keys[None])
        all_keys[row, :, : keys.shape[1]] = keys
        all_values[row, :, : keys.shape[1]] = values

    def copy_rows(self, sources: Int[Tensor, "N"], places: Int[Tensor, "N"], longest: int) -> None:
        """Row `places[i]` becomes what row `sources[i]` was."""
        if self._keys is not None:
            for storage in self._storage(like=self._keys):
                storage[places, :, :longest] = storage[sources, :, :longest]

    def _storage(self, like: Float[Tensor, "_ G _ K"]) -> tuple[Tensor, Tensor]:
        """Storage as large as the owner asks for, holding what it held."""
        wanted = (self._owner.row_capacity, like.shape[1], self._owner.position_capacity, like.shape[3])
        if self._keys is None or self._values is None or self._keys.shape != wanted:
            self._keys = _resized(self._keys, like, wanted)
            self._values = _resized(self._values, like, wanted)
        return self._keys, self._values


class RaggedCache:
    """One RaggedLayerCache for each layer, and the length of each row."""

    def __init__(self, num_layers: int) -> None:
        self.layers = [RaggedLayerCache(self) for _ in range(num_layers)]
        self.lengths: list[int] = []
        self.row_capacity = 1
        self.position_capacity = 1
        self.rows = torch.zeros(0, dtype=torch.long)
        self.newest = torch.zeros(0, dtype=torch.long)

    @property
    def longest(self) -> int:
        """The length of the longest row; 0 without rows."""
        return max(self.lengths, default=0)

    def advance(self, device: torch.device) -> None:
        """Every row becomes one position longer; `append` of each layer then writes that position."""
        self.newest = torch.tensor(self.lengths, dtype=torch.long, device=device)
        self.rows = torch.arange(len(self.lengths), device=device)
        self.lengths = [length + 1 for length in self.lengths]
        self._make_room()

    def add_row(self, layers: Sequence[tuple[Float[Tensor, "G T K"], Float[Tensor, "G T K"]]]) -> None:
        """A new last row, from its keys and values in each layer."""
        self.lengths.append(layers[0][0].shape[1])
        self._make_room()
        for layer, (keys, values) in zip(self.layers, layers, strict=True):
            layer.write(len(self.lengths) - 1, keys, values)

    def row(self, row: int) -> Float[Tensor, "layers 2 G S K"]:
        """A copy of the keys and values of one row."""
        length = self.lengths[row]
        return torch.stack([torch.stack([held[row, :, :length] for held in layer.views()]) for layer in self.layers])

    def select(self, rows: Int[Tensor, "N"]) -> None:
        """Keep, reorder or repeat rows: row i becomes what row `rows[i]` was. Copies only the rows that move."""
        chosen = rows.tolist()
        longest = self.longest
        self.lengths = [self.lengths[row] for row in chosen]
        self._make_room()
        moved = [place for place, row in enumerate(chosen) if place != row]
        if moved:
            places = torch.tensor(moved, device=rows.device)
            for layer in self.layers:
                layer.copy_rows(rows[places], places, longest)

    def real(self, device: torch.device) -> Bool[Tensor, "B 1 1 S"] | None:
        """Which positions hold something, as a mask for attention; None when all do."""
        longest = self.longest
        if all(length == longest for length in self.lengths):
            return None
        lengths = torch.tensor(self.lengths, device=device)
        return padding_mask(torch.arange(longest, device=device) < lengths[:, None])

    def _make_room(self) -> None:
        """Capacity doubles, so that growing costs each row a few copies in all its life."""
        while self.row_capacity < len(self.lengths):
            self.row_capacity *= 2
        while self.position_capacity < self.longest:
            self.position_capacity *= 2


def _resized(
    old: Tensor | None, like: Float[Tensor, "_ G _ K"], shape: tuple[int, int, int, int]
) -> Float[Tensor, "rows G positions K"]:
    # Zeros, not rubble: a masked weight is 0, and 0 times an infinity that happens to lie there would be NaN.
    new = like.new_zeros(shape)
    if old is not None:
        new[: old.shape[0], :, : old.shape[2]] = old
    return new
