"""`transformers` as an engine: the folder is loaded by its Auto classes, as anybody would, without remote code."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import torch
import transformers

from chatzero.errors import ModelFolderError
from chatzero.language import tr
from chatzero.shapes import Float, Tensor
from chatzero.text.conversation import Conversation


@final
class HFEngine:
    """Raises `ModelFolderError` when the folder lacks a weight that the class wants, or has one it does not know."""

    def __init__(self, folder: Path) -> None:
        self.name = f"transformers {transformers.__version__}"
        self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder)
        config = transformers.AutoConfig.from_pretrained(folder)
        self._encodes = bool(config.is_encoder_decoder)
        auto: Any = transformers.AutoModelForSeq2SeqLM if self._encodes else transformers.AutoModelForCausalLM
        self._model, loading = auto.from_pretrained(folder, output_loading_info=True)
        if odd := [*loading["missing_keys"], *loading["unexpected_keys"], *loading["mismatched_keys"]]:
            raise ModelFolderError(
                what=tr(
                    f"transformers loads {folder} only in part: {odd[0]}",
                    f"transformers 只能部分加载 {folder}：{odd[0]}",
                ),
                why=tr("the names of the weights are not those of its class", "权重的名字与其模型类不符"),
                do=tr("export it again", "请重新导出"),
            )
        self._model.eval()
        self._model.generation_config.max_length = None  # each call says how long; else it warns at each

    def prompt_ids(self, conversation: Conversation) -> list[int]:
        messages = [{"role": message.role, "content": message.content} for message in conversation.messages]
        ids = self._tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)["input_ids"]
        return list(ids)

    @torch.no_grad()
    def log_probabilities(self, prompt_ids: Sequence[int], answer_ids: Sequence[int]) -> Float[Tensor, "N C"]:
        prompt, answer = torch.tensor([list(prompt_ids)]), torch.tensor([list(answer_ids)])
        if self._encodes:
            start = torch.full((1, 1), self._model.config.decoder_start_token_id)
            decoder_ids = torch.cat([start, answer[:, :-1]], dim=1)
            logits = self._model(input_ids=prompt, decoder_input_ids=decoder_ids).logits[0]
        else:
            logits = self._model(torch.cat([prompt, answer[:, :-1]], dim=1)).logits[0, len(prompt_ids) - 1 :]
        scores: Tensor = logits.float().log_softmax(dim=-1)
        return scores

    @torch.no_grad()
    def greedy(self, prompt_ids: Sequence[int], max_tokens: int) -> list[int]:
        prompt = torch.tensor([list(prompt_ids)])
        said = self._model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=max_tokens)[0]
        answer: list[int] = said[1 if self._encodes else len(prompt_ids) :].tolist()
        return answer
