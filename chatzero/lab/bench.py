"""The same small task for every pitfall, a small model, a few hundred steps.

Everything is drawn from one seed, so two versions differ in the mistake alone. The training step is the library's own
(`training.step`); a mistake in the batch goes in through `edit`, one in the model is made on the model.
"""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from statistics import fmean

import torch

from chatzero.curriculum.generate import held_out_items, training_items
from chatzero.curriculum.skill import Item
from chatzero.data.batch import Batch
from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.loader import Loader
from chatzero.device import seeded_generator
from chatzero.evaluation.answer import greedy_answers
from chatzero.lab.pitfall import Number, Scale
from chatzero.lab.task import TASK
from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.interface import LanguageModel
from chatzero.models.sizes import Arch
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.config import TrainConfig
from chatzero.training.evaluate import held_out_loss
from chatzero.training.guards.finite import NotFiniteError
from chatzero.training.optimizer import build_optimizers
from chatzero.training.state import TrainState
from chatzero.training.step import train_step

_SEED = 1
_HELD_OUT_SEED = 2017
_VOCAB_SIZE = 400
_WINDOW = 96
_LOOKS = 8

Edit = Callable[[Batch], Batch]


def as_it_is(batch: Batch) -> Batch:
    """The edit of the right version."""
    return batch


Before = Callable[[TrainState], None]


def nothing(state: TrainState) -> None:
    """Before each step of the right version."""


@dataclass(frozen=True)
class Trained:
    """What a run ended with."""

    model: LanguageModel
    curve: tuple[tuple[int, float], ...]
    """(step, held-out loss), as the version itself computes it."""
    lost_at: int | None = None
    """The step at which a loss or gradient was no number, which ended the run."""

    @property
    def loss(self) -> Number:
        """The held-out loss at the end, or "NaN" where the run was lost."""
        return "NaN" if self.lost_at is not None else self.curve[-1][1]


class Bench:
    """Data, tokenizer and questions of one architecture at one scale."""

    def __init__(self, scale: Scale, arch: Arch = "gpt") -> None:
        self.scale, self.arch = scale, arch
        self.training = [item.conversation for item in islice(training_items(TASK, _SEED), scale.conversations)]
        self._checks = {skill.name: skill.check for skill in TASK}
        self.items: list[Item] = held_out_items(TASK, _HELD_OUT_SEED, scale.questions)
        texts = (message.content for conversation in self.training for message in conversation.messages)
        self.tokenizer = Tokenizer.train(texts, _VOCAB_SIZE)

    @cached_property
    def loader(self) -> Loader:
        return self.loader_of(self.training)

    @cached_property
    def held_out(self) -> list[Batch]:
        return list(self.loader_of([item.conversation for item in self.items]).in_order())

    def model(self, **changes: object) -> LanguageModel:
        """The small model with its starting weights, always the same; `changes` to its config."""
        common = {"vocab_size": self.tokenizer.vocab_size, "d_model": 128, "num_heads": 4, "max_seq_len": _WINDOW}
        if self.arch == "gpt":
            sizes = {"num_kv_heads": 2, "num_layers": 3, "dim_feedforward": 384}
            return build(GPTConfig.model_validate(common | sizes | changes), seeded_generator(_SEED))
        layers = {"num_encoder_layers": 2, "num_decoder_layers": 2, "dim_feedforward": 384, "dropout": 0.0}
        return build(TransformerConfig.model_validate(common | layers | changes), seeded_generator(_SEED))

    def config(self, **changes: object) -> TrainConfig:
        """How the right version is trained, with `changes`."""
        right = {
            "steps": self.scale.steps,
            "batch_tokens": self.scale.batch_tokens,
            "optimizer": "muon",
            "precision": "float32",
            "device": "cpu",
        }
        return TrainConfig.model_validate(right | changes)

    @cached_property
    def trained(self) -> Trained:
        """The right version, trained once for every pitfall of this process: to be used, not to be changed."""
        return self.train(self.model())

    def train(
        self,
        model: LanguageModel,
        edit: Edit = as_it_is,
        config: TrainConfig | None = None,
        *,
        loader: Loader | None = None,
        before: Before = nothing,
        dtype: torch.dtype = torch.float32,
        loss_scale: float = 1.0,
        looks: Collection[int] = (),
    ) -> Trained:
        """The library's own steps on the batches as `edit` gives them; looks at the held-out loss now and then.

        `before` each step the state may be tampered with. `loss_scale` is what a scaler multiplies the loss with; the
        model must divide it out again. `looks` are more steps after which to look.
        """
        config, loader = config or self.config(), loader or self.loader
        steps = config.steps or 0
        torch.manual_seed(_SEED)  # dropout
        state = TrainState(model, build_optimizers(model, config))
        held_out = [edit(batch) for batch in self.held_out]
        curve = [(0, held_out_loss(model, held_out))]
        looks = {round(steps * (i + 1) / _LOOKS) for i in range(_LOOKS)}.union(looks)
        lost_at = None
        for step in range(steps):
            before(state)
            batch = edit(loader.batch_at(step))
            try:
                train_step(state, batch, (step + 0.5) / steps, config, dtype, batch.num_targets / loss_scale)
            except NotFiniteError as error:
                lost_at = error.step
                break
            if step + 1 in looks:
                look = held_out_loss(model, held_out)
                if not math.isfinite(look):
                    lost_at = step + 1
                    break
                curve.append((step + 1, look))
        return Trained(model.eval(), tuple(curve), lost_at)

    def loss(self, model: LanguageModel) -> float:
        """The held-out loss by the right rule, whatever the version did in training."""
        return held_out_loss(model, self.held_out)

    def answers(self, model: LanguageModel) -> list[str]:
        """To the held-out questions, in their order: by the real decoder, a token at a time."""
        return greedy_answers(model, self.tokenizer, [Conversation(item.prompt) for item in self.items], max_tokens=32)

    def marks(self, answers: list[str]) -> list[bool]:
        """Which of the answers their skill's checker accepts."""
        return [self._checks[item.skill](answer, item) for item, answer in zip(self.items, answers, strict=True)]

    def right(self, answers: list[str]) -> float:
        """The share of them."""
        return fmean(self.marks(answers))

    def sample(self, answers: list[str]) -> str:
        """One question with its answer, always the same question."""
        item = self.items[0]
        return f"{item.prompt[-1].content} -> {answers[0]}"

    def loader_of(self, conversations: list[Conversation]) -> Loader:
        """Batches of these conversations, as the bench makes them."""
        if self.arch == "gpt":
            rows = lm_rows(conversations, self.tokenizer, _WINDOW)
            return Loader(rows, batch_tokens=self.scale.batch_tokens, seed=_SEED, pad_id=self.tokenizer.pad_id)
        pairs = seq2seq_rows(conversations, self.tokenizer, _WINDOW, every_turn=False)
        return Loader(pairs, batch_tokens=self.scale.batch_tokens, seed=_SEED, pad_id=self.tokenizer.pad_id)


@cache
def bench_of(scale: Scale, arch: Arch = "gpt") -> Bench:
    """The bench that the pitfalls of one process share."""
    return Bench(scale, arch)
