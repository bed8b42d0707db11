"""`[data]` table -> conversations to train on, and conversations kept back, with no first question on both sides."""

from dataclasses import dataclass

from chatzero.data.config import DataConfig
from chatzero.data.front_door import ReadReport, read_conversations
from chatzero.data.parallel_text import read_held_out_pairs, read_pairs
from chatzero.data.sameness import first_question, is_held_out, key_of
from chatzero.errors import DataError
from chatzero.language import tr
from chatzero.text.conversation import Conversation


@dataclass(frozen=True)
class Split:
    """`leaked` counts training rows left out because their first question is in the files held out."""

    training: list[Conversation]
    held_out: list[Conversation]
    leaked: int
    report: ReadReport


def read_split(config: DataConfig) -> Split:
    """Read and divide. Raises `DataError` when one side is empty.

    Of pairs with held-out files everything is kept: the sets of a translation task are taken as they were published.
    """
    if config.kind == "pairs":
        return _split_pairs(config)
    corpus = read_conversations(config.files, config.fill, config.max_rows)
    leaked = 0
    if isinstance(config.heldout, float):
        training, held_out = divide(corpus.conversations, config.heldout)
    else:
        held_out = read_conversations(config.heldout, config.fill, config.max_rows).conversations
        kept_back = {key_of(first_question(conversation)) for conversation in held_out}
        training = [c for c in corpus.conversations if key_of(first_question(c)) not in kept_back]
        leaked = len(corpus.conversations) - len(training)
    if not training or not held_out:
        raise one_side_empty(len(training), len(held_out))
    return Split(training, held_out, leaked, corpus.report)


def _split_pairs(config: DataConfig) -> Split:
    text = read_pairs(config)
    quarantine = list(text.quarantine)
    pairs = [Conversation.of(source, target) for source, target in text.pairs]
    if isinstance(config.heldout, float):
        training, held_out = divide(pairs, config.heldout)
    else:
        other = read_held_out_pairs(config)
        quarantine += other.quarantine
        training, held_out = pairs, [Conversation.of(source, target) for source, target in other.pairs]
    if not training or not held_out:
        raise one_side_empty(len(training), len(held_out))
    return Split(training, held_out, 0, ReadReport((), (), tuple(quarantine)))


def divide(conversations: list[Conversation], share: float) -> tuple[list[Conversation], list[Conversation]]:
    """Training and held-out, about `share` of the questions on the second side."""
    training: list[Conversation] = []
    held_out: list[Conversation] = []
    for conversation in conversations:
        (held_out if is_held_out(conversation, share) else training).append(conversation)
    return training, held_out


def one_side_empty(training: int, held_out: int) -> DataError:
    """Nothing can be trained, or nothing measured."""
    return DataError(
        what=tr(
            f"{training} conversations to train on, {held_out} held out", f"训练 {training} 段对话，留出 {held_out} 段"
        ),
        why=tr("each side needs at least one, and no question may be on both", "两边至少各一段，同一问题不能两边都有"),
        do=tr("give more data, or another data.heldout", "请提供更多数据，或修改 data.heldout"),
    )
