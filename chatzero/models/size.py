"""How big is it: parameters, FLOPs and cache bytes, by arithmetic on a config. No torch, no model is built."""

from chatzero.models.config import GPTConfig, TransformerConfig


def parameters(config: TransformerConfig | GPTConfig, embedding: bool = True) -> int:
    """Trained numbers; without `embedding`, those beside the token tables (the usual measure of a model's size)."""
    tables = config.vocab_size * config.d_model * (1 if config.tie_embeddings else 2)
    body = _gpt_body(config) if isinstance(config, GPTConfig) else _transformer_body(config)
    return body + (tables if embedding else 0)


def forward_flops(config: TransformerConfig | GPTConfig, seq_len: int, source_len: int = 0) -> int:
    """FLOPs of one row's forward pass; a multiply and an add are two. `source_len` is the encoder's (Transformer).

    Counted: the matrix products. Not counted: norms, softmax and the like, a few percent.
    """
    output = 2 * seq_len * config.vocab_size * config.d_model
    if isinstance(config, GPTConfig):
        products = 2 * seq_len * _gpt_matrices(config) * config.num_layers
        # QK^T and weights @ V over the whole square, as both paths compute it
        return output + products + 4 * config.num_layers * config.d_model * seq_len * seq_len
    attention, forward = 4 * config.d_model**2, _feed_forward_matrices(config)
    encoder = 2 * source_len * (attention + forward) + 4 * config.d_model * source_len * source_len
    decoder = (
        2 * seq_len * (attention + attention // 2 + forward)  # self-attention; query and output of cross-attention
        + 2 * source_len * (attention // 2)  # keys and values of cross-attention
        + 4 * config.d_model * seq_len * (seq_len + source_len)
    )
    return output + encoder * config.num_encoder_layers + decoder * config.num_decoder_layers


def flops_per_token(config: TransformerConfig | GPTConfig, seq_len: int, source_len: int = 0) -> int:
    """FLOPs of training on one token, source tokens counted too: forward once, backward twice as much."""
    return 3 * forward_flops(config, seq_len, source_len) // (seq_len + source_len)


def cache_bytes(
    config: TransformerConfig | GPTConfig, batch_size: int, seq_len: int, bytes_per_value: int, source_len: int = 0
) -> int:
    """Bytes of keys and values held for `seq_len` generated positions (and a source of `source_len`)."""
    if isinstance(config, GPTConfig):
        values = 2 * config.num_layers * config.num_kv_heads * config.head_dim * seq_len
    else:
        values = 2 * config.num_decoder_layers * config.d_model * (seq_len + source_len)
    return values * batch_size * bytes_per_value


def _gpt_matrices(config: GPTConfig) -> int:
    kv_width = config.num_kv_heads * config.head_dim
    return 2 * config.d_model**2 + 2 * config.d_model * kv_width + _feed_forward_matrices(config)


def _gpt_body(config: GPTConfig) -> int:
    norm = (2 if config.norm == "layer" else 1) * config.d_model
    a_layer = _gpt_matrices(config) + 2 * norm + (2 * config.head_dim if config.qk_norm else 0)
    if config.bias:
        a_layer += 2 * config.d_model + 2 * config.num_kv_heads * config.head_dim + _feed_forward_biases(config)
    positions = config.max_seq_len * config.d_model if config.positions == "learned" else 0
    return config.num_layers * a_layer + norm + positions


def _feed_forward_biases(config: TransformerConfig | GPTConfig) -> int:
    return (2 if config.activation == "swiglu" else 1) * config.dim_feedforward + config.d_model


def _feed_forward_matrices(config: TransformerConfig | GPTConfig) -> int:
    return (3 if config.activation == "swiglu" else 2) * config.d_model * config.dim_feedforward


def _transformer_body(config: TransformerConfig) -> int:
    d_model = config.d_model
    norm = 2 * d_model
    attention = 4 * d_model**2 + 4 * d_model + norm
    feed_forward = _feed_forward_matrices(config) + _feed_forward_biases(config) + norm
    layers = config.num_encoder_layers * (attention + feed_forward)
    layers += config.num_decoder_layers * (2 * attention + feed_forward)
    per_stack = norm * ((config.norm_order == "pre") + config.embedding_norm)
    if config.positions == "learned":
        per_stack += config.max_seq_len * d_model
    return layers + 2 * per_stack
