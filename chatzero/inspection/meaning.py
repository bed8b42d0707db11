"""What each step does, in one line and both languages, and which part of the model it belongs to."""

from typing import Literal, NamedTuple, get_args

from chatzero.language import tr

Part = Literal["embedding", "norm", "projection", "attention", "feed_forward", "residual", "output"]
PARTS: tuple[Part, ...] = get_args(Part)


class Meaning(NamedTuple):
    """The part, and the line in English and Chinese."""

    part: Part
    en: str
    zh: str


_MEANINGS: dict[str, Meaning] = {
    "embedding": Meaning("embedding", "each token id picks its row of the table", "每个词元编号取出表中的一行"),
    "embedded": Meaning("embedding", "what enters the first layer", "进入第一层的向量"),
    "positions": Meaning("embedding", "a vector for each position, to be added", "每个位置的向量，加到词元向量上"),
    "rotary": Meaning("embedding", "the angle by which each position turns q and k", "每个位置把 q、k 转过的角度"),
    "input.out": Meaning("embedding", "tokens + positions: what enters the stack", "词元 + 位置：进入这一摞层"),
    "q_proj": Meaning("projection", "x @ Wq: what each position looks for", "x @ Wq：每个位置要找什么"),
    "k_proj": Meaning("projection", "x @ Wk: what each position offers to be found by", "x @ Wk：每个位置凭什么被找到"),
    "v_proj": Meaning("projection", "x @ Wv: what each position has to say", "x @ Wv：每个位置要说什么"),
    "q_norm": Meaning("norm", "queries to a steady size", "把查询归一到稳定的大小"),
    "k_norm": Meaning("norm", "keys to a steady size", "把键归一到稳定的大小"),
    "q": Meaning("projection", "split into heads: view, transpose(1, 2)", "切成多个头：view，再 transpose(1, 2)"),
    "k": Meaning("projection", "split into heads: view, transpose(1, 2)", "切成多个头：view，再 transpose(1, 2)"),
    "v": Meaning("projection", "split into heads: view, transpose(1, 2)", "切成多个头：view，再 transpose(1, 2)"),
    "scores": Meaning("attention", "q @ k.T / sqrt(head_dim), then the mask", "q @ k.T / sqrt(head_dim)，再加掩码"),
    "weights": Meaning("attention", "softmax over the keys: each row sums to 1", "对键做 softmax：每行之和为 1"),
    "mixed": Meaning("attention", "weights @ v: the values, mixed", "weights @ v：按权重混合各个值"),
    "out_proj": Meaning("projection", "heads joined, @ Wo: back to the stream", "各头拼接后 @ Wo：回到残差流"),
    "out": Meaning("residual", "x + what the block said: the residual stream", "x + 模块的输出：残差流"),
    "norm": Meaning("norm", "each vector to a steady size", "把每个向量归一到稳定的大小"),
    "gate": Meaning("feed_forward", "x @ Wgate: which features to let through", "x @ Wgate：放行哪些特征"),
    "up": Meaning("feed_forward", "x @ Wup: into a wider space", "x @ Wup：进入更宽的空间"),
    "activated": Meaning("feed_forward", "the non-linearity", "非线性"),
    "down": Meaning("feed_forward", "@ Wdown: back to the stream", "@ Wdown：回到残差流"),
    "memory": Meaning("output", "the encoder's reading of the source", "编码器读完源文的结果"),
    "hidden": Meaning("output", "the last vector of each position", "每个位置的最后向量"),
    "logits": Meaning("output", "hidden @ table.T: a score for each token", "hidden @ 词表.T：每个词元的分数"),
    "loss": Meaning("output", "mean cross-entropy of the targets", "各目标的平均交叉熵"),
}

_PART_NAMES: dict[Part, tuple[str, str]] = {
    "embedding": ("embedding and positions", "嵌入与位置"),
    "norm": ("norms", "归一化"),
    "projection": ("q, k, v, out projections", "q、k、v、out 投影"),
    "attention": ("attention itself", "注意力本身"),
    "feed_forward": ("feed-forward", "前馈网络"),
    "residual": ("residual additions", "残差相加"),
    "output": ("output scores and loss", "输出分数与损失"),
}


def meaning_of(step: str) -> Meaning:
    """What the step of that name does. Raises `KeyError` for a step that no model has."""
    if step.startswith("embedding."):
        return _MEANINGS["embedding"]
    last_two = ".".join(step.split(".")[-2:])
    return _MEANINGS[last_two] if last_two in _MEANINGS else _MEANINGS[step.rpartition(".")[2]]


def part_name(part: Part) -> str:
    """The part in the reader's language."""
    return tr(*_PART_NAMES[part])
