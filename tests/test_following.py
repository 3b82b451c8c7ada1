"""What must be seen in a row, beside what a relation says, before the row follows from a fault."""

from conformance.contract.causes import Relation, relations
from conformance.contract.level import Level
from conformance.verdicts.causes import causes
from conformance.verdicts.verdict import Finding, Row, Verdict

REFUSED = 'HTTP 400: {"error":{"message":"No.","type":"invalid_request_error","param":"%s","code":null}}'
NO_PARAM = 'HTTP 400: {"error":{"code":400,"message":"%s","type":"invalid_request_error"}}'
UNKNOWN = 'HTTP 422: {"detail":"Unexpected fields in the request: {\'%s\'}"}'
CRASHED = 'HTTP 500: {"error":{"message":"Oops.","type":"server_error","param":null,"code":null}}'


def row(requirement: str, actual: str, *shown_by: str, check: str = "", where: str = "$") -> Row:
    """A violated row that found one thing."""
    finding = Finding("something else", actual, where)
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


def test_a_word_of_english_is_a_fields_name_only_where_it_is_marked_as_one() -> None:
    refused = row("request.input.accepted", NO_PARAM % "Cannot determine type of 'item'", "a")
    image = row("request.input.image", NO_PARAM % "image input is not supported", "b")
    assert len(told(relations(), refused, image)) == 2
    marked = row("request.input.image", NO_PARAM % "`input` is not supported", "b")
    assert len(told(relations(), refused, marked)) == 1


def test_a_refusal_for_a_field_with_another_status_is_another_fault() -> None:
    refused = row("request.input.accepted", NO_PARAM % "'input' is no string", "a")
    crashed = row("request.input.image", 'HTTP 500: {"error":{"message":"\'input\': no projector"}}', "b")
    assert len(told(relations(), refused, crashed)) == 2


def test_a_field_in_a_body_that_was_taken_is_not_named() -> None:
    effort = row("request.reasoning.effort.accepted", NO_PARAM % "no 'reasoning_effort'", "a")
    summary = row("request.reasoning.summary.accepted", NO_PARAM % "no 'reasoning_effort'", "b")
    taken = row("request.reasoning.refused", 'HTTP 200: {"reasoning":{"effort":null}}', "c")
    found = told(relations(), effort, summary, taken)
    assert set(found) == {"reasoning-is-refused", "request.reasoning.refused"}


def test_refusals_are_the_same_only_where_they_say_the_same() -> None:
    answered = row("response.answered", NO_PARAM % "Cannot determine type of 'item'", "a")
    same = row("request.input.accepted", NO_PARAM % "Cannot determine type of 'part'", "b")
    other = row("request.input.accepted", NO_PARAM % "The prompt is too long.", "c")
    assert told(relations(), answered, same) == {
        "response.answered": ["response.answered", "request.input.accepted"]
    }
    assert len(told(relations(), answered, other)) == 2


def test_a_field_that_is_refused_by_its_own_name_is_a_fault_of_its_own() -> None:
    crashed, refused = Finding("HTTP 200", CRASHED), Finding("HTTP 200", REFUSED % "temperature")
    rows = (
        Row(
            "a",
            "response.answered",
            Level.MUST,
            Verdict.FAIL,
            findings=(crashed, refused),
            shown_by=("a", "b"),
        ),
        row("request.temperature.accepted", REFUSED % "temperature", "c"),
    )
    assert len(told(relations(), *rows)) == 2


def test_fields_that_are_refused_in_the_same_words_are_one_fault() -> None:
    rows = [row(f"request.{n}.accepted", UNKNOWN % n, n) for n in ("n", "stop", "frequency_penalty")]
    assert list(told(relations(), *rows)) == ["fields-are-not-known"]
    other = row("request.store.accepted", NO_PARAM % "'store' needs a database", "store")
    assert list(told(relations(), *rows, other)) == ["fields-are-not-known", "request.store.accepted"]
    assert len(told(relations(), *rows[:2])) == 2
    unnamed = [row(f"request.{n}.accepted", "HTTP 400: an empty body", n) for n in ("n", "stop", "user")]
    assert len(told(relations(), *unnamed)) == 3


def test_a_wrong_choice_of_tools_follows_where_other_wrong_values_of_it_are_taken() -> None:
    without = row("request.tool_choice.without-tools", "HTTP 200: {}", "b")
    choice, store = (row(f"request.{n}.refused", "HTTP 200: {}", n) for n in ("tool_choice", "store"))
    assert len(told(relations(), choice, without)) == 1
    assert len(told(relations(), store, without)) == 2


def test_an_id_that_changes_is_one_fault_wherever_it_is_told() -> None:
    stored = row("storage.same", "resp_2", "get", where="$.id")
    deleted = row("storage.deleted-shape", "resp_3", "delete", where="$.id")
    echoed = row("storage.previous-echo", "resp_3", "next", where="$.previous_response_id")
    none = Row("t.py::t[text]", "storage.previous-echo", Level.SHOULD, Verdict.PASS)
    assert len(told(relations(), stored, deleted, echoed, none)) == 1
    counted = row("storage.same", "5", "get", where="$.usage")
    assert len(told(relations(), counted, deleted)) == 2
    shape = row("storage.deleted-shape", "no object", "delete", where="$.object")
    assert len(told(relations(), stored, shape)) == 2


def test_a_text_that_is_too_long_is_not_because_nothing_was_counted() -> None:
    nothing = [row(f"usage.{n}-counted", "0", "a", where=f"$.usage.{n}_tokens") for n in ("input", "output")]
    longer = row("request.max_output_tokens.effect", "7 words", "a", where="")
    assert len(told(relations(), *nothing, longer)) == 2


def test_a_body_that_is_no_utf_8_is_not_one_of_another_type() -> None:
    rows = (row(f"error.{n}", "HTTP 200: {}", n) for n in ("text-plain", "invalid-utf-8"))
    assert len(told(relations(), *rows)) == 2


def test_refusals_elsewhere_follow_only_where_they_lack_the_same() -> None:
    here = row("error.envelope", "no error (keys: detail)", "a", where="$.error")
    same = row("error.envelope-elsewhere", "no error (keys: detail)", "b", where="$.error")
    other = row("error.envelope-elsewhere", "no error (keys: message, ok)", "b", where="$.error")
    assert len(told(relations(), here, same)) == 1
    assert len(told(relations(), here, other)) == 2


def test_an_unknown_previous_response_explains_why_nothing_is_continued() -> None:
    rows = [row(f"storage.{n}", "nothing", n) for n in ("promise", "previous-unknown", "continues")]
    assert told(relations(), *rows) == {
        "storage.previous-unknown": ["storage.previous-unknown", "storage.continues"],
        "storage.promise": ["storage.promise"],
    }


def test_what_is_told_of_tools_is_one_fault() -> None:
    rows = (row(f"request.{n}.echo", "[]", n, where=f"$.{n}") for n in ("tools", "tool_choice"))
    assert list(told(relations(), *rows)) == ["tools-are-not-told"]
