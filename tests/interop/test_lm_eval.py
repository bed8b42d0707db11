"""lm-evaluation-harness on an exported model, with a task of our own on disk, in an interpreter that has it.

python -m venv harness && harness/bin/pip install "lm_eval[hf]"
CHATZERO_LM_EVAL=harness/bin/python python -m pytest tests/interop/test_lm_eval.py
"""

import json
from pathlib import Path

import pytest

from chatzero.checkpoint.bundle import Bundle
from chatzero.generation.decode import decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.interop.compare import log_probabilities
from chatzero.interop.export import export
from chatzero.text.chat_template import render_prompt
from tests.interop.another_python import ask, interpreter
from tests.interop.trained import DECODER_ONLY, KNOWN, QUESTIONS, tokenizer, trained

TASKS = """
task: {name}
dataset_path: json
dataset_kwargs: {{data_files: {{test: {data}}}}}
test_split: test
doc_to_text: "{{{{question}}}}"
{kind}
"""
GENERATED = """doc_to_target: "{{answer}}"
output_type: generate_until
generation_kwargs: {until: ["<|end|>"], max_gen_toks: 24, do_sample: false}
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]"""
CHOSEN = """doc_to_choice: "{{choices}}"
doc_to_target: "{{choices.index(answer)}}"
target_delimiter: ""
output_type: multiple_choice
metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]"""

THERE = """
import json, sys
import lm_eval
from lm_eval.tasks import TaskManager
result = lm_eval.simple_evaluate(
    model="hf", model_args={"pretrained": sys.argv[1], "device": "cpu", "dtype": "float32"},
    tasks=["generated", "chosen"], task_manager=TaskManager(include_path=sys.argv[2], include_defaults=False),
    apply_chat_template=True, batch_size=8, bootstrap_iters=0)
rows = result["results"]
print(json.dumps({task: {k: v for k, v in rows[task].items() if isinstance(v, float)} for task in rows}))
"""


@pytest.mark.parametrize("variant", DECODER_ONLY)
def test_it_counts_what_we_count(variant: str, tmp_path: Path) -> None:
    """Right answers written, and right answers among four by their log-probability: the same shares as by our code."""
    python = interpreter("CHATZERO_LM_EVAL")
    model = trained(variant, steps=60)  # right about some, wrong about some
    export(Bundle(model, tokenizer(), tmp_path), "hf", tmp_path / "out", num_questions=0)
    answers = [conversation.messages[1].content for conversation in KNOWN]
    rows = [
        {
            "question": q.messages[0].content,
            "answer": a,
            "choices": [answers[(i + 3 * j) % len(answers)] for j in range(4)],
        }
        for i, (q, a) in enumerate(zip(QUESTIONS, answers, strict=True))
    ]
    data, tasks = tmp_path / "rows.jsonl", tmp_path / "tasks"
    tasks.mkdir()
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for name, kind in (("generated", GENERATED), ("chosen", CHOSEN)):
        (tasks / f"{name}.yaml").write_text(TASKS.format(name=name, data=data, kind=kind), encoding="utf-8")

    prompts = [render_prompt(question, tokenizer()) for question in QUESTIONS]
    greedy = GenerationOptions(max_tokens=24, no_repeat_ngram_size=0)
    said = [tokenizer().decode(ids) for ids in decode_batch(model, prompts, greedy, {tokenizer().end_id})]
    written = sum(mine == wanted for mine, wanted in zip(said, answers, strict=True))
    chosen = 0
    for prompt, row in zip(prompts, rows, strict=True):
        choices = [tokenizer().encode(choice) for choice in row["choices"]]
        scores = [
            sum(float(place[token]) for place, token in zip(log_probabilities(model, prompt, ids), ids, strict=True))
            for ids in choices
        ]
        chosen += scores.index(max(scores)) == 0
    assert 0 < written < len(rows)
    assert 0 < chosen < len(rows)

    there = ask(python, THERE, tmp_path / "out", tasks)
    assert there["generated"]["exact_match,none"] == pytest.approx(written / len(rows))
    assert there["chosen"]["acc,none"] == pytest.approx(chosen / len(rows))
