"""An end token that carries no loss, as when the wrong special token closes the answers in training."""

from dataclasses import replace

import torch

from chatzero.data.batch import IGNORE, Batch, LMBatch
from chatzero.generation.decode import decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.lab.bench import Bench, bench_of
from chatzero.lab.pitfall import Measured, Number, Pitfall, Scale, Version, Words
from chatzero.models.interface import LanguageModel
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation

_MOST_TOKENS = 48


def _answers(bench: Bench, model: LanguageModel) -> list[list[int]]:
    prompts = [render_prompt(Conversation(item.prompt), bench.tokenizer) for item in bench.items]
    options = GenerationOptions(temperature=0.0, max_tokens=_MOST_TOKENS, no_repeat_ngram_size=0)
    return decode_batch(model, prompts, options, {bench.tokenizer.end_id})


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    end_id = bench.tokenizer.end_id

    def without_end(batch: Batch) -> Batch:
        assert isinstance(batch, LMBatch)
        return replace(batch, targets=torch.where(batch.targets == end_id, IGNORE, batch.targets))

    def version(name: Words, model: LanguageModel) -> Version:
        said = _answers(bench, model)
        ended = sum(len(answer) < _MOST_TOKENS for answer in said) / len(said)
        words = [bench.tokenizer.decode(answer) for answer in said]
        numbers: dict[str, Number] = {
            "ended": f"{ended:.0%}",
            "tokens": sum(map(len, said)) / len(said),
            "right": f"{bench.right(words):.0%}",
        }
        return Version(name, numbers, said=bench.sample(words))

    right = version(Words("the end is learnt", "学习结束符"), bench.trained.model)
    wrong = version(Words("the end is left out", "结束符不计损失"), bench.train(bench.model(), without_end).model)
    good, bad = right.numbers, wrong.numbers
    return Measured(
        columns={
            "ended": Words("answers that end", "会结束的回答"),
            "tokens": Words("tokens an answer", "每个回答的词元数"),
            "right": Words("right answers", "答对"),
        },
        versions=(right, wrong),
        holds=float(bad["tokens"]) > 1.5 * float(good["tokens"]),
        found=Words(
            f"{good['ended']} of the answers end where the end is learnt, {bad['ended']} where it is not; of at most "
            f"{_MOST_TOKENS} tokens they take {float(good['tokens']):.0f} and {float(bad['tokens']):.0f}.",
            f"学了结束符时 {good['ended']} 的回答会结束，没学时 {bad['ended']}；上限 {_MOST_TOKENS} 个词元，"
            f"平均用了 {float(good['tokens']):.0f} 和 {float(bad['tokens']):.0f} 个。",
        ),
    )


pitfall = Pitfall(
    name="no-end",
    title=Words("An end that is never learnt", "学不到结束符"),
    said=Words("The model answers, and then goes on until the limit.", "模型答完不停，一直说到上限。"),
    why=Words(
        "A model stops only where it was shown how to: the token that ends an answer must be in the text, carry loss, "
        "and be the one the decoder waits for. Three places that must agree; `text/chat_template` is their one home.",
        "模型只会在见过的地方停下：结束回答的词元必须写在文本里、计入损失，而且正是解码时等待的那一个。"
        "这三处必须一致；本库只在 `text/chat_template` 里规定一次。",
    ),
    wrong_line="text = question + answer",
    right_line='text = question + answer + "<|end|>"',
    run=run,
)
