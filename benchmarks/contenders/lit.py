"""litgpt's model of the same shape, trained as its `pretrain` does: Fabric, chunked cross-entropy, blocks of a stream.

Needs `pip install litgpt`; where it is not installed it is left out, and the result says so.
"""

from collections.abc import Iterator

import torch

from benchmarks.contenders.contender import Contender, looping
from benchmarks.task import LEARNING_RATE, Task
from chatzero.models.config import GPTConfig


def litgpt(task: Task) -> Contender:
    """Raises `ImportError` where it is not installed."""
    from lightning.fabric import Fabric
    from litgpt.config import Config
    from litgpt.model import GPT
    from litgpt.utils import chunked_cross_entropy

    config = task.config
    assert isinstance(config, GPTConfig)
    torch.manual_seed(0)
    model = GPT(
        Config(
            block_size=task.max_seq_len,
            padded_vocab_size=config.vocab_size,
            vocab_size=config.vocab_size,
            n_layer=config.num_layers,
            n_head=config.num_heads,
            n_query_groups=config.num_kv_heads,
            n_embd=config.d_model,
            intermediate_size=config.dim_feedforward,
            rotary_percentage=1.0,
            parallel_residual=False,
            bias=False,
            norm_class_name="RMSNorm",
            mlp_class_name="LLaMAMLP",
        )
    )
    model.lm_head.weight = model.transformer.wte.weight  # tied, as everyone's here
    fabric = Fabric(
        accelerator=task.device.type,
        devices=1,
        precision="bf16-mixed" if task.dtype == torch.bfloat16 else "32-true",
    )

    def steps() -> Iterator[int]:
        run = fabric.setup(model)
        optimizer = fabric.setup_optimizers(
            torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, fused=task.device.type == "cuda")
        )
        chance = torch.Generator().manual_seed(1)
        offsets = torch.arange(task.max_seq_len + 1)
        run.train()
        while True:
            starts = torch.randint(
                len(task.stream) - task.max_seq_len, (task.batch_tokens // task.max_seq_len, 1), generator=chance
            )
            block = task.stream[starts + offsets].to(task.device)
            loss = chunked_cross_entropy(run(block[:, :-1].contiguous()), block[:, 1:].contiguous())
            fabric.backward(loss)
            fabric.clip_gradients(run, optimizer, max_norm=1.0)
            optimizer.step()
            optimizer.zero_grad()
            yield block[:, 1:].numel()

    return looping("litgpt's model and step", model, task.dtype, steps())
