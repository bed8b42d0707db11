"""What can be wrong with the tensors handed to attention, and what to do about it."""

import torch

from chatzero.errors import ShapeError
from chatzero.language import tr
from chatzero.shapes import Tensor


def check_width(name: str, x: Tensor, d_model: int) -> None:
    """Raises `ShapeError` unless `x` is (batch, seq_len, d_model)."""
    if x.dim() == 3 and x.shape[2] == d_model:
        return
    given = tuple(x.shape)
    raise ShapeError(
        what=tr(
            f"{name} has shape {given}, expected (batch, seq_len, {d_model})",
            f"{name} 的形状是 {given}，应为 (batch, seq_len, {d_model})",
        ),
        why=tr(
            f"this block was built with d_model={d_model}, the size of the last dimension",
            f"这个模块的 d_model={d_model}，即最后一维的大小",
        ),
        do=_mend_width(name, given, d_model),
    )


def check_rows(query: Tensor, keys: Tensor) -> None:
    """Raises `ShapeError` unless there are keys for each row of the batch of queries."""
    if query.shape[0] == keys.shape[0]:
        return
    raise ShapeError(
        what=tr(
            f"key_value has {keys.shape[0]} rows (dimension 0), query has {query.shape[0]}",
            f"key_value 有 {keys.shape[0]} 行（第 0 维），query 有 {query.shape[0]} 行",
        ),
        why=tr("each row of the batch reads its own row", "批次中每一行只读自己的那一行"),
        do=tr(
            "hand in the same rows, or repeat them: key_value.repeat_interleave(n, dim=0)",
            "请传入相同的行，或把它们重复：key_value.repeat_interleave(n, dim=0)",
        ),
    )


def check_mask(attn_mask: Tensor, batch_size: int, query_len: int, key_len: int) -> None:
    """Raises `ShapeError` unless the mask is boolean and fits (batch, 1, queries, keys), rows and queries perhaps 1."""
    given, wanted = tuple(attn_mask.shape), (batch_size, 1, query_len, key_len)
    if attn_mask.dtype != torch.bool:
        raise ShapeError(
            what=tr(
                f"attn_mask is {attn_mask.dtype}, expected torch.bool",
                f"attn_mask 的类型是 {attn_mask.dtype}，应为 torch.bool",
            ),
            why=tr("True means: this query may attend to this key", "True 表示：这个查询可以注意这个键"),
            do=tr("use attn_mask.bool() if ones mean yes", "若 1 表示可以，用 attn_mask.bool()"),
        )
    sizes_allowed = ((1, batch_size), (1,), (1, query_len), (key_len,))
    if len(given) == 4 and all(size in allowed for size, allowed in zip(given, sizes_allowed, strict=True)):
        return
    raise ShapeError(
        what=tr(f"attn_mask has shape {given}, expected {wanted}", f"attn_mask 的形状是 {given}，应为 {wanted}"),
        why=tr(
            "it says for each row, query and key whether the query may attend; rows and queries may be 1, for all",
            "它对每一行、每个查询、每个键说明能否注意；行与查询这两维可以是 1，表示全部",
        ),
        do=_mend_mask(given, wanted),
    )


def _mend_width(name: str, given: tuple[int, ...], d_model: int) -> str:
    if len(given) == 2 and given[1] == d_model:
        return tr(f"add the batch dimension: {name}.unsqueeze(0)", f"补上批次维：{name}.unsqueeze(0)")
    if len(given) == 3 and given[1] == d_model:
        return tr(
            f"dimension 1 has the right size: {name}.transpose(1, 2)", f"第 1 维的大小正好：{name}.transpose(1, 2)"
        )
    if len(given) != 3:
        return tr(f"give {name} three dimensions", f"让 {name} 有三个维度")
    return tr(
        f"build the block with d_model={given[2]}, or project {name} to {d_model}",
        f"用 d_model={given[2]} 建立模块，或把 {name} 投影到 {d_model}",
    )


def _mend_mask(given: tuple[int, ...], wanted: tuple[int, int, int, int]) -> str:
    batch_size, _, query_len, key_len = wanted
    if given == (query_len, key_len):
        return tr(
            "add the dimensions of rows and heads: attn_mask[None, None]", "补上行与头两维：attn_mask[None, None]"
        )
    if given == (batch_size, query_len, key_len):
        return tr("add the dimension of heads: attn_mask[:, None]", "补上头这一维：attn_mask[:, None]")
    return tr(
        "make it with causal_mask, padding_mask or document_mask of chatzero.blocks.masks",
        "请用 chatzero.blocks.masks 的 causal_mask、padding_mask 或 document_mask 生成",
    )
