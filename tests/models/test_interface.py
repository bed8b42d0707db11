"""The contract of LanguageModel, kept by every architecture: cached = uncached, a row in a batch = the row alone."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from chatzero.blocks.attention import use_fused
from chatzero.errors import ShapeError
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import DecodeState, LanguageModel
from tests.models.random_models import (
    GPT_VARIANTS,
    PAD,
    TRANSFORMER_VARIANTS,
    VOCAB,
    gpt,
    shifted,
    transformer,
    words,
)

MODELS: dict[str, Callable[[], GPT | Transformer]] = {
    **{f"gpt: {name}": lambda changes=changes: gpt(**changes) for name, changes in GPT_VARIANTS.items()},  # type: ignore[misc]
    **{
        f"transformer: {name}": lambda changes=changes: transformer(**changes)  # type: ignore[misc]
        for name, changes in TRANSFORMER_VARIANTS.items()
    },
}
EACH_MODEL = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


def uncached(model: LanguageModel, prompt: torch.Tensor, answer: torch.Tensor) -> torch.Tensor:
    """Scores of each token of `answer` and of the one after, from whole forward passes without padding or cache."""
    n = answer.shape[1]
    if isinstance(model, GPT):
        return model.logits(model.hidden(torch.cat([prompt, answer], dim=1)))[:, -n - 1 :]
    assert isinstance(model, Transformer)
    return model.logits(model.hidden(prompt, torch.cat([torch.full_like(prompt[:, :1], PAD), answer], dim=1)))


def cached(
    model: LanguageModel, prompts: torch.Tensor, mask: torch.Tensor | None, answer: torch.Tensor
) -> tuple[torch.Tensor, DecodeState]:
    """The same, a token at a time."""
    logits, state = model.prefill(prompts, mask)
    steps = [logits, *(model.decode_step(answer[:, i], state) for i in range(answer.shape[1]))]
    return torch.stack(steps, dim=1), state


def left_padded(prompts: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(prompt.shape[1] for prompt in prompts)
    ids = torch.full((len(prompts), width), PAD)
    for row, prompt in enumerate(prompts):
        ids[row, width - prompt.shape[1] :] = prompt[0]
    return ids, ids != PAD


@EACH_MODEL
@pytest.mark.parametrize("fused", [False, True])
def test_cached_equals_uncached(make: Callable[[], GPT | Transformer], fused: bool) -> None:
    model = make()
    use_fused(model, fused)
    prompts, answer = words(3, 6), words(3, 5, seed=1)
    logits, _ = cached(model, prompts, None, answer)
    torch.testing.assert_close(logits, uncached(model, prompts, answer))


@EACH_MODEL
@pytest.mark.parametrize("fused", [False, True])
def test_a_row_in_a_left_padded_batch_equals_the_row_alone(make: Callable[[], GPT | Transformer], fused: bool) -> None:
    model = make()
    use_fused(model, fused)
    prompts = [words(1, length, seed=length) for length in (2, 7, 1, 5)]
    answer = words(4, 5, seed=9)
    logits, _ = cached(model, *left_padded(prompts), answer)
    for row, prompt in enumerate(prompts):
        alone = uncached(model, prompt, answer[row : row + 1])
        torch.testing.assert_close(logits[row : row + 1], alone)


@EACH_MODEL
@pytest.mark.parametrize("padded", [False, True])
def test_selected_rows_go_on_as_if_they_had_been_the_batch(make: Callable[[], GPT | Transformer], padded: bool) -> None:
    model = make()
    prompts = [words(1, length, seed=length) for length in ((2, 7, 5) if padded else (6, 6, 6))]
    answer = words(3, 3, seed=9)
    _, state = cached(model, *left_padded(prompts), answer)
    rows = [2, 0, 0, 2]  # row 1 is left out, the others are repeated and reordered
    state.select(torch.tensor(rows))
    more = words(4, 4, seed=10)
    logits = torch.stack([model.decode_step(more[:, i], state) for i in range(4)], dim=1)
    for new, old in enumerate(rows):
        whole = uncached(model, prompts[old], torch.cat([answer[old], more[new]])[None])
        torch.testing.assert_close(logits[new], whole[0, 4:])
    state.select(torch.tensor([3]))
    again = model.decode_step(torch.tensor([1]), state)
    last = torch.cat([answer[2], more[3], torch.tensor([1])])[None]
    torch.testing.assert_close(again, uncached(model, prompts[2], last)[:, -1])


@EACH_MODEL
def test_pad_is_never_the_next_token(make: Callable[[], GPT | Transformer]) -> None:
    model = make()
    logits, _ = cached(model, words(2, 3), None, words(2, 2))
    assert logits.shape == (2, 3, VOCAB)
    assert (logits[..., PAD] == -torch.inf).all()
    assert logits[..., :PAD].isfinite().all()


@EACH_MODEL
def test_the_window_ends_with_a_clear_error(make: Callable[[], GPT | Transformer]) -> None:
    model = make()
    logits, state = model.prefill(words(1, 5))
    while state.length < model.config.max_seq_len:
        logits = model.decode_step(logits.argmax(dim=-1), state)
    with pytest.raises(ShapeError, match="25 positions, but max_seq_len=24"):
        model.decode_step(logits.argmax(dim=-1), state)
    with pytest.raises(ShapeError, match="30 positions, but max_seq_len=24"):
        model.prefill(words(1, 30))


@EACH_MODEL
def test_two_texts_share_a_model_and_not_a_cache(make: Callable[[], GPT | Transformer]) -> None:
    model = make()
    a, b, answer = words(1, 4), words(1, 6, seed=2), words(1, 3, seed=3)
    (logits_a, state_a), (logits_b, state_b) = model.prefill(a), model.prefill(b)
    steps_a, steps_b = [logits_a], [logits_b]
    for i in range(3):
        steps_a.append(model.decode_step(answer[:, i], state_a))
        steps_b.append(model.decode_step(answer[:, i], state_b))
    torch.testing.assert_close(torch.stack(steps_a, dim=1), uncached(model, a, answer))
    torch.testing.assert_close(torch.stack(steps_b, dim=1), uncached(model, b, answer))


@EACH_MODEL
def test_a_model_can_be_trained_after_it_has_answered(make: Callable[[], GPT | Transformer]) -> None:
    model = make().train()
    cached(model, words(2, 3), None, words(2, 2))
    logits = uncached(model, words(2, 3), words(2, 2))
    torch.autograd.backward(logits[..., :PAD].sum())
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


GPT_MODEL, TRANSFORMER_MODEL = gpt(), transformer()


@settings(max_examples=25)
@given(data=st.data())
def test_no_later_token_changes_an_earlier_score(data: st.DataObject) -> None:
    """Bit for bit: what comes later is not in the sum at all."""
    fused = data.draw(st.booleans())
    length = data.draw(st.integers(2, 12))
    first_changed = data.draw(st.integers(1, length - 1))
    ids = torch.tensor([data.draw(st.lists(st.integers(0, VOCAB - 1), min_size=length, max_size=length))])
    changed = ids.clone()
    changed[0, first_changed:] = torch.tensor(
        data.draw(st.lists(st.integers(0, VOCAB - 1), min_size=length - first_changed, max_size=length - first_changed))
    )
    source = words(1, 5)
    for model in (GPT_MODEL, TRANSFORMER_MODEL):
        use_fused(model, fused)
        with torch.no_grad():
            before, after = (model(x) if isinstance(model, GPT) else model(source, x) for x in (ids, changed))
        torch.testing.assert_close(before[:, :first_changed], after[:, :first_changed], rtol=0, atol=1e-12)


@pytest.mark.parametrize("optimizer", [torch.optim.AdamW, torch.optim.SGD])
@pytest.mark.parametrize("make", [gpt, transformer, lambda: gpt(tie_embeddings=False)])
def test_the_row_of_pad_stays_zero_in_training(
    make: Callable[[], GPT | Transformer], optimizer: type[torch.optim.AdamW] | type[torch.optim.SGD]
) -> None:
    model = make().train()
    moves = optimizer(model.parameters(), lr=0.1, weight_decay=0.1)
    source, target = words(2, 6), words(2, 5, seed=1)
    source[0, 4:] = PAD
    for _ in range(3):
        inputs = (shifted(target),) if isinstance(model, GPT) else (source, shifted(target), source != PAD)
        logits = model(*inputs)
        torch.autograd.backward(torch.nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten()))
        moves.step()
        moves.zero_grad()
    for table in (model.embedding, model.output):
        if table is not None:
            assert not table.weight[PAD].any()
            assert table.weight[:PAD].any(dim=1).all()
