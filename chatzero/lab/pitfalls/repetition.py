"""Greedy decoding with and without a penalty on what was said before."""

from chatzero.generation.decode import decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.lab.bench import bench_of
from chatzero.lab.pitfall import Measured, Number, Pitfall, Scale, Version, Words, share
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation

_PENALTIES = (1.0, 1.1, 1.3, 2.0)
_LONG = 64
_ANSWER = 32
_GRAM = 4


def _repeated(answers: list[list[int]]) -> float:
    """The share of runs of four tokens that stood in the same answer before."""
    runs = seen = 0
    for ids in answers:
        grams = [tuple(ids[i : i + _GRAM]) for i in range(len(ids) - _GRAM + 1)]
        runs, seen = runs + len(grams), seen + len(grams) - len(set(grams))
    return seen / max(1, runs)


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    prompts = [render_prompt(Conversation(item.prompt), bench.tokenizer) for item in bench.items]
    end_id = bench.tokenizer.end_id

    def said(penalty: float, go_on: bool) -> list[list[int]]:
        """`go_on`: the end is ruled out, so that the model must find something to say for long."""
        options = GenerationOptions(
            repetition_penalty=penalty,
            no_repeat_ngram_size=0,
            max_tokens=_LONG if go_on else _ANSWER,
            logit_bias=((end_id, -100),) if go_on else (),
        )
        return decode_batch(bench.trained.model, prompts, options, {end_id})

    versions = []
    for penalty in _PENALTIES:
        long, short = said(penalty, go_on=True), said(penalty, go_on=False)
        answers = [bench.tokenizer.decode(ids) for ids in short]
        numbers: dict[str, Number] = {"repeated": f"{_repeated(long):.0%}", "right": f"{bench.right(answers):.0%}"}
        name = f"penalty {penalty:g}"
        sample = bench.sample([bench.tokenizer.decode(ids) for ids in long])
        versions.append(Version(Words(name, f"惩罚 {penalty:g}"), numbers, (), sample))
    without, strong = versions[0].numbers, versions[-1].numbers
    return Measured(
        columns={
            "repeated": Words(f"said before, in {_LONG} tokens", f"{_LONG} 个词元中说过的"),
            "right": Words("right answers", "答对"),
        },
        versions=tuple(versions),
        holds=share(strong["repeated"]) < 0.5 * share(without["repeated"])
        and share(strong["right"]) > share(without["right"]) - 0.02,
        found=Words(
            f"Made to go on for {_LONG} tokens, {without['repeated']} of it has been said before; with a penalty of "
            f"{_PENALTIES[-1]:g}, {strong['repeated']}. The right answers to ordinary questions go from "
            f"{without['right']} to {strong['right']}.",
            f"逼模型说满 {_LONG} 个词元，其中 {without['repeated']} 是说过的；惩罚 {_PENALTIES[-1]:g} 时为 "
            f"{strong['repeated']}。普通问题的答对率从 {without['right']} 变为 {strong['right']}。",
        ),
    )


pitfall = Pitfall(
    name="repetition",
    title=Words("Repetition, and the penalty on it", "重复，以及重复惩罚"),
    said=Words(
        "Without a repetition penalty greedy decoding goes in circles; with one it does not, and answers as well.",
        "没有重复惩罚，贪心解码会原地打转；加上就好了，回答也不会变差。",
    ),
    why=Words(
        "A loop feeds itself: text that repeats makes the repetition likelier. The penalty lowers every token that was "
        "said. No answer of this task needs a word twice, so here it can only help; where one does, as the 3 of "
        "`3+3=6`, it spoils right answers. Mend the cause first (an end that is learnt); the default here only stops "
        "a run of 24 tokens from standing twice.",
        "循环会自我强化：越重复，越可能再重复。惩罚压低每个说过的词元。这个任务的答案从不需要把一个词说两次，所以这里只有好处；"
        "需要说两次时，例如 `3+3=6` 里的 3，它会毁掉正确答案。应先消除原因（学会结束）；"
        "本库默认只禁止连续 24 个词元出现第二次。",
    ),
    wrong_line="options = GenerationOptions(no_repeat_ngram_size=0)",
    right_line="options = GenerationOptions(no_repeat_ngram_size=24)",
    run=run,
)
