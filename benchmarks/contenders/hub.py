"""`transformers`: BART or Llama of the same shape, in the usual loop and in its own `Trainer` with its own defaults.

The `Trainer` is told the batch size, the learning rate and the precision; rows come in any order and are padded to the
longest of their batch. It needs `accelerate`.
"""

import tempfile
import time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    LlamaConfig,
    LlamaForCausalLM,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from benchmarks.contenders.contender import WARM_UP_STEPS, Contender, looping, numbers_in, plain_steps
from benchmarks.task import LEARNING_RATE, Task
from chatzero.data.batch import IGNORE, Batch, Seq2SeqBatch
from chatzero.data.rows import LMRows, PairRows
from chatzero.doctor.measure import wait_for
from chatzero.models.config import GPTConfig


def hub_model(task: Task) -> nn.Module:
    """With random weights."""
    torch.manual_seed(0)
    config = task.config
    if isinstance(config, GPTConfig):
        return LlamaForCausalLM(
            LlamaConfig(
                vocab_size=config.vocab_size,
                hidden_size=config.d_model,
                num_hidden_layers=config.num_layers,
                num_attention_heads=config.num_heads,
                num_key_value_heads=config.num_kv_heads,
                intermediate_size=config.dim_feedforward,
                max_position_embeddings=config.max_seq_len,
                tie_word_embeddings=True,
                use_cache=False,
                pad_token_id=task.pad_id,
            )
        )
    return BartForConditionalGeneration(
        BartConfig(
            vocab_size=config.vocab_size,
            d_model=config.d_model,
            encoder_layers=config.num_encoder_layers,
            decoder_layers=config.num_decoder_layers,
            encoder_attention_heads=config.num_heads,
            decoder_attention_heads=config.num_heads,
            encoder_ffn_dim=config.dim_feedforward,
            decoder_ffn_dim=config.dim_feedforward,
            max_position_embeddings=config.max_seq_len,
            dropout=0.0,
            use_cache=False,
            pad_token_id=task.pad_id,
            decoder_start_token_id=task.pad_id,
        )
    )


class _InTheUsualLoop(nn.Module):
    """Our batch to the model's logits."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, batch: Batch) -> Tensor:
        if isinstance(batch, Seq2SeqBatch):
            given = {"input_ids": batch.source_ids, "attention_mask": batch.source_mask.long()}
            given["decoder_input_ids"] = batch.decoder_ids
        else:
            given = {"input_ids": batch.token_ids}
        logits: Tensor = self.body(**given).logits
        return logits


def hub_in_the_usual_loop(task: Task) -> Contender:
    model = _InTheUsualLoop(hub_model(task))
    name = f"transformers, {_family(task)}, the usual loop"
    return looping(name, model, task.dtype, plain_steps(model, task, task.dtype))


class _Rows(Dataset[dict[str, list[int]]]):
    """Rows as `transformers` takes them; `labels` are not shifted."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __len__(self) -> int:
        return len(self._task.stream) // self._task.max_seq_len if self._task.kind == "text" else len(self._task.rows)

    def __getitem__(self, index: int) -> dict[str, list[int]]:
        rows, length = self._task.rows, self._task.max_seq_len
        if isinstance(rows, PairRows):
            pair = rows[index]
            return {"input_ids": pair.source_ids.tolist(), "labels": pair.target_ids.tolist()}
        if isinstance(rows, LMRows):
            row = rows[index]
            labels = np.where(row.trained_on, row.token_ids, IGNORE)
            return {"input_ids": row.token_ids.tolist(), "labels": labels.tolist()}
        block = self._task.stream[index * length : (index + 1) * length].tolist()
        return {"input_ids": block, "labels": block}


def _collator(task: Task) -> Any:
    """Pads ids with `<pad>` and labels with "no loss", each to the longest of the batch."""

    def padded(rows: list[dict[str, list[int]]]) -> dict[str, Tensor]:
        def rectangle(key: str, filling: int) -> Tensor:
            longest = max(len(row[key]) for row in rows)
            return torch.tensor([row[key] + [filling] * (longest - len(row[key])) for row in rows])

        ids = rectangle("input_ids", task.pad_id)
        return {"input_ids": ids, "attention_mask": (ids != task.pad_id).long(), "labels": rectangle("labels", IGNORE)}

    return padded


class _Stopwatch(TrainerCallback):
    """Stops the `Trainer` after some seconds, the first steps not counted."""

    def __init__(self, seconds: float, counts: "_Counting") -> None:
        self.seconds = seconds
        self.trainer = counts
        self.tokens_per_s = 0.0

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step <= WARM_UP_STEPS:
            wait_for(args.device)
            self.started_s, self.trainer.targets = time.perf_counter(), 0
        elif time.perf_counter() - self.started_s > self.seconds:
            wait_for(args.device)
            self.tokens_per_s = self.trainer.targets / (time.perf_counter() - self.started_s)
            control.should_training_stop = True


class _Counting(Trainer):
    """The `Trainer`, counting labels on the way to the model."""

    targets = 0

    def compute_loss(self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        labels = inputs["labels"]
        shifted = labels if model.config.is_encoder_decoder else labels[:, 1:]
        self.targets += int((shifted != IGNORE).sum())
        return super().compute_loss(model, inputs, *args, **kwargs)


def hub_trainer(task: Task) -> Contender:
    model = hub_model(task)
    rows = task.batch_tokens // task.max_seq_len if task.kind == "text" else task.rows_a_batch

    def train(seconds: float) -> float:
        with tempfile.TemporaryDirectory() as folder:
            words = TrainingArguments(
                output_dir=folder,
                per_device_train_batch_size=rows,
                max_steps=10**6,
                learning_rate=LEARNING_RATE,
                bf16=task.dtype == torch.bfloat16,
                use_cpu=task.device.type == "cpu",
                dataloader_pin_memory=task.device.type == "cuda",
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
            )
            trainer = _Counting(model, words, data_collator=_collator(task), train_dataset=_Rows(task))
            trainer.remove_callback(PrinterCallback)
            watch = _Stopwatch(seconds, trainer)
            trainer.add_callback(watch)
            trainer.train()
            return watch.tokens_per_s

    precision = str(task.dtype).removeprefix("torch.")
    return Contender(f"transformers, {_family(task)}, its Trainer", numbers_in(model), precision, train)


def _family(task: Task) -> str:
    return "Llama" if isinstance(task.config, GPTConfig) else "BART"
