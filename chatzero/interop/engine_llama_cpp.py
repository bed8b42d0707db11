"""llama.cpp as an engine, through `llama-cpp-python`."""

from collections.abc import Sequence
from pathlib import Path
from typing import final

import llama_cpp
import numpy as np
import torch
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from chatzero.interop.gguf_file import FILE
from chatzero.shapes import Float, Tensor
from chatzero.text.conversation import Conversation
from chatzero.text.special_tokens import DOCUMENT, END


@final
class LlamaCppEngine:
    """Keys and values are kept in float32: in float16, its default, scores are off by 1e-3 and ties fall otherwise."""

    def __init__(self, folder: Path) -> None:
        self.name = f"llama.cpp (llama-cpp-python {llama_cpp.__version__})"
        self._model = llama_cpp.Llama(
            str(folder / FILE),
            n_ctx=0,
            n_threads=1,
            logits_all=True,
            type_k=llama_cpp.GGML_TYPE_F32,
            type_v=llama_cpp.GGML_TYPE_F32,
            verbose=False,
        )
        template = self._model.metadata["tokenizer.chat_template"]
        self._template = Jinja2ChatFormatter(template, eos_token=END, bos_token=DOCUMENT)

    def prompt_ids(self, conversation: Conversation) -> list[int]:
        messages = [{"role": m.role, "content": m.content} for m in conversation.messages]
        text = self._template(messages=messages).prompt
        ids: list[int] = self._model.tokenize(text.encode(), add_bos=False, special=True)
        return ids

    def log_probabilities(self, prompt_ids: Sequence[int], answer_ids: Sequence[int]) -> Float[Tensor, "N C"]:
        self._model.reset()
        self._model.eval([*prompt_ids, *answer_ids[:-1]])
        rows = np.array(self._model.scores[len(prompt_ids) - 1 : self._model.n_tokens])
        return torch.from_numpy(rows).log_softmax(dim=-1)

    def greedy(self, prompt_ids: Sequence[int], max_tokens: int) -> list[int]:
        self._model.reset()
        answer: list[int] = []
        for token in self._model.generate(list(prompt_ids), temp=0.0, repeat_penalty=1.0):
            answer.append(int(token))
            if len(answer) == max_tokens or token == self._model.token_eos():
                break
        return answer
