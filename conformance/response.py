"""A Response object, whatever a provider made of it, as everything that reads one looks at it."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from conformance.exchange import Exchange

Json = dict[str, Any]


class Placed(NamedTuple):
    """An object inside a body, and its JSON path."""

    where: str
    value: Json


@dataclass(frozen=True)
class Body:
    """One Response object, with the exchange that brought it.

    `response` is whatever object the provider sent: nothing about its inside is known yet, and every
    reader here takes what fits and leaves the rest. `exchange` carries the request and the times.
    """

    response: Json
    exchange: Exchange

    @property
    def asked(self) -> Json:
        """The request's body; empty where it was no object."""
        sent = self.exchange.sent_json
        return sent if isinstance(sent, dict) else {}

    @property
    def status(self) -> object:
        """The response's status, whatever it is."""
        return self.response.get("status")

    @property
    def items(self) -> tuple[Placed, ...]:
        """The output's items that are objects."""
        return _objects(self.response.get("output"), "$.output")

    def of_type(self, *types: str) -> tuple[Placed, ...]:
        """The output's items of these types."""
        return tuple(item for item in self.items if item.value.get("type") in types)

    @property
    def parts(self) -> tuple[Placed, ...]:
        """The content parts of all messages."""
        messages = self.of_type("message")
        return tuple(
            part
            for where, message in messages
            for part in _objects(message.get("content"), f"{where}.content")
        )

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Path and text of every output_text part that has one."""
        return tuple(
            (where, part["text"])
            for where, part in self.parts
            if part.get("type") == "output_text" and isinstance(part.get("text"), str)
        )

    @property
    def text(self) -> str:
        """All output text in a row."""
        return "".join(text for _, text in self.texts)

    @property
    def usage(self) -> Json:
        """The usage object; empty where there is none."""
        usage = self.response.get("usage")
        return usage if isinstance(usage, dict) else {}

    def count(self, key: str, details: str = "") -> int | None:
        """A whole number in the usage, or in one of its details; None where there is none."""
        found = self.usage.get(details) if details else self.usage
        return whole(found.get(key)) if isinstance(found, dict) else None


def number(value: object) -> int | float | None:
    """The value where it is a JSON number: `true` is none, and NaN and infinity are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def whole(value: object) -> int | None:
    """The whole number that a JSON value is (8 and 8.0 are the same one); None where it is none."""
    found = number(value)
    if isinstance(found, float):
        return int(found) if found.is_integer() else None
    return found


def _objects(values: object, where: str) -> tuple[Placed, ...]:
    if not isinstance(values, list):
        return ()
    return tuple(
        Placed(f"{where}[{index}]", value) for index, value in enumerate(values) if isinstance(value, dict)
    )
