"""Recipe -> what a run needs: conversations, tokenizer, rows, model. Deterministic: a resumed run gets the same."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch

from chatzero.checkpoint.bundle import load_bundle
from chatzero.curriculum.generate import held_out_items, training_conversations
from chatzero.curriculum.registry import SKILLS
from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.loader import Loader
from chatzero.data.rows import LMRows, PairRows
from chatzero.device import choose_device
from chatzero.errors import ConfigError
from chatzero.language import tr
from chatzero.models.build import build
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from chatzero.models.sizes import sized
from chatzero.pipeline.recipe import Recipe
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer
from chatzero.training.run import Materials

_HELD_OUT_SEED = 20_170_612  # the day "Attention Is All You Need" appeared; training seeds are never this
_HELD_OUT_PER_CELL = 6  # for the loss; the scoreboard asks its own, more
_TOKENIZER_TEXTS = 40_000
_TOKENIZER_FOLDER = "tokenizer"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Corpus:
    """The conversations to train on, and those kept for the held-out loss."""

    training: Sequence[Conversation]
    held_out: Sequence[Conversation]


def gather(recipe: Recipe, folder: Path, say: Say) -> tuple[Materials, Corpus]:
    """Everything `training.run.run` needs for this recipe; what is worth saying on the way is said.

    The tokenizer is kept in the run folder, so that a resumed run cannot get another one.
    """
    corpus = _corpus(recipe, say)
    tokenizer = _tokenizer(recipe, folder, corpus, say)
    model = _model(recipe, tokenizer)
    device = choose_device(recipe.train.device)
    say(tr(f"Device: {device.device} ({device.reason})", f"设备：{device.device}（{device.reason}）"))
    train_rows, held_out_rows = (
        _rows(recipe, model, tokenizer, conversations) for conversations in (corpus.training, corpus.held_out)
    )
    loader = Loader(train_rows, batch_tokens=recipe.train.batch_tokens, seed=recipe.train.seed, pad_id=tokenizer.pad_id)
    held_out = Loader(held_out_rows, batch_tokens=recipe.train.batch_tokens, seed=0, pad_id=tokenizer.pad_id)
    batches = list(held_out.in_order())
    targets = sum(batch.num_targets for batch in batches)
    answer_bytes = sum(len(m.content.encode()) for c in corpus.held_out for m in c.messages if m.role == "assistant")
    materials = Materials(
        model=model.to(device.device),
        tokenizer=tokenizer,
        loader=loader,
        held_out=batches,
        bytes_per_target=answer_bytes / max(1, targets),
        card="",
    )
    return materials, corpus


def _corpus(recipe: Recipe, say: Say) -> Corpus:
    training: list[Conversation] = []
    held_out: list[Conversation] = []
    if recipe.builtin is not None:
        training += islice(training_conversations(SKILLS, recipe.builtin.seed), recipe.builtin.examples)
        held_out += [item.conversation for item in held_out_items(SKILLS, _HELD_OUT_SEED, _HELD_OUT_PER_CELL)]
        say(
            tr(
                f"Built-in data: {len(training):,} conversations from {len(SKILLS)} skills in Chinese and English",
                f"内置数据：{len(SKILLS)} 种中英文技能，共 {len(training):,} 段对话",
            )
        )
    return Corpus(training, held_out)


def _tokenizer(recipe: Recipe, folder: Path, corpus: Corpus, say: Say) -> Tokenizer:
    kept = folder / _TOKENIZER_FOLDER
    if recipe.model.start_from is not None:
        return load_bundle(recipe.model.start_from).tokenizer
    if recipe.tokenizer.folder is not None:
        return Tokenizer.load(recipe.tokenizer.folder)
    if (kept / "tokenizer.json").exists():
        return Tokenizer.load(kept)
    tokenizer = Tokenizer.train(_texts(corpus.training[:_TOKENIZER_TEXTS]), recipe.tokenizer.vocab_size)
    tokenizer.save(kept)
    sample = " ".join(_texts(corpus.training[:500]))
    characters = f"{len(sample) / len(tokenizer.encode(sample)):.2f}"
    say(
        tr(
            f"Tokenizer: {tokenizer.vocab_size:,} tokens, {characters} characters a token",
            f"分词器：{tokenizer.vocab_size:,} 个 token，平均每个 {characters} 个字符",
        )
    )
    return tokenizer


def _texts(conversations: Sequence[Conversation]) -> Iterator[str]:
    return (message.content for conversation in conversations for message in conversation.messages)


def _model(recipe: Recipe, tokenizer: Tokenizer) -> LanguageModel:
    table = recipe.model
    if table.start_from is not None:
        return load_bundle(table.start_from).model.train()
    config = sized(table.arch, table.size, tokenizer.vocab_size, table.max_seq_len, dropout=table.dropout)
    return build(config, torch.Generator().manual_seed(recipe.train.seed))


def _rows(
    recipe: Recipe, model: LanguageModel, tokenizer: Tokenizer, conversations: Sequence[Conversation]
) -> LMRows | PairRows:
    max_seq_len = model.config.max_seq_len
    match recipe.stage, model:
        case "sft", GPT():
            return lm_rows(conversations, tokenizer, max_seq_len)
        case "sft", Transformer():
            return seq2seq_rows(conversations, tokenizer, max_seq_len, every_turn=recipe.data is not None)
        case _:
            raise ConfigError(
                what=tr(
                    f"stage {recipe.stage!r} with arch {recipe.model.arch!r}",
                    f"阶段 {recipe.stage!r} 与架构 {recipe.model.arch!r}",
                ),
                why=tr("plain text trains a decoder-only model", "纯文本用于训练仅解码器模型"),
                do=tr('use arch = "gpt", or stage = "sft"', '请用 arch = "gpt"，或 stage = "sft"'),
            )
