"""What answers say about the training of a model: pure functions of their token ids, each a remark or nothing."""

from collections.abc import Sequence

from chatzero.training.guards.remark import Remark

_LOOP = 4
"""Times that a stretch must follow itself to be a loop: three in a row occur in honest answers."""
_LONGEST_STRETCH = 12


def answer_verdicts(answers: Sequence[Sequence[int]], limit: int, step: int) -> list[Remark]:
    """Every remark on these answers, of at most `limit` tokens each; an answer of `limit` tokens had no end."""
    found = (repeating(answers, step), endless(answers, limit, step))
    return [remark for remark in found if remark is not None]


def repeating(answers: Sequence[Sequence[int]], step: int) -> Remark | None:
    """A third of the answers or more run in circles."""
    looping = sum(loops(answer) for answer in answers)
    if not answers or looping * 3 < len(answers):
        return None
    return Remark(
        step,
        "answers repeat",
        (
            f"{looping} of {len(answers)} answers repeat themselves without end",
            f"{len(answers)} 个回答中有 {looping} 个陷入重复",
        ),
        (
            "greedy choice in a model that is not sure falls into a loop: it has trained too little, or on too little",
            "模型没有把握时，贪心选择会陷入循环：训练太少，或数据太少",
        ),
        (
            "train for longer; meanwhile chat with --temperature 0.7",
            "延长训练；暂时可用 --temperature 0.7 聊天",
        ),
    )


def endless(answers: Sequence[Sequence[int]], limit: int, step: int) -> Remark | None:
    """Not one answer ends."""
    if len(answers) < 3 or any(len(answer) < limit for answer in answers):
        return None
    return Remark(
        step,
        "no end",
        (
            f"none of {len(answers)} answers ended within {limit} tokens",
            f"{len(answers)} 个回答都没有在 {limit} 个 token 内结束",
        ),
        (
            "the end token was never learned: it is not among the targets, or training is at its very beginning",
            "没有学会结束符：训练目标里没有它，或训练才刚开始",
        ),
        (
            "look at the targets of a row (chatzero data preview): the last one must be <end>",
            "查看一行数据的目标（chatzero data preview）：最后一个必须是 <end>",
        ),
    )


def loops(answer: Sequence[int]) -> bool:
    """Whether the end of the answer is one stretch again and again."""
    for length in range(1, _LONGEST_STRETCH + 1):
        stretch = list(answer[-length:])
        if len(answer) >= _LOOP * length and list(answer[-_LOOP * length :]) == stretch * _LOOP:
            return True
    return False
