"""The same model at temperature 0, 0.7, 1 and 2."""

from chatzero.generation.decode import decode_batch
from chatzero.generation.options import GenerationOptions
from chatzero.lab.bench import bench_of
from chatzero.lab.pitfall import Measured, Number, Pitfall, Scale, Version, Words, share
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation

_TEMPERATURES = (0.0, 0.7, 1.0, 2.0)
_ASKED = 4


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    model = bench.trained.model
    prompts = [render_prompt(Conversation(item.prompt), bench.tokenizer) for item in bench.items]
    versions = []
    for temperature in _TEMPERATURES:
        rounds = []
        for seed in range(_ASKED):
            options = GenerationOptions(temperature=temperature, max_tokens=32, seed=1000 * seed)
            ids = decode_batch(model, prompts, options, {bench.tokenizer.end_id})
            rounds.append([bench.tokenizer.decode(answer) for answer in ids])
        different = sum(len(set(answers)) for answers in zip(*rounds, strict=True)) / len(prompts)
        right = sum(bench.right(answers) for answers in rounds) / _ASKED
        numbers: dict[str, Number] = {"right": f"{right:.0%}", "different": different}
        versions.append(
            Version(Words(f"T = {temperature:g}", f"T = {temperature:g}"), numbers, (), bench.sample(rounds[0]))
        )
    cold, hot = versions[0].numbers, versions[-1].numbers
    return Measured(
        columns={
            "right": Words("right answers", "答对"),
            "different": Words(f"different answers in {_ASKED}", f"{_ASKED} 次中不同的回答数"),
        },
        versions=tuple(versions),
        holds=share(hot["right"]) < share(cold["right"]),
        found=Words(
            f"At 0 every answer is the same and {cold['right']} are right; at 2 there are "
            f"{float(hot['different']):.1f} different answers in {_ASKED} and {hot['right']} are right.",
            f"温度 0 时每次回答都一样，答对 {cold['right']}；温度 2 时 {_ASKED} 次有 {float(hot['different']):.1f} 种，"
            f"答对 {hot['right']}。",
        ),
    )


pitfall = Pitfall(
    name="temperature",
    title=Words("Temperature 0 and 2", "温度 0 与 2"),
    said=Words(
        "A high temperature costs right answers; zero always says the same.",
        "温度高会答错更多；温度为 0 总说同样的话。",
    ),
    why=Words(
        "Scores are divided by the temperature before softmax. At 0 the likeliest token is always taken; above 1 "
        "unlikely tokens gain, and a small model is sure only of its first choice. For questions with one right "
        "answer use 0.",
        "softmax 之前先把分数除以温度。温度为 0 时总取最可能的词元；大于 1 时不太可能的词元分量增加，"
        "而小模型只对第一选择有把握。有唯一答案的问题请用 0。",
    ),
    wrong_line="temperature = 2",
    right_line="temperature = 0",
    run=run,
)
