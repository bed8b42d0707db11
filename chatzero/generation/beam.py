"""Beam search: several hypotheses for an answer side by side, to find the likeliest whole answer.

Hypotheses are rows of the batch. After each token the best are chosen among all their continuations, and the rows of
the `DecodeState` are repeated and reordered to match: that is all a beam needs of a model, so both kinds serve.

A hypothesis is ranked by  log-probability / length ** length_penalty,  its length counted with the end token. Dividing
by the length undoes that each token can only lower the probability (Wu et al. 2016, section 7, whose divisor is
(5 + length) ** a / 6 ** a; ours is the plain power, as in `transformers` and CTranslate2).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import torch

from chatzero.generation.decode import device_of, evaluating, left_padded
from chatzero.generation.options import GenerationOptions
from chatzero.generation.sampling import discourage_repetition
from chatzero.generation.window import answer_room, shares_window
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Float, Tensor


@dataclass(frozen=True)
class Hypothesis:
    """An answer, the end token last if it was said; its log-probability in nats, and the score it is ranked by."""

    token_ids: list[int]
    logprob_nats: float
    score: float


@dataclass
class _Search:
    """The search for one prompt's answer: hypotheses that may go on, best first, and those that are complete."""

    longest: int
    live: list[tuple[float, list[int]]] = field(default_factory=lambda: [(0.0, [])])
    complete: list[Hypothesis] = field(default_factory=list)


@torch.inference_mode()
def beam_search(
    model: LanguageModel, prompts: Sequence[Sequence[int]], options: GenerationOptions, end_ids: Collection[int]
) -> list[list[Hypothesis]]:
    """For each prompt its complete hypotheses, best first; `options.beam_size` are kept on the way.

    A search is over when it has `beam_size` complete hypotheses and no live one, at the length it has now, scores
    better than the worst of them. Where the room ends, live hypotheses count as complete. A beam of one is greedy.
    """
    searches = [
        _Search(longest=min(options.max_tokens, answer_room(model.config, len(prompt_ids)))) for prompt_ids in prompts
    ]
    with evaluating(model):
        for rows in _groups(model, [len(prompt_ids) for prompt_ids in prompts]):
            _search_together(model, [prompts[i] for i in rows], [searches[i] for i in rows], options, end_ids)
    return [sorted(search.complete, key=lambda h: -h.score) for search in searches]


def _search_together(
    model: LanguageModel,
    prompts: Sequence[Sequence[int]],
    running: list[_Search],
    options: GenerationOptions,
    end_ids: Collection[int],
) -> None:
    """Runs these searches to their end."""
    device = device_of(model)
    logits, state = model.prefill(*left_padded(prompts, device))
    while True:
        parents = _advance(running, logits, options, end_ids)
        running = [search for search in running if search.live]
        if not running:
            return
        if parents != list(range(len(logits))):
            state.select(torch.tensor(parents, device=device))
        last = [token_ids[-1] for search in running for _, token_ids in search.live]
        logits = model.decode_step(torch.tensor(last, device=device), state)


def _groups(model: LanguageModel, lengths: Sequence[int]) -> list[list[int]]:
    """Which prompts to search together: all; in a shared window, where padding would cost room, those of one length."""
    if not shares_window(model.config):
        return [list(range(len(lengths)))] if lengths else []
    return [[i for i, n in enumerate(lengths) if n == length] for length in sorted(set(lengths))]


def _advance(
    running: Sequence[_Search], logits: Float[Tensor, "B V"], options: GenerationOptions, end_ids: Collection[int]
) -> list[int]:
    """Every search goes on by one token. Gives for each hypothesis still live the row it grew out of."""
    said = [token_ids for search in running for _, token_ids in search.live]
    logprobs = discourage_repetition(logits, said, options).float().log_softmax(dim=-1)  # B V
    # From each row no more than this many can be needed: `beam_size` to go on, and one for each way to end
    likeliest = logprobs.topk(min(options.beam_size + len(end_ids), logprobs.shape[1]), dim=-1)
    gains, tokens = likeliest.values.tolist(), likeliest.indices.tolist()
    parents: list[int] = []
    first = 0
    for search in running:
        rows = range(first, first + len(search.live))
        first = rows.stop
        grown = [
            (logprob + gain, [*token_ids, token], row)
            for row, (logprob, token_ids) in zip(rows, search.live, strict=True)
            for gain, token in zip(gains[row], tokens[row], strict=True)
            if gain > float("-inf")
        ]
        parents += _keep_best(search, grown, options, end_ids)
    return parents


def _keep_best(
    search: _Search, grown: list[tuple[float, list[int], int]], options: GenerationOptions, end_ids: Collection[int]
) -> list[int]:
    """Sorts the continuations of one search into complete and live; gives the rows the live ones grew out of."""
    grown.sort(key=lambda continuation: -continuation[0])
    search.live = []
    parents: list[int] = []
    for rank, (logprob, token_ids, row) in enumerate(grown):
        if token_ids[-1] in end_ids or len(token_ids) == search.longest:
            if rank < options.beam_size:  # an ending that is no better than what goes on is not worth keeping
                search.complete.append(_hypothesis(logprob, token_ids, options))
        elif len(search.live) < options.beam_size:
            search.live.append((logprob, token_ids))
            parents.append(row)
    search.complete = sorted(search.complete, key=lambda h: -h.score)[: options.beam_size]
    if len(search.complete) == options.beam_size and search.live:
        best_live = _hypothesis(*search.live[0], options)
        if best_live.score <= search.complete[-1].score:
            search.live = []
    return parents if search.live else []


def _hypothesis(logprob: float, token_ids: list[int], options: GenerationOptions) -> Hypothesis:
    return Hypothesis(token_ids, logprob, logprob / len(token_ids) ** options.length_penalty)
