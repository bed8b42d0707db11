"""`torch.nn.Transformer`, or its encoder under a causal mask, in the usual loop."""

import torch
from torch import Tensor, nn

from benchmarks.contenders.contender import Contender, causal, looping, plain_steps, read_by_decoder
from benchmarks.contenders.tutorial import Embedded
from benchmarks.task import Task
from chatzero.data.batch import Batch, Seq2SeqBatch


class TorchModel(Embedded):
    """The masks of `torch.nn` are True where nothing may look."""

    def __init__(self, task: Task) -> None:
        config = task.config
        super().__init__(config.vocab_size, config.d_model, task.max_seq_len)
        encoders, decoders = task.layers()
        width, heads = config.d_model, config.num_heads
        self.body: nn.Module
        if encoders:
            self.body = nn.Transformer(
                width, heads, encoders, decoders, task.plain_width, dropout=0.0, batch_first=True
            )
        else:
            layer = nn.TransformerEncoderLayer(width, heads, task.plain_width, dropout=0.0, batch_first=True)
            self.body = nn.TransformerEncoder(layer, decoders, enable_nested_tensor=False)

    def forward(self, batch: Batch) -> Tensor:
        ids = read_by_decoder(batch)
        mask = ~causal(ids.shape[1], ids.device)
        if not isinstance(batch, Seq2SeqBatch):
            return self.score(self.body(self.embed(ids), mask=mask, is_causal=True))
        padding = ~batch.source_mask
        hidden = self.body(
            self.embed(batch.source_ids),
            self.embed(ids),
            tgt_mask=mask,
            tgt_is_causal=True,
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
        )
        return self.score(hidden)


def torch_layers(task: Task) -> Contender:
    torch.manual_seed(0)
    model = TorchModel(task)
    return looping("torch.nn.Transformer", model, task.dtype, plain_steps(model, task, task.dtype))
