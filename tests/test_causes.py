"""From rows to causes: what folds under what, and what never does."""

from pathlib import Path

import pytest

from conformance.contract.causes import CauseError, Relation, read, relations
from conformance.contract.level import Level
from conformance.contract.requirements import catalogue
from conformance.verdicts.causes import causes
from conformance.verdicts.verdict import Row, Verdict

BODY = Relation("response.body", "nothing can be read of what is no object", brings=("response.*", "usage.*"))
FIELD = Relation("request.*.refused", "what is ignored has no effect", brings=("request.*.effect",))
NOTHING = Relation(
    "no-value",
    "each says so",
    all_of=("request.*.refused",),
    sentence="{rows} rows, {requirements} requirements: {fields}",
    least=2,
)


def row(requirement: str, *shown_by: str, verdict: Verdict = Verdict.FAIL, level: Level = Level.MUST) -> Row:
    """A row that its exchanges show."""
    return Row(f"{requirement}[{'-'.join(shown_by)}]", requirement, level, verdict, shown_by=shown_by)


def told(*rows: Row, by: tuple[Relation, ...] = (BODY, FIELD, NOTHING)) -> dict[str, list[str]]:
    """The requirements of each cause."""
    return {cause.id: list(cause.requirements) for cause in causes(rows, by)}


def test_what_nothing_explains_is_a_cause_of_its_own() -> None:
    assert told(row("usage.total", "text"), row("stream.terminal", "text-stream")) == {
        "usage.total": ["usage.total"],
        "stream.terminal": ["stream.terminal"],
    }


def test_a_row_follows_where_its_own_exchange_shows_the_fault() -> None:
    assert told(row("response.body", "text"), row("usage.total", "text")) == {
        "response.body": ["response.body", "usage.total"]
    }


def test_a_row_that_another_exchange_shows_too_does_not_follow() -> None:
    found = told(row("response.body", "text"), row("usage.total", "text", "reasoning"))
    assert found == {"response.body": ["response.body"], "usage.total": ["usage.total"]}


def test_rows_of_one_requirement_may_have_two_causes() -> None:
    rows = row("response.body", "text"), row("usage.total", "text"), row("usage.total", "reasoning")
    assert told(*rows) == {"response.body": ["response.body", "usage.total"], "usage.total": ["usage.total"]}


def test_what_follows_a_head_goes_where_its_rows_go() -> None:
    first = Relation("a.one", "because", brings=("b.two",))
    second = Relation("a.other", "because", brings=("b.two",))
    third = Relation("b.two", "because", brings=("c.three",))
    rows = (
        row("a.one", "x"),
        row("a.other", "y"),
        row("b.two", "x"),
        row("b.two", "y"),
        row("c.three", "x"),
    )
    found = causes(rows, (first, second, third))
    assert all(cause.own for cause in found)
    assert sum(len(cause.rows) for cause in found) == len(rows)


def test_a_star_stands_for_one_field() -> None:
    rows = row("request.n.refused", "x"), row("request.n.effect", "x"), row("request.stop.effect", "x")
    assert told(*rows) == {
        "request.n.refused": ["request.n.refused", "request.n.effect"],
        "request.stop.effect": ["request.stop.effect"],
    }


def test_what_is_met_nowhere_is_one_fault() -> None:
    rows = row("request.n.refused", "a"), row("request.stop.refused", "b")
    assert told(*rows) == {"no-value": ["request.n.refused", "request.stop.refused"]}
    assert causes(rows, (NOTHING,))[0].sentence == "2 rows, 2 requirements: n, stop"
    met = row("request.user.refused", "c", verdict=Verdict.PASS)
    assert len(told(*rows, met)) == 2


def test_a_sentence_counts_each_request_once_and_says_one_as_one() -> None:
    by = Relation(
        "request.*.accepted",
        "refused everywhere",
        brings=("response.answered",),
        sentence="{fields}: {requests:request}, {rows:check}",
    )
    one = row("request.n.accepted", "a"), row("response.answered", "a")
    assert causes(one, (by,))[0].sentence == "n: 1 request, 1 check"
    two = row("request.n.accepted", "a"), row("request.n.accepted", "b"), row("response.answered", "a", "b")
    assert causes(two, (by,))[0].sentence == "n: 2 requests, 2 checks"


def test_a_sentence_counts_what_is_folded_in() -> None:
    choice = row("request.tool_choice.refused", "a"), row("request.tool_choice.undeclared", "b")
    (cause,) = causes(choice, relations())
    assert cause.sentence == "Wrong values of tool_choice are taken and not refused: 2 requests."


def test_a_field_of_which_some_values_are_taken_is_not_called_refused() -> None:
    (cause,) = causes((row("request.input.accepted", "a"),), relations())
    assert cause.sentence == "Values of input that the contract has are refused: 1 request."


def test_a_failing_server_is_told_in_requests() -> None:
    rows = row("error.no-server-error", "a", "b"), row("request.no-server-error", "c")
    assert causes(rows, relations())[0].sentence.endswith("should refuse: 3 requests.")


def test_what_weighs_most_comes_first() -> None:
    rows = (
        row("a.one", "x", verdict=Verdict.WARN),
        row("b.one", "x"),
        row("c.one", "x"),
        row("c.one", "y"),
    )
    assert list(told(*rows)) == ["c.one", "b.one", "a.one"]


def test_passed_and_unjudged_rows_are_no_cause() -> None:
    assert told(row("a.one", "x", verdict=Verdict.PASS), row("a.one", "y", verdict=Verdict.ERROR)) == {}


def test_every_relation_names_requirements_of_the_catalogue() -> None:
    known = catalogue()
    for relation in relations():
        for pattern in (*relation.brings, *relation.all_of, *relation.of_field, *relation.placed):
            found = Relation("any", "", all_of=(pattern,))
            assert any(map(found.is_of, known)), (relation.id, pattern)
        if not relation.all_of:
            assert any(map(relation.heads, known)), relation.id


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            'because = "x"',
            "`all_of` or one of `brings`, `named`, `alike`, `streamed`, `of_field`, `placed` is needed",
        ),
        ('brings = ["a"]', "no `because`"),
        ('because = "x"\nall_of = ["a"]', "needs a `sentence`"),
        ('because = "x"\nbrings = ["a"]\nbring = 1', "unknown key bring"),
        ('because = "x"\nall_of = ["a"]\nsentence = "{row}"', "nothing stands for row"),
    ],
)
def test_a_malformed_relation_is_said(tmp_path: Path, table: str, told: str) -> None:
    file = tmp_path / "causes.toml"
    file.write_text(f'["a.b"]\n{table}\n', encoding="utf-8")
    with pytest.raises(CauseError, match=told):
        read(file)
