"""Strings to token ids and back: byte-level byte-pair encoding, trained on the user's own text.

The merging is done by the `tokenizers` library (Sennrich et al. 2016, over bytes as in Radford et al. 2019). Ours is
the shape of the vocabulary (see `special_tokens`), and the promise that any Unicode text comes back exactly: no
normalisation, all 256 bytes always present. Not here: how a conversation becomes ids (`chat_template`).

Text is first cut as SmolLM and StarCoder cut it, under a name that every engine of the field knows (llama.cpp compiles
its pre-tokenizers in): each digit alone, so that numbers align digit by digit; a word with its leading space; no merge
across words, nor of a word with the mark before it, so that a name has the same tokens after a comma, a colon or a
quotation mark as elsewhere. (Qwen2 joins the mark to the word, and each name is then new again to a model that has to
copy it.)
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, final

from tokenizers import AddedToken, decoders, models, pre_tokenizers, trainers
from tokenizers import Tokenizer as _Tokenizer

from chatzero.errors import ConfigError, DataError, ModelFolderError, StorageError
from chatzero.language import tr
from chatzero.text.special_tokens import ASSISTANT, DOCUMENT, END, LEADING, NUM_CONTROL_TOKENS, PAD, SYSTEM, USER

FILE_NAME = "tokenizer.json"
MIN_VOCAB_SIZE = 256 + NUM_CONTROL_TOKENS

# `tokenizers` works on many threads. A forked child has none of them and would wait for ever, so there it must not;
# and with the variable set, its older versions do not print a warning about forks.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
if sys.platform != "win32":
    os.register_at_fork(after_in_child=lambda: os.environ.update(TOKENIZERS_PARALLELISM="false"))


@final
class Tokenizer:
    """A trained vocabulary. Make one with `train` or `load`; ids run from 0 to `vocab_size - 1`, `pad_id` last."""

    def __init__(self, engine: _Tokenizer) -> None:
        engine.encode_special_tokens = True  # text that spells "<|end|>" is text
        self._engine = engine
        self._bytes = _bytes_of_each_token(engine)

    @staticmethod
    def train(texts: Iterable[str], vocab_size: int) -> "Tokenizer":
        """A vocabulary of `vocab_size` entries, everything counted, learnt from `texts`.

        Smaller when the texts hold fewer pairs that occur twice. Raises `ConfigError` when `vocab_size` has no room
        for the 256 bytes and the control tokens, `DataError` for text that is not Unicode.
        """
        if vocab_size < MIN_VOCAB_SIZE:
            raise ConfigError(
                what=tr(f"vocab_size={vocab_size} is too small", f"vocab_size={vocab_size} 太小"),
                why=tr(
                    f"256 bytes and {NUM_CONTROL_TOKENS} control tokens are always part of the vocabulary",
                    f"词表中总有 256 个字节和 {NUM_CONTROL_TOKENS} 个控制符",
                ),
                do=tr(f"use at least {MIN_VOCAB_SIZE}", f"请至少用 {MIN_VOCAB_SIZE}"),
            )
        engine = _Tokenizer(models.BPE())
        engine.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
            ]
        )
        engine.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size - 1,  # <pad> is appended afterwards, so that it stands last
            min_frequency=2,
            show_progress=False,
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            special_tokens=list(LEADING),
        )
        engine.train_from_iterator(map(_unicode, texts), trainer)
        engine.add_special_tokens([AddedToken(PAD, special=True, normalized=False)])
        return Tokenizer(engine)

    @property
    def vocab_size(self) -> int:
        return len(self._bytes)

    @property
    def document_id(self) -> int:
        return LEADING.index(DOCUMENT)

    @property
    def system_id(self) -> int:
        return LEADING.index(SYSTEM)

    @property
    def user_id(self) -> int:
        return LEADING.index(USER)

    @property
    def assistant_id(self) -> int:
        return LEADING.index(ASSISTANT)

    @property
    def end_id(self) -> int:
        return LEADING.index(END)

    @property
    def pad_id(self) -> int:
        return self.vocab_size - 1

    @property
    def tokens(self) -> list[str]:
        """Every token as `tokenizer.json` spells it, by id: each byte as one printable character."""
        spelled = self._engine.get_vocab()
        return sorted(spelled, key=spelled.__getitem__)

    @property
    def merges(self) -> list[tuple[str, str]]:
        """The pairs that are merged, in the order they were learnt."""
        return [(left, right) for left, right in self.description()["model"]["merges"]]

    def description(self) -> dict[str, Any]:
        """`tokenizer.json` as it would be saved: the format of `tokenizers`."""
        described: dict[str, Any] = json.loads(self._engine.to_str())
        return described

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the description: tokenizers with the same one give every text the same ids."""
        return hashlib.sha256(json.dumps(self.description(), sort_keys=True).encode()).hexdigest()

    def encode(self, text: str) -> list[int]:
        """The ids of `text`; never a control token, whatever it spells. Raises `DataError` for a lone surrogate."""
        return self._engine.encode(_unicode(text), add_special_tokens=False).ids

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """`encode` of each, on all cores."""
        batch = self._engine.encode_batch_fast([_unicode(text) for text in texts], add_special_tokens=False)
        return [encoding.ids for encoding in batch]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids`. Control tokens are left out; bytes that make no character become U+FFFD."""
        return b"".join(map(self.token_bytes, ids)).decode("utf-8", errors="replace")

    def token_bytes(self, token_id: int) -> bytes:
        """The bytes one token stands for, perhaps half a character; empty for a control token."""
        if not 0 <= token_id < self.vocab_size:
            raise DataError(
                what=tr(f"token id {token_id} is not in the vocabulary", f"词表中没有编号 {token_id}"),
                why=tr(f"ids run from 0 to {self.vocab_size - 1}", f"编号从 0 到 {self.vocab_size - 1}"),
                do=tr("use the tokenizer that made these ids", "请使用产生这些编号的那个分词器"),
            )
        return self._bytes[token_id]

    def save(self, folder: Path) -> None:
        """Writes `tokenizer.json` into `folder`: the old file or the new one, never half of it."""
        path = folder / FILE_NAME
        unfinished = folder / f"{FILE_NAME}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(self._engine.to_str(pretty=True), encoding="utf-8")
            unfinished.replace(path)
        except OSError as error:
            raise StorageError(
                what=tr(f"cannot write {path}", f"无法写入 {path}"),
                why=str(error),
                do=tr("choose a folder you may write to, with room", "请选一个可写且有空间的文件夹"),
            ) from error

    @staticmethod
    def load(folder: Path) -> "Tokenizer":
        """The tokenizer saved in `folder`. Raises `ModelFolderError` when there is none, or not one of ours."""
        path = folder / FILE_NAME
        try:
            engine = _Tokenizer.from_str(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise _bad_file(path, tr("there is no such file", "没有这个文件")) from error
        except OSError as error:
            raise _bad_file(path, str(error)) from error
        except Exception as error:  # `tokenizers` raises bare Exception for a file it cannot parse
            raise _bad_file(path, tr(f"it is damaged: {error}", f"文件已损坏：{error}")) from error
        last = engine.get_vocab_size() - 1
        expected = dict([*((name, i) for i, name in enumerate(LEADING)), (PAD, last)])
        for name, token_id in expected.items():
            if (found := engine.token_to_id(name)) != token_id:
                raise _bad_file(
                    path,
                    tr(
                        f"{name} has id {found}, expected {token_id}: it was made by another program",
                        f"{name} 的编号是 {found}，应为 {token_id}：它由别的程序生成",
                    ),
                )
        try:
            return Tokenizer(engine)
        except KeyError as error:
            why = tr(f"it is not byte-level: it holds {error}", f"它不是字节级分词器：含有 {error}")
            raise _bad_file(path, why) from error


def _unicode(text: str) -> str:
    """`text`, if it can be written as UTF-8. `isascii` answers at once for most English text."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataError(
            what=tr(
                f"the text holds a lone surrogate, {text[error.start]!r}, at character {error.start}",
                f"文字的第 {error.start} 个字符是孤立的代理码位 {text[error.start]!r}",
            ),
            why=tr("half of a UTF-16 pair is no character", "UTF-16 代理对的一半不是字符"),
            do=tr(
                "read the file with its right encoding, or drop that character", "请用正确的编码读取文件，或删去该字符"
            ),
        ) from error
    return text


def _bytes_of_each_token(engine: _Tokenizer) -> list[bytes]:
    """By id. The vocabulary spells each byte as one printable character; control tokens stand for no bytes."""
    byte_of = {character: byte for byte, character in enumerate(_printable_bytes())}
    control = {*LEADING, PAD}
    tokens: list[bytes] = [b""] * engine.get_vocab_size()
    for token, token_id in engine.get_vocab().items():
        if token not in control:
            tokens[token_id] = bytes(byte_of[character] for character in token)
    return tokens


def _printable_bytes() -> list[str]:
    """The character that spells each byte (Radford et al. 2019): itself where printable, else one from U+0100 on."""
    printable = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1)}
    stand_ins = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(stand_ins)) for byte in range(256)]


def _bad_file(path: Path, why: str) -> ModelFolderError:
    return ModelFolderError(
        what=tr(f"cannot use the tokenizer {path}", f"无法使用分词器 {path}"),
        why=why,
        do=tr(
            "name a model folder, or train one: chatzero tokenizer train FILE --out DIR",
            "请指定模型文件夹，或训练一个：chatzero tokenizer train FILE --out DIR",
        ),
    )
