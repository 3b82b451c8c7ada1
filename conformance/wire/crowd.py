"""What a run makes of a time-out with several in flight: the load that it makes itself may be the reason."""

from dataclasses import dataclass, field

from conformance.wire.limiter import ANY


@dataclass
class Crowd:
    """Counts whether fewer in flight have helped what timed out in company.

    Nobody knows what a time-out was for: a slow server answers the same request alone, one that hangs does
    not. One that timed out alone as well was asked in vain, and each that was answered makes up for one of
    these; once `lone_timeouts` are left it is `over`, and what times out is taken as it is. That says nothing
    of requests for shorter answers: `tokens` is about how many a request may get.
    """

    lone_timeouts: int
    asked_again: int = 0
    _in_vain: list[int] = field(default_factory=list, repr=False)
    _seen: bool = field(default=False, repr=False)
    _alive: bool = field(default=False, repr=False)

    def over(self, tokens: int) -> bool:
        """Whether asking again has led nowhere with answers as long as that, or shorter."""
        return sum(each <= tokens for each in self._in_vain) >= self.lone_timeouts

    def may_ask(self, tokens: int) -> bool:
        """Whether to ask again after a time-out: not where nobody was ever answered, nor once it is over."""
        return self._alive and not self.over(tokens)

    @property
    def for_once(self) -> int:
        """Among how many to ask what cannot be asked again: alone, once the load has been seen to matter."""
        return 1 if self._seen else ANY

    def too_many(self) -> None:
        """A request timed out in company that may be asked again: the load matters."""
        self._seen = True

    def answered(self, tokens: int, crowded: int) -> None:
        """A request was answered that had timed out so often in company."""
        self._alive = True
        made_up = [each for each in self._in_vain if each <= tokens]
        if crowded and made_up:
            self._in_vain.remove(max(made_up))

    def share(self, duration: float, request_timeout: float) -> float:
        """How much an answer that took so long says for more in flight, from 0 to 1.

        Of a slow server the share of the time-out that it took: quick answers say nothing for slow ones.
        """
        return min(1.0, duration / request_timeout) if self._seen else 1.0

    def led_nowhere(self, tokens: int) -> bool:
        """A request that had timed out in company timed out alone as well; gives whether it is over now.

        Then fewer in flight are of no use, until one for a shorter answer tells otherwise.
        """
        self._in_vain.append(tokens)
        over = self.over(tokens)
        self._seen = self._seen and not over
        return over
