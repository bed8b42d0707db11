"""Questions of the test that stand in the training data as well."""

from statistics import fmean

from chatzero.lab.bench import bench_of
from chatzero.lab.pitfall import Measured, Number, Pitfall, Scale, Version, Words, share
from chatzero.text.conversation import Conversation

_PART = 50  # of the training data: a small set, read many times over, as one's own data mostly is


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    few = bench.training[: len(bench.training) // _PART]
    leaked = [item.conversation for item in bench.items[::2]]

    def version(name: Words, conversations: list[Conversation]) -> Version:
        trained = bench.train(bench.model(), loader=bench.loader_of(conversations))
        answers = bench.answers(trained.model)
        marks = bench.marks(answers)
        numbers: dict[str, Number] = {
            "all": f"{fmean(marks):.0%}",
            "leaked": f"{fmean(marks[::2]):.0%}",
            "new": f"{fmean(marks[1::2]):.0%}",
        }
        return Version(name, numbers, trained.curve, bench.sample(answers))

    right = version(Words("kept apart", "分开"), few)
    wrong = version(Words("half the test leaked", "测试题泄漏一半"), few[len(leaked) :] + leaked)
    good, bad = right.numbers, wrong.numbers
    return Measured(
        columns={
            "all": Words("right, as reported", "答对（报告值）"),
            "leaked": Words("of the leaked half", "泄漏的一半"),
            "new": Words("of the other half", "另一半"),
        },
        versions=(right, wrong),
        holds=share(bad["all"]) > share(bad["new"]) + 0.05,
        found=Words(
            f"{len(few)} conversations to learn from. With half the test among them the score reads {bad['all']} where "
            f"it was {good['all']}; on the questions that did not leak it is {bad['new']}, and was {good['new']}.",
            f"训练数据 {len(few)} 条对话。一半测试题混入其中，得分显示 {bad['all']}，原为 {good['all']}；"
            f"没有泄漏的题答对 {bad['new']}，原为 {good['new']}。",
        ),
    )


pitfall = Pitfall(
    name="leakage",
    title=Words("The test in the training data", "测试题混进了训练数据"),
    said=Words(
        "Questions that leak into the training data raise the score above what the model can do.",
        "测试题泄漏到训练数据里，分数就高过模型的真实水平。",
    ),
    why=Words(
        "A leaked question is answered from memory. A random split of rows leaks whenever the same question stands in "
        "the data twice, perhaps in other words. Split by what the question is about, before anything is multiplied or "
        "rephrased: the skills of this library do so by a key, `chatzero data prepare` by the sameness of texts.",
        "泄漏的题靠记忆就能答出。同一个问题在数据里出现两次（也许换了说法），随机按行划分就会泄漏。"
        "应在复制、改写之前，按问题的内容划分：本库的技能按键划分，`chatzero data prepare` 按文本是否相同划分。",
    ),
    wrong_line="train, test = random_split(rephrased(questions))",
    right_line="train, test = (rephrased(part) for part in split_by_key(questions))",
    run=run,
)
