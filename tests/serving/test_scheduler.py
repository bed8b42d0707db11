import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatzero.serving.limits import EngineLimits
from chatzero.serving.scheduler import CROWD, BusyError, Scheduler, Ticket


def tickets(*prompt_tokens: int, arrived_s: float = 0.0) -> list[Ticket]:
    return [Ticket(n, arrived_s) for n in prompt_tokens]


def test_first_come_first_served_as_far_as_there_are_places() -> None:
    scheduler = Scheduler(EngineLimits(max_running=2))
    first, second, third = tickets(1, 1, 1)
    scheduler.submit([first, second, third])
    assert scheduler.turn(0.0).joining == [first, second]
    assert scheduler.turn(0.0).joining == []
    scheduler.finish(first, 1.0)
    assert scheduler.turn(1.0).joining == [third], "a place is filled at the next turn"
    scheduler.finish(second, 2.0)
    scheduler.finish(third, 2.0)
    assert scheduler.idle


def test_newcomers_read_only_so_much_at_a_time_but_a_long_prompt_comes_through() -> None:
    scheduler = Scheduler(EngineLimits(prefill_tokens=10))
    a, b, c, long, d = tickets(4, 4, 4, 50, 1)
    scheduler.submit([a, b, c, long, d])
    assert [scheduler.turn(0.0).joining for _ in range(4)] == [[a, b], [c], [long], [d]]


def test_among_many_newcomers_are_read_together_but_none_waits_longer_than_it_may() -> None:
    scheduler = Scheduler(EngineLimits(max_running=4 * CROWD, gather_s=0.03))
    many = tickets(*[1] * 3 * CROWD)
    scheduler.submit(many)
    assert scheduler.turn(0.0).joining == many, "where nobody is held up there is nothing to wait for"
    first, second, third, fourth, fifth = tickets(*[1] * 5)
    scheduler.submit([first, second])
    assert scheduler.turn(1.0).joining == []
    scheduler.submit([third])
    assert scheduler.turn(1.02).joining == [first, second, third], "three for eighteen"
    scheduler.submit([fourth])
    assert scheduler.turn(1.04).joining == [], "its time begins when it comes"
    assert scheduler.turn(1.0699).joining == []
    assert scheduler.turn(1.0701).joining == [fourth]
    for ticket in [*many[: 2 * CROWD + 1], first, second, third]:
        scheduler.finish(ticket, 2.0)
    scheduler.submit([fifth])
    assert len(scheduler.running) == CROWD
    assert scheduler.turn(2.0).joining == [fifth], "one beside few is read at once"


def test_full_places_are_no_waiting_for_others() -> None:
    scheduler = Scheduler(EngineLimits(max_running=2 * CROWD, gather_s=0.03))
    running = tickets(*[1] * 2 * CROWD)
    scheduler.submit(running)
    scheduler.turn(0.0)
    [late] = tickets(1)
    scheduler.submit([late])
    assert scheduler.turn(0.1).joining == []
    scheduler.finish(running[0], 0.2)
    assert scheduler.turn(0.2).joining == [], "11 run: its time begins with the free place"
    assert scheduler.turn(0.2301).joining == [late]


def test_a_full_queue_says_when_to_come_again_and_takes_all_or_none() -> None:
    scheduler = Scheduler(EngineLimits(max_running=1, max_waiting=2))
    running, *waiting = tickets(1, 1, 1)
    scheduler.submit([running])
    scheduler.turn(0.0)
    scheduler.submit(waiting[:1])
    with pytest.raises(BusyError, match="1 requests are waiting") as busy:
        scheduler.submit(tickets(1, 1))
    assert busy.value.retry_after_s == 1
    assert list(scheduler.waiting) == waiting[:1]
    scheduler.submit(waiting[1:])


def test_retry_after_is_what_recent_answers_took() -> None:
    scheduler = Scheduler(EngineLimits(max_running=9))
    for took_s in (3.0, 7.2, 500.0):
        [ticket] = tickets(1)
        scheduler.submit([ticket])
        scheduler.turn(0.0)
        scheduler.finish(ticket, took_s)
    assert scheduler.retry_after_s() == 8


def test_the_cancelled_and_those_out_of_time_go_from_the_queue_and_from_the_batch() -> None:
    scheduler = Scheduler(EngineLimits(max_running=2, time_limit_s=10.0))
    a, b, c, d = tickets(1, 1, 1, 1)
    scheduler.submit([a, b, c, d])
    scheduler.turn(0.0)
    a.cancelled = c.cancelled = True
    turn = scheduler.turn(1.0)
    assert (turn.leaving, turn.dropped, turn.joining) == ([a], [c], [d])
    [late] = tickets(1, arrived_s=5.0)
    scheduler.submit([late])
    turn = scheduler.turn(10.5)
    assert (turn.leaving, turn.dropped, turn.joining) == ([b, d], [], [late])


@given(st.data())
def test_nobody_is_lost_or_served_twice(data: st.DataObject) -> None:
    limits = EngineLimits(max_running=3, max_waiting=4, prefill_tokens=8, time_limit_s=20.0)
    scheduler = Scheduler(limits)
    accepted: list[Ticket] = []
    gone: list[Ticket] = []
    for now_s in range(data.draw(st.integers(1, 30))):
        new = tickets(*data.draw(st.lists(st.integers(1, 12), max_size=3)), arrived_s=float(now_s))
        try:
            scheduler.submit(new)
            accepted += new
        except BusyError:
            assert len(scheduler.waiting) + len(new) > limits.max_waiting
        for ticket in accepted:
            ticket.cancelled = ticket.cancelled or data.draw(st.integers(0, 9)) == 0
        turn = scheduler.turn(float(now_s))
        gone += turn.leaving + turn.dropped
        assert len(scheduler.running) <= limits.max_running
        assert len(turn.joining) <= 1 or sum(t.prompt_tokens for t in turn.joining) <= limits.prefill_tokens
        assert not any(t.cancelled for t in scheduler.running)
        for ticket in list(scheduler.running):
            if data.draw(st.booleans()):
                scheduler.finish(ticket, float(now_s))
                gone.append(ticket)
        there = [*gone, *scheduler.running, *scheduler.waiting]
        assert len(there) == len(set(there)) == len(accepted)
