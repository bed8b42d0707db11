"""The smallest real things that tests of several rooms share: a tokenizer, two models, conversations, a loader."""

import torch

from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.loader import Loader
from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.interface import LanguageModel
from chatzero.models.sizes import Arch
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer

CONVERSATIONS = [
    *(Conversation.of(f"What is {a} + {b}?", f"{a} + {b} = {a + b}") for a in range(8) for b in range(8)),
    *(Conversation.of("你是谁？", "我是 AI 助手。") for _ in range(8)),
    Conversation.of("Hi", "Hello!", "你是谁？", "我是 AI 助手。"),
]


def tokenizer() -> Tokenizer:
    return Tokenizer.train((m.content for c in CONVERSATIONS for m in c.messages), 320)


def model(arch: Arch, tokens: Tokenizer, dropout: float = 0.1, seed: int = 0) -> LanguageModel:
    config: GPTConfig | TransformerConfig
    if arch == "gpt":
        config = GPTConfig(
            vocab_size=tokens.vocab_size,
            d_model=32,
            num_heads=4,
            num_kv_heads=2,
            num_layers=2,
            dim_feedforward=64,
            dropout=dropout,
            max_seq_len=64,
        )
    else:
        config = TransformerConfig(
            vocab_size=tokens.vocab_size,
            d_model=32,
            num_heads=4,
            num_encoder_layers=1,
            num_decoder_layers=1,
            dim_feedforward=64,
            dropout=dropout,
            max_seq_len=64,
        )
    return build(config, torch.Generator().manual_seed(seed))


def loader(arch: Arch, tokens: Tokenizer, batch_tokens: int = 400, seed: int = 1) -> Loader:
    if arch == "gpt":
        return Loader(lm_rows(CONVERSATIONS, tokens, 64), batch_tokens=batch_tokens, seed=seed, pad_id=tokens.pad_id)
    rows = seq2seq_rows(CONVERSATIONS, tokens, 64, every_turn=True)
    return Loader(rows, batch_tokens=batch_tokens, seed=seed, pad_id=tokens.pad_id)
