"""Each family of `transformers` against ours: random weights, float64, scores and gradients; beam search as well."""

from typing import Any

import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from chatzero.blocks.attention import attend
from chatzero.blocks.masks import causal_mask, document_mask, padding_mask
from chatzero.generation.beam import beam_search
from chatzero.generation.options import GenerationOptions
from chatzero.interop.family import CLASSES, Family, family_of
from chatzero.interop.hf_config import hf_config
from chatzero.interop.hf_gpt2 import cut
from chatzero.interop.hf_names import their_names
from chatzero.interop.hf_weights import hf_weights
from chatzero.models.config import GPTConfig
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from tests.interop.trained import DECODER_ONLY
from tests.models.random_models import GPT_VARIANTS, PAD, gpt, shifted, transformer, words

VARIANTS: dict[str, dict[str, object]] = {
    "qwen3": {},
    "qwen3 untied": {"tie_embeddings": False},
    "llama": {"qk_norm": False, "num_kv_heads": 4},
    "gpt2": {**GPT_VARIANTS["GPT-2"]},
    "gpt2 untied, erf": {**GPT_VARIANTS["GPT-2"], "tie_embeddings": False, "activation": "gelu"},
    "marian": {},
    "marian untied": {"tie_embeddings": False},
    "bart": {"embedding_norm": True, "positions": "learned", "activation": "gelu"},
    "bart sinusoidal": {"embedding_norm": True},
    "pegasus": {"norm_order": "pre"},
    "blenderbot": {"norm_order": "pre", "positions": "learned"},
    "mbart": {"norm_order": "pre", "embedding_norm": True, "positions": "learned"},
}


def ours_of(variant: str) -> GPT | Transformer:
    return (gpt if variant.split()[0] in DECODER_ONLY else transformer)(**VARIANTS[variant])


def theirs_of(ours: LanguageModel) -> nn.Module:
    """The model of `transformers` from the config and the weights of the export, in float64."""
    family: Family = family_of(ours.config)
    settings_: dict[str, Any] = {k: v for k, v in hf_config(ours.config, family).items() if "dtype" not in k}
    config = transformers.AutoConfig.for_model(**settings_)
    theirs: nn.Module = getattr(transformers, CLASSES[family])(config).double()
    missing = theirs.load_state_dict(hf_weights(ours, family), strict=False)
    assert missing.unexpected_keys == []
    given_ = set(hf_weights(ours, family))
    tied = ("embed_tokens.weight", "lm_head.weight", "embed_positions.weight")
    assert all(name.endswith(tied) for name in missing.missing_keys if name not in given_), missing.missing_keys
    return theirs.eval()


@pytest.mark.parametrize("variant", VARIANTS)
def test_scores_and_gradients_of_one_training_step(variant: str) -> None:
    ours = ours_of(variant)
    theirs = theirs_of(ours)
    source, target = words(3, 7), words(3, 5, seed=1)
    weights = torch.randn(3, 5, PAD, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    if isinstance(ours, GPT):
        mine, other = ours(target), theirs(target).logits
    else:
        mine = ours(source, shifted(target))
        other = theirs(input_ids=source, decoder_input_ids=shifted(target)).logits
    # Qwen3 and Llama keep their rotary angles, and norms, in float32 whatever the weights are
    relative = 1e-4 if variant.split()[0] in ("qwen3", "llama") else 1e-9
    assert_near(mine[..., :PAD], other[..., :PAD], relative)

    torch.autograd.backward((mine[..., :PAD] * weights).sum())
    torch.autograd.backward((other[..., :PAD] * weights).sum())
    table = ours.get_parameter("embedding.weight").grad
    assert table is not None
    largest = float(table.abs().max())
    compared = 0
    family = family_of(ours.config)
    their_gradients = {name: p.grad for name, p in theirs.named_parameters() if p.grad is not None}
    if family == "gpt2":
        their_gradients = cut(their_gradients)
    for name, their_name in their_names(dict(ours.named_parameters()), family).items():
        moved = "positions" in name and family != "gpt2"
        if "embedding" in name or moved or name == "output.weight":
            continue  # where tables are tied, padded or moved down, the gradient is of another shape
        gradient, expected = ours.get_parameter(name).grad, their_gradients[their_name]
        assert gradient is not None
        assert_near(gradient, expected, relative, largest)
        compared += 1
    assert compared >= 18
    if ours.config.tie_embeddings:
        their_table = theirs.get_input_embeddings().weight.grad  # type: ignore[operator]
        # row 0 is their padding, which in a decoder-only model gets no gradient as input
        first = 1 if isinstance(ours, GPT) else 0
        assert_near(table[first:PAD], their_table[first:PAD], relative)


@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=8)
@given(data=st.data())
def test_scores_at_any_shape(variant: str, data: st.DataObject) -> None:
    """Widths, heads, layers, batch and lengths are drawn; one row in a batch may be padded."""
    num_heads, head_dim = data.draw(st.sampled_from([1, 2, 4])), data.draw(st.sampled_from([4, 8, 12]))
    num_layers, batch_size = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    source_len, target_len = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 20))
    shape: dict[str, object] = {
        "d_model": num_heads * head_dim,
        "num_heads": num_heads,
        "dim_feedforward": data.draw(st.integers(1, 40)),
    }
    if variant.split()[0] in DECODER_ONLY:
        fitting = [num_heads] if variant.startswith("gpt2") else [n for n in (1, 2, 4) if num_heads % n == 0]
        kv_heads = data.draw(st.sampled_from(fitting))
        shape |= {"num_layers": num_layers, "num_kv_heads": kv_heads}
        ours: GPT | Transformer = gpt(**{**VARIANTS[variant], **shape})
    else:
        shape |= {"num_encoder_layers": num_layers, "num_decoder_layers": data.draw(st.integers(1, 3))}
        ours = transformer(**{**VARIANTS[variant], **shape})
    theirs = theirs_of(ours)
    source, target = words(batch_size, source_len), words(batch_size, target_len, seed=1)
    with torch.no_grad():
        if isinstance(ours, GPT):
            assert_near(ours(target)[..., :PAD], theirs(target).logits[..., :PAD], 1e-4)
            return
        real = torch.ones_like(source, dtype=torch.bool)
        real[0, data.draw(st.integers(1, source_len)) :] = False
        mine = ours(source, shifted(target), real)
        other = theirs(input_ids=source, attention_mask=real.long(), decoder_input_ids=shifted(target)).logits
    assert_near(mine[..., :PAD], other[..., :PAD], 1e-9)


def assert_near(mine: torch.Tensor, other: torch.Tensor, relative: float, largest: float = 0.0) -> None:
    """Equal up to `relative` times the largest number there is (some gradients are zero, but for rounding)."""
    torch.testing.assert_close(mine, other, rtol=0, atol=relative * max(largest, float(other.detach().abs().max())))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 1.0])
def test_beam_search_finds_the_same_answers_with_the_same_scores(variant: str, length_penalty: float) -> None:
    ours = ours_of(variant)
    theirs = theirs_of(ours)
    for seed in range(4):
        prompt = words(1, 6, seed=seed)
        options = GenerationOptions(beam_size=3, length_penalty=length_penalty, max_tokens=8, no_repeat_ngram_size=0)
        best = beam_search(ours, prompt.tolist(), options, {4})[0]
        found = theirs.generate(  # type: ignore[operator]
            prompt,
            attention_mask=torch.ones_like(prompt),
            num_beams=3,
            num_return_sequences=3,
            max_new_tokens=8,
            length_penalty=length_penalty,
            early_stopping="never",
            do_sample=False,
            eos_token_id=4,
            return_dict_in_generate=True,
            output_scores=True,
        )
        start = prompt.shape[1] if isinstance(ours.config, GPTConfig) else 1
        answer = [token for token in found.sequences[0, start:].tolist() if token != PAD]
        if isinstance(ours.config, GPTConfig) and 4 in answer:
            answer = answer[: answer.index(4) + 1]
        assert best[0].token_ids == answer
        # transformers adds up its log-probabilities in float32
        assert best[0].score == pytest.approx(float(found.sequences_scores[0]), rel=1e-6)


@settings(max_examples=60)
@given(data=st.data())
def test_attend_equals_the_kernel_of_torch_on_every_kind_of_mask(data: st.DataObject) -> None:
    """Causal, padded, packed, their combinations and none, at any shape, grouped heads too."""
    batch, query_len = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 6))
    kv_heads, group, width = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5))
    kind = data.draw(st.sampled_from(["none", "causal", "padding", "packed", "causal and padding", "cross"]))
    key_len = data.draw(st.integers(1, 7)) if kind == "cross" else query_len
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
    q = torch.randn(batch, kv_heads * group, query_len, width, dtype=torch.float64, generator=generator)
    k, v = torch.randn(2, batch, kv_heads, key_len, width, dtype=torch.float64, generator=generator)
    real = torch.arange(key_len) < torch.randint(1, key_len + 1, (batch, 1), generator=generator)
    documents = torch.randint(0, 2, (batch, query_len), generator=generator).cumsum(dim=1)
    mask = None if kind == "none" else padding_mask(real) if kind in ("padding", "cross") else causal_mask(query_len)
    if kind == "packed":
        mask = document_mask(documents)
    if kind == "causal and padding":
        mask = causal_mask(query_len) & padding_mask(real)
    tensors = [tensor.requires_grad_() for tensor in (q, k, v)]
    mixed, _ = attend(q, k, v, mask)
    kernel = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)
    torch.testing.assert_close(mixed, kernel)
    upstream = torch.randn(mixed.shape, dtype=torch.float64, generator=generator)
    for mine, other in zip(
        torch.autograd.grad(mixed, tensors, upstream), torch.autograd.grad(kernel, tensors, upstream), strict=True
    ):
        torch.testing.assert_close(mine, other)
