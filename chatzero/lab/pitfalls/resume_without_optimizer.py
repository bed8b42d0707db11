"""Going on from saved weights alone: the optimizer begins anew."""

from chatzero.lab.bench import Bench, bench_of, nothing
from chatzero.lab.pitfall import Measured, Number, Pitfall, Scale, Version, Words
from chatzero.training.config import TrainConfig
from chatzero.training.optimizer import build_optimizers
from chatzero.training.state import TrainState

_JUST_AFTER = 10


def _row(bench: Bench, config: TrainConfig, name: Words, forget: bool) -> Version:
    stop = bench.scale.steps // 2

    def fresh(state: TrainState) -> None:
        if state.step == stop:
            state.optimizers = build_optimizers(state.model, config)

    looks = range(stop, stop + _JUST_AFTER + 1)
    trained = bench.train(bench.model(), config=config, before=fresh if forget else nothing, looks=looks)
    losses = dict(trained.curve)
    numbers: dict[str, Number] = {
        "stop": losses[stop],
        "after": max(loss for step, loss in losses.items() if stop < step <= stop + _JUST_AFTER),
        "end": trained.loss,
        "right": f"{bench.right(bench.answers(trained.model)):.0%}",
    }
    return Version(name, numbers, trained.curve)


def run(scale: Scale) -> Measured:
    bench = bench_of(scale)
    adamw, muon = bench.config(optimizer="adamw"), bench.config()
    versions = (
        _row(bench, adamw, Words("AdamW, with its state", "AdamW，保留状态"), forget=False),
        _row(bench, adamw, Words("AdamW, weights alone", "AdamW，只有权重"), forget=True),
        _row(bench, muon, Words("Muon, with its state", "Muon，保留状态"), forget=False),
        _row(bench, muon, Words("Muon, weights alone", "Muon，只有权重"), forget=True),
    )
    stop, after, end = (float(versions[1].numbers[key]) for key in ("stop", "after", "end"))
    kept, muon_after = float(versions[0].numbers["end"]), float(versions[3].numbers["after"])
    return Measured(
        columns={
            "stop": Words("held-out loss at the stop", "停下时的留出损失"),
            "after": Words(f"worst of the next {_JUST_AFTER} steps", f"之后 {_JUST_AFTER} 步中最差"),
            "end": Words("at the end", "结束时"),
            "right": Words("right answers", "答对"),
        },
        versions=versions,
        holds=after > 1.05 * stop,
        found=Words(
            f"AdamW with weights alone: from {stop:.2f} to {after:.2f} within {_JUST_AFTER} steps, {end:.2f} at the "
            f"end; {kept:.2f} had it kept its state. Muon: from {float(versions[3].numbers['stop']):.2f} to "
            f"{muon_after:.2f}.",
            f"AdamW 只恢复权重：{_JUST_AFTER} 步之内从 {stop:.2f} 变为 {after:.2f}，结束时 {end:.2f}；"
            f"保留状态则为 {kept:.2f}。Muon：从 {float(versions[3].numbers['stop']):.2f} 变为 {muon_after:.2f}。",
        ),
    )


pitfall = Pitfall(
    name="resume-without-optimizer",
    title=Words("Resuming with the weights alone", "续训时只恢复权重"),
    said=Words(
        "Without the optimizer's state the loss jumps when a run goes on, and steps are lost.",
        "没有优化器状态，续训时损失会跳高，白费许多步。",
    ),
    why=Words(
        "Adam divides each gradient by its usual size, and right after a fresh start it has seen one: every weight "
        "moves by the full learning rate in whatever direction that one batch says. A warm-up hides this at the "
        "beginning of a run; in the middle there is none. Save the optimizer with the weights, as every checkpoint "
        "here does.",
        "Adam 把梯度除以它通常的大小，而重新开始时它只见过一次：每个权重都按这一个批次的方向移动整整一个学习率。"
        "训练开头有预热遮掩，中途却没有。应把优化器状态和权重一起保存，本库的每个检查点都这样做。",
    ),
    wrong_line="model.load_state_dict(saved['model'])",
    right_line="model.load_state_dict(saved['model']); optimizer.load_state_dict(saved['optimizer'])",
    run=run,
)
