"""A run against a provider that sends whatever might break out of a report."""

from dataclasses import replace

from conformance.exchange import Chunk, Exchange, Fault
from conformance.report.model import Evidence
from conformance.verdicts.verdict import Finding, Run, Verdict
from tests.sample_run import clients_of, exchange, run_of, sample_run

PIECES = (
    "<script>window.broken=1;document.title='owned'</script>",
    '<img src=x onerror="window.broken=1;alert(1)">',
    "</script></style></pre></details></template></title><svg onload=window.broken=1>",
    '"\' onmouseover=window.broken=1 autofocus onfocus=window.broken=1 x="',
    '<a href="javascript:window.broken=1">press</a>',
    "<iframe srcdoc='<script>parent.broken=1</script>'></iframe>",
    "<meta http-equiv=refresh content='0;url=data:text/html,owned'><base href=https://evil.example/>",
    "{{ 7 * 7 }} ${window.broken=1} {% raw %} <!-- --> ]]> &lt;script&gt;",
    "\u202e\u2066gnp.exe\u2069 \u200b\ufeff\u061c",
    "\0\x01\x1b]8;;javascript:window.broken=1\x07press\x1b]8;;\x07 \x1b[31mred \x7f\x9b",
    "\ud800 lone \udfff",
    "Z" + "\u0301\u0302\u0303\u0304\u0489" * 200,
    "W" * 3000,
    "line\nline\r\nline\u2028line\u2029line",
)

TEXT = " ".join(PIECES)

LONG = TEXT + "A<b>" * 1_250_000
"""Some 5 MB."""


def hostile_run() -> tuple[Run, Evidence]:
    """Each verdict, with hostile text wherever a provider's text can stand."""
    run, evidence = sample_run()
    rows = [
        replace(
            row,
            reason=row.reason + PIECES[n % len(PIECES)],
            notes=(TEXT, LONG),
            findings=tuple(
                Finding(PIECES[n % len(PIECES)], each, each)
                for each in (PIECES[(n + 1) % len(PIECES)], LONG if n % 5 == 0 else TEXT)
            )
            if row.findings
            else (),
            traceback=TEXT if row.verdict is Verdict.ERROR else "",
        )
        for n, row in enumerate(run.rows)
    ]
    exchanges = {name: _hostile(each, n) for n, (name, each) in enumerate(evidence.exchanges.items())}
    changed = run_of(
        *rows,
        model=TEXT,
        base_url="https://v.example/" + PIECES[0],
        summary=TEXT,
        clients=clients_of(PIECES[1], TEXT),
    )
    return changed, Evidence(exchanges)


def _hostile(made: Exchange, number: int) -> Exchange:
    body = LONG if number % 4 == 0 else TEXT
    data = body.encode("utf-8", "surrogatepass") + b"\xff\xfe"
    headers = tuple((f"x-{n}", piece) for n, piece in enumerate(PIECES))
    fault = made.fault and Fault(made.fault.kind, TEXT)
    return replace(
        made,
        headers=made.headers + headers + (("</pre><script>window.broken=1</script>", TEXT),),
        chunks=(*made.chunks[:3], Chunk(2.0, data)),
        fault=fault,
    )


def large_run(rows: int = 1500, exchanges: int = 320) -> tuple[Run, Evidence]:
    """As large as a whole run gets, with every row failing and every body long."""
    names = [f"scenario-{n}" for n in range(exchanges)]
    evidence = {name: replace(exchange(name), chunks=(Chunk(0.5, b'{"a":"<&>"}' * 3000),)) for name in names}
    first = sample_run()[0].rows[0]
    failing = [
        replace(
            first,
            check=f"conformance/checks/test_large.py::test_{n}[{names[n % exchanges]}]",
            requirement=f"area{n % 9}.requirement-{n % 400}",
            scenario=names[n % exchanges],
            findings=tuple(Finding("<e>" * 300, f"{n}<&>\u202e" * 80, f"$.a[{m}]") for m in range(6)),
        )
        for n in range(rows)
    ]
    return run_of(*failing), Evidence(evidence)
