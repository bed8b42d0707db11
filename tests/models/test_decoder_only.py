import pytest
import torch
from torch import nn
from transformers import Qwen3Config, Qwen3ForCausalLM

from chatzero.blocks.attention import use_fused
from chatzero.blocks.masks import causal_mask, document_mask
from chatzero.blocks.tap import listening
from chatzero.errors import ShapeError
from chatzero.models.decoder_only import GPT
from tests.models.random_models import GPT_VARIANTS, PAD, VOCAB, gpt, words

QWEN3_NAMES = {
    "self_attention.q_proj": "self_attn.q_proj",
    "self_attention.k_proj": "self_attn.k_proj",
    "self_attention.v_proj": "self_attn.v_proj",
    "self_attention.out_proj": "self_attn.o_proj",
    "self_attention.q_norm": "self_attn.q_norm",
    "self_attention.k_norm": "self_attn.k_norm",
    "self_attention_residual.norm": "input_layernorm",
    "feed_forward_residual.norm": "post_attention_layernorm",
    "feed_forward.gate": "mlp.gate_proj",
    "feed_forward.up": "mlp.up_proj",
    "feed_forward.down": "mlp.down_proj",
}


def qwen3(ours: GPT) -> nn.Module:
    """The model of transformers with the same weights."""
    config = ours.config
    theirs: nn.Module = Qwen3ForCausalLM(
        Qwen3Config.from_dict(
            {
                "vocab_size": config.vocab_size,
                "hidden_size": config.d_model,
                "num_hidden_layers": config.num_layers,
                "num_attention_heads": config.num_heads,
                "num_key_value_heads": config.num_kv_heads,
                "head_dim": config.head_dim,
                "intermediate_size": config.dim_feedforward,
                "rms_norm_eps": config.norm_eps,
                "rope_theta": config.rope_theta,
                "tie_word_embeddings": config.tie_embeddings,
                "max_position_embeddings": config.max_seq_len,
            }
        )
    ).double()
    state = {"model.embed_tokens.weight": ours.embedding.weight, "model.norm.weight": ours.norm.weight}
    state["lm_head.weight"] = (ours.embedding if ours.output is None else ours.output).weight
    for name, tensor in ours.state_dict().items():
        if name.startswith("layers."):
            _, number, rest = name.split(".", 2)
            part = rest.removesuffix(".weight")
            state[f"model.layers.{number}.{QWEN3_NAMES[part]}.weight"] = tensor
    theirs.load_state_dict(state)
    return theirs.eval()


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("tied", [True, False])
def test_equals_qwen3_of_transformers(tied: bool, fused: bool) -> None:
    ours = gpt(tie_embeddings=tied, rope_theta=500.0)
    use_fused(ours, fused)
    ids = words(2, 20)
    with torch.no_grad():
        expected = qwen3(ours)(ids).logits
    # 1e-5: both keep their rotary angles in float32, computed in another order
    torch.testing.assert_close(ours(ids)[..., :PAD], expected[..., :PAD], atol=1e-5, rtol=1e-5)


def test_gradients_equal_those_of_qwen3() -> None:
    ours = gpt()
    theirs = qwen3(ours)
    ids, upstream = words(2, 9), torch.randn(2, 9, VOCAB, generator=torch.Generator().manual_seed(0)).double()
    upstream[..., PAD] = 0.0
    torch.autograd.backward(ours(ids), upstream)
    torch.autograd.backward(theirs(ids).logits, upstream)
    pairs = [("embedding.weight", "model.embed_tokens.weight")]
    pairs += [(f"layers.{i}.self_attention.k_proj.weight", f"model.layers.{i}.self_attn.k_proj.weight") for i in (0, 1)]
    for name, their_name in pairs:
        mine, expected = ours.get_parameter(name).grad, theirs.get_parameter(their_name).grad
        torch.testing.assert_close(mine, expected, atol=1e-4, rtol=1e-5)  # the same angles, and sums of many terms


def test_right_padding_changes_nothing() -> None:
    model = gpt()
    ids = words(2, 9)
    padded = torch.cat([ids, torch.full((2, 4), PAD)], dim=1)
    torch.testing.assert_close(model(padded)[:, :9], model(ids))


@pytest.mark.parametrize("fused", [False, True])
def test_packed_documents_equal_separate_ones(fused: bool) -> None:
    model = gpt()
    use_fused(model, fused)
    lengths = [[4, 3, 2], [5, 4, 0]]
    rows = [[words(1, n, seed=10 * r + n) for n in row if n] for r, row in enumerate(lengths)]
    packed = torch.cat([torch.cat(row, dim=1) for row in rows])
    document_ids = torch.tensor([[0] * 4 + [1] * 3 + [2] * 2, [0] * 5 + [1] * 4])
    positions = torch.tensor([[*range(4), *range(3), *range(2)], [*range(5), *range(4)]])
    logits = model(packed, document_mask(document_ids), positions)
    for r, row in enumerate(rows):
        separate = torch.cat([model(document)[0] for document in row])
        torch.testing.assert_close(logits[r], separate)


def test_packed_rows_may_be_longer_than_the_window() -> None:
    model = gpt()
    ids = words(1, 40)
    document_ids = torch.arange(40)[None] // 20
    logits = model(ids, document_mask(document_ids), torch.arange(40)[None] % 20)
    torch.testing.assert_close(logits[:, 20:], model(ids[:, 20:]))


def test_no_mask_means_causal() -> None:
    model = gpt()
    ids = words(2, 7)
    torch.testing.assert_close(model(ids), model(ids, causal_mask(7)))


def test_positions_matter_only_by_distance() -> None:
    """Rotary: the same text anywhere in the window is the same text."""
    model = gpt()
    ids = words(1, 6)
    # 1e-5: the rotary table is kept in float32
    shifted = model(ids, positions=torch.arange(11, 17)[None])
    torch.testing.assert_close(shifted, model(ids), atol=1e-5, rtol=1e-5)


def test_a_text_longer_than_the_window_is_refused() -> None:
    with pytest.raises(ShapeError, match="25 positions, but max_seq_len=24"):
        gpt()(words(1, 25))


def test_what_can_be_heard() -> None:
    model = gpt()
    heard: dict[str, tuple[int, ...]] = {}
    with listening(model, lambda name, tensor: heard.update({name: tuple(tensor.shape)})):
        model(words(2, 5))
    assert heard["embedded"] == (2, 5, 32)
    assert heard["layers.1.self_attention.weights"] == (2, 4, 5, 5)
    assert heard["layers.0.self_attention.k"] == (2, 2, 5, 8)
    assert heard["layers.1.feed_forward.activated"] == (2, 5, 48)
    assert heard["logits"] == (2, 5, VOCAB)
    assert next(iter(heard)) == "embedded"
    assert list(heard)[-1] == "logits"


def test_dropout_acts_in_training_only() -> None:
    model = gpt(dropout=0.5, attention_dropout=0.5)
    ids = words(2, 7)
    assert torch.equal(model(ids), model(ids))
    model.train()
    assert not torch.equal(model(ids), model(ids))


@pytest.mark.parametrize("variant", GPT_VARIANTS)
@pytest.mark.parametrize("fused", [False, True])
def test_a_prompt_goes_on_from_what_an_earlier_row_held(variant: str, fused: bool) -> None:
    """Rows of 12, 9 and 3 tokens of which the last five columns are new: the third row has held nothing."""
    model = gpt(**GPT_VARIANTS[variant])
    use_fused(model, fused)
    prompts = [words(1, length, seed=length) for length in (12, 9, 3)]
    ids = torch.cat([nn.functional.pad(prompt, (12 - prompt.shape[1], 0)) for prompt in prompts])
    real = torch.arange(12) >= torch.tensor([[0], [3], [9]])
    expected, _ = model.prefill(ids, real)
    running = model.open_batch()
    for prompt in prompts[:2]:
        running.join(model.prefill(prompt)[1])
    config = model.config
    held = ids.new_zeros(config.num_layers, 2, 3, config.num_kv_heads, 7, config.head_dim, dtype=torch.float64)
    for row, length in ((0, 7), (1, 4)):
        of_row = model.held_row(running, row)
        assert of_row.shape[3] == prompts[row].shape[1]
        held[:, :, row, :, 7 - length :] = of_row[:, :, :, :length]
    logits, state = model.prefill_rest(held, ids, real)
    torch.testing.assert_close(logits, expected)
    more = words(3, 4, seed=1)
    for i in range(4):
        logits = model.decode_step(more[:, i], state)
    for row, prompt in enumerate(prompts):
        alone = model(torch.cat([prompt, more[row : row + 1]], dim=1))[:, -1]
        torch.testing.assert_close(logits[row : row + 1], alone)
