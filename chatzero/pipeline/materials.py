"""Recipe -> what a run needs: texts, tokenizer, rows, model. Deterministic: a resumed run gets the same."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random

import torch

from chatzero.checkpoint.bundle import load_bundle
from chatzero.curriculum.generate import held_out_items, training_conversations
from chatzero.curriculum.registry import skills_of
from chatzero.data.batch import IGNORE, LMBatch, Seq2SeqBatch
from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.documents import document_rows
from chatzero.data.front_door import read_documents
from chatzero.data.loader import Loader
from chatzero.data.packing import PackedRows
from chatzero.data.records import Document
from chatzero.data.rows import LMRows, PairRows
from chatzero.data.sides import Sorted, is_kept_on_disk
from chatzero.data.split import read_split
from chatzero.device import choose_device
from chatzero.errors import ConfigError, DataError
from chatzero.language import tr
from chatzero.models.build import build
from chatzero.models.config import GPTConfig, TransformerConfig, parse_model_config
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from chatzero.models.kernels import suit_kernels
from chatzero.models.sizes import sized
from chatzero.pipeline.large_data import (
    ROWS_AT_ONCE,
    Bar,
    Say,
    Source,
    Stream,
    characters_of,
    no_bar,
    rows_on_disk,
)
from chatzero.pipeline.recipe import ModelTable, Recipe
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import FILE_NAME, Tokenizer
from chatzero.training.run import Materials

_HELD_OUT_SEED = 20_170_612  # the day "Attention Is All You Need" appeared; training seeds are never this
_HELD_OUT_PER_CELL = 6  # for the loss; the scoreboard asks its own, more
_TOKENIZER_CHARACTERS = 6_000_000  # a few seconds; more text hardly changes a vocabulary of some thousand
_TOKENIZER_SAMPLES = 500  # to say how well it compresses
_TOKENIZER_FOLDER = "tokenizer"
_CHOICES = (
    "d_model", "num_heads", "num_kv_heads", "num_layers", "num_encoder_layers", "num_decoder_layers", "dim_feedforward",
    "positions", "norm_order",
)  # fmt: skip


@dataclass(frozen=True)
class Corpus:
    """What to train on, and what is kept for the held-out loss: conversations, or documents in stage "pretrain".

    Of data larger than the memory `training` holds the built-in conversations only, `held_out` a sample.
    """

    training: Sequence[Conversation | Document]
    held_out: Sequence[Conversation | Document]


def gather(recipe: Recipe, folder: Path, say: Say, bar: Bar = no_bar) -> tuple[Materials, Corpus]:
    """Everything `training.run.run` needs for this recipe; what is worth saying on the way is said.

    The tokenizer is kept in the run folder, so that a resumed run cannot get another one; and the rows of data that is
    larger than the memory.
    """
    stream = _stream(recipe, say)
    if stream is not None:
        corpus = Corpus([source for side, source in stream.beside if side == "training"], [])
        tokenizer = _tokenizer(recipe, folder, lambda: stream.sampled(_TOKENIZER_CHARACTERS, bar), say)
    else:
        corpus = _documents(recipe, say) if recipe.stage == "pretrain" else _conversations(recipe, say)
        tokenizer = _tokenizer(recipe, folder, lambda: _by_lot(corpus.training), say)
    model = _model(recipe, tokenizer)
    device = choose_device(recipe.train.device)
    say(tr(f"Device: {device.device} ({device.reason})", f"设备：{device.device}（{device.reason}）"))
    suit_kernels(model, device.device)
    if stream is not None:
        limits = (recipe.stage, model.config.arch, model.config.max_seq_len)
        cut = partial(_rows, recipe, model, tokenizer)
        rows, held_out = rows_on_disk(stream, folder, tokenizer, limits, cut, say, bar)
        corpus = Corpus(corpus.training, held_out)
    else:
        rows = _rows(recipe, model, tokenizer, corpus.training)
    _say_fit(rows, say)
    loader_of = partial(
        Loader,
        batch_tokens=recipe.train.batch_tokens,
        seed=recipe.train.seed,
        pad_id=tokenizer.pad_id,
        repeat_shapes=True,
    )
    loader = loader_of(rows, rows_at_once=None if stream is None else ROWS_AT_ONCE)
    batches = list(loader_of(_rows(recipe, model, tokenizer, corpus.held_out)).in_order())
    materials = Materials(
        model=model.to(device.device),
        tokenizer=tokenizer,
        loader=loader,
        held_out=batches,
        bytes_per_target=_target_bytes(batches, tokenizer) / max(1, sum(batch.num_targets for batch in batches)),
        card="",
        fresh=recipe.model.start_from is None,
    )
    return materials, corpus


def _stream(recipe: Recipe, say: Say) -> Stream | None:
    """The sources of this recipe one by one, where its files are too large for the memory."""
    if recipe.data is None or not is_kept_on_disk(recipe.data):
        return None
    documents = recipe.stage == "pretrain"
    training, held_out = ([], []) if documents else _builtin(recipe, say)
    say(
        tr(
            "Large data: read as a stream, its rows are kept in files",
            "数据较大：以流式读取，处理后的数据保存在文件中",
        )
    )
    beside: list[Sorted] = [("training", source) for source in training]
    beside += [("held_out", source) for source in held_out]
    return Stream(recipe.data, documents, beside)


def _builtin(recipe: Recipe, say: Say) -> tuple[list[Conversation], list[Conversation]]:
    if recipe.builtin is None:
        return [], []
    skills = skills_of(recipe.builtin.skills)
    training = list(islice(training_conversations(skills, recipe.builtin.seed), recipe.builtin.examples))
    held_out = [item.conversation for item in held_out_items(skills, _HELD_OUT_SEED, _HELD_OUT_PER_CELL)]
    say(
        tr(
            f"Built-in data: {len(training):,} conversations from {len(skills)} skills in Chinese and English",
            f"内置数据：{len(skills)} 种中英文技能，共 {len(training):,} 段对话",
        )
    )
    return training, held_out


def _conversations(recipe: Recipe, say: Say) -> Corpus:
    training, held_out = _builtin(recipe, say)
    if recipe.data is not None:
        split = read_split(recipe.data)
        training += split.training
        held_out += split.held_out
        set_aside = len(split.report.quarantine)
        things = tr("pairs", "对句子") if recipe.data.kind == "pairs" else tr("conversations", "段对话")
        say(
            tr(
                f"Your data: {len(split.training):,} {things}, {len(split.held_out):,} held out, "
                f"{set_aside:,} rows set aside (`chatzero data check` says why)",
                f"你的数据：{len(split.training):,} {things}，留出 {len(split.held_out):,}，"
                f"搁置 {set_aside:,} 行（原因见 `chatzero data check`）",
            )
        )
        if split.leaked:
            say(
                tr(
                    f"Left out: {split.leaked:,} conversations that begin with a held-out question",
                    f"另有 {split.leaked:,} 段对话的首个问题在留出集中，未参与训练",
                )
            )
    return Corpus(training, held_out)


def _documents(recipe: Recipe, say: Say) -> Corpus:
    if recipe.data is None:
        raise ConfigError(
            what=tr("stage 'pretrain' without a [data] table", "阶段 pretrain 缺少 [data] 表"),
            why=tr("pretraining reads plain text of your own", "预训练需要你自己的纯文本"),
            do=tr("name text files in data.files", "请在 data.files 中指定文本文件"),
        )
    documents = read_documents(recipe.data.files, recipe.data.max_rows).documents
    if isinstance(recipe.data.heldout, float):
        every = max(2, round(1 / recipe.data.heldout))
        held_out = documents[::every]
        training = [document for i, document in enumerate(documents) if i % every]
    else:
        held_out = read_documents(recipe.data.heldout, recipe.data.max_rows).documents
        training = documents
    if not training or not held_out:
        raise DataError(
            what=tr(f"too few documents ({len(documents)})", f"文档太少（{len(documents)} 篇）"),
            why=tr("the held-out loss needs text that is not trained on", "留出集 loss 需要未参与训练的文本"),
            do=tr("give more files, or name files in data.heldout", "请提供更多文件，或在 data.heldout 中指定文件"),
        )
    counts = f"{len(training):,} + {len(held_out):,}"
    say(tr(f"Documents (training + held out): {counts}", f"文档（训练 + 留出）：{counts}"))
    return Corpus(training, held_out)


def _tokenizer(recipe: Recipe, folder: Path, sample: Callable[[], Sequence[Source]], say: Say) -> Tokenizer:
    """Of an earlier run, of a folder, of this run's first start; or trained now, on the sample."""
    kept = folder / _TOKENIZER_FOLDER
    if recipe.model.start_from is not None:
        return load_bundle(recipe.model.start_from).tokenizer
    if recipe.tokenizer.folder is not None:
        return Tokenizer.load(recipe.tokenizer.folder)
    if (kept / FILE_NAME).exists():
        return Tokenizer.load(kept)
    chosen = sample()
    tokenizer = Tokenizer.train(_texts(chosen), recipe.tokenizer.vocab_size)
    tokenizer.save(kept)
    words = " ".join(_texts(chosen[:_TOKENIZER_SAMPLES]))
    characters = f"{len(words) / len(tokenizer.encode(words)):.2f}"
    say(
        tr(
            f"Tokenizer: {tokenizer.vocab_size:,} tokens, {characters} characters a token",
            f"分词器：{tokenizer.vocab_size:,} 个 token，平均每个 {characters} 个字符",
        )
    )
    return tokenizer


def _by_lot(training: Sequence[Source]) -> Sequence[Source]:
    """From all of it, as the built-in data and the files stand one after the other; and by lot, as every second
    conversation of the built-in data is Chinese.
    """
    share = min(1.0, _TOKENIZER_CHARACTERS / max(1, sum(map(characters_of, training))))
    return Random(0).sample(training, max(1, round(share * len(training))))


def _texts(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        if isinstance(source, Document):
            yield source.text
        else:
            yield from (message.content for message in source.messages)


def _model(recipe: Recipe, tokenizer: Tokenizer) -> LanguageModel:
    table = recipe.model
    if table.start_from is not None:
        return load_bundle(table.start_from).model.train()
    return build(model_config(table, tokenizer.vocab_size), torch.Generator().manual_seed(recipe.train.seed))


def model_config(table: ModelTable, vocab_size: int) -> TransformerConfig | GPTConfig:
    """The config of the model that a recipe describes, with a tokenizer of that size."""
    if table.arch == "transformer" and table.variant is not None:
        raise ConfigError(
            what=tr(
                f"model.variant = {table.variant!r} with arch = 'transformer'",
                f"model.variant = {table.variant!r} 不能与 arch = 'transformer' 同用",
            ),
            why=tr("a variant is the shape of a gpt", "variant 指的是 gpt 的结构"),
            do=tr("use arch = 'gpt', or leave out variant", "改用 arch = 'gpt'，或去掉 variant"),
        )
    variant = table.variant or "qwen3"
    config = sized(table.arch, table.size, vocab_size, table.max_seq_len, dropout=table.dropout, variant=variant)
    return _with_choices(config, table)


def _with_choices(config: TransformerConfig | GPTConfig, table: ModelTable) -> TransformerConfig | GPTConfig:
    """The named size with the numbers, positions and norm order that the recipe chooses itself."""
    chosen = {key: value for key in _CHOICES if (value := getattr(table, key)) is not None}
    if config.arch == "gpt":
        for name, its in (("positions", config.positions), ("norm_order", "pre")):
            if (value := chosen.pop(name, its)) != its:
                raise _not_of_a_gpt(name, value, its)
        if config.positions == "learned" and "num_heads" in chosen:
            chosen.setdefault("num_kv_heads", chosen["num_heads"])
    return parse_model_config({**config.model_dump(), **chosen}) if chosen else config


def _not_of_a_gpt(name: str, value: object, its: str) -> ConfigError:
    return ConfigError(
        what=tr(f"model.{name} = {value!r} with arch = 'gpt'", f"model.{name} = {value!r} 不能与 arch = 'gpt' 同用"),
        why=tr(
            f"this gpt has {its!r}: positions come with model.variant (gpt2: learned), norms always come first",
            f"这个 gpt 用的是 {its!r}：位置编码由 model.variant 决定（gpt2 为 learned），归一化总是前置",
        ),
        do=tr(f"leave out {name}, or use arch = 'transformer'", f"去掉 {name}，或改用 arch = 'transformer'"),
    )


def _rows(
    recipe: Recipe, model: LanguageModel, tokenizer: Tokenizer, sources: Sequence[Conversation | Document]
) -> LMRows | PairRows | PackedRows:
    conversations = [source for source in sources if isinstance(source, Conversation)]
    documents = [source for source in sources if isinstance(source, Document)]
    match recipe.stage, model:
        case "pretrain", GPT():
            return document_rows(documents, tokenizer, model.config.max_seq_len)
        case "sft", GPT():
            return lm_rows(conversations, tokenizer, model.config.max_seq_len)
        case "sft", Transformer():
            # The built-in conversations are many and short: their last answer is enough.
            every_turn = recipe.data is not None
            return seq2seq_rows(conversations, tokenizer, model.config.max_seq_len, every_turn=every_turn)
        case _:
            raise ConfigError(
                what=tr("stage 'pretrain' with arch 'transformer'", "阶段 pretrain 不能使用 arch = 'transformer'"),
                why=tr("plain text has no question to encode", "纯文本没有可供编码的问题"),
                do=tr("use arch = 'gpt', or stage = 'sft'", "请用 arch = 'gpt'，或 stage = 'sft'"),
            )


def _say_fit(rows: LMRows | PairRows | PackedRows, say: Say) -> None:
    """Say what did not fit the window, if anything. A transformer's rows are answers, a gpt's whole conversations."""
    if isinstance(rows, PackedRows) or rows.fit.too_long + rows.fit.shortened == 0:
        return
    kept, shortened, too_long = (f"{n:,}" for n in (rows.fit.kept, rows.fit.shortened, rows.fit.too_long))
    if isinstance(rows, PairRows):
        rows_en, rows_zh = "answers", "个回答"
    else:
        rows_en, rows_zh = "conversations", "段对话"
    say(
        tr(
            f"Window: {kept} {rows_en} to train on, {shortened} of them without their oldest turns; "
            f"{too_long} too long and left out (model.max_seq_len)",
            f"窗口：用于训练的有 {kept} {rows_zh}，其中 {shortened} {rows_zh}去掉了最早的轮次；"
            f"另有 {too_long} {rows_zh}过长，已略去（model.max_seq_len）",
        )
    )


def _target_bytes(batches: Sequence[LMBatch | Seq2SeqBatch], tokenizer: Tokenizer) -> int:
    """Bytes of text that the targets of these batches spell; control tokens spell none."""
    said = (batch.targets[batch.targets != IGNORE].tolist() for batch in batches)
    return sum(len(tokenizer.token_bytes(target)) for targets in said for target in targets)
