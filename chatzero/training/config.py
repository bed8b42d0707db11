"""How to train: every knob of the loop, with its meaning. Checked when made, frozen after."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chatzero.training.schedule import Schedule

Parallel = Literal["ddp", "fsdp"]


class TrainConfig(BaseModel):
    """The `[train]` table of a recipe. Exactly one of `steps` and `minutes` sets the horizon."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int | None = Field(default=None, gt=0, description="optimizer updates until the end")
    minutes: float | None = Field(default=None, gt=0, description="wall-clock minutes until the end, all included")
    batch_tokens: int = Field(default=4096, gt=0, description="padded tokens in one optimizer batch")
    accumulate: int = Field(
        default=1,
        gt=0,
        description="micro-batches that one batch (of several processes: each one's part) is split into; changes "
        "nothing but memory",
    )
    optimizer: Literal["adamw", "muon"] = Field(
        default="adamw", description="muon: orthogonalised updates for matrices"
    )
    learning_rate: float = Field(default=2e-3, gt=0, description="peak of the schedule (AdamW parameters)")
    matrix_learning_rate: float = Field(default=0.02, gt=0, description="peak for the matrices that muon moves")
    weight_decay: float = Field(
        default=0.05, ge=0, description="pull of the matrices towards zero, times the learning rate"
    )
    beta1: float = Field(default=0.9, ge=0, lt=1, description="memory of the gradient")
    beta2: float = Field(default=0.98, ge=0, lt=1, description="memory of its square; 0.98 as in the 2017 paper")
    grad_clip: float = Field(default=1.0, gt=0, description="longest gradient, as a norm over all parameters")
    schedule: Schedule = Field(default="cosine", description="shape of the learning rate after warm-up")
    warmup: float = Field(
        default=0.05, ge=0, lt=1, description="share of the horizon over which the learning rate rises"
    )
    warmup_steps: int | None = Field(default=None, gt=0, description="the same in updates, in place of `warmup`")
    floor: float = Field(default=0.01, ge=0, le=1, description="last learning rate as a share of the peak")
    label_smoothing: float = Field(default=0.0, ge=0, lt=1, description="share of probability spread over all tokens")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="of the matrix products; auto measures one step in each and keeps the faster"
    )
    device: str = Field(default="auto", description="auto, cpu, cuda, cuda:1, mps")
    eval_every: Annotated[int, Field(gt=0)] | Literal["epoch"] = Field(
        default=200, description="steps between looks at the held-out loss, or once an epoch"
    )
    patience: int | None = Field(
        default=None, gt=0, description="stop after this many looks in a row without a better held-out loss"
    )
    average_last: int = Field(
        default=1,
        gt=0,
        description="the model is the mean of the weights at the last so many looks; 1: the last weights",
    )
    ema_decay: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="the model, and what is looked at, is a moving average of the weights with this decay, as 0.999",
    )
    save_every: int = Field(default=400, gt=0, description="steps between checkpoints")
    keep: int = Field(default=2, ge=2, description="checkpoints to keep; one alone may be the torn one")
    parallel: Parallel = Field(
        default="ddp",
        description="several processes (torchrun): ddp, each holds the whole model; fsdp, each holds a part of it",
    )
    seed: int = Field(default=1, ge=0, description="of weights, data order and dropout")

    @model_validator(mode="after")
    def _one_horizon(self) -> "TrainConfig":
        if (self.steps is None) == (self.minutes is None):
            raise ValueError("give exactly one of steps and minutes")
        return self

    @model_validator(mode="after")
    def _one_average(self) -> "TrainConfig":
        if self.ema_decay is not None and self.average_last > 1:
            raise ValueError("give one of ema_decay and average_last: each says what the model is the mean of")
        return self

    @model_validator(mode="after")
    def _warm_up_fits(self) -> "TrainConfig":
        if self.warmup_steps is not None and (self.steps is None or self.warmup_steps >= self.steps):
            raise ValueError("warmup_steps needs steps, and fewer than these")
        if self.schedule == "inverse-sqrt" and self.warmup_share == 0.0:
            raise ValueError("schedule inverse-sqrt falls from the end of a warm-up: give warmup_steps")
        return self

    @property
    def warmup_share(self) -> float:
        """The share of the horizon over which the learning rate rises."""
        if self.warmup_steps is None or self.steps is None:
            return self.warmup
        return self.warmup_steps / self.steps
