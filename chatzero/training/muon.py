"""Muon: momentum, then the nearest orthogonal matrix, as the update of a weight matrix.

Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks". A gradient's few large directions drown
the many small ones; replacing the update by U V^T of its singular value decomposition gives each direction the same
length. Five steps of a Newton-Schulz iteration come close enough. Only for matrices inside the layers: embeddings,
norms and biases stay with AdamW (`optimizer`).
"""

from collections import defaultdict
from collections.abc import Iterable

import torch
from torch import nn

from chatzero.shapes import Float, Tensor
from chatzero.training.sharding import divided_like, is_sharded, whole

# Jordan et al. 2024: chosen so that singular values land in about [0.7, 1.2] as fast as possible.
_A, _B, _C = 3.4445, -4.7750, 2.0315


def orthogonalise(matrices: Float[Tensor, "N R C"], steps: int = 5) -> Float[Tensor, "N R C"]:
    """Each matrix with its singular values moved close to one; singular vectors kept. Newton-Schulz, degree 5."""
    x = matrices.bfloat16()
    tall = x.size(1) > x.size(2)
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)  # singular values at most one, or the iteration diverges
    for _ in range(steps):
        gram = x @ x.mT
        even = torch.baddbmm(gram, gram, gram, beta=_B, alpha=_C)  # B gram + C gram^2, in one pass over memory
        x = torch.baddbmm(x, even, x, beta=_A)  # A x + even x
    orthogonal: Tensor = (x.mT if tall else x).to(matrices.dtype)
    return orthogonal


class Muon(torch.optim.Optimizer):
    """Nesterov momentum and `orthogonalise`, matrices of one shape together, with decoupled weight decay.

    The update is scaled by sqrt(max(1, rows / columns)) so that its effect on the output does not depend on the shape.
    """

    def __init__(
        self, matrices: Iterable[nn.Parameter], lr: float, momentum: float = 0.95, weight_decay: float = 0.0
    ) -> None:
        super().__init__(list(matrices), {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Move every matrix that has a gradient."""
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[nn.Parameter]] = defaultdict(list)
            for matrix in group["params"]:
                if matrix.grad is not None:
                    by_shape[matrix.shape].append(matrix)
            for matrices in by_shape.values():
                # Of matrices in parts one at a time is put together: all at once might not fit.
                alone = [[matrix] for matrix in matrices] if is_sharded(matrices[0]) else [matrices]
                for some in alone:
                    self._move(some, group["lr"], group["momentum"], group["weight_decay"])

    def _move(self, matrices: list[nn.Parameter], lr: float, momentum: float, weight_decay: float) -> None:
        looks_ahead = []
        for matrix in matrices:
            assert matrix.grad is not None
            state = self.state[matrix]
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(matrix)
            state["momentum"].lerp_(matrix.grad, 1 - momentum)
            looks_ahead.append(whole(torch.lerp(matrix.grad, state["momentum"], momentum)))
        updates = orthogonalise(torch.stack(looks_ahead))
        rows, columns = matrices[0].shape
        scale = max(1.0, rows / columns) ** 0.5
        for matrix, update in zip(matrices, updates, strict=True):
            matrix.mul_(1 - lr * weight_decay)
            matrix.add_(divided_like(update, matrix), alpha=-lr * scale)
