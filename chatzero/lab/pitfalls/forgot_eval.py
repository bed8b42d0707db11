"""Dropout left on while the model is used."""

import torch

from chatzero.data.batch import LMBatch
from chatzero.lab.bench import Bench, bench_of
from chatzero.lab.pitfall import Measured, Pitfall, Scale, Version, Words
from chatzero.models.decoder_only import GPT
from chatzero.models.interface import LanguageModel
from chatzero.training.objective import batch_loss

_DROPOUT = 0.2


@torch.no_grad()
def _used(bench: Bench, model: LanguageModel) -> tuple[float, float]:
    """Held-out loss in the model's own mode, and the share of places where two passes choose the same token."""
    torch.manual_seed(0)
    nats, count, same, places = 0.0, 0, 0, 0
    assert isinstance(model, GPT)
    for batch in bench.held_out:
        assert isinstance(batch, LMBatch)
        loss = batch_loss(model, batch)
        nats, count = nats + float(loss.plain_nats), count + loss.num_targets
        first, second = (model(batch.token_ids).argmax(dim=-1) for _ in range(2))
        same, places = same + int((first == second).sum()), places + first.numel()
    return nats / count, same / places


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    model = bench.train(bench.model(dropout=_DROPOUT)).model

    def version(call: str, mode: bool) -> Version:
        loss, same = _used(bench, model.train(mode))
        return Version(Words(call, call), {"loss": loss, "same": f"{same:.1%}"})

    right, wrong = version("model.eval()", False), version("model.train()", True)
    good, bad = float(right.numbers["loss"]), float(wrong.numbers["loss"])
    return Measured(
        columns={
            "loss": Words("held-out loss", "留出损失"),
            "same": Words("same choice twice in a row", "两次选择相同"),
        },
        versions=(right, wrong),
        holds=bad > 1.05 * good,
        found=Words(
            f"Dropout {_DROPOUT}: held-out loss {good:.2f} with eval(), {bad:.2f} without; two passes over the same "
            f"text choose the same token {wrong.numbers['same']} of the time.",
            f"dropout {_DROPOUT}：有 eval() 时留出损失 {good:.2f}，没有时 {bad:.2f}；同一段文字跑两次，"
            f"选出相同词元的比例是 {wrong.numbers['same']}。",
        ),
    )


pitfall = Pitfall(
    name="forgot-eval",
    title=Words("Forgetting eval()", "忘了 eval()"),
    said=Words(
        "With dropout on, answers get worse and change from one time to the next.",
        "dropout 没关，回答会变差，而且每次都不一样。",
    ),
    why=Words(
        "Dropout removes a random part of every layer's output, which trains a model and harms its use. A new PyTorch "
        "module is in training mode until told otherwise; `load_bundle` and `decode` of this library call eval().",
        "dropout 会随机去掉每层输出的一部分，训练时有益，使用时有害。PyTorch 模块在被告知之前一直处于训练模式；"
        "本库的 `load_bundle` 和 `decode` 会调用 eval()。",
    ),
    wrong_line="logits = model(token_ids)",
    right_line="model.eval(); logits = model(token_ids)",
    run=run,
)
