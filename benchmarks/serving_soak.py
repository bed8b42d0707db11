"""Does anything leak, or get lost, when all sorts of visitors come for half an hour?

    python -m benchmarks.serving_soak runs/quickstart-gpt --minutes 30 --out soak.json

Starts `chatzero serve` on a free port and sends it the visitors of `soak_visits.py`: chats, conversations, some that
leave in the middle, some that read slowly, some that say half a request, some that mean harm. At the end, when nobody
is there any more: no place taken, no task, thread or open file more than before, memory no larger than a bound, every
answer that the engine took on accounted for, no visitor treated otherwise than the server promises, no 5xx; and the
server ends with code 0 when told to. Prints one JSON document; ends with 1 when something does not hold.
"""

import argparse
import asyncio
import math
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from urllib.request import Request, urlopen

from benchmarks.soak_visits import VISITS, BrokenPromiseError, Ledger
from benchmarks.started_server import started_server
from benchmarks.told import tell

QUIET_S = 20.0
"""So long after the last visitor has left everything must be as before."""
SPARE_THREADS = 8
"""The event loop keeps some idle workers for long prompts."""


@dataclass(frozen=True)
class Standing:
    """What the server holds when nobody is there, and what it has counted. Files, threads, memory: on Linux."""

    running: int
    waiting: int
    tasks: int
    kept_mib: float
    accepted: int
    over: dict[str, int]
    statuses: dict[str, int]
    threads: int | None
    files: int | None
    rss_mib: float | None

    @property
    def own_mib(self) -> float | None:
        """Memory without what is kept of answers, which has a bound of its own."""
        return None if self.rss_mib is None else self.rss_mib - self.kept_mib


def standing(port: int, process: int) -> Standing:
    with urlopen(Request(f"http://127.0.0.1:{port}/metrics"), timeout=60) as answer:
        page = answer.read().decode()
    numbers = {name: float(value) for name, value in re.findall(r"^(chatzero_\S+) (\S+)$", page, re.MULTILINE)}
    statuses: Counter[str] = Counter()
    for status, count in re.findall(r'^chatzero_http_requests_total\{.*status="(\d+)"\} (\d+)$', page, re.MULTILINE):
        statuses[status] += int(count)
    over = re.findall(r'^chatzero_answers_total\{reason="(\w+)"\} (\d+)$', page, re.MULTILINE)
    here = Path(f"/proc/{process}")
    known = dict(re.findall(r"^(\w+):\s+(\d+)", (here / "status").read_text(), re.MULTILINE)) if here.exists() else {}
    return Standing(
        running=int(numbers["chatzero_answers_running"]),
        waiting=int(numbers["chatzero_answers_waiting"]),
        tasks=int(numbers["chatzero_tasks"]),
        kept_mib=numbers["chatzero_kept_bytes"] / 2**20,
        accepted=int(numbers["chatzero_answers_accepted_total"]),
        over={reason: int(count) for reason, count in over},
        statuses=dict(sorted(statuses.items())),
        threads=int(known["Threads"]) if known else None,
        files=len(list((here / "fd").iterdir())) if known else None,
        rss_mib=int(known["VmRSS"]) / 1024 if known else None,
    )


async def quiet_standing(port: int, process: int, before: Standing | None) -> Standing:
    """The standing once it is as `before`, or as it is after `QUIET_S`."""
    deadline_s = time.monotonic() + QUIET_S
    await asyncio.sleep(1.0)
    while True:
        now = await asyncio.to_thread(standing, port, process)
        if not left_behind(before or now, now) or time.monotonic() > deadline_s:
            return now
        await asyncio.sleep(0.2)


def left_behind(before: Standing, now: Standing) -> list[str]:
    """What is still there that was not."""
    found = [f"{name}: {number}" for name, number in (("running", now.running), ("waiting", now.waiting)) if number]
    for name, spare in (("tasks", 0), ("files", 0), ("threads", SPARE_THREADS)):
        was, is_now = getattr(before, name), getattr(now, name)
        if was is not None and is_now > was + spare:
            found.append(f"{name}: {was} before, {is_now} now")
    return found


@dataclass
class Soaked:
    """What happened meanwhile."""

    ledger: Ledger = field(default_factory=Ledger)
    outcomes: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    own_mib: list[float] = field(default_factory=list)


async def soak(port: int, process: int, people: int, seconds: float, pause_s: float, seed: int) -> Soaked:
    """So many people make one visit after another for so long; what has begun then is finished."""
    soaked = Soaked()
    until_s = time.monotonic() + seconds
    kinds, weights = list(VISITS), [weight for _, weight in VISITS.values()]

    async def person(number: int) -> None:
        random = Random(seed * 1000 + number)
        while time.monotonic() < until_s:
            [kind] = random.choices(kinds, weights)
            try:
                outcome = await VISITS[kind][0](port, random, soaked.ledger)
            except (
                OSError,
                ValueError,
                LookupError,
                TimeoutError,
                asyncio.IncompleteReadError,
                BrokenPromiseError,
            ) as error:
                outcome = "broken"
                soaked.broken.append(f"{kind}: {error!r}"[:500])
            soaked.outcomes[f"{kind}: {outcome}"] += 1
            await asyncio.sleep(random.expovariate(1 / pause_s) if pause_s else 0)

    async def watch() -> None:
        while True:
            await asyncio.sleep(min(max(0.25, seconds / 200), 10.0))
            if (own_mib := (await asyncio.to_thread(standing, port, process)).own_mib) is not None:
                soaked.own_mib.append(own_mib)

    watching = asyncio.ensure_future(watch())
    await asyncio.gather(*(person(number) for number in range(people)))
    watching.cancel()
    return soaked


def growth_mib(samples: Sequence[float]) -> float | None:
    """The median of the last fifth above that of the second: what comes with the first load is no leak."""
    fifth = len(samples) // 5
    return round(median(samples[-fifth:]) - median(samples[fifth : 2 * fifth]), 1) if fifth else None


def problems(before: Standing, after: Standing, soaked: Soaked, bound_mib: float) -> list[str]:
    """Everything that does not hold."""
    found = [*soaked.broken[:20], *left_behind(before, after)]
    found += [f"{count} answers with status {status}" for status, count in after.statuses.items() if status >= "500"]
    found += [
        f"{after.over[reason]} answers ended by {reason}" for reason in ("fault", "stopped") if after.over[reason]
    ]
    if after.accepted != sum(after.over.values()):
        found.append(f"{after.accepted} answers taken on, {sum(after.over.values())} over")
    written = sum(after.over[reason] - before.over[reason] for reason in ("stop", "length"))
    if written < soaked.ledger.answers:
        found.append(f"{soaked.ledger.answers} answers received, {written} written")
    grown_mib = growth_mib(soaked.own_mib)
    if grown_mib is not None and grown_mib > bound_mib:
        found.append(f"memory grew by {grown_mib} MiB")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a model folder or a run folder")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--people", type=int, default=24, help="how many at once")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between the visits of one person, on average")
    parser.add_argument("--max-growth", type=float, default=32.0, help="MiB that memory may grow by")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="write the JSON there too")
    options = parser.parse_args()
    # Fewer places than people: some wait, and some are sent away.
    few = ["--max-running", str(max(1, options.people // 2)), "--max-waiting", str(options.people // 4)]
    with started_server(options.model, *few) as (port, server):
        people, pause_s = options.people, options.pause
        asyncio.run(soak(port, server.pid, people, min(60.0, 6 * options.minutes), pause_s, options.seed + 1))
        before = asyncio.run(quiet_standing(port, server.pid, None))
        soaked = asyncio.run(soak(port, server.pid, people, 60 * options.minutes, pause_s, options.seed))
        after = asyncio.run(quiet_standing(port, server.pid, before))
        server.terminate()
        try:
            code: int | None = server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
            code = None
    found = problems(before, after, soaked, options.max_growth)
    found += [f"told to end, it ended with {code}"] if code else []
    waits = sorted(soaked.ledger.first_token_s)
    document = {
        "model": options.model.name,
        "minutes": options.minutes,
        "people": options.people,
        "visits": sum(soaked.outcomes.values()),
        "outcomes": dict(sorted(soaked.outcomes.items())),
        "answers": {"taken on": after.accepted, **after.over},
        "statuses": after.statuses,
        "tokens_received": soaked.ledger.tokens,
        "first_token_p95_s": round(waits[math.ceil(0.95 * len(waits)) - 1], 4) if waits else None,
        "before": {name: getattr(before, name) for name in ("tasks", "threads", "files", "rss_mib", "kept_mib")},
        "after": {name: getattr(after, name) for name in ("tasks", "threads", "files", "rss_mib", "kept_mib")},
        "growth_mib": growth_mib(soaked.own_mib),
        "problems": found,
    }
    tell(document, options.out)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
