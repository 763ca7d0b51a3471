"""The rate control against simulated servers, in virtual time."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from bioinstruct.models.base import Headroom
from bioinstruct.models.rate import FLOOR, SLOWEST, Ceiling, Control

Admit = Callable[[float, int, random.Random], bool]
"""(time, requests in flight, random numbers) -> whether the server takes a request that reaches it then."""


@dataclass
class Seen:
    """Times at which requests left, were answered and were refused."""

    control: Control
    left: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    tokens: list[tuple[float, int]] = field(default_factory=list)
    most_in_flight: int = 0

    def rate(self, first: float, last: float) -> float:
        """Answers a second between two times."""
        return sum(first < at <= last for at in self.answered) / (last - first)

    def share_refused(self, first: float) -> float:
        """Of the answers and refusals after a time."""
        refused, answered = (sum(at > first for at in times) for times in (self.refused, self.answered))
        return refused / max(1, refused + answered)


def simulate(
    control: Control, admit: Admit, seconds: float, *, latency: Callable[[float], float], retry_after: float | None = None,
    tokens: tuple[int, int] = (0, 0), seed: int = 0,
) -> Seen:  # fmt: skip
    """Ask as fast as the control allows; an answer takes `latency` (+-20 %), a refusal three tenths of it.

    Args:
        control: What is tried.
        admit: The server.
        seconds: How long.
        latency: Time -> seconds.
        retry_after: What a refusal asks for.
        tokens: Expected of a request until answers tell better, and taken by each.
        seed: Of the random numbers.
    """
    numbers, seen, now, ready, expected = random.Random(seed), Seen(control), 0.0, 0, float(tokens[0])
    events: list[tuple[float, float, bool]] = []
    while now < seconds:
        while ready and control.has_place(now):
            control.sent()
            ready -= 1
            taken = admit(now, control.in_flight, numbers)
            heapq.heappush(events, (now + latency(now) * (numbers.uniform(0.8, 1.2) if taken else 0.3), now, taken))
            seen.left.append(now)
            seen.tokens.append((now, tokens[1]))
            seen.most_in_flight = max(seen.most_in_flight, control.in_flight)
        wait = control.wait(now)
        if wait == 0.0:
            control.turn(now, expected)
            ready += 1
            continue
        if ready and control.paused(now):
            wait = control.paused(now)
        now = max(min(events[0][0] if events else float("inf"), now + wait), now + 1e-9)
        while events and events[0][0] <= now:
            at, began, taken = heapq.heappop(events)
            (seen.answered if taken else seen.refused).append(at)
            if taken:
                control.answered(at, began, expected - tokens[1])
                expected = 0.9 * expected + 0.1 * tokens[1]
            else:
                control.refused(at, began, retry_after)
    return seen


def steady(seconds: float) -> Callable[[float], float]:
    return lambda _: seconds


def bucket(rate: float, burst: float) -> Admit:
    """A token bucket, as most servers have one."""
    level, last = burst, 0.0

    def admit(now: float, in_flight: int, numbers: random.Random) -> bool:
        nonlocal level, last
        level, last = min(burst, level + (now - last) * rate), now
        if level < 1.0:
            return False
        level -= 1.0
        return True

    return admit


def then(first: Admit, second: Admit, at: float) -> Admit:
    """One server until a time, another from then on."""
    return lambda now, in_flight, numbers: (first if now < at else second)(now, in_flight, numbers)


def everything(now: float, in_flight: int, numbers: random.Random) -> bool:
    return True


def busiest_minute(units: list[tuple[float, float]], span: float = 60.0) -> float:
    """Most units in any half-open span."""
    most = total = 0.0
    first = 0
    for at, unit in units:
        total += unit
        while units[first][0] <= at - span:
            total -= units[first][1]
            first += 1
        most = max(most, total)
    return most


def test_a_server_without_a_limit_is_used_in_full() -> None:
    seen = simulate(Control(64), everything, 40.0, latency=steady(0.5))
    assert seen.rate(10.0, 40.0) >= 0.95 * 64 / 0.5
    assert seen.most_in_flight == 64
    assert seen.control.pace.rate is None


def test_it_begins_with_few_and_doubles_with_every_round_trip() -> None:
    seen = simulate(Control(64), everything, 3.0, latency=steady(1.0))
    left = [sum(first <= at < first + 1.0 for at in seen.left) for first in (0.0, 1.25)]
    assert sum(at == 0.0 for at in seen.left) == 4
    assert left[0] <= 8
    assert left[1] >= 12


@pytest.mark.parametrize("burst", [1, 10])
@pytest.mark.parametrize("seed", range(3))
def test_ten_a_second_are_found_and_kept(burst: int, seed: int) -> None:
    seen = simulate(Control(64), bucket(10.0, burst), 75.0, latency=steady(0.08), seed=seed)
    assert seen.rate(15.0, 75.0) >= 9.0
    assert seen.share_refused(15.0) < 0.05


@pytest.mark.parametrize(("rate", "latency"), [(1.0, 0.5), (50.0, 0.08), (50.0, 2.0), (200.0, 0.5)])
def test_other_limits_are_found_too(rate: float, latency: float) -> None:
    seen = simulate(Control(256), bucket(rate, rate), 120.0, latency=steady(latency))
    assert seen.rate(30.0, 120.0) >= 0.85 * rate
    assert seen.share_refused(30.0) < 0.1


def test_a_limit_that_falls_is_followed() -> None:
    seen = simulate(Control(64), then(bucket(50.0, 5), bucket(10.0, 1), 30.0), 120.0, latency=steady(0.3))
    assert seen.rate(15.0, 30.0) >= 40.0
    assert seen.rate(45.0, 120.0) >= 9.0
    assert seen.share_refused(45.0) < 0.06


def test_a_limit_that_rises_is_followed() -> None:
    seen = simulate(Control(64), then(bucket(10.0, 1), bucket(50.0, 5), 30.0), 150.0, latency=steady(0.3))
    assert 9.0 <= seen.rate(15.0, 30.0) <= 10.5
    assert seen.rate(90.0, 150.0) >= 45.0


def test_a_server_that_asks_to_be_left_alone_is_left_alone() -> None:
    seen = simulate(Control(64), bucket(10.0, 10), 60.0, latency=steady(0.08), retry_after=1.5)
    assert seen.refused
    for at in seen.refused:  # those that had left already come back refused, too
        assert not [left for left in seen.left if at + 1e-6 < left < at + 1.5 - 1e-6]
    assert seen.rate(15.0, 60.0) >= 7.0


def test_headroom_of_zero_is_a_pause_and_anything_else_is_none() -> None:
    control = Control(8)
    control.turn(0.0, 0)
    control.sent()
    control.answered(1.0, 0.0, 0, (Headroom(3, 50.0), Headroom(1, 60.0)))
    assert control.wait(1.0) == 0.0
    control.turn(1.0, 0)
    control.sent()
    control.answered(2.0, 1.0, 0, (Headroom(0, 5.0), Headroom(7, 60.0)))
    assert control.wait(2.0) == control.paused(2.0) == 5.0
    assert control.wait(7.0) == control.paused(8.0) == 0.0


def test_a_longer_pause_is_not_shortened() -> None:
    control = Control(8)
    control.pause(0.0, 10.0)
    control.pause(1.0, 2.0)
    assert control.wait(1.0) == 9.0


@pytest.mark.parametrize("seed", range(5))
def test_requests_never_stand_still_where_a_tenth_is_refused_at_random(seed: int) -> None:
    unlucky: Admit = lambda _, __, numbers: numbers.random() > 0.1  # noqa: E731
    seen = simulate(Control(64), then(unlucky, everything, 600.0), 1000.0, latency=steady(0.5), seed=seed)
    assert all(seen.rate(first, first + 30.0) >= SLOWEST / 2 for first in range(0, 600, 30))
    assert seen.rate(970.0, 1000.0) >= 60.0  # once it stops, all is as before within minutes


def test_a_server_that_refuses_everything_for_a_while_is_asked_now_and_then_and_used_afterwards() -> None:
    closed: Admit = lambda now, in_flight, numbers: False  # noqa: E731
    seen = simulate(Control(64), then(closed, everything, 60.0), 180.0, latency=steady(0.2))
    early = sum(at < 60.0 for at in seen.left)
    assert 60.0 * SLOWEST / 2 <= early <= 200
    assert seen.rate(120.0, 180.0) >= 50.0


def test_the_rate_does_not_fall_below_a_share_of_the_best_at_once() -> None:
    closed: Admit = lambda now, in_flight, numbers: False  # noqa: E731
    seen = simulate(Control(64), then(bucket(40.0, 4), closed, 30.0), 45.0, latency=steady(0.1))
    assert sum(35.0 < at <= 45.0 for at in seen.left) >= 0.7 * 10.0 * FLOOR * 38.0


@pytest.mark.parametrize("most", [1, 2, 5, 64])
def test_never_more_are_in_flight_than_is_allowed(most: int) -> None:
    for admit in (everything, bucket(20.0, 20), lambda _, __, numbers: numbers.random() > 0.2):
        seen = simulate(Control(most), admit, 30.0, latency=lambda now: 0.2 if now < 10 else 2.0)
        assert 1 <= seen.most_in_flight <= most
        assert len(seen.left) > 10


def wavering(now: float) -> float:
    """A latency that is sometimes so long that all places are taken."""
    return 0.5 if now % 100.0 < 50.0 else 20.0


@pytest.mark.parametrize("latency", [steady(0.05), steady(5.0), wavering])
@pytest.mark.parametrize("per_minute", [6.0, 60.0, 600.0])
def test_the_users_ceiling_on_requests_is_kept_over_every_minute(per_minute: float, latency: Callable[[float], float]) -> None:
    seen = simulate(Control(16, requests_per_minute=per_minute), everything, 400.0, latency=latency)
    assert busiest_minute([(at, 1.0) for at in seen.left]) <= per_minute
    if latency is not wavering:
        attainable = min(per_minute / 60.0, 16 / latency(0.0))
        assert seen.rate(60.0, 400.0) >= 0.9 * attainable


@pytest.mark.parametrize("latency", [steady(0.05), steady(5.0), wavering])
@pytest.mark.parametrize("taken", [200, 500, 1000])
def test_the_users_ceiling_on_tokens_is_kept_over_every_minute(taken: int, latency: Callable[[float], float]) -> None:
    per_minute = 30_000.0
    seen = simulate(Control(16, tokens_per_minute=per_minute), everything, 400.0, latency=latency, tokens=(500, taken))
    # Where requests take more than is expected, what is in flight is not yet known.
    unknown = 16 * max(0, taken - 500)
    assert busiest_minute([(at, float(units)) for at, units in seen.tokens]) <= per_minute + taken + unknown
    if latency is not wavering:
        attainable = min(per_minute / 60.0 / taken, 16 / latency(0.0))
        assert seen.rate(120.0, 400.0) >= 0.85 * attainable


def test_a_ceiling_pays_back_evenly_and_saves_nothing_up() -> None:
    ceiling = Ceiling(60.0)
    assert ceiling.wait(1000.0) == 0.0
    ceiling.take(1000.0, 1.0)
    assert ceiling.wait(1000.0) == 1.0
    assert ceiling.wait(1000.75) == 0.25
    ceiling.take(1001.0, 3.0)
    ceiling.take(1001.0, -2.0)  # taken too much: given back
    assert ceiling.wait(1001.0) == 1.0
    ceiling.take(1005.0, -100.0)
    assert ceiling.wait(1005.0) == 0.0
    ceiling.take(1005.0, 1.0)
    assert ceiling.wait(1005.0) == 1.0
