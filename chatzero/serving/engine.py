"""The engine: one thread that owns the model and writes all answers at once.

    turn:  who leaves, who joins (scheduler)  ->  newcomers read their prompts, everybody says a token (batch)
           ->  progress to those who asked (answer)

With an engine that writes an answer by itself, the batch is of one (`writer_batch`) and all else is the same.

Other threads only put requests in and raise the flag to cancel; what comes back is handed to `deliver`, once a turn,
and the engine never waits for anybody to take it.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import final

from chatzero.errors import ChatZeroError
from chatzero.generation.answer_text import end_ids
from chatzero.generation.writer import Speaks
from chatzero.language import tr
from chatzero.models.interface import LanguageModel
from chatzero.serving.answer import Answer
from chatzero.serving.batch import RunningBatch
from chatzero.serving.job import Event, Failure, Job, Progress
from chatzero.serving.limits import EngineLimits
from chatzero.serving.metrics import EngineMetrics
from chatzero.serving.scheduler import Scheduler, Ticket
from chatzero.serving.writer_batch import MOST_ROWS, WriterBatch
from chatzero.text.tokenizer import Tokenizer

Receiver = Callable[[Event], None]
Delivery = list[tuple[Receiver, Event]]

log = logging.getLogger(__name__)


class StoppedError(ChatZeroError):
    """The engine takes no more requests."""

    def __init__(self) -> None:
        super().__init__(
            what=tr("the server is stopping", "服务正在停止"),
            why=tr("it only finishes what it has begun", "它只完成已经开始的请求"),
            do=tr("try again when it is back", "请等它恢复后重试"),
        )


@final
class Engine:
    """Start it, submit jobs from any thread, stop it."""

    def __init__(
        self,
        model: Speaks,
        tokenizer: Tokenizer,
        limits: EngineLimits,
        deliver: Callable[[Delivery], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.metrics = EngineMetrics()
        self._tokenizer = tokenizer
        self._deliver = deliver
        self._clock = clock
        self._batch: RunningBatch | WriterBatch
        if isinstance(model, LanguageModel):
            self._batch = RunningBatch(model, limits.kept_bytes)
        else:
            self._batch = WriterBatch(model, end_ids(tokenizer))
            limits = replace(limits, max_running=min(limits.max_running, MOST_ROWS))
        self._scheduler = Scheduler(limits)
        self._answers: dict[Ticket, Answer] = {}
        self._receivers: dict[Ticket, Receiver] = {}
        self._outbox: Delivery = []
        self._changed = threading.Condition()  # guards the scheduler, the two dicts and the flags
        self._accepting = False
        self._out_of_patience = False
        self._thread = threading.Thread(target=self._work, name="chatzero-engine", daemon=True)

    # -- for other threads --------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._accepting = True
        self._thread.start()

    def submit(self, requests: Sequence[tuple[Job, Receiver]]) -> list[Ticket]:
        """Queue all or none.

        Raises `BusyError`, `StoppedError`, `DataError` for a prompt that does not fit, `UnsupportedOptionError` for an
        option that an engine has not.
        """
        now_s = self._clock()
        rows = [self._batch.row(job) for job, _ in requests]
        tickets = [Ticket(len(job.prompt_ids), now_s) for job, _ in requests]
        with self._changed:
            if not self._accepting:
                raise StoppedError
            self._scheduler.submit(tickets)
            self.metrics.accepted += len(tickets)
            for ticket, row, (_, receive) in zip(tickets, rows, requests, strict=True):
                self._answers[ticket] = Answer(row, self._tokenizer)
                self._receivers[ticket] = receive
            self._changed.notify()
        return tickets

    def cancel(self, tickets: Sequence[Ticket]) -> None:
        """Nobody waits for these any more: they end before their next token, and nothing is delivered."""
        with self._changed:
            for ticket in tickets:
                ticket.cancelled = True
            self._changed.notify()

    def stop(self, patience_s: float) -> None:
        """Take nothing new and finish what there is; after `patience_s` end the rest. Waits for the thread to end."""
        with self._changed:
            self._accepting = False
            self._changed.notify()
        self._thread.join(patience_s)
        if self._thread.is_alive():
            with self._changed:
                self._out_of_patience = True
                for ticket in self._receivers:
                    ticket.cancelled = True
            self._thread.join()

    @property
    def accepting(self) -> bool:
        """Does it take new requests?"""
        return self._accepting

    @property
    def running(self) -> int:
        """Answers being written now."""
        return len(self._scheduler.running)

    @property
    def waiting(self) -> int:
        """Answers that wait for a place."""
        return len(self._scheduler.waiting)

    @property
    def kept_bytes(self) -> int:
        """What is kept of answers that are over, for the turns that follow."""
        return self._batch.kept_bytes

    # -- the thread ---------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while self._wait_for_work():
            try:
                self._turn()
            except Exception:
                log.exception("a step of the engine failed; the answers it was writing are lost")
                self._fail_all()
            self._send()
        self._send()

    def _wait_for_work(self) -> bool:
        """False when there is none and none will come."""
        with self._changed:
            self._changed.wait_for(lambda: not self._scheduler.idle or not self._accepting)
            return not self._scheduler.idle

    def _turn(self) -> None:
        now_s = self._clock()
        with self._changed:
            turn = self._scheduler.turn(now_s)
            leaving = [(ticket, self._answers[ticket]) for ticket in turn.leaving]
            joining = [(ticket, self._answers[ticket]) for ticket in turn.joining]
            for ticket in turn.dropped:
                self._end(ticket, self._farewell() if ticket.cancelled else Failure("waited_too_long"))
            for ticket, answer in leaving:
                self._end(ticket, self._farewell() if ticket.cancelled else answer.cut_off())
        self._batch.leave({answer.row for _, answer in leaving})
        if joining:
            self.metrics.prompt_tokens_reused += self._batch.join([answer.row for _, answer in joining])
            self.metrics.prompt_tokens += sum(ticket.prompt_tokens for ticket, _ in joining)
            said_s = self._clock()
            for ticket, _ in joining:
                self.metrics.first_token_s.observe(said_s - ticket.arrived_s)
            self._follow(joining)
            self._send()  # the first token counts most: it need not wait for the step
        if self._batch.rows:
            self._batch.step()
            self.metrics.steps += 1
            with self._changed:
                everybody = [(ticket, self._answers[ticket]) for ticket in self._scheduler.running]
            self._follow(everybody)

    def _follow(self, written: Sequence[tuple[Ticket, Answer]]) -> None:
        """Deliver what the last token of each row showed; those that are over leave."""
        self.metrics.completion_tokens += len(written)
        now_s = self._clock()
        pause_s = len(written) / self._scheduler.limits.events_per_s
        finished: list[tuple[Ticket, Answer, Progress]] = []
        for ticket, answer in written:
            progress = answer.follow(now_s, pause_s)
            if progress is None:
                continue
            if progress.finish_reason is not None:
                finished.append((ticket, answer, progress))
            else:
                self._outbox.append((self._receivers[ticket], progress))
        if not finished:
            return
        self._batch.leave({answer.row for _, answer, _ in finished})
        with self._changed:
            for ticket, _, progress in finished:
                self._scheduler.finish(ticket, now_s)
                self.metrics.answer_s.observe(now_s - ticket.arrived_s)
                self._end(ticket, progress)

    def _farewell(self) -> Failure | None:
        """To one that is cancelled: whoever did it themselves does not listen any more."""
        return Failure("stopped") if self._out_of_patience else None

    def _end(self, ticket: Ticket, last: Event | None) -> None:
        """Forget a ticket, with a last word to whoever asked; None when nobody listens. Needs the lock."""
        receive = self._receivers.pop(ticket)
        del self._answers[ticket]
        if last is not None:
            self._outbox.append((receive, last))
        reason = "cancelled" if last is None else last.cause if isinstance(last, Failure) else last.finish_reason
        self.metrics.finished[str(reason)] += 1

    def _fail_all(self) -> None:
        """After a fault nothing that ran can be trusted; those still waiting are served."""
        now_s = self._clock()
        with self._changed:
            for ticket in list(self._scheduler.running):
                self._scheduler.finish(ticket, now_s)
                self._end(ticket, Failure("fault"))
        self._batch.reset()

    def _send(self) -> None:
        with self._changed:
            outbox, self._outbox = self._outbox, []
        if outbox:
            self._deliver(outbox)
