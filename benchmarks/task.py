"""What every contender is given: the same text, the same shape of model, batches of the same size.

Two tasks. "chat": short conversations, where only the answers carry loss; a batch holds whole conversations. "text":
the same words as running text, where every token carries loss; the usual loop for it cuts blocks from one long stream.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from chatzero.curriculum.generate import training_conversations
from chatzero.curriculum.registry import skills_of
from chatzero.data.batch import Batch
from chatzero.data.documents import document_rows
from chatzero.data.loader import Loader
from chatzero.data.packing import PackedRows
from chatzero.data.records import Document
from chatzero.data.rows import LMRows, PairRows
from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.sizes import Arch, sized
from chatzero.pipeline.bench import builtin_rows
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.precision import faster_precision

Kind = Literal["chat", "text"]
LEARNING_RATE = 1e-3
VOCAB_SIZE = 4096
_CONVERSATIONS_A_DOCUMENT = 8


@dataclass(frozen=True)
class Task:
    """`dtype` is what was measured to be the faster for ours; libraries that offer it get it too."""

    kind: Kind
    config: GPTConfig | TransformerConfig
    pad_id: int
    rows: LMRows | PairRows | PackedRows
    stream: Tensor
    batch_tokens: int
    device: torch.device
    dtype: torch.dtype

    @property
    def max_seq_len(self) -> int:
        return self.config.max_seq_len

    def loader(self) -> Loader:
        """Our batches: rows of like length together, or packed."""
        return Loader(self.rows, batch_tokens=self.batch_tokens, seed=1, pad_id=self.pad_id, repeat_shapes=True)

    @property
    def rows_a_batch(self) -> int:
        """So that a batch of rows in any order holds as many real tokens as one of ours has places."""
        return max(1, round(self.batch_tokens / float(self.rows.widths.sum(axis=1).mean())))

    def random_batches(self) -> Iterator[Batch]:
        """Rows in any order, padded to the longest among them: the usual loader."""
        chance = np.random.default_rng(1)
        while True:
            chosen = chance.choice(len(self.rows), self.rows_a_batch, replace=len(self.rows) < self.rows_a_batch)
            yield self.rows.batch(chosen, self.pad_id, self.rows.widths[chosen].max(axis=0)).to(self.device)

    def layers(self) -> tuple[int, int]:
        """Of the encoder, of the decoder."""
        if isinstance(self.config, TransformerConfig):
            return self.config.num_encoder_layers, self.config.num_decoder_layers
        return 0, self.config.num_layers

    @property
    def plain_width(self) -> int:
        """Of the feed-forward, so that a plain layer has as many numbers as ours.

        Ours of a GPT: 3 d^2 in grouped attention and 9 d^2 in SwiGLU; a plain one: 4 d^2 and 2 d times this.
        """
        return self.config.dim_feedforward if self.config.arch == "transformer" else 4 * self.config.d_model


def task_of(
    kind: Kind, arch: Arch, size: str, batch_tokens: int, max_seq_len: int, conversations: int, device: torch.device
) -> tuple[Task, dict[str, float]]:
    """The task, and the seconds of a step of ours in each precision."""
    tokenizer, rows = builtin_rows(arch, conversations, VOCAB_SIZE, max_seq_len)
    config = sized(arch, size, tokenizer.vocab_size, max_seq_len, dropout=0.0)
    documents = _documents(conversations)
    given: LMRows | PairRows | PackedRows = rows if kind == "chat" else document_rows(documents, tokenizer, max_seq_len)
    stream = _stream(documents, tokenizer)
    task = Task(kind, config, tokenizer.pad_id, given, stream, batch_tokens, device, torch.float32)
    model = build(config, torch.Generator().manual_seed(0)).to(device)
    precision, seconds = faster_precision(model, task.loader().batch_at(0))
    return Task(**{**vars(task), "dtype": getattr(torch, precision)}), seconds


def _documents(conversations: int) -> list[Document]:
    """Some conversations a document, a turn a line."""
    turns = [
        "\n".join(message.content for message in conversation.messages)
        for conversation in islice(training_conversations(skills_of("core"), 1), conversations)
    ]
    step = _CONVERSATIONS_A_DOCUMENT
    return [Document("\n\n".join(turns[i : i + step])) for i in range(0, len(turns), step)]


def _stream(documents: list[Document], tokenizer: Tokenizer) -> Tensor:
    """All documents one after the other, as ids."""
    parts = tokenizer.encode_batch([document.text for document in documents])
    return torch.tensor([token for ids in parts for token in (tokenizer.document_id, *ids)])
