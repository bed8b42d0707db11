"""What each of our weights is called in `transformers`. Shapes are the same on both sides, but for position tables."""

import re
from collections.abc import Iterable

from chatzero.interop.family import Family

_GPT_LAYER = {
    "self_attention.q_proj": "self_attn.q_proj",
    "self_attention.k_proj": "self_attn.k_proj",
    "self_attention.v_proj": "self_attn.v_proj",
    "self_attention.out_proj": "self_attn.o_proj",
    "self_attention.q_norm": "self_attn.q_norm",
    "self_attention.k_norm": "self_attn.k_norm",
    "self_attention_residual.norm": "input_layernorm",
    "feed_forward.gate": "mlp.gate_proj",
    "feed_forward.up": "mlp.up_proj",
    "feed_forward.down": "mlp.down_proj",
    "feed_forward_residual.norm": "post_attention_layernorm",
}
_GPT_OUTSIDE = {"embedding": "model.embed_tokens", "norm": "model.norm", "output": "lm_head"}

_GPT2_LAYER = {
    "self_attention.q_proj": "attn.q_proj",
    "self_attention.k_proj": "attn.k_proj",
    "self_attention.v_proj": "attn.v_proj",
    "self_attention.out_proj": "attn.c_proj",
    "self_attention_residual.norm": "ln_1",
    "feed_forward.up": "mlp.c_fc",
    "feed_forward.down": "mlp.c_proj",
    "feed_forward_residual.norm": "ln_2",
}
"""Queries, keys and values are one matrix there: `hf_gpt2` cuts it and joins it."""
_GPT2_OUTSIDE = {
    "embedding": "transformer.wte",
    "positions": "transformer.wpe",
    "norm": "transformer.ln_f",
    "output": "lm_head",
}

_TRANSFORMER_LAYER = {
    **{
        f"{ours}.{projection}": f"{theirs}.{projection}"
        for ours, theirs in (("self_attention", "self_attn"), ("cross_attention", "encoder_attn"))
        for projection in ("q_proj", "k_proj", "v_proj", "out_proj")
    },
    "self_attention_residual.norm": "self_attn_layer_norm",
    "cross_attention_residual.norm": "encoder_attn_layer_norm",
    "feed_forward.up": "fc1",
    "feed_forward.down": "fc2",
    "feed_forward_residual.norm": "final_layer_norm",
}
_TRANSFORMER_OUTSIDE = {
    "embedding": "model.shared",
    "output": "lm_head",
    **{
        f"{stack}.{ours}": f"model.{stack}.{theirs}"
        for stack in ("encoder", "decoder")
        for ours, theirs in (
            ("norm", "layer_norm"),
            ("input.norm", "layernorm_embedding"),
            ("input.positions", "embed_positions"),
        )
    },
}
_IN_A_LAYER = re.compile(r"(?P<stack>(?:encoder|decoder)\.)?layers\.(?P<number>\d+)\.(?P<module>.+)")


def their_names(ours: Iterable[str], family: Family) -> dict[str, str]:
    """Our parameter names -> those of the family's class."""
    return {name: _their_name(name, family) for name in ours}


def _their_name(name: str, family: Family) -> str:
    match family:
        case "qwen3" | "llama":
            layers, layer, outside = "model.{stack}layers", _GPT_LAYER, _GPT_OUTSIDE
        case "gpt2":
            layers, layer, outside = "transformer.h", _GPT2_LAYER, _GPT2_OUTSIDE
        case _:
            layers, layer, outside = "model.{stack}layers", _TRANSFORMER_LAYER, _TRANSFORMER_OUTSIDE
    module, _, kind = name.rpartition(".")
    kind = "weight" if kind == "table" else kind
    if inside := _IN_A_LAYER.fullmatch(module):
        stack = layers.format(stack=inside["stack"] or "")
        return f"{stack}.{inside['number']}.{layer[inside['module']]}.{kind}"
    return f"{outside[module]}.{kind}"
