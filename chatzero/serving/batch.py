"""The running batch: rows join when their prompt has been read, all go on by a token a step, finished rows leave.

Every row gets the tokens it would get alone: its own positions, its own mask, its own options and its own random
generator. Whose rows these are and when they join is not known here (`scheduler`, `engine`); how prompts are read, and
what need not be read twice, is `prompt_reader`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import torch

from chatzero.generation.decode import device_of, generator_for
from chatzero.generation.options import GenerationOptions
from chatzero.generation.sampling import choose
from chatzero.generation.window import answer_room
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.interface import LanguageModel
from chatzero.models.kernels import suit_many_rows
from chatzero.serving.job import Job, TokenScore
from chatzero.serving.prompt_reader import PromptReader
from chatzero.shapes import Float, Tensor

UNLIKELY_NATS = -9999.0
"""Stands for minus infinity, which JSON cannot say; the OpenAI API has the same."""


@dataclass(eq=False)
class Row:
    """One answer being written: what it is to be, and how far it has come."""

    job: Job
    longest: int
    """Tokens after which the answer is cut off: `max_tokens`, or where the window ends."""
    generator: torch.Generator
    how: GenerationOptions
    """What `choose` needs of the options; rows with the same are chosen for together."""
    said: list[int] = field(default_factory=list)
    score: TokenScore | None = None
    """That of the last token, if asked for."""


def row_for(job: Job, config: TransformerConfig | GPTConfig) -> Row:
    """Raises `DataError` for a prompt that is empty or does not fit."""
    return Row(
        job,
        longest=min(job.options.max_tokens, answer_room(config, len(job.prompt_ids))),
        generator=generator_for(job.options, row=0),
        how=replace(job.options, max_tokens=1, stop=(), seed=None),
    )


class RunningBatch:
    """Rows that run. After `join` and `step`, each row concerned has one token more in `said`."""

    def __init__(self, model: LanguageModel, kept_bytes: int = 0) -> None:
        """Takes the model over: its weights are laid out anew, for many rows at once."""
        suit_many_rows(model)
        self._model = model
        self._reader = PromptReader(model, kept_bytes)
        self._device = device_of(model)
        self._state = model.open_batch()
        self.rows: list[Row] = []

    def row(self, job: Job) -> Row:
        """See `row_for`."""
        return row_for(job, self._model.config)

    @property
    def kept_bytes(self) -> int:
        """What rows that have left take up."""
        return self._reader.kept.num_bytes

    @torch.inference_mode()
    def join(self, rows: Sequence[Row]) -> int:
        """Read the prompts of new rows and say their first token. Gives how many prompt tokens need not be read."""
        reused = 0
        for reading in self._reader.read([row.job.prompt_ids for row in rows]):
            newcomers = [rows[i] for i in reading.places]
            _say(newcomers, reading.logits)
            self._state.join(reading.state)
            self.rows += newcomers
            reused += reading.reused
        return reused

    @torch.inference_mode()
    def step(self) -> None:
        """Every row says one token more."""
        last = torch.tensor([row.said[-1] for row in self.rows], device=self._device)
        _say(self.rows, self._model.decode_step(last, self._state))

    @torch.inference_mode()
    def leave(self, gone: Collection[Row]) -> None:
        """These rows end here. The last rows take their places, so that few are copied."""
        if not gone:
            return
        for i, row in enumerate(self.rows):
            if row in gone:  # its last token was said, but not read
                self._reader.keep(self._state, i, (*row.job.prompt_ids, *row.said[:-1]))
        staying = [i for i, row in enumerate(self.rows) if row not in gone]
        order = list(range(len(staying)))
        holes = [i for i in order if self.rows[i] in gone]
        for hole, mover in zip(holes, (i for i in staying if i >= len(staying)), strict=True):
            order[hole] = mover
        self._state.select(torch.tensor(order, dtype=torch.long, device=self._device))
        self.rows = [self.rows[i] for i in order]

    def reset(self) -> None:
        """Forget all rows, whatever state a fault left them in."""
        self._state = self._model.open_batch()
        self._reader.kept.clear()
        self.rows = []


def _say(rows: Sequence[Row], logits: Float[Tensor, "B V"]) -> None:
    """Choose the next token of each row, each by its own options."""
    kinds: dict[GenerationOptions, list[int]] = {}
    for i, row in enumerate(rows):
        kinds.setdefault(row.how, []).append(i)
    chosen: list[tuple[Row, int]] = []
    for how, places in kinds.items():
        alike = [rows[i] for i in places]
        theirs = logits if len(kinds) == 1 else logits[torch.tensor(places, device=logits.device)]
        tokens = choose(theirs, [row.said for row in alike], how, [row.generator for row in alike])
        chosen += zip(alike, tokens.tolist(), strict=True)
    scored = [i for i, row in enumerate(rows) if row.job.alternatives is not None]
    for row, token_id in chosen:
        row.said.append(token_id)
    for i in scored:
        rows[i].score = _score(logits[i], rows[i])


def _score(logits: Float[Tensor, "V"], row: Row) -> TokenScore:
    logprobs = logits.float().log_softmax(dim=-1).clamp(min=UNLIKELY_NATS)
    best = logprobs.topk(min(row.job.alternatives or 0, len(logprobs)))
    alternatives = tuple(zip(best.indices.tolist(), best.values.tolist(), strict=True))
    return TokenScore(row.said[-1], float(logprobs[row.said[-1]]), alternatives)
