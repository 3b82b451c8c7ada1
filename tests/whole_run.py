"""A run as large as the suite makes them, with bodies as large as a real provider's."""

import json
import random
from dataclasses import replace
from typing import Any

from conformance.contract.requirements import catalogue
from conformance.exchange import Chunk, Exchange
from conformance.report.evidence import Evidence
from conformance.verdicts.verdict import Finding, Row, Run, Verdict
from tests.sample_run import exchange, run_of

ROWS, EXCHANGES = 1512, 330


def whole_run(*, fails_each: int = 0) -> tuple[Run, Evidence]:
    """Green, or with every so-manyth row failing."""
    dice = random.Random(14)  # noqa: S311 - ids, not secrets
    names = [f"scenario-{number}" for number in range(EXCHANGES)]
    exchanges = {name: _exchange(name, dice, streamed=n % 6 == 0) for n, name in enumerate(names)}
    known = list(catalogue().values())
    rows = []
    for number in range(ROWS):
        requirement, name = known[number % len(known)], names[number % EXCHANGES]
        fails = fails_each and number % fails_each == 0
        came = f"HTTP 200: {exchanges[name].body[:600].decode()}…"
        row = Row(
            check=f"conformance/checks/test_whole.py::test_{number}[{name}]",
            requirement=requirement.id,
            level=requirement.level(run_of().contract),
            verdict=Verdict.FAIL if fails else Verdict.PASS,
            scenario=name,
            findings=(Finding("HTTP 4xx with an error envelope", came, "status"),) if fails else (),
            shown_by=(name,) if fails else (),
        )
        rows.append(row)
    return run_of(*rows), Evidence(exchanges)


def _exchange(name: str, dice: random.Random, *, streamed: bool) -> Exchange:
    def id_() -> str:
        return f"{dice.getrandbits(256):064x}"

    answer = {
        "id": f"resp_{id_()}",
        "object": "response",
        "output": [
            {"type": "message", "id": f"msg_{id_()}", "content": [{"type": "output_text", "text": id_()}]}
        ],
        **{f"member_{number}": None for number in range(40)},
    }
    made = exchange(name, streamed=streamed)
    if not streamed:
        return replace(made, chunks=(Chunk(0.3, json.dumps(answer).encode()),))
    events: list[dict[str, Any]] = [
        {
            "type": "response.output_text.delta",
            "item_id": f"msg_{id_()}",
            "delta": "word ",
            "sequence_number": n,
        }
        for n in range(60)
    ]
    whole = [
        {"type": "response.created", "response": answer},
        *events,
        {"type": "response.completed", "response": answer},
    ]
    return replace(
        made,
        chunks=tuple(
            Chunk(0.3 + n / 100, f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
            for n, event in enumerate(whole)
        ),
    )
