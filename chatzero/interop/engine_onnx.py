"""onnxruntime as an engine: scores come from its steps with the cache, which are what is to be compared."""

from collections.abc import Sequence
from pathlib import Path
from typing import final

import onnxruntime
import torch

from chatzero.generation.answer_text import end_ids
from chatzero.generation.decode import decode
from chatzero.generation.options import GenerationOptions
from chatzero.interop.onnx_model import OnnxModel
from chatzero.shapes import Float, Tensor
from chatzero.text.conversation import Conversation
from chatzero.text.tokenizer import Tokenizer


@final
class OnnxEngine:
    """It has no tokenizer of its own."""

    def __init__(self, folder: Path) -> None:
        self.name = f"onnxruntime {onnxruntime.__version__}"
        self._model = OnnxModel(folder)
        self._ends = end_ids(Tokenizer.load(folder))

    def prompt_ids(self, conversation: Conversation) -> None:
        return None

    def log_probabilities(self, prompt_ids: Sequence[int], answer_ids: Sequence[int]) -> Float[Tensor, "N V"]:
        logits, state = self._model.prefill(torch.tensor([list(prompt_ids)]))
        rows = [logits]
        for token_id in answer_ids[:-1]:
            rows.append(self._model.decode_step(torch.tensor([token_id]), state))
        return torch.cat(rows).log_softmax(dim=-1)

    def greedy(self, prompt_ids: Sequence[int], max_tokens: int) -> list[int]:
        options = GenerationOptions(max_tokens=max_tokens, no_repeat_ngram_size=0)
        return list(decode(self._model, prompt_ids, options, self._ends))
