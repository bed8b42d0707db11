"""Exported folders in transformers 4.57, which reads other keys than version 5, in an interpreter that has it.

python -m venv hf4 && hf4/bin/pip install torch "transformers==4.57.*"
CHATZERO_TRANSFORMERS_4=hf4/bin/python python -m pytest tests/interop/test_transformers_4.py
"""

import json
from pathlib import Path

import pytest
import torch

from chatzero.checkpoint.bundle import Bundle
from chatzero.generation.answer_text import end_ids
from chatzero.generation.decode import decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.interop.compare import log_probabilities
from chatzero.interop.export import export
from chatzero.text.chat_template import render_prompt
from tests.interop.another_python import ask, interpreter
from tests.interop.trained import QUESTIONS, VARIANTS, tokenizer, trained

THERE = """
import json, sys, torch, transformers
folder, asked = sys.argv[1], json.loads(sys.argv[2])
tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
encodes = transformers.AutoConfig.from_pretrained(folder).is_encoder_decoder
auto = transformers.AutoModelForSeq2SeqLM if encodes else transformers.AutoModelForCausalLM
model, loading = auto.from_pretrained(folder, output_loading_info=True)
assert not loading["missing_keys"] and not loading["unexpected_keys"], loading
said = []
for words, answer in asked:
    messages = [{"role": "user", "content": words}]
    ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True)
    prompt = torch.tensor([ids])
    start = [model.config.decoder_start_token_id] if encodes else ids
    with torch.no_grad():
        out = model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=32)[0].tolist()
        forced = torch.tensor([start + answer[:-1]])
        logits = model(prompt, decoder_input_ids=forced).logits if encodes else model(forced).logits
    scores = logits[0, -len(answer):].log_softmax(-1)
    said.append([ids, out[len(start):], scores.gather(1, torch.tensor(answer)[:, None])[:, 0].tolist()])
print(json.dumps({"version": transformers.__version__, "said": said}))
"""


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_folder_says_the_same_there(variant: str, tmp_path: Path) -> None:
    python = interpreter("CHATZERO_TRANSFORMERS_4")
    model, ends = trained(variant), end_ids(tokenizer())
    export(Bundle(model, tokenizer(), tmp_path), "hf", tmp_path / "out", num_questions=0)
    prompts = [render_prompt(question, tokenizer()) for question in QUESTIONS]
    answers = decode_batch(model, prompts, GenerationOptions(max_tokens=32, no_repeat_ngram_size=0), ends)
    asked = [(q.messages[0].content, answer) for q, answer in zip(QUESTIONS, answers, strict=True)]
    there = ask(python, THERE, tmp_path / "out", json.dumps(asked))
    assert there["version"].startswith("4.57.")
    for prompt, answer, (their_prompt, their_answer, scores) in zip(prompts, answers, there["said"], strict=True):
        assert their_prompt == prompt
        assert their_answer == answer
        ours = log_probabilities(model, prompt, answer).gather(1, torch.tensor(answer)[:, None])[:, 0]
        torch.testing.assert_close(torch.tensor(scores), ours, rtol=0, atol=1e-4)  # float32 sums in another order
