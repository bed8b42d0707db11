"""The pitfalls, in the order in which a learner meets them. A new pitfall's file is listed here."""

from chatzero.errors import ConfigError
from chatzero.lab.pitfall import Pitfall
from chatzero.lab.pitfalls import (
    accumulation,
    float16_unscaled,
    forgot_eval,
    leakage,
    loss_on_padding,
    loss_on_question,
    no_causal_mask,
    no_clipping,
    no_end,
    no_positions,
    no_residual,
    no_scale,
    one_head,
    padding_attended,
    post_norm,
    repetition,
    resume_without_optimizer,
    temperature,
    wrong_tokenizer,
    wrong_transpose,
)
from chatzero.language import tr

PITFALLS: tuple[Pitfall, ...] = (
    wrong_transpose.pitfall,
    no_scale.pitfall,
    one_head.pitfall,
    no_causal_mask.pitfall,
    padding_attended.pitfall,
    no_positions.pitfall,
    no_residual.pitfall,
    post_norm.pitfall,
    loss_on_padding.pitfall,
    loss_on_question.pitfall,
    no_end.pitfall,
    accumulation.pitfall,
    no_clipping.pitfall,
    float16_unscaled.pitfall,
    resume_without_optimizer.pitfall,
    leakage.pitfall,
    forgot_eval.pitfall,
    temperature.pitfall,
    repetition.pitfall,
    wrong_tokenizer.pitfall,
)


def pitfall_named(name: str) -> Pitfall:
    """Raises `ConfigError` for a name that is none of them."""
    for pitfall in PITFALLS:
        if pitfall.name == name:
            return pitfall
    names = [pitfall.name for pitfall in PITFALLS]
    raise ConfigError(
        what=tr(f"there is no pitfall {name!r}", f"没有名为 {name!r} 的陷阱"),
        why=tr("the lab holds only those it lists", "实验室里只有列出的那些"),
        do=tr(f"use one of {', '.join(names)}", f"请用 {'、'.join(names)} 之一"),
    )
