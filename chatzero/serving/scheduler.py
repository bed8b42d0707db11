"""Who runs next: the policy of the engine, in plain Python. No tensors, no threads, no clock of its own.

First come, first served. A place that becomes free is filled at the next token, or among many answers a few tokens
later, together with others (`gather_s`): nobody waits for another's answer to end as long as there are places, and long
answers hold up nobody beside them.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from chatzero.errors import ChatZeroError
from chatzero.language import tr
from chatzero.serving.limits import EngineLimits

CROWD = 6
"""Beside so many answers one newcomer is read at once, beside twice as many it waits for a second, and so on."""


class BusyError(ChatZeroError):
    """The queue is full. `retry_after_s`: when to try again."""

    def __init__(self, waiting: int, retry_after_s: int) -> None:
        super().__init__(
            what=tr(f"{waiting} requests are waiting already", f"已有 {waiting} 个请求在排队"),
            why=tr("more than that would only wait longer", "再多也只是等得更久"),
            do=tr(f"try again in {retry_after_s} s", f"请在 {retry_after_s} 秒后重试"),
        )
        self.retry_after_s = retry_after_s


@dataclass(eq=False, slots=True)
class Ticket:
    """A place in the queue, later in the batch."""

    prompt_tokens: int
    arrived_s: float
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What changes before the next token."""

    joining: list[Ticket]
    """Begin to run; they are counted as running from now on."""
    leaving: list[Ticket]
    """Were running, and are cancelled or out of time."""
    dropped: list[Ticket]
    """Were waiting, and are cancelled or out of time."""


class Scheduler:
    """The queue and the places. Times are seconds of any clock that only goes forward."""

    def __init__(self, limits: EngineLimits) -> None:
        self.limits = limits
        self.waiting: deque[Ticket] = deque()
        self.running: list[Ticket] = []
        self._recent_s: deque[float] = deque(maxlen=32)  # how long recent answers took
        self._gathering_since_s: float | None = None

    @property
    def idle(self) -> bool:
        return not self.waiting and not self.running

    def submit(self, tickets: Sequence[Ticket]) -> None:
        """Queue all of them, or none: raises `BusyError` when there is no room."""
        room = self.limits.max_waiting + max(0, self.limits.max_running - len(self.running))
        if len(self.waiting) + len(tickets) > room:
            raise BusyError(len(self.waiting), self.retry_after_s())
        self.waiting.extend(tickets)

    def turn(self, now_s: float) -> Turn:
        """Decide who leaves and who joins now."""
        leaving = [ticket for ticket in self.running if self._is_over(ticket, now_s)]
        dropped = [ticket for ticket in self.waiting if self._is_over(ticket, now_s)]
        if leaving:
            self.running = [ticket for ticket in self.running if ticket not in leaving]
        if dropped:
            self.waiting = deque(ticket for ticket in self.waiting if ticket not in dropped)
        return Turn(self._join() if self._worth_reading(now_s) else [], leaving, dropped)

    def _worth_reading(self, now_s: float) -> bool:
        """Are there newcomers enough for those who run, or have they waited for more long enough?"""
        ready = min(len(self.waiting), self.limits.max_running - len(self.running))
        since_s = now_s if self._gathering_since_s is None else self._gathering_since_s
        enough = ready * CROWD >= len(self.running) or now_s - since_s >= self.limits.gather_s
        self._gathering_since_s = since_s if ready and not enough else None
        return ready > 0 and enough

    def _join(self) -> list[Ticket]:
        """From the queue to the places."""
        joining: list[Ticket] = []
        room_tokens = self.limits.prefill_tokens
        while self.waiting and len(self.running) < self.limits.max_running:
            if joining and self.waiting[0].prompt_tokens > room_tokens:
                break
            ticket = self.waiting.popleft()
            room_tokens -= ticket.prompt_tokens
            joining.append(ticket)
            self.running.append(ticket)
        return joining

    def finish(self, ticket: Ticket, now_s: float) -> None:
        """Its answer is complete: the place is free."""
        self.running.remove(ticket)
        self._recent_s.append(now_s - ticket.arrived_s)

    def out_of_time(self, ticket: Ticket, now_s: float) -> bool:
        return now_s - ticket.arrived_s > self.limits.time_limit_s

    def retry_after_s(self) -> int:
        """When a place in the queue is likely to be free: the time a recent answer took, in whole seconds."""
        usual_s = sorted(self._recent_s)[len(self._recent_s) // 2] if self._recent_s else 1.0
        return min(max(1, math.ceil(usual_s)), 60)

    def _is_over(self, ticket: Ticket, now_s: float) -> bool:
        return ticket.cancelled or self.out_of_time(ticket, now_s)
