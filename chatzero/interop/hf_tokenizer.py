"""Our tokenizer as `transformers` reads one, chat template included.

`apply_chat_template` then gives the text that `chatzero.text.chat_template` stands for, and its ids. One thing is
theirs: words that spell a control token, such as "<|end|>", become the token there, and stay words with us.
"""

import json
from pathlib import Path

from chatzero.interop.hf_config import Json
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.text.chat_template import JINJA
from chatzero.text.special_tokens import ASSISTANT, DOCUMENT, END, LEADING, PAD, USER
from chatzero.text.tokenizer import FILE_NAME, Tokenizer


def write_hf_tokenizer(folder: Path, tokenizer: Tokenizer, config: TransformerConfig | GPTConfig) -> None:
    """`tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja`.

    Plain words given to a decoder-only model are the beginning of a text. Given to an encoder-decoder they are a
    question: there the tokenizer sets the tokens of a user's turn around them, as in training.
    """
    tokenizer.save(folder)
    path = folder / FILE_NAME
    engine = json.loads(path.read_text(encoding="utf-8"))
    decoder_only = isinstance(config, GPTConfig)
    if decoder_only:
        engine["added_tokens"] = [token for token in engine["added_tokens"] if token["content"] != PAD]
    else:
        engine["post_processor"] = _as_a_question()
    path.write_text(json.dumps(engine, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    settings: Json = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": None,
        "eos_token": END,
        "unk_token": None,
        "pad_token": DOCUMENT if decoder_only else PAD,
        "additional_special_tokens": [token for token in LEADING if token != END],
        "model_max_length": config.max_seq_len,
        "padding_side": "left" if decoder_only else "right",
        "truncation_side": "left" if decoder_only else "right",
        "clean_up_tokenization_spaces": False,
        "model_input_names": ["input_ids", "attention_mask"],
        "chat_template": JINJA,
    }
    text = json.dumps(settings, ensure_ascii=False, indent=2)
    (folder / "tokenizer_config.json").write_text(text + "\n", encoding="utf-8")
    (folder / "chat_template.jinja").write_text(JINJA, encoding="utf-8")


def _as_a_question() -> Json:
    """The post-processor of `tokenizers` that makes "words" into a prompt of one turn."""
    around = (USER, None, END, ASSISTANT)
    single = [
        {"Sequence": {"id": "A", "type_id": 0}} if token is None else {"SpecialToken": {"id": token, "type_id": 0}}
        for token in around
    ]
    special = {
        token: {"id": token, "ids": [LEADING.index(token)], "tokens": [token]} for token in (USER, END, ASSISTANT)
    }
    return {"type": "TemplateProcessing", "single": single, "pair": single, "special_tokens": special}
