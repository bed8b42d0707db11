"""A model used with a tokenizer that it was not trained with."""

from chatzero.evaluation.answer import greedy_answers
from chatzero.lab.bench import bench_of
from chatzero.lab.pitfall import Measured, Number, Pitfall, Scale, Version, Words, share
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    model = bench.trained.model
    # Trained on the questions alone: as large as the model's own, other pieces behind the numbers.
    texts = [message.content for item in bench.items for message in item.prompt]
    other = Tokenizer.train(texts * 50, bench.tokenizer.vocab_size)
    questions = [Conversation(item.prompt) for item in bench.items]

    def version(name: Words, tokenizer: Tokenizer) -> Version:
        answers = greedy_answers(model, tokenizer, questions, max_tokens=32)
        same = sum(a == b for a, b in zip(tokenizer.tokens, bench.tokenizer.tokens, strict=False))
        numbers: dict[str, Number] = {"same": same, "right": f"{bench.right(answers):.0%}"}
        return Version(name, numbers, said=bench.sample(answers))

    right = version(Words("its own tokenizer", "自己的分词器"), bench.tokenizer)
    wrong = version(Words("another one", "另一个分词器"), other)
    good, bad = right.numbers, wrong.numbers
    return Measured(
        columns={
            "same": Words("numbers that mean the same token", "含义相同的编号"),
            "right": Words("right answers", "答对"),
        },
        versions=(right, wrong),
        holds=share(bad["right"]) < 0.5 * share(good["right"]),
        found=Words(
            f"With its own tokenizer {good['right']} of the answers are right; with another, in which {bad['same']} "
            f"of {bench.tokenizer.vocab_size} numbers mean the same token, {bad['right']}.",
            f"用自己的分词器答对 {good['right']}。换一个分词器，{bench.tokenizer.vocab_size} 个编号中有 {bad['same']} "
            f"个含义相同，答对 {bad['right']}。",
        ),
    )


pitfall = Pitfall(
    name="wrong-tokenizer",
    title=Words("Another tokenizer", "换了分词器"),
    said=Words("The model talks gibberish, and no error is raised.", "模型胡言乱语，而且不报错。"),
    why=Words(
        "To a model a token is a number. Another tokenizer gives the same numbers to other pieces of text, and every "
        "shape still fits. Keep the tokenizer with the weights: a model folder here holds both, and a run refuses to "
        "resume with another.",
        "对模型来说词元只是编号。换一个分词器，同样的编号对应别的文字，而所有形状依然吻合。分词器要和权重放在一起："
        "这里的模型文件夹两者都有，续训时分词器不同会被拒绝。",
    ),
    wrong_line="tokenizer = Tokenizer.train(texts, vocab_size)",
    right_line="tokenizer = Tokenizer.load(model_folder)",
    run=run,
)
