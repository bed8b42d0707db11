"""How the width is split over heads: arithmetic and its errors, without torch, so that configs can ask too."""

from chatzero.errors import ConfigError
from chatzero.language import tr


def split_width(d_model: int, num_heads: int) -> int:
    """head_dim, the width of one head. Raises `ConfigError` when the heads do not divide d_model."""
    if num_heads < 1 or d_model < 1:
        raise ConfigError(
            what=tr(f"d_model={d_model}, num_heads={num_heads}", f"d_model={d_model}，num_heads={num_heads}"),
            why=tr("both are counts, at least 1", "两者都是个数，至少为 1"),
            do=tr("use, say, d_model=256 and num_heads=8", "例如 d_model=256、num_heads=8"),
        )
    if d_model % num_heads != 0:
        below, above = d_model // num_heads * num_heads, (d_model // num_heads + 1) * num_heads
        widths = " or ".join(str(width) for width in (below, above) if width > 0)
        heads = max(n for n in range(1, num_heads) if d_model % n == 0)
        raise ConfigError(
            what=tr(
                f"d_model={d_model} cannot be split over num_heads={num_heads}",
                f"d_model={d_model} 不能平分给 num_heads={num_heads}",
            ),
            why=tr(
                "each head takes an equal slice of the residual stream",
                "每个头取残差流中相等的一段",
            ),
            do=tr(
                f"use d_model={widths}, or num_heads={heads}",
                f"改为 d_model={widths.replace(' or ', ' 或 ')}，或 num_heads={heads}",
            ),
        )
    return d_model // num_heads


def check_groups(num_heads: int, num_kv_heads: int) -> None:
    """Raises `ConfigError` when the query heads cannot share the key/value heads equally."""
    if num_kv_heads < 1 or num_heads % num_kv_heads != 0:
        divisors = [n for n in range(1, num_heads + 1) if num_heads % n == 0]
        nearest = min(divisors, key=lambda n: abs(n - num_kv_heads))
        raise ConfigError(
            what=tr(
                f"num_heads={num_heads} cannot share num_kv_heads={num_kv_heads}",
                f"num_heads={num_heads} 不能平分 num_kv_heads={num_kv_heads}",
            ),
            why=tr(
                "each key/value head serves an equal group of query heads",
                "每个键值头服务同样多的查询头",
            ),
            do=tr(f"use num_kv_heads={nearest}", f"改为 num_kv_heads={nearest}"),
        )
