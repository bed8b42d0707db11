"""Small models that have learnt something: with random weights greedy answers repeat one token, and hide faults."""

from functools import cache

import pytest
import torch

from chatzero.data.batch import Batch
from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.loader import Loader
from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.interface import LanguageModel
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.objective import batch_loss
from tests.models.random_models import GPT_VARIANTS

KNOWN = [
    *(Conversation.of(f"What is {a} + {b}?", f"{a} + {b} = {a + b}.") for a in range(8) for b in range(8)),
    *(Conversation.of(f"{a}加{b}等于几？", f"{a}加{b}等于{a + b}。") for a in range(8) for b in range(8)),
]
QUESTIONS = [Conversation(conversation.messages[:1]) for conversation in KNOWN]
"""128 of them, half of them Chinese."""

VARIANTS: dict[str, dict[str, object]] = {
    "qwen3": {},
    "llama": {"qk_norm": False, "tie_embeddings": False, "rope_theta": 50000.0},
    "gpt2": {**GPT_VARIANTS["GPT-2"]},
    "marian": {},
    "marian untied": {"tie_embeddings": False},
    "bart": {"embedding_norm": True, "positions": "learned"},
    "bart sinusoidal": {"embedding_norm": True, "activation": "gelu"},
    "pegasus": {"norm_order": "pre"},
    "blenderbot": {"norm_order": "pre", "positions": "learned"},
    "mbart": {"norm_order": "pre", "embedding_norm": True, "positions": "learned"},
}
"""Each model family of `transformers` that a variant of ours equals, by name."""


DECODER_ONLY = ("qwen3", "llama", "gpt2")
QUICK = ("qwen3", "gpt2", "marian")
EACH = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in VARIANTS]
"""All variants; those beside the two defaults and GPT-2 only among the slow tests, for each has to be trained."""


@cache
def tokenizer() -> Tokenizer:
    return Tokenizer.train((m.content for c in KNOWN for m in c.messages), 320)


def config_of(variant: str) -> GPTConfig | TransformerConfig:
    fields: dict[str, object] = {
        "vocab_size": tokenizer().vocab_size,
        "d_model": 64,
        "num_heads": 4,
        "dim_feedforward": 128,
        "dropout": 0.0,
        "max_seq_len": 64,
        **VARIANTS.get(variant, {"positions": variant}),
    }
    if variant in DECODER_ONLY:
        return GPTConfig.model_validate({"num_layers": 2, "num_kv_heads": 2, **fields})
    return TransformerConfig.model_validate({"num_encoder_layers": 2, "num_decoder_layers": 2, **fields})


@cache
def trained(variant: str, steps: int = 120) -> LanguageModel:
    """The same weights every time: right about most sums, wrong about some."""
    model = build(config_of(variant), torch.Generator().manual_seed(0)).train()
    rows = (
        lm_rows(KNOWN, tokenizer(), 64)
        if model.config.arch == "gpt"
        else seq2seq_rows(KNOWN, tokenizer(), 64, every_turn=True)
    )
    loader = Loader(rows, batch_tokens=1500, seed=1, pad_id=tokenizer().pad_id)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * min(1.0, (step + 1) / 20)
        batch: Batch = loader.batch_at(step)
        loss = batch_loss(model, batch)
        optimizer.zero_grad()
        torch.autograd.backward(loss.sum_nats / loss.num_targets)
        optimizer.step()
    return model.eval()
