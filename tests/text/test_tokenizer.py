import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatzero.errors import ConfigError, DataError, ModelFolderError, StorageError
from chatzero.text.special_tokens import LEADING, PAD
from chatzero.text.tokenizer import MIN_VOCAB_SIZE, Tokenizer

TEXTS = ["How are you today? 你今天好吗？", "I am fine today, thank you. 我今天很好，谢谢你。", "3 + 14 = 17"] * 3
TOKENIZER = Tokenizer.train(TEXTS, 310)

AWKWARD = [
    "",
    " ",
    "  leading, trailing  ",
    "\r\n\n\t mixed\u00a0blanks\u3000here",
    "e\u0301 is not é",
    "\u0301 a lone combining mark",
    "👩‍👩‍👧‍👦 一家人 🇨🇳",
    "ＦＵＬＬ　ＷＩＤＴＨ　１２３",
    "\x00\x01\x7f\ufeff\uffff\U0010ffff",
    "don't DON'T don’t",
    "<|end|><|user|><pad><|endoftext|>",
    "１２３ 123 ١٢٣",
]


@given(st.text())
def test_any_unicode_comes_back_exactly(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_texts_come_back_exactly(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


def test_every_byte_has_a_token_of_its_own_even_without_training_text() -> None:
    tokenizer = Tokenizer.train([], 1000)
    assert tokenizer.vocab_size == MIN_VOCAB_SIZE
    assert {tokenizer.token_bytes(i) for i in range(len(LEADING), tokenizer.pad_id)} == {bytes([b]) for b in range(256)}


def test_the_control_tokens_stand_where_every_model_folder_expects_them() -> None:
    t = TOKENIZER
    assert (t.document_id, t.system_id, t.user_id, t.assistant_id, t.end_id) == (0, 1, 2, 3, 4)
    assert t.pad_id == t.vocab_size - 1
    assert [t.token_bytes(i) for i in (0, 1, 2, 3, 4, t.pad_id)] == [b""] * 6


def test_vocab_size_counts_everything_and_is_reached_exactly_when_the_text_allows() -> None:
    assert Tokenizer.train(TEXTS, 300).vocab_size == 300
    assert TOKENIZER.vocab_size == 310
    assert TOKENIZER.decode(range(TOKENIZER.vocab_size))  # every id in the range is known


def test_pairs_seen_once_are_not_merged() -> None:
    assert Tokenizer.train(["abcdefg"], 400).vocab_size == MIN_VOCAB_SIZE
    assert Tokenizer.train(["abcdefg"] * 2, 400).vocab_size > MIN_VOCAB_SIZE


@given(st.lists(st.sampled_from([*LEADING, PAD, "<|", "|>", "end", " ", "你"])).map("".join))
def test_text_that_spells_control_tokens_never_becomes_one(text: str) -> None:
    control = {*range(len(LEADING)), TOKENIZER.pad_id}
    assert not control & set(TOKENIZER.encode(text))
    assert not control & set(TOKENIZER.encode_batch([text])[0])


def test_training_text_full_of_control_tokens_teaches_none_of_them() -> None:
    tokenizer = Tokenizer.train(["<|end|><|user|><pad>"] * 50, 400)
    assert tokenizer.decode(tokenizer.encode("<|end|><pad>")) == "<|end|><pad>"


def test_decode_leaves_control_tokens_out() -> None:
    t = TOKENIZER
    assert t.decode([t.user_id, *t.encode("你好"), t.end_id, t.pad_id, t.document_id]) == "你好"


def test_bytes_that_make_no_character_become_the_replacement_character() -> None:
    tokenizer = Tokenizer.train([], MIN_VOCAB_SIZE)  # one token a byte
    assert tokenizer.decode(tokenizer.encode("a汉")[:-1]) == "a\ufffd"


@given(st.lists(st.text(), max_size=5))
def test_a_batch_equals_its_texts_one_by_one(texts: list[str]) -> None:
    assert TOKENIZER.encode_batch(texts) == [TOKENIZER.encode(text) for text in texts]


@given(st.text())
def test_the_bytes_of_the_tokens_are_the_bytes_of_the_text(text: str) -> None:
    assert b"".join(TOKENIZER.token_bytes(i) for i in TOKENIZER.encode(text)) == text.encode()


def test_each_digit_is_a_token_of_its_own() -> None:
    tokenizer = Tokenizer.train(["2024 2024 2024 2024"] * 10, 400)
    assert [tokenizer.token_bytes(i) for i in tokenizer.encode("2024")] == [b"2", b"0", b"2", b"4"]


def test_training_shortens_both_languages() -> None:
    for text in ("How are you today?", "你今天好吗？"):
        assert len(TOKENIZER.encode(text)) < len(text.encode()) / 2


def test_training_twice_gives_the_same_vocabulary(tmp_path: Path) -> None:
    Tokenizer.train(iter(TEXTS), 310).save(tmp_path / "a")
    TOKENIZER.save(tmp_path / "b")
    assert (tmp_path / "a" / "tokenizer.json").read_bytes() == (tmp_path / "b" / "tokenizer.json").read_bytes()


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    TOKENIZER.save(tmp_path)
    loaded = Tokenizer.load(tmp_path)
    assert loaded.vocab_size == TOKENIZER.vocab_size
    for text in [*TEXTS, *AWKWARD]:
        assert loaded.encode(text) == TOKENIZER.encode(text)
    assert [path.name for path in tmp_path.iterdir()] == ["tokenizer.json"]


def test_transformers_reads_the_file_and_gives_the_same_ids(tmp_path: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    TOKENIZER.save(tmp_path)
    theirs = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_file=str(tmp_path / "tokenizer.json"), eos_token="<|end|>", pad_token="<pad>"
    )
    assert len(theirs) == TOKENIZER.vocab_size
    assert (theirs.eos_token_id, theirs.pad_token_id) == (TOKENIZER.end_id, TOKENIZER.pad_id)
    for text in [*TEXTS, *AWKWARD]:
        if "<|" not in text:
            assert theirs.encode(text) == TOKENIZER.encode(text)
            assert theirs.decode(TOKENIZER.encode(text)) == text


@pytest.mark.parametrize("vocab_size", [-1, 0, MIN_VOCAB_SIZE - 1])
def test_a_vocabulary_without_room_for_the_bytes_is_refused(vocab_size: int) -> None:
    with pytest.raises(ConfigError, match=f"vocab_size={vocab_size} is too small") as caught:
        Tokenizer.train(TEXTS, vocab_size)
    assert str(MIN_VOCAB_SIZE) in caught.value.do


def _surrogates() -> Iterator[str]:
    yield "fine"
    yield "bad \ud800 text"


def test_a_lone_surrogate_is_refused_with_its_place() -> None:
    for act in (TOKENIZER.encode, lambda text: TOKENIZER.encode_batch(["fine", text])):
        with pytest.raises(DataError, match=r"lone surrogate, '\\ud800', at character 4"):
            act("bad \ud800 text")
    with pytest.raises(DataError, match="lone surrogate"):
        Tokenizer.train(_surrogates(), 300)


@pytest.mark.parametrize("token_id", [-1, 310, 10**9])
def test_an_id_outside_the_vocabulary_is_refused(token_id: int) -> None:
    with pytest.raises(DataError, match=f"token id {token_id} is not in the vocabulary"):
        TOKENIZER.decode([token_id])


def test_a_missing_or_broken_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match=r"tokenizer\.json\n.*there is no such file"):
        Tokenizer.load(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelFolderError, match="damaged"):
        Tokenizer.load(tmp_path)
    (tmp_path / "tokenizer.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelFolderError, match="damaged"):
        Tokenizer.load(tmp_path)


def test_a_tokenizer_of_another_program_is_refused(tmp_path: Path) -> None:
    TOKENIZER.save(tmp_path)
    path = tmp_path / "tokenizer.json"
    path.write_text(path.read_text(encoding="utf-8").replace("<|end|>", "<|im_end|>"), encoding="utf-8")
    with pytest.raises(ModelFolderError, match=r"<\|end\|> has id None, expected 4"):
        Tokenizer.load(tmp_path)
    saved = json.loads(path.read_text(encoding="utf-8").replace("<|im_end|>", "<|end|>"))
    saved["model"]["vocab"]["汉"] = saved["model"]["vocab"].pop("~")
    path.write_text(json.dumps(saved), encoding="utf-8")
    with pytest.raises(ModelFolderError, match="not byte-level"):
        Tokenizer.load(tmp_path)


def test_a_folder_that_cannot_be_written_is_an_error_with_advice(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot write"):
        TOKENIZER.save(tmp_path / "file")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
def test_a_forked_child_encodes_without_a_warning_and_without_hanging() -> None:
    """The parent's worker threads do not exist in the child; `tokenizers` would warn, or wait for them for ever."""
    program = (
        "import os\n"
        "from chatzero.text.tokenizer import Tokenizer\n"
        "t = Tokenizer.train(['hello world'] * 2000, 300)\n"
        "t.encode_batch(['hello world'] * 2000)\n"
        "if os.fork() == 0:\n"
        "    t.encode_batch(['hello world'] * 2000)\n"
        "    os._exit(0)\n"
        "assert os.wait()[1] == 0\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "TOKENIZERS_PARALLELISM"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, env=environment, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
