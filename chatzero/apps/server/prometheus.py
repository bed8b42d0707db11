"""`GET /metrics`: what the engine and the door have counted, in the text format of Prometheus (version 0.0.4)."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping

from chatzero.serving.engine import Engine
from chatzero.serving.metrics import BOUNDS_S, Histogram

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics_page(engine: Engine, answered: Counter[tuple[str, int]]) -> str:
    """To be called in the event loop."""
    metrics = engine.metrics
    tasks = len(asyncio.all_tasks())
    lines = [
        *_metric("chatzero_answers_running", "gauge", "Answers being written now.", {"": engine.running}),
        *_metric("chatzero_answers_waiting", "gauge", "Answers waiting for a place.", {"": engine.waiting}),
        *_metric("chatzero_tasks", "gauge", "Tasks of the event loop, this request's too.", {"": tasks}),
        *_metric("chatzero_kept_bytes", "gauge", "Kept of answers for the next turn.", {"": engine.kept_bytes}),
        *_metric(
            "chatzero_prompt_tokens_total", "counter", "Prompt tokens, reused ones too.", {"": metrics.prompt_tokens}
        ),
        *_metric(
            "chatzero_prompt_tokens_reused_total",
            "counter",
            "Prompt tokens that an earlier turn had read already.",
            {"": metrics.prompt_tokens_reused},
        ),
        *_metric(
            "chatzero_completion_tokens_total",
            "counter",
            "Tokens said, end tokens too.",
            {"": metrics.completion_tokens},
        ),
        *_metric("chatzero_decode_steps_total", "counter", "Steps of the running batch.", {"": metrics.steps}),
        *_metric("chatzero_answers_accepted_total", "counter", "Answers taken on.", {"": metrics.accepted}),
        *_metric(
            "chatzero_answers_total",
            "counter",
            "Answers that are over, by why.",
            {f'{{reason="{reason}"}}': count for reason, count in metrics.finished.items()},
        ),
        *_metric(
            "chatzero_http_requests_total",
            "counter",
            "HTTP requests, by path and status; 499: the client left first.",
            {f'{{path="{path}",status="{status}"}}': count for (path, status), count in sorted(answered.items())},
        ),
        *_histogram("chatzero_first_token_seconds", "From arrival to the first token.", metrics.first_token_s),
        *_histogram("chatzero_answer_seconds", "From arrival to the last token.", metrics.answer_s),
    ]
    return "\n".join(lines) + "\n"


def _metric(name: str, kind: str, meaning: str, values: Mapping[str, int]) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    for labels, value in values.items():
        yield f"{name}{labels} {value}"


def _histogram(name: str, meaning: str, histogram: Histogram) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} histogram"
    for bound, count in zip([*map(str, BOUNDS_S), "+Inf"], histogram.counts, strict=True):
        yield f'{name}_bucket{{le="{bound}"}} {count}'
    yield f"{name}_sum {histogram.sum_s:.6f}"
    yield f"{name}_count {histogram.counts[-1]}"
