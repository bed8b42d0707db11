"""A GPU gets PyTorch's kernels, a CPU what is written out; packed documents stay strangers on both.

For many rows at once the weights lie by columns, and stay the same numbers.
"""

import pytest
import torch

from chatzero.blocks.attention import MultiHeadAttention
from chatzero.data.batch import LMBatch
from chatzero.data.documents import document_rows
from chatzero.data.records import Document
from chatzero.models.kernels import suit_kernels, suit_many_rows
from chatzero.models.sizes import ARCHS, Arch
from chatzero.training.objective import batch_loss
from tests import small


@pytest.mark.parametrize("arch", ARCHS)
def test_the_device_decides(arch: Arch) -> None:
    model = small.model(arch, small.tokenizer())
    attentions = [module for module in model.modules() if isinstance(module, MultiHeadAttention)]
    for device in ("cuda", "cpu"):
        suit_kernels(model, torch.device(device))
        assert {attention.fused for attention in attentions} == {device == "cuda"}


def test_packed_documents_give_the_same_loss_and_gradient_on_both() -> None:
    tokens = small.tokenizer()
    documents = [Document("你是谁？ 12 + 30 = 42"), Document("Hello!"), Document("3 + 4")]
    rows = document_rows(documents, tokens, max_seq_len=64)
    batch = rows.batch(torch.arange(len(rows)).numpy(), tokens.pad_id, rows.widths.max(axis=0))
    assert isinstance(batch, LMBatch)
    assert batch.attn_mask is not None  # more than one document in a row
    model = small.model("gpt", tokens, dropout=0.0).double()
    found = []
    for device in ("cuda", "cpu"):
        suit_kernels(model, torch.device(device))
        model.zero_grad()
        loss = batch_loss(model, batch).sum_nats
        torch.autograd.backward(loss)
        found.append((loss.detach(), torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])))
    torch.testing.assert_close(found[0], found[1], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("arch", ARCHS)
def test_laid_out_for_many_rows_every_weight_is_the_same_number_at_another_place(arch: Arch) -> None:
    model = small.model(arch, small.tokenizer())
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    suit_many_rows(model)
    linear = [module.weight for module in model.modules() if isinstance(module, torch.nn.Linear)]
    assert linear
    assert all(weight.stride() == (1, weight.shape[0]) for weight in linear), "a column is read in one go"
    after = model.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)
