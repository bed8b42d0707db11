"""Model folder -> another engine's folder: refused, or written and compared, or not there at all."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from chatzero.checkpoint.atomic import whole_folder
from chatzero.checkpoint.bundle import Bundle
from chatzero.errors import ChatZeroError, StorageError
from chatzero.interop.compare import ANSWER_TOKENS, Agreement, compare
from chatzero.interop.engine import Engine
from chatzero.interop.family import decoder_family, family_of
from chatzero.interop.installed import WRITES, require_installed
from chatzero.interop.precision import Precision, precision_of, promise
from chatzero.interop.prompts import questions
from chatzero.language import tr
from chatzero.models.config import GPTConfig


class ExportDiffersError(ChatZeroError, ValueError):
    """The engine does not say what our model says. Nothing was left behind."""


@dataclass(frozen=True)
class Route:
    """A way out. `write` fills a folder; `load` gives the engine for it, None where that engine is not installed."""

    write: Callable[[Path], None]
    load: Callable[[Path], Engine | None]


def export(
    bundle: Bundle,
    target: str,
    out: Path,
    precision: str | None = None,
    num_questions: int = 100,
    seen: Callable[[Agreement], None] | None = None,
) -> Agreement | None:
    """Write `bundle` to `out` for the engine of `target`, and compare the two; None where that engine is not installed.

    Raises `ConfigError` for a variant or a precision that the format has not, `StorageError` when `out` is taken,
    `ExportDiffersError` when the engine says something else; `seen` gets the comparison before that.
    """
    chosen = precision_of(target, precision)
    route = _route(bundle, target, chosen)
    require_free(out)
    agreement = None
    with whole_folder(out) as draft:
        route.write(draft)
        engine = route.load(draft) if num_questions else None
        if engine is not None:
            asked = questions(bundle.tokenizer, bundle.model.config, num_questions, ANSWER_TOKENS)
            agreement = compare(bundle, engine, asked, promise(chosen, target, bundle.model.config))
            if seen is not None:
                seen(agreement)
            if not agreement.ok:
                raise _differs(agreement)
    return agreement


def _route(bundle: Bundle, target: str, precision: Precision) -> Route:
    """Each format's libraries are imported when it is asked for: they are optional, and slow to import."""
    require_installed(WRITES[target], f"--to {target}", target)
    match target:
        case "hf":
            from chatzero.interop.engine_hf import HFEngine
            from chatzero.interop.hf import write_hf

            family = family_of(bundle.model.config)
            return Route(lambda folder: write_hf(folder, bundle, family), HFEngine)
        case "gguf":
            decoder = decoder_family(bundle.model.config, target)
            from chatzero.interop.gguf_file import require_gguf, way_of_cutting, write_gguf

            assert isinstance(bundle.model.config, GPTConfig)
            require_gguf(bundle.model.config, decoder)
            way_of_cutting(bundle.tokenizer)
            return Route(lambda folder: write_gguf(folder, bundle, decoder, precision), _llama_cpp)
        case "ct2":
            from chatzero.interop.ct2 import require_ct2, write_ct2
            from chatzero.interop.engine_ct2 import CT2Engine

            require_ct2(bundle.model.config)
            return Route(lambda folder: write_ct2(folder, bundle, precision), CT2Engine)
        case "onnx":
            from chatzero.interop.engine_onnx import OnnxEngine
            from chatzero.interop.onnx_folder import write_onnx

            return Route(lambda folder: write_onnx(folder, bundle, precision), OnnxEngine)
    raise AssertionError(target)


def _llama_cpp(folder: Path) -> Engine | None:
    """None where `llama-cpp-python` is not installed: it has to be compiled, and a file can be written without it."""
    if find_spec("llama_cpp") is None:
        return None
    from chatzero.interop.engine_llama_cpp import LlamaCppEngine

    return LlamaCppEngine(folder)


def require_free(out: Path) -> None:
    """Raises `StorageError` when something already stands at `out`."""
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise StorageError(
            what=tr(f"{out} is not an empty folder", f"{out} 不是空文件夹"),
            why=tr("an export never overwrites anything", "导出不会覆盖任何内容"),
            do=tr("choose another --out, or remove that folder first", "请换一个 --out，或先删除该文件夹"),
        )


def _differs(agreement: Agreement) -> ExportDiffersError:
    return ExportDiffersError(
        what=tr(
            f"{agreement.engine} does not agree: {agreement.answers_equal} of {agreement.prompts} answers equal, "
            f"scores up to {agreement.largest_nats:.2g} nats apart",
            f"{agreement.engine} 的结果不一致：{agreement.prompts} 个回答中 {agreement.answers_equal} 个相同，"
            f"得分最多相差 {agreement.largest_nats:.2g} nats",
        ),
        why=tr(
            f"{agreement.precision.name} promises {agreement.precision.least_equal:.0%} equal answers, and "
            f"{agreement.precision.tolerance_nats:g} nats",
            f"{agreement.precision.name} 保证 {agreement.precision.least_equal:.0%} 的回答相同，"
            f"差距不超过 {agreement.precision.tolerance_nats:g} nats",
        ),
        do=tr(
            "nothing was written; use a more exact --precision, or report it if this is f32",
            "没有写出任何文件；请用更精确的 --precision，若已是 f32 请报告此问题",
        ),
    )
