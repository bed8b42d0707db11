"""Checks on what is handed to a model: does it fit the context window, is the padding where it belongs."""

from chatzero.errors import ShapeError
from chatzero.language import tr
from chatzero.shapes import Bool, Tensor


def check_window(seq_len: int, max_seq_len: int) -> None:
    """Raises `ShapeError` when more positions are asked for than the model was built for."""
    if seq_len > max_seq_len:
        raise ShapeError(
            what=tr(
                f"{seq_len} positions, but max_seq_len={max_seq_len}",
                f"需要 {seq_len} 个位置，而 max_seq_len={max_seq_len}",
            ),
            why=tr("the model has positions only up to its context window", "模型只有上下文窗口以内的位置"),
            do=tr(
                f"shorten the text by {seq_len - max_seq_len} tokens, or build the model with max_seq_len={seq_len}",
                f"把文本缩短 {seq_len - max_seq_len} 个 token，或用 max_seq_len={seq_len} 建立模型",
            ),
        )


def check_left_padded(prompt_mask: Bool[Tensor, "B S"] | None) -> Bool[Tensor, "B S"] | None:
    """The mask if anything is padded, else None. Raises `ShapeError` unless each row is padding, then text."""
    if prompt_mask is None or bool(prompt_mask.all()):
        return None
    for row, real in enumerate(prompt_mask.tolist()):
        if not real[-1] or real != sorted(real):
            raise ShapeError(
                what=tr(f"row {row} of prompt_mask is not padded on the left", f"prompt_mask 第 {row} 行不是左侧填充"),
                why=tr("the answer goes on where the prompt ends, in every row", "每一行的回答都从提示的末尾接着写"),
                do=tr("put the padding before the text", "请把填充放在文本前面"),
            )
    return prompt_mask
