"""Training in float16 without a scaler: small gradients become zero."""

import torch

from chatzero.lab.bench import Bench, bench_of
from chatzero.lab.pitfall import Measured, Number, Pitfall, Scale, Version, Words
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Float, Tensor
from chatzero.training.objective import batch_loss

_LOSS_SCALE = 2.0**12


def _gradient(bench: Bench, model: LanguageModel, dtype: torch.dtype, loss_scale: float) -> Float[Tensor, "N"]:
    batch = bench.loader.batch_at(0)
    with torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32):
        loss = batch_loss(model, batch).sum_nats / batch.num_targets * loss_scale
    grads = torch.autograd.grad(loss, list(model.parameters()))
    return torch.cat([grad.flatten() for grad in grads]) / loss_scale


def _unscaled(model: LanguageModel, loss_scale: float) -> LanguageModel:
    """The model, with every gradient divided by the scale: in float32, after the matrices are through with it."""
    for parameter in model.parameters():
        parameter.register_hook(lambda grad: grad / loss_scale)  # type: ignore[no-untyped-call]
    return model


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    exact = _gradient(bench, bench.trained.model, torch.float32, 1.0)
    versions = []
    for name, dtype, loss_scale in (
        (Words("float32", "float32"), torch.float32, 1.0),
        (Words("float16, no scaler", "float16，不缩放"), torch.float16, 1.0),
        (Words("float16, scaled", "float16，有缩放"), torch.float16, _LOSS_SCALE),
        (Words("bfloat16", "bfloat16"), torch.bfloat16, 1.0),
    ):
        gradient = _gradient(bench, bench.trained.model, dtype, loss_scale)
        lost = ((gradient == 0) & (exact != 0)).sum() / (exact != 0).sum()
        model = _unscaled(bench.model(), loss_scale)
        trained = bench.trained if name.en == "float32" else bench.train(model, dtype=dtype, loss_scale=loss_scale)
        numbers: dict[str, Number] = {
            "lost": f"{float(lost):.1%}",
            "error": f"{float((gradient - exact).norm() / exact.norm()):.1%}",
            "loss": trained.loss,
            "right": f"{bench.right(bench.answers(trained.model)):.0%}",
        }
        versions.append(Version(name, numbers, trained.curve))
    full, bare, scaled = (version.numbers for version in versions[:3])
    return Measured(
        columns={
            "lost": Words("gradients that became zero", "变成零的梯度"),
            "error": Words("gradient's error", "梯度的误差"),
            "loss": Words("held-out loss", "留出损失"),
            "right": Words("right answers", "答对"),
        },
        versions=tuple(versions),
        holds=float(bare["loss"]) > 1.05 * float(full["loss"]) and float(scaled["loss"]) < 1.05 * float(full["loss"]),
        found=Words(
            f"Of the trained model's gradients float16 loses {bare['lost']}, and {scaled['lost']} with the loss times "
            f"{_LOSS_SCALE:g}. Trained so: held-out loss {float(bare['loss']):.2f} and {float(scaled['loss']):.2f}, "
            f"{float(full['loss']):.2f} in float32.",
            f"训练好的模型，float16 会丢掉 {bare['lost']} 的梯度，损失乘以 {_LOSS_SCALE:g} 后为 {scaled['lost']}。"
            f"这样训练出的留出损失为 {float(bare['loss']):.2f} 和 {float(scaled['loss']):.2f}，float32 为 "
            f"{float(full['loss']):.2f}。",
        ),
    )


pitfall = Pitfall(
    name="float16-unscaled",
    title=Words("float16 without a scaler", "float16 没有缩放损失"),
    said=Words(
        "In float16 small gradients vanish, and training fails unless the loss is scaled up.",
        "float16 下小梯度会消失，不放大损失就训练不好。",
    ),
    why=Words(
        "The smallest number of float16 is 6e-8. Gradients of single places are a loss divided by all targets, and "
        "many are smaller. A scaler multiplies the loss, so that all gradients move up, and divides in float32 "
        "(Micikevicius et al. 2018). bfloat16 has the range of float32 and needs none: take it where you can.",
        "float16 最小的数是 6e-8。单个位置的梯度是损失除以全部目标数，很多比这还小。缩放器先放大损失，让所有梯度上移，"
        "再在 float32 里除回来（Micikevicius 等 2018）。bfloat16 的范围与 float32 相同，不需要缩放：能选就选它。",
    ),
    wrong_line="with autocast(dtype=float16): loss.backward(); optimizer.step()",
    right_line="scaler.scale(loss).backward(); scaler.step(optimizer); scaler.update()",
    run=run,
)
