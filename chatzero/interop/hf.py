"""A folder for `transformers`, written by hand: loads without our code, in version 4.57 and in version 5."""

import json
from pathlib import Path

from safetensors.torch import save_file

from chatzero.checkpoint.bundle import Bundle
from chatzero.interop.card import exported_card
from chatzero.interop.family import CLASSES, Family
from chatzero.interop.hf_config import hf_config, hf_generation_config
from chatzero.interop.hf_tokenizer import write_hf_tokenizer
from chatzero.interop.hf_weights import hf_weights
from chatzero.models.config import GPTConfig

_CHAT = """```python
from transformers import pipeline

chat = pipeline("text-generation", model="this-folder")
print(chat([{"role": "user", "content": "你是谁？"}], return_full_text=False)[0]["generated_text"])
```"""
_ANSWER = """```python
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("this-folder")
model = AutoModelForSeq2SeqLM.from_pretrained("this-folder")
answer = model.generate(**tokenizer(["你是谁？"], return_tensors="pt"))
print(tokenizer.batch_decode(answer, skip_special_tokens=True)[0])
```"""


def write_hf(folder: Path, bundle: Bundle, family: Family) -> None:
    """Fill `folder` with config, weights, tokenizer and card. The family is that of `family_of`."""
    config = bundle.model.config
    decoder_only = isinstance(config, GPTConfig)
    for name, content in (
        ("config.json", hf_config(config, family)),
        ("generation_config.json", hf_generation_config(config)),
    ):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    tensors = {name: tensor.contiguous() for name, tensor in hf_weights(bundle.model, family).items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    write_hf_tokenizer(folder, bundle.tokenizer, config)
    card = exported_card(
        bundle.folder,
        {
            "library_name": "transformers",
            "pipeline_tag": "text-generation" if decoder_only else "translation",
        },
        f"`{CLASSES[family]}`\n\n{_CHAT if decoder_only else _ANSWER}",
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
