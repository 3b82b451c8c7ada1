"""The Response objects of a run, however they came: unstreamed bodies and the ends of streams."""

from collections.abc import Iterator

from conformance.response import Body
from conformance.run.record import Record
from conformance.scenarios.scenario import Family


def bodies(record: Record, family: Family = "", *, streamed: bool | None = None) -> Iterator[Body]:
    """Every Response object among a run's answers, of one family or of all."""
    for exchange in record.answers(family, streamed=streamed):
        response = record.response(exchange)
        if response is not None:
            yield Body(response, exchange)
