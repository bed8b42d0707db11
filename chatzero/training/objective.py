"""(model, batch) -> loss. The vocabulary is projected only where there is a target: that is most of the cost saved."""

from chatzero.data.batch import IGNORE, LMBatch, Seq2SeqBatch
from chatzero.models.decoder_only import GPT
from chatzero.models.encoder_decoder import Transformer
from chatzero.models.interface import LanguageModel
from chatzero.training.loss import LossSum, linear_cross_entropy


def batch_loss(model: LanguageModel, batch: LMBatch | Seq2SeqBatch, label_smoothing: float = 0.0) -> LossSum:
    """The loss of every trained-on token of the batch."""
    match model, batch:
        case GPT(), LMBatch():
            weight = model.output_weight
            hidden = model.hidden(batch.token_ids, attn_mask=batch.attn_mask, positions=batch.positions)
        case Transformer(), Seq2SeqBatch():
            weight = model.output_weight
            hidden = model.hidden(batch.source_ids, batch.decoder_ids, source_mask=batch.source_mask)
        case _:
            raise TypeError(f"{type(model).__name__} cannot be trained on {type(batch).__name__}")
    wanted = batch.targets != IGNORE
    return linear_cross_entropy(hidden[wanted], weight, batch.targets[wanted], label_smoothing)
