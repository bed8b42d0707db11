"""CTranslate2 as an engine. It has no tokenizer: tokens go in and come out as they stand in `tokenizer.json`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import final

import ctranslate2
import numpy as np
import torch

from chatzero.shapes import Float, Tensor
from chatzero.text.conversation import Conversation
from chatzero.text.special_tokens import END, LEADING
from chatzero.text.tokenizer import Tokenizer


@final
class CT2Engine:
    """`compute_type` "default" computes as the file is stored."""

    def __init__(self, folder: Path) -> None:
        self.name = f"CTranslate2 {ctranslate2.__version__}"
        self._tokens = Tokenizer.load(folder).tokens
        self._id_of = {token: number for number, token in enumerate(self._tokens)}
        self._encodes = "decoder_start_token" in json.loads((folder / "config.json").read_text(encoding="utf-8"))
        options = {"device": "cpu", "inter_threads": 1, "intra_threads": 1, "compute_type": "default"}
        kind = ctranslate2.Translator if self._encodes else ctranslate2.Generator
        self._model = kind(str(folder), **options)

    def prompt_ids(self, conversation: Conversation) -> None:
        return None

    def log_probabilities(self, prompt_ids: Sequence[int], answer_ids: Sequence[int]) -> Float[Tensor, "N C"]:
        if self._encodes:
            # it scores the end token by itself, after what it is given
            ended = answer_ids[-1] == LEADING.index(END)
            target = self._words(answer_ids[:-1] if ended else answer_ids)
            result = self._model.score_batch([self._words(prompt_ids)], [target])[0]
            scores = result.log_probs[: len(answer_ids)]
            return torch.tensor(scores, dtype=torch.float32)[:, None]
        ids = [*prompt_ids, *answer_ids[:-1]]
        logits = np.array(self._model.forward_batch([self._words(ids)])).astype(np.float32)
        return torch.from_numpy(logits)[0, len(prompt_ids) - 1 :].log_softmax(dim=-1)

    def greedy(self, prompt_ids: Sequence[int], max_tokens: int) -> list[int]:
        prompt = [self._words(prompt_ids)]
        if self._encodes:
            said = self._model.translate_batch(prompt, beam_size=1, max_decoding_length=max_tokens)[0].hypotheses[0]
            return [self._id_of[token] for token in said]
        result = self._model.generate_batch(
            prompt, beam_size=1, max_length=max_tokens, include_prompt_in_result=False, sampling_topk=1
        )
        return list(result[0].sequences_ids[0])

    def _words(self, ids: Sequence[int]) -> list[str]:
        return [self._tokens[number] for number in ids]
