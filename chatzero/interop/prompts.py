"""The questions that an export is compared on: held-out questions of the built-in data, both languages by turns."""

from collections.abc import Iterator

from chatzero.curriculum.generate import held_out_items
from chatzero.curriculum.registry import SKILLS
from chatzero.generation.window import prompt_room
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.text.chat_template import render_prompt
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer

_SEED = 57_721  # neither a training seed nor the scoreboard's
_MOST_PER_CELL = 40


def questions(
    tokenizer: Tokenizer, config: TransformerConfig | GPTConfig, count: int, max_tokens: int
) -> list[Conversation]:
    """`count` questions that fit the window with an answer of `max_tokens`; fewer when hardly any fits."""
    room = prompt_room(config, max_tokens)
    per_cell = 1 + count // len(SKILLS)
    while True:
        fitting = [c for c in _by_turns(per_cell) if len(render_prompt(c, tokenizer)) <= room]
        if len(fitting) >= count or per_cell >= _MOST_PER_CELL:
            return fitting[:count]
        per_cell *= 2


def _by_turns(per_cell: int) -> Iterator[Conversation]:
    """One of each skill and language, then the next of each: any beginning holds both languages and many skills."""
    cells: dict[tuple[str, str], list[Conversation]] = {}
    for item in held_out_items(SKILLS, _SEED, per_cell):
        cells.setdefault((item.skill, item.lang), []).append(Conversation(item.prompt))
    for turn in range(per_cell):
        yield from (cell[turn] for cell in cells.values() if turn < len(cell))
