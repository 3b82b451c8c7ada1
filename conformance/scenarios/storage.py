"""What becomes of a stored response: found, listed, continued, deleted, and not found again.

Few of the suite's requests store anything. Steps whose premise is missing (nothing was stored, nothing can
be found again) are not sent.
"""

from collections.abc import Callable

from conformance.contract.area import Area
from conformance.exchange import Call, Credential, encode_json
from conformance.scenarios.answers import TEXT
from conformance.scenarios.authorization import NO_TOKEN
from conformance.scenarios.loops import came
from conformance.scenarios.request_fields import MINIMAL, SCENARIOS
from conformance.scenarios.scenario import PLENTY, Done, NotNeeded, Scenario, Target, ask, message

AREA: Area = "storage"
NONCE = "osprey-5127"
UNKNOWN_ID = "resp_5f3c9e0000000000000000000000000000000000000000000f"
RECALL = "Repeat your previous reply."

STORED = ask("stored", f"Reply with exactly: {NONCE}", area=AREA, output_tokens=30, store=True)
STORED_STREAM = ask(
    "stored-stream",
    "Reply with exactly: sandpiper-3384",
    area=AREA,
    output_tokens=30,
    store=True,
    stream=True,
)
STORED_BY_DEFAULT = MINIMAL
"""Nothing but model and input: `store` has its default, true."""


def identifier(scenario: Scenario, done: Done) -> str:
    """The id of a scenario's response; raises NotNeeded where there is none."""
    answer = came(scenario, done)
    found = answer.response.get("id")
    if not isinstance(found, str) or not found:
        raise NotNeeded(f"{scenario.name} brought no response with an id")
    return found


def worked(scenario: Scenario, done: Done) -> bool:
    """Whether a step was performed with success."""
    status = done[scenario.name].exchange.status if scenario.name in done else None
    return status is not None and 200 <= status < 300


def _step(
    name: str,
    of: Scenario,
    method: str = "GET",
    tail: str = "",
    *,
    if_worked: Scenario | None = None,
    once_found: Scenario | None = None,
    behind: tuple[Scenario, ...] = (),
    query: tuple[tuple[str, str], ...] = (),
    without_key: bool = False,
) -> Scenario:
    """A call about the response of another scenario, made only where `if_worked` did.

    What it shows is compared with `once_found`, an earlier look at the same response. One `without_key` is
    made only where a request without a key is not answered.
    """

    def build(_: Target, done: Done) -> Call:
        found = identifier(of, done)
        if if_worked is not None and not worked(if_worked, done):
            raise NotNeeded(f"{if_worked.name} did not work, so this would show nothing")
        if without_key and worked(NO_TOKEN, done):
            raise NotNeeded(f"no key is needed ({NO_TOKEN.name}), which authorization.missing judges")
        credential: Credential = "none" if without_key else "valid"
        body = b"" if method == "POST" else None
        return Call(name, method, f"/{found}{tail}", query=query, body=body, credential=credential)

    needed = (if_worked, once_found, NO_TOKEN if without_key else None)
    after = (of, *(scenario for scenario in needed if scenario))
    return Scenario(name, AREA, build, "refusal" if without_key else "either", after=after, behind=behind)


GET_STORED = _step("get-stored", STORED)
GET_WITHOUT_KEY = _step("get-without-key", STORED, if_worked=GET_STORED, without_key=True)
GET_BY_DEFAULT = _step("get-stored-by-default", STORED_BY_DEFAULT, if_worked=GET_STORED)
GET_STREAMED = _step("get-stored-stream", STORED_STREAM, if_worked=GET_STORED)
GET_UNSTORED = _step("get-unstored", TEXT, if_worked=GET_STORED)

GET_UNKNOWN = Scenario(
    "get-unknown",
    AREA,
    lambda _target, _done: Call("get-unknown", "GET", f"/{UNKNOWN_ID}"),
    "refusal",
    smoke=True,
)
"""The short plan looks at storage without leaving anything stored."""

INPUT_ITEMS = _step("input-items", STORED, tail="/input_items")
TOO_MANY_ITEMS = _step(
    "input-items-limit-101", STORED, tail="/input_items", if_worked=INPUT_ITEMS, query=(("limit", "101"),)
)
CANCEL_FINISHED = _step("cancel-finished", STORED, "POST", "/cancel", behind=(GET_STORED,))


def _continuing(name: str, previous: Callable[[Done], str], after: tuple[Scenario, ...]) -> Scenario:
    def build(target: Target, done: Done) -> Call:
        body = {
            "model": target.model,
            "input": message(RECALL),
            "previous_response_id": previous(done),
            "store": False,
            "max_output_tokens": PLENTY,
        }
        return Call(name, body=encode_json(body))

    return Scenario(name, AREA, build, "either", "conversation", after=after, output_tokens=30)


CONTINUED = _continuing("continued", lambda done: identifier(STORED, done), (STORED,))
CONTINUED_UNKNOWN = _continuing("continued-unknown", lambda _: UNKNOWN_ID, ())
CONTINUED_UNSTORED = _continuing("continued-unstored", lambda done: identifier(TEXT, done), (TEXT,))


def _afresh(target: Target, done: Done) -> Call:
    """The continuing request without the response that it continues: what its words alone cost."""
    if not worked(CONTINUED, done):
        raise NotNeeded("no response could be continued")
    body = {
        "model": target.model,
        "input": message(RECALL),
        "store": False,
        "max_output_tokens": PLENTY,
    }
    return Call("continued-control", body=encode_json(body))


CONTINUED_CONTROL = Scenario(
    "continued-control", AREA, _afresh, family="text", after=(CONTINUED,), output_tokens=30
)

DELETE_WITHOUT_KEY = _step(
    "delete-without-key",
    STORED,
    "DELETE",
    if_worked=GET_STORED,
    behind=(GET_WITHOUT_KEY, INPUT_ITEMS, TOO_MANY_ITEMS, CANCEL_FINISHED, CONTINUED),
    without_key=True,
)
"""After everything that needs the stored response, but the deleting of its owner."""

DELETE_STORED = _step(
    "delete-stored",
    STORED,
    "DELETE",
    behind=(
        GET_STORED,
        GET_WITHOUT_KEY,
        INPUT_ITEMS,
        TOO_MANY_ITEMS,
        CANCEL_FINISHED,
        CONTINUED,
        DELETE_WITHOUT_KEY,
    ),
)

GET_DELETED = _step("get-deleted", STORED, if_worked=DELETE_STORED, once_found=GET_STORED)

DELETE_BY_DEFAULT = _step(
    "delete-stored-by-default", STORED_BY_DEFAULT, "DELETE", if_worked=DELETE_STORED, behind=(GET_BY_DEFAULT,)
)
DELETE_STREAMED = _step(
    "delete-stored-stream", STORED_STREAM, "DELETE", if_worked=DELETE_STORED, behind=(GET_STREAMED,)
)
DELETE_ACCEPTED = _step(
    "delete-store-true", SCENARIOS["store=true-accepted"], "DELETE", if_worked=DELETE_STORED
)
CLEANING = (DELETE_BY_DEFAULT, DELETE_STREAMED, DELETE_ACCEPTED)
"""What else the run stored on purpose is deleted, where deleting works at all."""


def _beside(name: str, path: str) -> Scenario:
    def build(target: Target, done: Done) -> Call:
        sent = done[TEXT.name].exchange.sent_json if TEXT.name in done else None
        if not isinstance(sent, dict):
            raise NotNeeded("there is no answer to compare with")
        body = {"model": target.model, "input": sent["input"]}
        return Call(name, path=path, body=encode_json(body))

    return Scenario(name, AREA, build, "either", after=(TEXT,), output_tokens=60)


INPUT_TOKENS = _beside("input-tokens", "/input_tokens")
COMPACT = _beside("compact", "/compact")
