"""The front door against published data sets, where they are at hand. Listed in tests/SKIPPED.md.

The counts are facts about the files: 46 thousand rows are read or they are not.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from chatzero.data.conversations import lm_rows, seq2seq_rows
from chatzero.data.front_door import read_conversations, read_documents, read_preferences
from chatzero.data.loader import Loader
from chatzero.data.parallel_text import read_fields, read_parallel
from chatzero.data.prepare import survey
from chatzero.text.tokenizer import Tokenizer

SHELF = Path(os.environ.get("CHATZERO_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))

pytestmark = pytest.mark.skipif(not SHELF.is_dir(), reason=f"no published data sets at {SHELF}")


def test_every_row_of_a_chinese_and_an_english_set() -> None:
    corpus = read_conversations([str(SHELF / "chat/en/chatterbot"), str(SHELF / "chat/zh/oasst")])
    assert len(corpus.conversations) == 1313
    assert corpus.report.quarantine == ()
    seen = survey(corpus)
    assert seen.languages["en"] > 700
    assert seen.languages["zh"] > 450


def test_placeholders_and_tools_are_set_aside_with_their_reason() -> None:
    files = [str(SHELF / "chat/zh/identity/train.jsonl.gz"), str(SHELF / "chat/en/toolcall/train.jsonl.gz")]
    corpus = read_conversations(files)
    reasons = Counter(
        "placeholder" if "placeholder" in row.reason else "tool" if "'tool'" in row.reason else row.reason
        for row in corpus.report.quarantine
    )
    assert set(reasons) == {"placeholder", "tool"}
    assert reasons["placeholder"] == 74
    filled = read_conversations(files, {"name": "小零", "author": "大家"})
    assert not any("placeholder" in row.reason for row in filled.report.quarantine)
    assert any("小零" in m.content for c in filled.conversations for m in c.messages)


def test_chinese_chat_becomes_rows_that_fit_and_pad_little() -> None:
    conversations = read_conversations([str(SHELF / "chat/zh/ruozhiba/train.jsonl.gz")], max_rows=2000).conversations
    tokenizer = Tokenizer.train((m.content for c in conversations for m in c.messages), 2048)
    rows, pairs = lm_rows(conversations, tokenizer, 256), seq2seq_rows(conversations, tokenizer, 256, every_turn=True)
    assert rows.fit.kept + rows.fit.too_long == pairs.fit.kept + pairs.fit.too_long == 2000
    assert int(rows.widths.max()) <= 256
    loader = Loader(rows, batch_tokens=4096, seed=0, pad_id=tokenizer.pad_id)
    shares = [loader.padding_share(step) for step in loader.epoch_steps(0)]
    assert sum(shares) / len(shares) < 0.15


def test_documents_preferences_and_translations() -> None:
    assert len(read_documents([str(SHELF / "pretrain/zh/recipes/train.jsonl.gz")]).documents) == 374
    assert len(read_documents([str(SHELF / "lm/wikitext2/valid.txt.gz")]).documents) == 1
    judged = read_preferences([str(SHELF / "preference/dpo_zh/train.jsonl.gz")])
    assert len(judged.preferences) + len(judged.report.quarantine) == 667
    assert len(judged.preferences) > 600
    folder = SHELF / "translation/multi30k"
    assert len(read_parallel(folder / "val.en.gz", folder / "val.de.gz").pairs) == 1014
    assert len(read_fields([str(SHELF / "translation/tatoeba_en_zh/valid.jsonl.gz")], "en", "zh").pairs) == 718


@pytest.mark.slow
def test_the_whole_shelf_of_chats() -> None:
    corpus = read_conversations([str(SHELF / "chat")], {"name": "小零", "author": "大家"})
    assert len(corpus.conversations) > 178_000
    kept_out = Counter(row.reason.split(" has ")[0].rstrip("0123456789 ") for row in corpus.report.quarantine)
    assert set(kept_out) <= {
        "turn",
        "the placeholder {{end}}",
        "the placeholder {{user}}",
        "the placeholder {{println}}",
    }
