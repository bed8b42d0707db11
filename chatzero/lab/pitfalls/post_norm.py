"""Many layers with the norm after the sum, begun at the full learning rate."""

from chatzero.lab.bench import bench_of
from chatzero.lab.pitfall import Measured, Pitfall, Scale, Words
from chatzero.lab.versions import COLUMNS, version_of

_LAYERS = 6  # of the encoder, and of the decoder
_WARMUP = 0.1
_WIDTH, _HEADS, _INNER = 64, 2, 256


def run(scale: Scale) -> Measured:
    bench = bench_of(scale, "transformer")
    versions = []
    for order, warmup, name in (
        ("post", _WARMUP, Words("post-norm, warm-up", "post-norm，有预热")),
        ("post", 0.0, Words("post-norm, none", "post-norm，无预热")),
        ("pre", _WARMUP, Words("pre-norm, warm-up", "pre-norm，有预热")),
        ("pre", 0.0, Words("pre-norm, none", "pre-norm，无预热")),
    ):
        model = bench.model(
            d_model=_WIDTH,
            num_heads=_HEADS,
            dim_feedforward=_INNER,
            num_encoder_layers=_LAYERS,
            num_decoder_layers=_LAYERS,
            norm_order=order,
        )
        trained = bench.train(model, config=bench.config(optimizer="adamw", warmup=warmup))
        versions.append(version_of(bench, name, trained))
    post, post_cold, pre, pre_cold = (float(version.numbers["loss"]) for version in versions)
    return Measured(
        columns=COLUMNS,
        versions=tuple(versions),
        holds=post_cold > 1.2 * post and pre_cold < 1.2 * pre,
        found=Words(
            f"{_LAYERS} + {_LAYERS} layers, {scale.steps} steps of AdamW. Post-norm: {post:.2f} with warm-up, "
            f"{post_cold:.2f} without. Pre-norm: {pre:.2f} and {pre_cold:.2f}.",
            f"{_LAYERS} + {_LAYERS} 层，AdamW {scale.steps} 步。post-norm：有预热 {post:.2f}，无预热 {post_cold:.2f}；"
            f"pre-norm：{pre:.2f} 与 {pre_cold:.2f}。",
        ),
    )


pitfall = Pitfall(
    name="post-norm",
    title=Words("Post-norm without warm-up", "post-norm 没有预热"),
    said=Words(
        "A deep stack with the norm after the sum does not learn without warm-up; with the norm before, it does.",
        "归一化放在相加之后的深层网络，没有预热就学不动；放在之前就可以。",
    ),
    why=Words(
        "A norm after the sum stands in the way of the shortcut itself, in every layer: at the start the last layers "
        "get large gradients and the first small ones (Xiong et al. 2020), and steps at the full rate throw the model "
        "where it cannot learn. Rise to the rate slowly, or norm the sub-layer's input.",
        "归一化放在相加之后，每一层都挡在残差通路上：开始时靠后的层梯度大，靠前的层梯度小（Xiong 等 2020），"
        "一上来就用最高学习率，会把模型抛到学不动的地方。应让学习率慢慢升上去，或者归一化子层的输入。",
    ),
    wrong_line='TransformerConfig(norm_order="post"), TrainConfig(warmup=0.0)',
    right_line='TransformerConfig(norm_order="post"), TrainConfig(warmup=0.1)',
    run=run,
)
