"""How fast a server may be asked: what it allows is found out, what it says is honoured, what the user forbids is kept.

Two limits are adapted. The number in flight starts small and doubles with every round trip (slow start) until it is the user's, or the
server says "too many". The rate (requests a second) is free until then; afterwards it follows what was accepted: down by a twentieth at a
refusal, back up within seconds, and slowly on beyond, as TCP's CUBIC does. Refusals of requests that left before the last step down
say nothing new and are not counted twice.

All of it is plain arithmetic on times that the caller gives, so that it can be tried against a simulated server.
"""

from __future__ import annotations

from collections import deque

from bioinstruct.models.base import Headroom

FIRST_IN_FLIGHT = 4
STEP_DOWN = 0.95
"""Of the rate, at a refusal."""
STEEP_DOWN = 0.7
"""Of the rate, at most, where refusals follow one another."""
PEACE = 3.0
"""Seconds after a step down; a refusal within them is a sign of a rate far too high."""
RECOVERY, RECOVERY_REQUESTS, LONGEST_RECOVERY = 8.0, 30.0, 30.0
"""Seconds from a step down back to the rate before it: at least the first, and the time of so many requests, since a slow server is not
to be tried at every other one, up to the last."""
FIRST_RATE, SLOWEST = 2.0, 0.2
"""Requests a second: where the search begins if a server refuses before it has accepted anything, and what is always tried."""
LOOK_BACK, SHORTEST_LOOK, FEW = 2.0, 0.5, 8
"""Seconds over which the accepted rate is measured, and the fewest answers to measure it by (further back where there are fewer)."""
FLOOR, FLOOR_LOOK_BACK, FLOOR_SHORTEST, FLOOR_HALVES = 1 / 8, 10.0, 3.0, 600.0
"""Of the best rate that was accepted over so many seconds (at the beginning over fewer; halved every so many): not less is tried, for some
servers refuse at any rate."""
PREPARED = 8
"""One request more for so many in flight is written down ahead of its place."""
CATCH_UP = 0.02
"""Seconds by which a turn may be missed and made up for."""
_MINUTE = 60.0


class Ceiling:
    """At most so many units (requests, tokens) a minute, paid back evenly; a request may leave while the account is not negative."""

    def __init__(self, per_minute: float) -> None:
        self.per_second = per_minute / _MINUTE
        self._account, self._at = 0.0, 0.0

    def wait(self, now: float) -> float:
        """Seconds until a request may leave."""
        return max(0.0, -self._level(now) / self.per_second)

    def take(self, now: float, units: float) -> None:
        """A request of `units` leaves; a negative number gives back what was taken too much."""
        self._account, self._at = self._level(now) - units, now

    def _level(self, now: float) -> float:
        return min(0.0, self._account + (now - self._at) * self.per_second)  # nothing is saved up: no bursts


class Pace:
    """The learnt rate: None until the server has refused."""

    def __init__(self) -> None:
        self.rate: float | None = None
        """Requests a second right after the last step down."""
        self._before = 0.0  # the rate that it goes back to
        self._stepped = float("-inf")
        self._searching = False  # refused before anything was known: the rate doubles every second
        self._began: float | None = None  # of the first answer
        self._answers: deque[tuple[float, bool]] = deque(maxlen=4096)  # (time, accepted) of the last answers
        self._best, self._best_at = 0.0, 0.0  # accepted a second over `FLOOR_LOOK_BACK`

    def now(self, now: float) -> float:
        """Requests a second that may be sent at this time; infinite while nothing was refused."""
        if self.rate is None:
            return float("inf")
        if self._searching:
            return float(self.rate * 2.0 ** min(now - self._stepped, 20.0))
        elapsed = self._elapsed(now)
        if elapsed < 1.0:
            return self.rate + (self._before - self.rate) * elapsed
        return float(self._before * 2.0 ** min((elapsed - 1.0) ** 2 / 8.0, 20.0))

    def _elapsed(self, now: float) -> float:
        """Time since the last step down, in recoveries."""
        return (now - self._stepped) / min(max(RECOVERY, RECOVERY_REQUESTS / self._before), LONGEST_RECOVERY)

    def accepted(self, now: float, began: float) -> None:
        """A request that left at `began` was answered."""
        self._began = began if self._began is None else self._began
        self._answers.append((now, True))

    def refused(self, now: float, began: float) -> None:
        """A request that left at `began` was refused with "too many"."""
        self._began = began if self._began is None else self._began
        self._answers.append((now, False))
        if began <= self._stepped:
            return
        seen, current = self._accepted_rate(now), self.now(now)
        if self.rate is None or self._searching:
            known = sum(good for _, good in self._answers) >= FEW
            if known:
                after = seen if self.rate is None else max(seen, current / 2)
                current = min(current, 2 * after)
            else:
                after = current = min(current / 2, FIRST_RATE)
            self._searching = not known
        elif now - self._stepped > PEACE:
            after = current * STEP_DOWN
        else:
            after = max(min(seen, current) * STEP_DOWN, current * STEEP_DOWN)
        floor = max(SLOWEST, FLOOR * self._best_rate(now))
        self.rate, self._before, self._stepped = max(after, floor), max(current, floor), now

    def _best_rate(self, now: float) -> float:
        self._best *= 0.5 ** ((now - self._best_at) / FLOOR_HALVES)
        self._best_at = now
        span = min(FLOOR_LOOK_BACK, now - (now if self._began is None else self._began))
        if span >= FLOOR_SHORTEST:
            self._best = max(self._best, sum(good and at > now - span for at, good in self._answers) / span)
        return self._best

    def _accepted_rate(self, now: float) -> float:
        began = self._began if self._began is not None else now
        recent = [at for at, good in self._answers if good and at > now - LOOK_BACK]
        if len(recent) >= FEW:
            return len(recent) / min(LOOK_BACK, max(SHORTEST_LOOK, now - began))
        recent = [at for at, good in self._answers if good][-FEW:]  # a slow server: look further back
        return len(recent) / max(SHORTEST_LOOK, now - (recent[0] if len(recent) == FEW else began))


class Control:
    """When the next request may leave. Times are seconds of one monotonic clock.

    Args:
        most: Requests in flight at once, at most.
        requests_per_minute: The user's ceiling; None = none.
        tokens_per_minute: The user's ceiling; None = none.
    """

    def __init__(self, most: int, requests_per_minute: float | None = None, tokens_per_minute: float | None = None) -> None:
        self.most = most
        self.window = float(min(FIRST_IN_FLIGHT, most))
        """Requests that may be in flight now."""
        self.in_flight = 0
        self.preparing = 0
        """Requests that have their turn and are being written down before they leave."""
        self.pace = Pace()
        self._slow_start = True
        self._cut = float("-inf")
        self._latency = 0.0  # of answered requests, smoothed
        self._next = 0.0  # the learnt rate's next turn
        self._paused_until = float("-inf")
        self._requests = Ceiling(requests_per_minute) if requests_per_minute is not None else None
        self._tokens = Ceiling(tokens_per_minute) if tokens_per_minute is not None else None

    def wait(self, now: float) -> float:
        """Seconds until the next request has its turn: 0 = now, infinite = not before one in flight is over.

        A few more than the window have their turn, so that the next one is written down while it waits for its place; none has where the
        user has set a ceiling, which counts turns.
        """
        ahead = 1 + int(self.window) // PREPARED if self._requests is None and self._tokens is None else 0
        if self.in_flight + self.preparing >= int(self.window) + ahead:
            return float("inf")
        waits = [self._paused_until - now]
        if self.pace.rate is not None:
            waits.append(self._next - now)
        waits += [ceiling.wait(now) for ceiling in (self._requests, self._tokens) if ceiling is not None]
        return max(0.0, *waits)

    def has_place(self, now: float) -> bool:
        """Whether a request that has had its turn may leave: there is room for it, and no pause has come between."""
        return self.in_flight < int(self.window) and not self.paused(now)

    def turn(self, now: float, tokens: float) -> None:
        """A request that is expected to take `tokens` takes its turn."""
        self.preparing += 1
        if self.pace.rate is not None:
            self._next = max(self._next, now - CATCH_UP) + 1.0 / self.pace.now(now)
        if self._requests is not None:
            self._requests.take(now, 1.0)
        if self._tokens is not None:
            self._tokens.take(now, tokens)

    def sent(self) -> None:
        """A request that has had its turn leaves."""
        self.preparing -= 1
        self.in_flight += 1

    def given_back(self) -> None:
        """A request that has had its turn does not leave after all."""
        self.preparing -= 1

    def answered(self, now: float, began: float, tokens_too_many: float, headroom: tuple[Headroom, ...] = ()) -> None:
        """A request that left at `began` has its reply; `tokens_too_many`: expected minus taken."""
        self.in_flight -= 1
        self._latency = (now - began) if not self._latency else 0.9 * self._latency + 0.1 * (now - began)
        self.window = min(self.most, self.window + (1.0 if self._slow_start else 1.0 / max(self.window, 1.0)))
        self.pace.accepted(now, began)
        if self._tokens is not None:
            self._tokens.take(now, -tokens_too_many)
        for limit in headroom:
            if limit.left <= 0:
                self.pause(now, limit.reset)

    def refused(self, now: float, began: float, wait: float | None) -> None:
        """A request that left at `began` was refused with "too many"; `wait`: what the server asks for."""
        self.in_flight -= 1
        self._slow_start = False
        self.pace.refused(now, began)
        if began > self._cut:
            self._cut = now
            # As many as the rate needs are left in flight: the rate alone is to limit then.
            needed = 1.0 + 1.25 * self.pace.now(now) * self._latency
            self.window = min(self.most, max(0.75 * self.window, min(needed, self.window), 1.0))
        if wait is not None:
            self.pause(now, wait)

    def failed(self, now: float, wait: float | None) -> None:
        """A request failed in another way, which says nothing about limits; `wait`: what the server asks for."""
        self.in_flight -= 1
        if wait is not None:
            self.pause(now, wait)

    def pause(self, now: float, seconds: float) -> None:
        """Send nothing for so long."""
        self._paused_until = max(self._paused_until, now + seconds)

    def paused(self, now: float) -> float:
        """Seconds that the server asked to be left alone for, from now on."""
        return max(0.0, self._paused_until - now)
