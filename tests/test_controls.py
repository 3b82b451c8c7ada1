"""A refusal counts only where the same request without the fault is answered."""

import json
import re
from pathlib import Path

import pytest

from conformance.checks.support.controls import refusals_prove
from conformance.checks.support.marks import without_fault
from conformance.contract.contracts import SHIPPED, Contract
from conformance.exchange import Exchange, Fault
from conformance.reference.server import serve
from conformance.run.record import Record
from conformance.scenarios.answers import TEXT
from conformance.scenarios.request_fields import CASES, SCENARIOS, control_of
from conformance.scenarios.scenario import Unsent
from conformance.verdicts.gate import CONFORMS, VIOLATED
from conformance.verdicts.judge import Absent, CannotJudge, Elsewhere
from tests.exchanges import error, exchange, recorded
from tests.hostile.serving import Connection, serving
from tests.runs import KEY, run

pytestmark = pytest.mark.slow

FAULTY = SCENARIOS["temperature=2.01-rejected"]
ANYFAST = Contract.ANYFAST


def proved(record: Record, contract: Contract = ANYFAST, *under: Contract) -> None:
    mark = without_fault(TEXT, under or SHIPPED.values()).mark
    refusals_prove(record, (FAULTY, TEXT), (mark,), contract)


def test_a_refusal_beside_an_answer_counts() -> None:
    proved(recorded(exchange(FAULTY, error(), 400), exchange(TEXT)))


@pytest.mark.parametrize(
    ("control", "word"),
    [
        (exchange(TEXT, error(), 400), Elsewhere),
        (exchange(TEXT, error(), 500), Elsewhere),
        (exchange(TEXT, error(), 401), CannotJudge),
        (exchange(TEXT, error(), 503), CannotJudge),
        (exchange(TEXT, None, None, fault=Fault("timeout", "no answer within 60 s")), CannotJudge),
    ],
    ids=["refused", "500", "401", "503", "dead"],
)
def test_a_refusal_beside_none_proves_nothing(control: Exchange, word: type[Exception]) -> None:
    """That the control is not answered is named by what promises it an answer, or known to nobody."""
    with pytest.raises(word, match=r"2\.01-rejected is refused.* text.* proves nothing"):
        proved(recorded(exchange(FAULTY, error(), 400), control))


@pytest.mark.parametrize("status", [200, 500])
def test_what_is_not_refused_is_judged_as_it_stands(status: int) -> None:
    proved(recorded(exchange(FAULTY, error(), status), exchange(TEXT, error(), 400)))


def test_a_contract_that_promises_an_answer_takes_a_refusal_as_it_stands() -> None:
    both = recorded(exchange(FAULTY, error(), 400), exchange(TEXT, error(), 400))
    proved(both, ANYFAST, Contract.OPENAI)
    with pytest.raises(Elsewhere):
        proved(both, Contract.OPENAI, Contract.OPENAI)


def test_a_control_that_the_profile_does_not_claim_leaves_nothing_to_judge() -> None:
    outcomes: dict[str, Exchange | Unsent] = {
        FAULTY.name: exchange(FAULTY, error(), 400),
        TEXT.name: Unsent(TEXT.name, "not claimed"),
    }
    with pytest.raises(Absent, match="not claimed"):
        proved(Record({}, outcomes))


def test_every_control_is_an_answer_that_the_page_promises() -> None:
    for case in CASES:
        control = control_of(case)
        assert control.expects == "answer", case.id
        assert control.family


RESTING = re.compile(
    r"^request\..*\.(?:refused|refused-should|refused-first|param|undeclared|without-tools|conflict)$"
    r"|^authorization\.(?:missing|empty|bare|wrong|basic|first|raw)$"
    r"|^error\.(?:malformed-json|cut-json|empty-body|non-object-body|nan|invalid-utf-8|text-plain|form)$"
    r"|^error\.(?:unreadable-status|method|allow|unknown-path|unknown-model)$"
    r"|^stream\.refused-as-json$|^storage\.(?:unknown-id|previous-unknown)$"
)
"""The requirements that a provider keeps by refusing."""


SOME = ("-k", "test_request_fields or errors or authorization or tools or storage or stream_time")


async def closed(connection: Connection) -> None:
    """Refuses whatever is asked, as an account without funds is refused by some."""
    request = await connection.request()
    refusal = {
        "error": {"message": "Come back later.", "type": "closed", "code": None, "param": "temperature"}
    }
    status = 405 if request.method != "POST" else 400
    await connection.answer(json.dumps(refusal).encode(), status, "application/json", "Allow: POST")


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with serving(closed) as served:
        done = run(tmp_path_factory.mktemp("closed") / "r", *SOME, f"--base-url={served.base_url}")
    assert done.code == VIOLATED, done.printed
    return done.report


@pytest.mark.parametrize("contract", SHIPPED.values(), ids=str)
def test_who_refuses_everything_passes_nothing_by_it(
    refused: Path, tmp_path: Path, contract: Contract
) -> None:
    done = run(tmp_path / "r", *SOME, f"--replay={refused}", f"--contract={contract}")
    rows = [row for row in done.results["verdicts"] if RESTING.match(row["requirement"])]
    assert len(rows) > 150
    assert {row["check"]: row["verdict"] for row in rows if row["verdict"] not in {"ERROR", "SKIP"}} == {}
    unjudged = [row["reason"] for row in rows if row["verdict"] == "ERROR"]
    assert all("proves nothing" in reason for reason in unjudged)
    accused = [row for row in done.results["verdicts"] if row["requirement"] == "request.store.accepted"]
    assert {row["verdict"] for row in accused} == {"FAIL"}


def test_a_boundary_alone_is_sent_with_its_control(tmp_path: Path) -> None:
    with serve(key=KEY) as url:
        done = run(tmp_path / "r", "-k", "temperature=2.01-rejected", f"--base-url={url}")
    assert done.code == CONFORMS, done.printed
    assert done.results["traffic"]["requests"] == 2
    assert set(done.verdicts.values()) == {"PASS"}
