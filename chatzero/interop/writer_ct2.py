"""CTranslate2 writing answers: it decodes, samples and searches with beams by itself, in its own code."""

from collections.abc import Collection, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import final

import ctranslate2
import torch

from chatzero.generation.options import GenerationOptions
from chatzero.generation.window import answer_room
from chatzero.generation.writer import UnsupportedOptionError
from chatzero.language import tr
from chatzero.models.config import GPTConfig, TransformerConfig
from chatzero.text.tokenizer import Tokenizer

_NEUTRAL = GenerationOptions()


@final
class CT2Writer:
    """A folder that `write_ct2` filled."""

    name = "ct2"

    def __init__(self, folder: Path, config: TransformerConfig | GPTConfig) -> None:
        self.config = config
        tokenizer = Tokenizer.load(folder)
        self._tokens, self._end_id = tokenizer.tokens, tokenizer.end_id
        self._id_of = {token: number for number, token in enumerate(self._tokens)}
        kind = ctranslate2.Generator if isinstance(config, GPTConfig) else ctranslate2.Translator
        self._model = kind(str(folder), device="cpu", inter_threads=1, intra_threads=torch.get_num_threads())

    def write(
        self, prompt_ids: Sequence[int], options: GenerationOptions, end_ids: Collection[int]
    ) -> Generator[int, None, None]:
        """See `Writer.write`."""
        self.require(options)
        longest = min(options.max_tokens, answer_room(self.config, len(prompt_ids)))
        prompt = [self._tokens[number] for number in prompt_ids]
        settings: dict[str, object] = {
            "max_length" if isinstance(self.config, GPTConfig) else "max_decoding_length": longest,
            "repetition_penalty": float(options.repetition_penalty),
            "no_repeat_ngram_size": options.no_repeat_ngram_size,
        }
        num_said = 0
        if options.beam_size > 1:
            written = iter(self._best(prompt, settings, options))
        else:
            settings |= {
                "sampling_topk": 1 if options.greedy else options.top_k,
                "sampling_topp": float(options.top_p),
                "sampling_temperature": 1.0 if options.greedy else float(options.temperature),
            }
            written = self._stream(prompt, settings)
        for token_id in written:
            num_said += 1
            yield token_id
            if token_id in end_ids:
                return
        if num_said < longest:  # it stopped by itself, and does not say its last word
            yield self._end_id

    def require(self, options: GenerationOptions) -> None:
        """See `Writer.require`."""
        # its seed is that of threads yet to be started: once it has said something, a seed does not repeat it
        seed = () if options.greedy else ("seed",)
        for option in ("min_p", "presence_penalty", "frequency_penalty", "logit_bias", *seed):
            if getattr(options, option) != getattr(_NEUTRAL, option):
                raise UnsupportedOptionError(
                    option,
                    self.name,
                    tr(
                        "CTranslate2 chooses tokens itself, and has no such option",
                        "CTranslate2 自己选词元，没有这个选项",
                    ),
                )

    def _stream(self, prompt: list[str], settings: dict[str, object]) -> Generator[int, None, None]:
        with closing(self._model.generate_tokens(prompt, **settings)) as steps:
            for step in steps:
                yield step.token_id

    def _best(self, prompt: list[str], settings: dict[str, object], options: GenerationOptions) -> list[int]:
        settings |= {"beam_size": options.beam_size, "length_penalty": float(options.length_penalty)}
        if isinstance(self.config, GPTConfig):
            found = self._model.generate_batch([prompt], include_prompt_in_result=False, **settings)
            return list(found[0].sequences_ids[0])
        return [self._id_of[token] for token in self._model.translate_batch([prompt], **settings)[0].hypotheses[0]]
