"""When an answer says that it was made: seconds, in order, and about now."""

import math
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from conformance.response import Body, number
from conformance.verdicts.verdict import Finding

SKEW = 300.0
"""Seconds by which the clocks of provider and client may differ."""

EARLIEST, LATEST = 10**9, 10**11
"""Unix seconds of 2001 and of the year 5138: what lies outside counts something else."""


def created_at_is_in_seconds(body: Body) -> Iterator[Finding]:
    """«Unix timestamp when the response was created»: seconds, neither milliseconds nor a counter."""
    created = number(body.response.get("created_at"))
    if created is not None and not EARLIEST < created < LATEST:
        yield Finding("a Unix time in seconds", _in_words(created), "$.created_at")


def created_at_is_about_now(body: Body) -> Iterator[Finding]:
    """The response was created while it was waited for, by the client's clock or by the provider's own.

    The `Date` header stands in for the provider's clock, so that a wrong clock on this side does no harm.
    """
    created = number(body.response.get("created_at"))
    if created is None or not EARLIEST < created < LATEST:
        return
    exchange = body.exchange
    ends = [exchange.started_at + exchange.duration]
    if (date := _date(exchange.header("date"))) is not None:
        ends.append(date)
    if not any(end - exchange.duration - SKEW <= created <= end + exchange.duration + SKEW for end in ends):
        off = created - exchange.started_at
        yield Finding(
            f"within {SKEW:.0f} s of the request, {exchange.started_at:.0f}",
            f"{created:.0f}, {abs(off):.0f} s {'later' if off > 0 else 'earlier'}",
            "$.created_at",
        )


def completed_after_created(body: Body) -> Iterator[Finding]:
    """Nothing is finished before it was begun; compared in whole seconds, since one may be cut to them.

    What counts no seconds cannot be compared with what does.
    """
    created, completed = (number(body.response.get(key)) for key in ("created_at", "completed_at"))
    if created is None or completed is None:
        return
    if EARLIEST < created < LATEST and not EARLIEST < completed < LATEST:
        yield Finding("a Unix time in seconds", _in_words(completed), "$.completed_at")
    elif math.floor(completed) < math.floor(created):
        yield Finding(f"at least created_at = {created}", str(completed), "$.completed_at")


def completed_at_goes_with_completed(body: Body) -> Iterator[Finding]:
    """`completed_at` has a value exactly where the status is completed; leaving the key out is free."""
    if "completed_at" not in body.response or not isinstance(body.status, str):
        return
    completed = body.response["completed_at"]
    if body.status == "completed" and completed is None:
        yield Finding("a Unix time, since the response is completed", "null", "$.completed_at")
    if body.status != "completed" and completed is not None:
        yield Finding(f"null, since the response is {body.status}", str(completed), "$.completed_at")


def _in_words(time: int | float) -> str:
    unit = next((name for name, scale in _SCALES if EARLIEST * scale < time < LATEST * scale), "")
    return f"{time} ({unit})" if unit else str(time)


_SCALES = (("milliseconds", 10**3), ("microseconds", 10**6), ("nanoseconds", 10**9))


def _date(header: str | None) -> float | None:
    try:
        return parsedate_to_datetime(header).timestamp() if header else None
    except (TypeError, ValueError, OverflowError):
        return None
