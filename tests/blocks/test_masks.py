import torch
from hypothesis import given
from hypothesis import strategies as st

from chatzero.blocks.masks import causal_mask, document_mask, padding_mask


@given(st.integers(1, 20))
def test_causal_is_at_or_before(seq_len: int) -> None:
    mask = causal_mask(seq_len)[0, 0]
    assert mask.tolist() == [[key <= query for key in range(seq_len)] for query in range(seq_len)]


def test_padding_hides_the_same_keys_from_every_query() -> None:
    real = torch.tensor([[True, True, False], [False, True, True]])
    mask = padding_mask(real)
    assert mask.shape == (2, 1, 1, 3)
    assert torch.equal(mask[:, 0, 0], real)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_documents_see_only_themselves_and_the_past(document_ids: list[int]) -> None:
    mask = document_mask(torch.tensor([document_ids]))[0, 0]
    n = len(document_ids)
    assert mask.tolist() == [[k <= q and document_ids[k] == document_ids[q] for k in range(n)] for q in range(n)]


def test_masks_combine() -> None:
    real = torch.tensor([[False, True, True]])
    combined = causal_mask(3) & padding_mask(real)
    assert combined[0, 0].tolist() == [[False, False, False], [False, True, False], [False, True, True]]
