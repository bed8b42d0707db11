"""Collects what one job gets from the engine."""

import threading

from chatzero.generation.generate import Generated
from chatzero.serving.engine import Delivery
from chatzero.serving.job import Event, Failure, Progress


class Mailbox:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.over = threading.Event()

    def __call__(self, event: Event) -> None:
        assert not self.over.is_set(), "nothing comes after the last word"
        self.events.append(event)
        if isinstance(event, Failure) or event.finish_reason is not None:
            self.over.set()

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Progress))

    def last(self) -> Event:
        assert self.over.wait(60)
        return self.events[-1]

    def generated(self) -> Generated:
        last = self.last()
        assert isinstance(last, Progress)
        assert last.finish_reason is not None
        return Generated(self.text, last.finish_reason, last.num_tokens)


def hand_out(delivery: Delivery) -> None:
    for receive, event in delivery:
        receive(event)
