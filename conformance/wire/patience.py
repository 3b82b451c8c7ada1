"""What a run makes of «later»: how long to wait, who waits, and when waiting has led nowhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from conformance.wire.limits import Limits, back_off

LATER = frozenset({429, 503})
"""The provider's word for «later» (RFC 6585 section 4, RFC 9110 section 15.6.4)."""

GENTLE = 4
"""After so many tries of one request, while others are answered, its waits grow no more."""

STAYS = {503: 8, 429: 30}
"""So often «later», while others are answered, is no moment's weakness but said of this very request: of 300
requests of which each second or third is put off, hardly one is put off so often."""


@dataclass(frozen=True, slots=True)
class Deferral:
    """An answer that said «later»: to which request, and to which of its tries.

    `began` and `first` are when this try and the first one began (monotonic); `times` counts the «later» that
    the request has met so far, this one too. `asked` are the seconds of its Retry-After, if any.
    """

    scenario: str
    status: int
    began: float
    first: float
    times: int
    asked: float | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Seconds to wait; whether all requests wait, and whether there are too many in flight."""

    seconds: float
    everybody: bool
    too_many: bool


@dataclass
class Patience:
    """Counts what makes no progress.

    As long as others are answered, what is put off waits alone, and not for ever. Where nobody has been
    answered since, all wait, and longer each time; once that has gone on for `bound` seconds it is
    `over`, until an answer comes.
    """

    limits: Limits
    deferrals: int = 0
    waited: float = 0.0
    over: bool = False
    _rounds: int = 0
    _counted_at: float = 0.0
    _since: float | None = None
    _answered_at: float = 0.0
    _longest: int = 0
    _resting: int = field(default=0, repr=False)
    _rest_began: float = field(default=0.0, repr=False)

    @property
    def bound(self) -> float:
        """Seconds of nothing but «later» after which no more is sent: fewer where nothing else ever came."""
        never = self._answered_at == 0.0
        return min(self.limits.first_patience, self.limits.patience) if never else self.limits.patience

    def pause(self, deferral: Deferral) -> Pause | None:
        """How the run goes on after a «later»; None where that request is not to be sent again."""
        self.deferrals += 1
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        if deferral.began >= self._counted_at:  # those sent at once are put off at once: that is one round
            self._rounds, self._counted_at = self._rounds + 1, now
        others_answered = self._answered_at > deferral.first
        if others_answered and deferral.times >= max(STAYS[deferral.status], 2 * self._longest):
            return None
        if others_answered and deferral.status == 503:
            return Pause(self._own(deferral), everybody=False, too_many=deferral.times == 1)
        if now - self._since >= self.bound:
            self.over = True
            return None
        return self._of_all(deferral)

    def answered(self, put_off: int) -> None:
        """Something else than «later» was answered, after so many «later»: there is progress."""
        self._answered_at = time.monotonic()
        self._longest = max(self._longest, put_off)
        self._rounds, self._since, self.over = 0, None, False

    @contextmanager
    def resting(self) -> Iterator[None]:
        """A request waits as long as the block runs; adds to `waited`, time that several wait only once."""
        if not self._resting:
            self._rest_began = time.monotonic()
        self._resting += 1
        try:
            yield
        finally:
            self._resting -= 1
            if not self._resting:
                self.waited += time.monotonic() - self._rest_began

    def _of_all(self, deferral: Deferral) -> Pause:
        """The first round waits by itself, or as the server asks; from the second on there is no progress."""
        again = self._rounds > 1
        wait = max(self._own(deferral), back_off(self.limits, self._rounds)) if again else self._own(deferral)
        return Pause(
            wait, everybody=again or (deferral.status == 429 and deferral.asked is not None), too_many=True
        )

    def _own(self, deferral: Deferral) -> float:
        """As long as the server asks for; where that has not helped before, not shorter than without it."""
        own = back_off(self.limits, min(deferral.times, GENTLE), deferral.scenario)
        if deferral.asked is None:
            return own
        return deferral.asked if deferral.times == 1 else max(deferral.asked, own)
