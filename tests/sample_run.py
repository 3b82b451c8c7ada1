"""A run as a middling provider brings it about, and the page that pytest-html makes of any run."""

import base64
import gzip
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.contracts import Contract
from conformance.contract.level import Level
from conformance.contract.requirements import catalogue
from conformance.exchange import Chunk, Exchange, Fault, Sent, Traffic, file_name
from conformance.report import html
from conformance.report.model import Evidence
from conformance.verdicts.clients import Cell, ClientRun, ClientWord, Who
from conformance.verdicts.verdict import Finding, Pace, Row, Run, Verdict

KEY_MASK = "*" * 24
URL = "https://api.vendor.example/v1/responses"

VERDICTS = (
    [Verdict.FAIL] * 5
    + [Verdict.WARN] * 4
    + [Verdict.ERROR] * 3
    + [Verdict.INCONCLUSIVE] * 2
    + [Verdict.SKIP] * 3
    + [Verdict.KNOWN, Verdict.STALE]
    + [Verdict.PASS] * 37
    + [Verdict.NOTE] * 4
)

FINDINGS = (
    Finding("13 (input_tokens 9 + output_tokens 4)", "14", "$.usage.total_tokens"),
    Finding("sequence_number 5", "sequence_number 4", "event 5"),
    Finding(
        "HTTP 400 or 422 with an error envelope, because temperature must be from 0 to 2",
        'HTTP 200 with status "completed"',
        "$.temperature",
    ),
    Finding('"Count from 1 to 50"', '"Count from 1 to 5O"', "$.output[0].content[0].text"),
    Finding("an integer", "'1758000000'", "$.created_at"),
)


def exchange(scenario: str, *, streamed: bool = False, status: int = 200, at: float = 0.8) -> Exchange:
    """One exchange with a plausible body."""
    prompt = 'It\'s "so"\nReply with exactly: Hi'
    asked = {"model": "gpt-5.2", "input": [{"role": "user", "content": prompt}]}
    kind = "text/event-stream" if streamed else "application/json"
    return Exchange(
        scenario=scenario,
        request=Sent(
            "POST",
            URL,
            (
                ("Authorization", f"Bearer {KEY_MASK}"),
                ("Content-Type", "application/json"),
                ("Accept", "application/json"),
                ("Content-Length", "117"),
            ),
            json.dumps(asked | ({"stream": True} if streamed else {})).encode(),
        ),
        status=status,
        headers=(
            ("content-type", kind),
            ("x-request-id", "r1"),
        ),
        chunks=_stream(at) if streamed else (Chunk(at, _answer()),),
        fault=None,
        started_at=1_763_800_000.0,
        duration=at * (2.5 if streamed else 1),
    )


def dead(scenario: str) -> Exchange:
    """An exchange that brought no answer."""
    sent = exchange(scenario)
    return Exchange(
        scenario, sent.request, None, (), (), Fault("timeout", "no complete answer within 60 s"), 1.0, 60.0
    )


def sample_run() -> tuple[Run, Evidence]:
    """Some sixty rows, each verdict among them, with exchanges and streams; neighbours are of other areas."""
    few = list(catalogue())[:: len(catalogue()) // 45]
    requirements = [id_ for first in range(7) for id_ in few[first::7]]
    exchanges: dict[str, Exchange] = {}
    rows = []
    for number, (verdict, id_) in enumerate(zip(VERDICTS, cycle(requirements), strict=False)):
        streamed = number % 3 == 0
        scenario = f"{'text' if number % 2 else 'tool'}-{'stream' if streamed else 'answer'}-{number % 7}"
        made = (
            dead(scenario := f"slow-{number}")
            if verdict is Verdict.ERROR
            else exchange(scenario, streamed=streamed, at=0.3 + 0.37 * (number % 7))
        )
        exchanges[scenario] = made
        rows.append(_row(number, verdict, id_, scenario))
    rows += [_row(100 + n, Verdict.FAIL, rows[0].requirement, f"text-answer-{n}") for n in (1, 3, 5)]
    seen = Evidence({name: exchanges[name] for name in sorted(exchanges)})
    pace = Pace(answers=31, median=1.25, p95=2.5)
    return run_of(*rows, clients=clients_of(rows[0].scenario), whole_answer=pace), seen


def clients_of(scenario: str, says: str = "text 'a' was read, not 'b'") -> tuple[ClientRun, ...]:
    """Two clients, of which one was not run and the other was hurt in each way."""
    words: tuple[ClientWord, ...] = ("ok", "wrong", "exception", "hang")
    cells = tuple(
        Cell("openai-python", f"job-{word}", word, "" if word == "ok" else says, "a.Error", (scenario,))
        for word in words
    )
    missing = ClientRun("codex", None, (Cell("codex", "job-ok", "not run", "not installed: npm ci"),))
    return ClientRun("openai-python", Who("openai", "3.57.0", "Python 3.11.7"), cells), missing


def _row(number: int, verdict: Verdict, id_: str, scenario: str) -> Row:
    found = (FINDINGS[number % len(FINDINGS)],) if verdict in FAILING else ()
    reasons = {
        Verdict.ERROR: f"{scenario}: no complete answer within 60 s",
        Verdict.INCONCLUSIVE: "the control did not count to 50 either",
        Verdict.SKIP: "the profile does not claim the capability `store`",
        Verdict.KNOWN: "known failure, until 2027-03-01: the vendor has a ticket (https://vendor.example/t/12)",
        Verdict.STALE: "passes now, yet is listed as a known failure (drops 0): take it off the list",
    }
    return Row(
        check=f"conformance/checks/test_sample.py::test_{number}[{scenario}]",
        requirement=id_,
        level=LEVELS.get(verdict, Level.MUST),
        verdict=verdict,
        scenario=scenario,
        exchange=f"exchanges/{file_name(scenario)}",
        reason=reasons.get(verdict, ""),
        findings=found,
        notes=("the provider names the dated model gpt-5.2-2025-12-11",) if number % 11 == 0 else (),
        duration=0.002,
    )


LEVELS = {Verdict.WARN: Level.SHOULD, Verdict.NOTE: Level.INFO}
FAILING = {Verdict.FAIL, Verdict.WARN, Verdict.KNOWN}


def run_of(*rows: Row, **changes: Any) -> Run:
    """A run of these rows."""
    made: dict[str, Any] = {
        "suite": "0.1.0",
        "provider": "vendor",
        "base_url": "https://api.vendor.example/v1",
        "model": "gpt-5.2",
        "contract": Contract.ANYFAST,
        "started_at": datetime(2026, 11, 22, 12, 30, tzinfo=UTC).isoformat(),
        "duration": 73.4,
        "exit_code": 1 if any(row.verdict is Verdict.FAIL for row in rows) else 0,
        "traffic": Traffic(318, 4, 12_431, 20_977, 8),
        "rows": rows,
    }
    return Run(**made | changes)


def _answer() -> bytes:
    return json.dumps(
        {
            "id": "resp_1",
            "object": "response",
            "status": "completed",
            "model": "gpt-5.2-2025-12-11",
            "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}],
            "usage": {"input_tokens": 9, "output_tokens": 4, "total_tokens": 14},
        }
    ).encode()


def _stream(at: float) -> tuple[Chunk, ...]:
    words = ["Hel", "lo", " ", "the", "re"]
    types = ["response.created", "response.output_item.added", "response.content_part.added"]
    events: list[dict[str, Any]] = [{"type": type_} for type_ in types]
    events += [{"type": "response.output_text.delta", "delta": word, "item_id": "m1"} for word in words]
    events += [{"type": "response.output_text.done", "text": "Hello there"}]
    events += [{"type": "response.completed", "response": json.loads(_answer())}]
    return tuple(
        Chunk(
            at + 0.07 * n,
            f"event: {e['type']}\ndata: {json.dumps({**e, 'sequence_number': n - (n > 4)})}\n\n".encode(),
        )
        for n, e in enumerate(events)
    )


def unpacked(page: str) -> dict[str, Any]:
    """What a page carries folded: its `parts` as HTML and the list of its `checks`."""
    packed = re.search(r'<script type="application/json" id="packed">([\w+/=]*)</script>', page)
    assert packed
    found: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    return found


def unfolded(page: str) -> str:
    """The page with every folded part in its place, as if all of it had been opened."""
    parts = unpacked(page)["parts"]

    def filled(found: re.Match[str]) -> str:
        return f"<details{found[1]}{found[3]}>{FOLD.sub(filled, parts[int(found[2])])}"

    return FOLD.sub(filled, page)


FOLD = re.compile(r'<details([^<>]*) data-part="(\d+)"([^<>]*)>')


def render(run: Run, evidence: Evidence, folder: Path) -> Path:
    """The report as pytest-html writes it: a pytest run whose items end as the rows say."""
    folder.mkdir(parents=True, exist_ok=True)
    module = folder / "test_rows.py"
    module.write_text("def test_row(row, arranged):\n    row()\n", encoding="utf-8")
    report = folder / "index.html"
    pytest.main(
        [
            str(module),
            f"--rootdir={folder}",
            "-c/dev/null",
            "--noconftest",
            "--import-mode=importlib",
            "-pno:cacheprovider",
            "-pno:terminal",
            "-pno:asyncio",
            f"--html={report}",
            "--self-contained-html",
        ],
        plugins=[_Hooks(run, evidence)],
    )
    return report


class _Hooks:
    """What the suite's plugin does with the report's functions, for rows that are given."""

    def __init__(self, run: Run, evidence: Evidence) -> None:
        self._run = run
        self._evidence = evidence
        self._rows: Mapping[str, Row] = {f"row{number}": row for number, row in enumerate(run.rows)}

    @pytest.fixture
    def arranged(self, request: pytest.FixtureRequest) -> None:
        if self._row_of(request.node.nodeid).verdict is Verdict.ERROR:
            raise RuntimeError("dead exchange")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        metafunc.parametrize("row", [_ending(row) for row in self._rows.values()], ids=list(self._rows))

    def _row_of(self, node: str) -> Row:
        return self._rows[node.rsplit("[", 1)[1].rstrip("]")]

    def pytest_html_report_title(self, report: Any) -> None:
        html.begin(report, self._run.provider)

    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        html.table_header(cells)

    def pytest_html_results_table_row(self, report: Any, cells: list[str]) -> None:
        html.table_row(report, cells, of_check=report.when == "call" or report.outcome != "passed")

    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        prefix.append(html.section(self._run, self._evidence))


def _ending(row: Row) -> Any:
    def end() -> None:
        match row.verdict:
            case Verdict.FAIL | Verdict.STALE:
                pytest.fail(row.reason, pytrace=False)
            case Verdict.SKIP | Verdict.INCONCLUSIVE | Verdict.NOTE:
                pytest.skip("as the row says")
            case Verdict.WARN | Verdict.KNOWN:
                pytest.xfail("as the row says")
            case _:
                return

    return end
