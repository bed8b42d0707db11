"""One wide head in the place of eight narrow ones."""

from chatzero.lab.bench import bench_of
from chatzero.lab.pitfall import Measured, Pitfall, Scale, Words
from chatzero.lab.versions import COLUMNS, version_of

_HEADS = (8, 1)


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    versions = []
    for heads in _HEADS:
        model = bench.model(num_heads=heads, num_kv_heads=heads)
        shape = f"{heads} x {model.config.d_model // heads}"
        versions.append(version_of(bench, Words(shape, shape), bench.train(model)))
    many, one = (float(version.numbers["loss"]) for version in versions)
    return Measured(
        columns=COLUMNS,
        versions=tuple(versions),
        holds=one > 1.05 * many,
        found=Words(
            f"As many parameters, {scale.steps} steps: held-out loss {many:.2f} with eight heads, {one:.2f} with one.",
            f"参数一样多，{scale.steps} 步：八个头的留出损失 {many:.2f}，一个头 {one:.2f}。",
        ),
    )


pitfall = Pitfall(
    name="one-head",
    title=Words("One head", "只用一个头"),
    said=Words("One head learns worse than eight of an eighth of its width.", "一个头不如八个八分之一宽的头。"),
    why=Words(
        "A head gives each token one mixture of the others. Eight heads can look at eight places at once; one must put "
        "them all into the same weights. Both have the same matrices: many heads cost no parameters.",
        "一个头只能给每个词元一种混合。八个头可以同时看八处；一个头只能把它们都塞进同一组权重。"
        "两者的矩阵一样大：多头不增加参数。",
    ),
    wrong_line="attention = MultiHeadAttention(num_heads=1, d_model=128)",
    right_line="attention = MultiHeadAttention(num_heads=8, d_model=128)",
    run=run,
)
