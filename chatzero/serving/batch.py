"""The running batch: rows join when their prompt has been read, all go on by a token a step, finished rows leave.

Every row gets the tokens it would get alone: its own positions, its own mask, its own options and its own random
generator. Whose rows these are and when they join is not known here (`scheduler`, `engine`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import torch

from chatzero.generation.decode import BATCH_TOKENS, batches_of_like_length, device_of, generator_for, left_padded
from chatzero.generation.options import GenerationOptions
from chatzero.generation.sampling import choose
from chatzero.generation.window import answer_room
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.interface import LanguageModel
from chatzero.serving.job import Job, TokenScore
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

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._device = device_of(model)
        self._state = model.open_batch()
        self.rows: list[Row] = []

    def row(self, job: Job) -> Row:
        """See `row_for`."""
        return row_for(job, self._model.config)

    @torch.inference_mode()
    def join(self, rows: Sequence[Row]) -> None:
        """Read the prompts of new rows and say their first token."""
        for group in batches_of_like_length([len(row.job.prompt_ids) for row in rows], BATCH_TOKENS):
            newcomers = [rows[i] for i in group]
            logits, state = self._model.prefill(*left_padded([row.job.prompt_ids for row in newcomers], self._device))
            _say(newcomers, logits)
            self._state.join(state)
            self.rows += newcomers

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
