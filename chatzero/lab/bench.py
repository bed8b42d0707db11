"""The same small task for every pitfall: a few skills of the built-in curriculum, a small model, a few hundred steps.

Everything is drawn from one seed, so two versions differ in the mistake alone. The training step is the library's own
(`training.step`); a mistake in the batch goes in through `edit`, one in the model is made on the model.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import torch

from chatzero.curriculum.generate import held_out_items, training_conversations
from chatzero.curriculum.registry import SKILLS
from chatzero.curriculum.skill import Item
from chatzero.data.batch import Batch
from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.loader import Loader
from chatzero.device import seeded_generator
from chatzero.evaluation.answer import greedy_answers
from chatzero.lab.pitfall import Scale
from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.interface import LanguageModel
from chatzero.models.sizes import Arch
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.config import TrainConfig
from chatzero.training.evaluate import held_out_loss
from chatzero.training.optimizer import build_optimizers
from chatzero.training.state import TrainState
from chatzero.training.step import train_step

# Skills that a small model learns within some hundred steps, of different kinds: recall, copying, order.
_SKILLS = ("weekdays", "vocab_en_zh", "vocab_zh_en", "repeat_after", "first_last")
_SEED = 1
_HELD_OUT_SEED = 2017
_VOCAB_SIZE = 1024
_WINDOW = 128
_BATCH_TOKENS = 2048
_LOOKS = 8

Edit = Callable[[Batch], Batch]


def as_it_is(batch: Batch) -> Batch:
    """The edit of the right version."""
    return batch


@dataclass(frozen=True)
class Trained:
    """What a run ended with."""

    model: LanguageModel
    curve: tuple[tuple[int, float], ...]
    """(step, held-out loss), as the version itself computes it."""
    train_loss: float
    """Of the last steps, as the version itself computes it."""


class Bench:
    """Data, tokenizer and questions of one architecture at one scale."""

    def __init__(self, scale: Scale, arch: Arch = "gpt") -> None:
        self.scale, self.arch = scale, arch
        skills = [skill for skill in SKILLS if skill.name in _SKILLS]
        self._training = list(islice(training_conversations(skills, _SEED), scale.conversations))
        self._checks = {skill.name: skill.check for skill in skills}
        self.items: list[Item] = held_out_items(skills, _HELD_OUT_SEED, scale.questions)
        texts = (message.content for conversation in self._training for message in conversation.messages)
        self.tokenizer = Tokenizer.train(texts, _VOCAB_SIZE)

    @cached_property
    def loader(self) -> Loader:
        return self._loader(self._training)

    @cached_property
    def held_out(self) -> list[Batch]:
        return list(self._loader([item.conversation for item in self.items]).in_order())

    def model(self, **changes: object) -> LanguageModel:
        """The small model with its starting weights, always the same; `changes` to its config."""
        common = {"vocab_size": self.tokenizer.vocab_size, "d_model": 128, "num_heads": 4, "max_seq_len": _WINDOW}
        if self.arch == "gpt":
            sizes = {"num_kv_heads": 2, "num_layers": 4, "dim_feedforward": 384}
            return build(GPTConfig.model_validate(common | sizes | changes), seeded_generator(_SEED))
        layers = {"num_encoder_layers": 2, "num_decoder_layers": 2, "dim_feedforward": 384, "dropout": 0.0}
        return build(TransformerConfig.model_validate(common | layers | changes), seeded_generator(_SEED))

    def train(self, model: LanguageModel, edit: Edit = as_it_is, steps: int | None = None) -> Trained:
        """The library's own steps on the batches as `edit` gives them; looks at the held-out loss now and then."""
        steps = self.scale.steps if steps is None else steps
        torch.manual_seed(_SEED)  # dropout
        config = TrainConfig(steps=steps, batch_tokens=_BATCH_TOKENS, precision="float32", device="cpu")
        state = TrainState(model, build_optimizers(model, config))
        held_out = [edit(batch) for batch in self.held_out]
        curve = [(0, held_out_loss(model, held_out))]
        losses: list[float] = []
        every = max(1, steps // _LOOKS)
        for step in range(steps):
            batch = edit(self.loader.batch_at(step))
            losses.append(train_step(state, batch, (step + 0.5) / steps, config, torch.float32).loss)
            if (step + 1) % every == 0 or step + 1 == steps:
                curve.append((step + 1, held_out_loss(model, held_out)))
        last = losses[-max(1, steps // 10) :]
        return Trained(model.eval(), tuple(curve), sum(last) / len(last))

    def loss(self, model: LanguageModel) -> float:
        """The held-out loss by the right rule, whatever the version did in training."""
        return held_out_loss(model, self.held_out)

    def answers(self, model: LanguageModel) -> list[str]:
        """To the held-out questions, in their order: by the real decoder, a token at a time."""
        return greedy_answers(model, self.tokenizer, [Conversation(item.prompt) for item in self.items], max_tokens=32)

    def right(self, answers: list[str]) -> float:
        """Share of the answers that their skill's checker accepts."""
        marks = [self._checks[item.skill](answer, item) for item, answer in zip(self.items, answers, strict=True)]
        return sum(marks) / len(marks)

    def sample(self, answers: list[str]) -> str:
        """One question with its answer, always the same question."""
        item = self.items[0]
        return f"{item.prompt[-1].content} -> {answers[0]}"

    def _loader(self, conversations: list[Conversation]) -> Loader:
        if self.arch == "gpt":
            rows = lm_rows(conversations, self.tokenizer, _WINDOW)
            return Loader(rows, batch_tokens=_BATCH_TOKENS, seed=_SEED, pad_id=self.tokenizer.pad_id)
        pairs = seq2seq_rows(conversations, self.tokenizer, _WINDOW, every_turn=False)
        return Loader(pairs, batch_tokens=_BATCH_TOKENS, seed=_SEED, pad_id=self.tokenizer.pad_id)
