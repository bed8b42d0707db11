"""Loss on every token of the conversation, not on the answer alone."""

from dataclasses import replace

import torch

from chatzero.data.batch import IGNORE, Batch, LMBatch
from chatzero.lab.bench import bench_of
from chatzero.lab.pitfall import Measured, Pitfall, Scale, Words
from chatzero.lab.versions import SHOWN_COLUMNS, with_and_without


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    pad_id = bench.tokenizer.pad_id

    def count_everything(batch: Batch) -> Batch:
        """The token after each place is its target, wherever it stands; the last place keeps its own."""
        assert isinstance(batch, LMBatch)
        following = batch.token_ids[:, 1:]
        targets = batch.targets.clone()
        open_places = targets[:, :-1] == IGNORE
        targets[:, :-1] = torch.where(open_places & (following != pad_id), following, targets[:, :-1])
        return replace(batch, targets=targets)

    names = (Words("answer only", "只算回答"), Words("question too", "问题也算"))
    versions = with_and_without(bench, names, count_everything)
    good, bad = (float(version.numbers["true"]) for version in versions)
    return Measured(
        columns=SHOWN_COLUMNS,
        versions=versions,
        holds=bad > 1.05 * good,
        found=Words(
            f"Held-out loss of the answers: {good:.2f} where only they are learnt, {bad:.2f} where the question is "
            f"too; the loss shown is then {float(versions[1].numbers['shown']):.2f}, for questions are hard to guess.",
            f"回答的留出损失：只学回答 {good:.2f}，问题也学 {bad:.2f}；后者显示的损失是 "
            f"{float(versions[1].numbers['shown']):.2f}，因为问题很难猜。",
        ),
    )


pitfall = Pitfall(
    name="loss-on-question",
    title=Words("Loss on the question as well", "在问题上也算损失"),
    said=Words(
        "A model that also learns to guess the question learns the answers worse.",
        "还要学着猜问题的模型，回答学得更差。",
    ),
    why=Words(
        "Gradient and capacity go into text that the model will never have to say. With much data the harm is small, "
        "and in pretraining every token is a target; in a short fine-tuning, mask the question.",
        "梯度和容量花在了模型永远不用说的文字上。数据很多时害处不大，预训练更是每个词元都是目标；短时间微调时应遮住问题。",
    ),
    wrong_line="targets = token_ids[1:]",
    right_line="targets = where(in_answer, token_ids[1:], -100)",
    run=run,
)
