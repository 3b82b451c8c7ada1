"""What must be seen in a row, beside what a relation says, before the row follows from a fault."""

from conformance.contract.causes import Relation
from conformance.contract.level import Level
from conformance.verdicts.causes import causes
from conformance.verdicts.verdict import Finding, Row, Verdict

REFUSED = 'HTTP 400: {"error":{"message":"No.","type":"invalid_request_error","param":"%s","code":null}}'
CRASHED = 'HTTP 500: {"error":{"message":"Oops.","type":"server_error","param":null,"code":null}}'


def row(requirement: str, actual: str, *shown_by: str, check: str = "") -> Row:
    """A violated row that found one thing."""
    finding = Finding("something else", actual, "$")
    name = check or f"{requirement}[{'-'.join(shown_by)}]"
    return Row(name, requirement, Level.MUST, Verdict.FAIL, findings=(finding,), shown_by=shown_by)


def told(by: tuple[Relation, ...], *rows: Row) -> dict[str, list[str]]:
    """The requirements of each cause."""
    return {cause.id: list(cause.requirements) for cause in causes(rows, by)}


FIELD = Relation(
    "request.*.accepted", "what is refused is so everywhere", named=("loop.**", "request.**.accepted")
)
ANSWERED = Relation(
    "response.answered", "the same answer", brings=("request.**.accepted",), alike=("loop.*",)
)
ITEMS = Relation("item.status", "malformed when sent back", named=("loop.*",), fields=("input",))
ALWAYS = Relation("response.status", "everywhere", brings=("loop.*", "usage.*"), everywhere=True)
END = Relation("stream.terminal", "only there", streamed=("response.usage",))


def test_a_refusal_follows_from_the_field_that_it_names() -> None:
    store = row("request.store.accepted", REFUSED % "store", "a")
    by_store, by_model = row("loop.call", REFUSED % "store", "b"), row("loop.call", REFUSED % "model", "c")
    assert len(told((FIELD,), store, by_store)) == 1
    assert len(told((FIELD,), store, by_model)) == 2


def test_a_word_in_a_message_is_no_name_of_a_field() -> None:
    n = row("request.n.accepted", REFUSED % "n", "a")
    assert len(told((FIELD,), n, row("loop.call", "a refusal in other words", "b"))) == 2


def test_a_refusal_for_a_field_follows_from_nothing_that_is_about_another() -> None:
    answered = row("response.answered", REFUSED % "input", "a", "b")
    model = row("request.model.accepted", REFUSED % "model", "a")
    assert set(told((ANSWERED,), answered, model)) == {"response.answered", "request.model.accepted"}
    assert len(told((ANSWERED,), answered, row("request.model.accepted", CRASHED, "a"))) == 1


def test_members_of_a_list_are_of_one_field() -> None:
    answered, call = (
        row(name, REFUSED % f"input[{n}]", name) for n, name in enumerate(("response.answered", "loop.x"))
    )
    assert len(told((ANSWERED,), answered, call)) == 1


def test_what_came_elsewhere_follows_only_where_it_is_the_same() -> None:
    answered = row("response.answered", CRASHED, "a")
    assert len(told((ANSWERED,), answered, row("loop.call", CRASHED, "b"))) == 1
    assert len(told((ANSWERED,), answered, row("loop.call", "HTTP 400: an empty body", "b"))) == 2


def test_a_relation_may_say_which_field_a_refusal_must_name() -> None:
    status = row("item.status", "done", "a")
    assert len(told((ITEMS,), status, row("loop.call", REFUSED % "input[1].status", "b"))) == 1
    assert len(told((ITEMS,), status, row("loop.call", REFUSED % "store", "b"))) == 2


def test_nothing_that_was_refused_follows_from_what_refuses_nothing() -> None:
    status = row("response.status", "done", "a")
    assert len(told((ALWAYS,), status, row("usage.total", "5", "b"))) == 1
    assert len(told((ALWAYS,), status, row("loop.call", "HTTP 400: an empty body", "b"))) == 2


def test_what_only_the_ends_of_streams_show_is_the_fault_of_streams() -> None:
    terminal = row("stream.terminal", "none", "s")
    streamed = row("response.usage", "no usage", "s", "other", check="t.py::t[streamed-usage]")
    plain = row("response.usage", "no usage", "text", check="t.py::t[text-usage]")
    assert told((END,), terminal, streamed) == {"stream.terminal": ["stream.terminal", "response.usage"]}
    assert set(told((END,), terminal, streamed, plain)) == {"stream.terminal", "response.usage"}


def test_a_look_at_many_answers_follows_from_what_together_shows_in_all_of_them() -> None:
    by = tuple(Relation(name, "because", brings=("c.all",)) for name in ("a.one", "b.two"))
    rows = row("a.one", "1", "x"), row("b.two", "2", "y", "z")
    assert told(by, *rows, row("c.all", "3", "x", "y", "z"))["b.two"] == ["b.two", "c.all"]
    assert "c.all" in told(by, *rows, row("c.all", "3", "x", "w"))


def test_of_faults_that_follow_from_each_other_the_first_relation_heads() -> None:
    one = Relation("a.one", "because", brings=("b.two",))
    two = Relation("b.two", "because", brings=("a.one",))
    rows = row("a.one", "1", "x"), row("b.two", "2", "x")
    assert list(told((one, two), *rows)) == ["a.one"]
    assert list(told((two, one), *rows)) == ["b.two"]
