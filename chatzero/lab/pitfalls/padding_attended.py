"""An encoder that reads the padding of its row as if it were text."""

from dataclasses import replace

import torch

from chatzero.data.batch import Batch, Seq2SeqBatch
from chatzero.lab.bench import Bench, Trained, bench_of
from chatzero.lab.pitfall import Measured, Number, Pitfall, Scale, Version, Words
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel

_EXTRA = 16


def _seen(batch: Batch) -> Batch:
    assert isinstance(batch, Seq2SeqBatch)
    return replace(batch, source_mask=torch.ones_like(batch.source_mask))


def _longer(batch: Seq2SeqBatch, pad_id: int) -> Seq2SeqBatch:
    """The same questions, as they stand in a batch with a longer one: more padding behind each."""
    rows = batch.num_rows
    padding = batch.source_ids.new_full((rows, _EXTRA), pad_id)
    return replace(
        batch,
        source_ids=torch.cat([batch.source_ids, padding], dim=1),
        source_mask=torch.cat([batch.source_mask, torch.zeros_like(padding, dtype=torch.bool)], dim=1),
    )


@torch.no_grad()
def _moved(bench: Bench, model: LanguageModel, masked: bool) -> float:
    """The largest change of any probability of the first batch when padding is added behind the questions."""
    assert isinstance(model, Transformer)
    batch = bench.held_out[0]
    assert isinstance(batch, Seq2SeqBatch)
    found = []
    for one in (batch, _longer(batch, bench.tokenizer.pad_id)):
        mask = one.source_mask if masked else None
        found.append(model(one.source_ids, one.decoder_ids, source_mask=mask).softmax(dim=-1))
    real = batch.targets >= 0
    return float((found[0] - found[1])[real].abs().max())


def run(scale: Scale) -> Measured:
    bench = bench_of(scale, "transformer")

    def version(name: Words, trained: Trained, masked: bool) -> Version:
        numbers: dict[str, Number] = {"loss": trained.loss, "moved": _moved(bench, trained.model, masked)}
        return Version(name, numbers, trained.curve)

    good = version(Words("padding masked", "遮住填充"), bench.trained, True)
    bad = version(Words("padding attended to", "注意到填充"), bench.train(bench.model(), _seen), False)
    return Measured(
        columns={
            "loss": Words("held-out loss", "留出损失"),
            "moved": Words(f"largest change by {_EXTRA} more padding", f"多 {_EXTRA} 个填充时概率的最大变化"),
        },
        versions=(good, bad),
        holds=float(bad.numbers["moved"]) > 0.01 and float(bad.numbers["loss"]) > float(good.numbers["loss"]),
        found=Words(
            f"Held-out loss {float(good.numbers['loss']):.2f} and {float(bad.numbers['loss']):.2f}. More padding "
            f"behind the same question moves a probability by up to {float(good.numbers['moved']):.2%} and "
            f"{float(bad.numbers['moved']):.0%}.",
            f"留出损失 {float(good.numbers['loss']):.2f} 与 {float(bad.numbers['loss']):.2f}。在同一个问题后面"
            f"多加填充，概率最多变 {float(good.numbers['moved']):.2%} 与 {float(bad.numbers['moved']):.0%}。",
        ),
    )


pitfall = Pitfall(
    name="padding-attended",
    title=Words("Padding attended to", "注意力看到了填充"),
    said=Words(
        "Without a padding mask the model learns worse, and its answer depends on its neighbours in the batch.",
        "没有填充掩码，模型学得更差，而且回答取决于同一批次里的其他句子。",
    ),
    why=Words(
        "Every row of a batch is filled up to the longest. Unmasked, the filling takes a share of the attention, more "
        "of it the longer the neighbour is. Training on such batches makes a model used to it, not independent of it.",
        "批次中每一行都补到与最长的一行同长。不遮住的话，填充会分走一份注意力，邻居越长分走越多。在这样的批次上训练，"
        "模型只是习惯了它，并没有摆脱它。",
    ),
    wrong_line="memory = encoder(source_ids)",
    right_line="memory = encoder(source_ids, source_mask)",
    run=run,
)
