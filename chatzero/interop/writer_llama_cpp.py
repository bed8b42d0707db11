"""llama.cpp writing answers: its scores, our choice of the token, so that every option but beams means the same."""

from collections.abc import Collection, Generator, Sequence
from pathlib import Path
from typing import final

import llama_cpp
import numpy as np
import torch

from chatzero.generation.decode import generator_for
from chatzero.generation.options import GenerationOptions
from chatzero.generation.sampling import choose
from chatzero.generation.window import answer_room
from chatzero.generation.writer import UnsupportedOptionError
from chatzero.interop.gguf_file import FILE
from chatzero.language import tr
from chatzero.models.config import GPTConfig, TransformerConfig


@final
class LlamaCppWriter:
    """A folder that `write_gguf` filled; keys and values in float32, as with us."""

    name = "llama.cpp"

    def __init__(self, folder: Path, config: TransformerConfig | GPTConfig) -> None:
        assert isinstance(config, GPTConfig)
        self.config = config
        self._model = llama_cpp.Llama(
            str(folder / FILE),
            n_ctx=0,
            n_threads=torch.get_num_threads(),
            n_threads_batch=torch.get_num_threads(),
            logits_all=True,
            type_k=llama_cpp.GGML_TYPE_F32,
            type_v=llama_cpp.GGML_TYPE_F32,
            use_mmap=False,  # the file may go as soon as it has been read
            verbose=False,
        )

    def write(
        self, prompt_ids: Sequence[int], options: GenerationOptions, end_ids: Collection[int]
    ) -> Generator[int, None, None]:
        """See `Writer.write`."""
        self.require(options)
        longest = min(options.max_tokens, answer_room(self.config, len(prompt_ids)))
        generator = generator_for(options, row=0)
        said: list[int] = []
        self._model.reset()
        self._model.eval(list(prompt_ids))
        while True:
            scores = torch.from_numpy(np.array(self._model.scores[self._model.n_tokens - 1]))[None]
            said.append(int(choose(scores, [said], options, [generator])))
            yield said[-1]
            if said[-1] in end_ids or len(said) == longest:
                return
            self._model.eval(said[-1:])

    def require(self, options: GenerationOptions) -> None:
        """See `Writer.require`: all but beams, for it holds one text at a time."""
        if options.beam_size > 1:
            why = tr("it is asked for one text at a time here", "这里它一次只处理一段文字")
            raise UnsupportedOptionError("beam_size", self.name, why)
