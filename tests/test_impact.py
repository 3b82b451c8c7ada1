"""The table of who is hurt: a sample of it measured anew. `python -m tests.impact` makes all of it."""

import sys
import tomllib

import pytest

from conformance.clients.hurt import clients, mutants
from conformance.driving.roster import CLIENTS
from conformance.driving.running import Setup
from conformance.reference.provider import MODEL
from conformance.verdicts.clients import Cell
from tests.impact import PATIENCE, Measured, measure, table, wanted

pytestmark = pytest.mark.slow

SAMPLE = ("output-empty", "usage-missing", "deltas-cumulative", "error-detail", "item-added-missing")


def test_a_sample_is_as_it_is_kept() -> None:
    found = measure(CLIENTS["openai-python"], SAMPLE, Setup(MODEL, sys.executable, PATIENCE))
    assert {each.mutant: each.effects for each in found} == {
        mutant: mutants()[mutant]["openai-python"] for mutant in SAMPLE
    }


def test_every_mutant_that_is_kept_is_measured() -> None:
    assert set(mutants()) <= set(wanted())


def test_the_table_is_what_the_report_reads() -> None:
    lost = Cell("openai-python", "refusal", "wrong", "the message is lost", "openai.BadRequestError")
    wrong, raised = Cell("", "text", "wrong"), Cell("", "tool", "exception", "", "KeyError")
    made = {
        "openai-python": {
            "output-empty": Measured("output-empty", [raised, wrong], "9.9.9"),
            "error-detail": Measured("error-detail", [lost], "9.9.9"),
            "error-flat": Measured("error-flat", [], "9.9.9"),
        }
    }
    found = tomllib.loads("\n".join(table(made)))
    assert found["clients"]["openai-python"] == {"name": "OpenAI Python", "version": "9.9.9"}
    assert found["clients"]["codex"]["version"] == clients()["codex"].version
    assert found["mutants"] == {
        "output-empty": {
            "requirement": "response.output-not-empty",
            "openai-python": ["wrong", "exception"],
        },
        "error-detail": {"requirement": "error.envelope", "openai-python": ["message-lost"]},
    }
