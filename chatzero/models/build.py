"""From a config to a model with its starting weights: the one place that knows every architecture."""

import torch

from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.init import init_gpt, init_transformer
from chatzero.models.interface import LanguageModel


def build(config: TransformerConfig | GPTConfig, generator: torch.Generator) -> LanguageModel:
    """The model of that config, on the CPU. Same config and generator state, same weights; nothing else is drawn."""
    # The blocks draw weights of their own when made, from torch's global generator: put that back as it was.
    with torch.random.fork_rng(devices=[]):
        match config:
            case GPTConfig():
                gpt = GPT(config)
                init_gpt(gpt, config.num_layers, generator)
                return gpt
            case TransformerConfig():
                transformer = Transformer(config)
                init_transformer(transformer, generator)
                return transformer
