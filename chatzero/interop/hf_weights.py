"""Our weights under the names of `transformers`, and back. Exact: nothing is rounded or folded."""

from collections.abc import Mapping

import torch

from chatzero.blocks.positions import sinusoidal_table
from chatzero.errors import ModelFolderError
from chatzero.interop.family import POSITION_OFFSET, Family
from chatzero.interop.hf_gpt2 import cut, joined
from chatzero.interop.hf_names import their_names
from chatzero.language import tr
from chatzero.models.config import TransformerConfig
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from chatzero.shapes import Float, Tensor

NEVER_SAID = -1e9
"""The score of `<pad>`, where ours is minus infinity: a number that every file format can hold."""


@torch.no_grad()
def hf_weights(model: LanguageModel, family: Family) -> dict[str, Tensor]:
    """Every tensor the class reads from its file, in the model's own precision.

    A decoder-only model loses the row of `<pad>`, the last token: nothing is ever padded with a token of its own, and
    an engine that knows no forbidden scores could otherwise say it. An encoder-decoder starts from `<pad>`, so there it
    stays, with a bias that forbids it.
    """
    ours = dict(model.named_parameters())
    theirs = {name: ours[key].detach().cpu() for key, name in their_names(ours, family).items()}
    if isinstance(model, GPT):
        for name in ("model.embed_tokens.weight", "transformer.wte.weight", "lm_head.weight"):
            if name in theirs:
                theirs[name] = theirs[name][:-1].clone()
        return joined(theirs) if family == "gpt2" else theirs
    assert isinstance(model, Transformer)
    config, table = model.config, theirs["model.shared.weight"]
    bias = table.new_zeros(1, config.vocab_size)
    bias[0, -1] = NEVER_SAID
    theirs["final_logits_bias"] = bias
    if not config.tie_embeddings:  # else the class would draw these two at random
        theirs["model.encoder.embed_tokens.weight"] = table.clone()
        theirs["model.decoder.embed_tokens.weight"] = table.clone()
    for stack in ("encoder", "decoder"):
        name = f"model.{stack}.embed_positions.weight"
        if name in theirs:
            theirs[name] = _moved_down(theirs[name], POSITION_OFFSET.get(family, 0))
        elif family != "marian":  # BART and mBART have a table for any kind of positions; Pegasus reads its fixed one
            fixed = sinusoidal_table(config.max_seq_len, config.d_model).to(table.dtype)
            theirs[name] = _moved_down(fixed, POSITION_OFFSET.get(family, 0))
    return theirs


def _moved_down(table: Float[Tensor, "T D"], rows: int) -> Float[Tensor, "U D"]:
    return torch.cat([table.new_zeros(rows, table.shape[1]), table])


@torch.no_grad()
def take_hf_weights(model: LanguageModel, theirs: Mapping[str, Tensor], family: Family, rows: list[int]) -> None:
    """Put their weights into our model. `rows[i]` is the row of their table for our token i; -1 leaves it zero.

    Raises `ModelFolderError` when a tensor is missing or has another shape.
    """
    if family == "gpt2":
        theirs = cut(theirs)
    for ours, name in their_names(dict(model.named_parameters()), family).items():
        parameter = model.get_parameter(ours)
        tensor = theirs.get(name)
        if tensor is None and ours == "embedding.weight":
            tensor = theirs.get("model.decoder.embed_tokens.weight")
        if tensor is None:
            raise _misfit(name, tr("it is missing", "缺少该张量"))
        if ours in ("embedding.weight", "output.weight"):
            wanted = torch.tensor(rows)
            tensor = tensor[wanted.clamp(min=0)] * (wanted >= 0)[:, None]
        elif ours.endswith("positions.table"):
            tensor = tensor[POSITION_OFFSET.get(family, 0) :]
        if tensor.shape != parameter.shape:
            raise _misfit(name, f"{list(tensor.shape)} != {list(parameter.shape)}")
        parameter.copy_(tensor)
    bias = theirs.get("final_logits_bias")
    if bias is not None and isinstance(model.config, TransformerConfig) and bool((bias[..., :-1] != 0).any()):
        raise _misfit("final_logits_bias", tr("our models have no output bias", "我们的模型没有输出偏置"))


def _misfit(name: str, why: str) -> ModelFolderError:
    return ModelFolderError(
        what=tr(f"the weight {name} cannot be used: {why}", f"权重 {name} 无法使用：{why}"),
        why=tr("config.json and the weights do not belong together", "config.json 与权重不匹配"),
        do=tr("copy the whole folder again from where it was made", "请从来源处重新复制整个文件夹"),
    )
