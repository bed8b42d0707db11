"""Tokens from a model: read the prompt once (prefill), then one token at a time. One prompt, or many together.

Both kinds of model come through here; what they keep between tokens is in the `DecodeState`. Ids in, ids out: text,
stop strings and reasons are `generate`; several hypotheses for one prompt are `beam`.
"""

from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager

import torch

from chatzero.generation.options import GenerationOptions
from chatzero.generation.sampling import choose
from chatzero.generation.window import answer_room
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Bool, Int, Tensor

BATCH_TOKENS = 4096
"""Padded prompt tokens that `decode_batch` reads at once. On 2 cores 4,096 was faster than 1,024 and 16,384."""


@torch.inference_mode()
def decode(
    model: LanguageModel, prompt_ids: Sequence[int], options: GenerationOptions, end_ids: Collection[int]
) -> Generator[int, None, None]:
    """The answer to one prompt, token by token; an end token, when the model says one, comes last.

    Ends at one of `end_ids`, after `options.max_tokens`, or when the model's window is full. Raises `DataError` for
    a prompt that is empty or does not fit.
    """
    longest = min(options.max_tokens, answer_room(model.config, len(prompt_ids)))
    generator = generator_for(options, row=0)
    said: list[int] = []
    with evaluating(model):
        logits, state = model.prefill(*left_padded([prompt_ids], device_of(model)))
        while True:
            token = choose(logits, [said], options, [generator])
            said.append(int(token))
            yield said[-1]
            if said[-1] in end_ids or len(said) == longest:
                return
            logits = model.decode_step(token, state)


@torch.inference_mode()
def decode_batch(
    model: LanguageModel,
    prompts: Sequence[Sequence[int]],
    options: GenerationOptions,
    end_ids: Collection[int],
    batch_tokens: int = BATCH_TOKENS,
) -> list[list[int]]:
    """The answers to many prompts, in their order; an answer ends with the end token if the model said one.

    Row i is what `decode` gives alone, with the seed `options.seed + i`. Prompts of like length go together, so that
    little is padding.
    """
    longest = [min(options.max_tokens, answer_room(model.config, len(prompt))) for prompt in prompts]
    generators = [generator_for(options, row) for row in range(len(prompts))]
    answers: list[list[int]] = [[] for _ in prompts]
    with evaluating(model):
        for rows in batches_of_like_length([len(prompt) for prompt in prompts], batch_tokens):
            unfinished = rows
            while unfinished:
                unfinished = _decode_rows(model, unfinished, prompts, answers, longest, options, generators, end_ids)
    return answers


def _decode_rows(
    model: LanguageModel,
    rows: list[int],
    prompts: Sequence[Sequence[int]],
    answers: Sequence[list[int]],
    longest: Sequence[int],
    options: GenerationOptions,
    generators: Sequence[torch.Generator],
    end_ids: Collection[int],
) -> list[int]:
    """Goes on with the answers of these rows, all together, until they are finished. Gives the rows that are not.

    Padding takes places in a shared window, so that the window can be full before a short prompt's answer is: such a
    row is to be read again, with fewer beside it. Finished rows leave the batch: the last ones go fast.
    """
    device = device_of(model)
    logits, state = model.prefill(*left_padded([[*prompts[i], *answers[i]] for i in rows], device))
    unfinished = set(rows)
    while True:
        tokens = choose(logits, [answers[i] for i in rows], options, [generators[i] for i in rows])
        for i, token in zip(rows, tokens.tolist(), strict=True):
            if i in unfinished:
                answers[i].append(token)
                if token in end_ids or len(answers[i]) == longest[i]:
                    unfinished.remove(i)
        if not unfinished or state.length == model.config.max_seq_len:
            return sorted(unfinished)
        if len(unfinished) <= len(rows) * 7 / 8:  # leaving copies the whole cache; fewer would not pay for it
            staying = torch.tensor([place for place, i in enumerate(rows) if i in unfinished], device=device)
            rows = [i for i in rows if i in unfinished]
            state.select(staying)
            tokens = tokens[staying]
        logits = model.decode_step(tokens, state)


def left_padded(
    prompts: Sequence[Sequence[int]], device: torch.device
) -> tuple[Int[Tensor, "B S"], Bool[Tensor, "B S"] | None]:
    """Prompts as one tensor, and which tokens are real; no mask where all are.

    Padded on the left, so that every row's last token stands in the last column. Padding is id 0: what it holds
    never matters.
    """
    width = max(len(prompt) for prompt in prompts)
    ids = torch.tensor([[0] * (width - len(prompt)) + list(prompt) for prompt in prompts], device=device)
    if all(len(prompt) == width for prompt in prompts):
        return ids, None
    starts = torch.tensor([width - len(prompt) for prompt in prompts], device=device)
    return ids, torch.arange(width, device=device) >= starts.unsqueeze(1)


def generator_for(options: GenerationOptions, row: int) -> torch.Generator:
    """The randomness of one row of a batch. On the CPU: the same seed then draws the same on every device."""
    generator = torch.Generator()
    if options.seed is None:
        generator.seed()
    else:
        generator.manual_seed(options.seed + row)
    return generator


def device_of(model: LanguageModel) -> torch.device:
    """Where the model's weights are; the CPU for one that runs elsewhere than in PyTorch, and has none here."""
    weight = next(model.parameters(), None)
    return torch.device("cpu") if weight is None else weight.device


@contextmanager
def evaluating(model: LanguageModel) -> Iterator[None]:
    """The model without dropout; afterwards as it was. Lets a training run show sample answers."""
    was_training = model.training
    if was_training:
        model.eval()
    try:
        yield
    finally:
        if was_training:
            model.train()


def batches_of_like_length(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Indices in batches of like length, each of at most `batch_tokens` when padded (or a single row)."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if batch and (len(batch) + 1) * lengths[i] > batch_tokens:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
