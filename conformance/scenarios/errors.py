"""Requests that are no requests: broken bodies, other media types, other methods, other paths."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from conformance.contract.area import Area
from conformance.exchange import Call, encode_json
from conformance.scenarios.request_fields import SCENARIOS
from conformance.scenarios.scenario import PLENTY, Done, Family, Scenario, Target, message

AREA: Area = "errors"
PROMPT = "Reply with exactly: Hi"


def _plain(target: Target) -> bytes:
    asked = {"input": message(PROMPT), "store": False, "max_output_tokens": PLENTY}
    return encode_json({"model": target.model, **asked})


def _broken(name: str, body: Callable[[Target], bytes], *, smoke: bool = False) -> Scenario:
    """A POST whose body no server can read."""

    def build(target: Target, _: Done) -> Call:
        return Call(name, body=body(target))

    return Scenario(name, AREA, build, "refusal", smoke=smoke)


MALFORMED = _broken(
    "malformed-json", lambda target: _plain(target).replace(b'"model":', b"model=", 1), smoke=True
)
CUT_BODY = _broken("cut-json", lambda target: _plain(target)[:-12])
EMPTY_BODY = _broken("empty-body", lambda _: b"")
ARRAY = _broken("array-body", lambda target: b"[" + _plain(target) + b"]")
STRING = _broken("string-body", lambda _: b'"Reply with exactly: Hi"')
NAN = _broken("nan-body", lambda target: _plain(target)[:-1] + b',"temperature":NaN}')
INVALID_UTF8 = _broken(
    "invalid-utf-8-body", lambda target: _plain(target).replace(b"exactly: Hi", b"exactly: \xff\xfe")
)


def _spelled(name: str, escape: bytes) -> Scenario:
    """A POST of JSON whose text has a character that data bases and encoders may not take.

    Whether it is answered or refused is the server's choice.
    """

    def build(target: Target, _: Done) -> Call:
        return Call(name, body=_plain(target).replace(b"exactly: Hi", b"exactly: Hi" + escape))

    return Scenario(name, AREA, build, "either", output_tokens=20)


NUL = _spelled("nul-in-text", rb"\u0000")
HALF_A_PAIR = _spelled("surrogate-in-text", rb"\ud83d")


def _typed(name: str, content_type: str, body: Callable[[Target], bytes]) -> Scenario:
    """A POST that says it is no JSON."""

    def build(target: Target, _: Done) -> Call:
        return Call(name, body=body(target), headers=(("Content-Type", content_type),))

    return Scenario(name, AREA, build, "either", output_tokens=20)


TEXT_PLAIN = _typed("text-plain", "text/plain", _plain)
FORM = _typed(
    "form-body",
    "application/x-www-form-urlencoded",
    lambda target: urlencode({"model": target.model, "input": PROMPT, "max_output_tokens": PLENTY}).encode(),
)


def _charset(target: Target, _: Done) -> Call:
    return Call(
        "charset-parameter",
        body=_plain(target),
        headers=(("Content-Type", "application/json; charset=utf-8"),),
    )


_TEXT: Family = "text"
CHARSET = Scenario("charset-parameter", AREA, _charset, "answer", _TEXT, output_tokens=20)
"""JSON that names its charset is JSON still."""


def _elsewhere(name: str, call: Call) -> Scenario:
    return Scenario(name, AREA, lambda _target, _done: replace(call, scenario=name), "refusal")


GET_COLLECTION = _elsewhere("get-collection", Call("", method="GET"))
PUT_COLLECTION = _elsewhere("put-collection", Call("", method="PUT", body=b"{}"))
UNKNOWN_PATH = _elsewhere("unknown-path", Call("", path="/no-such-path-5f3c9e", absolute=True, body=b"{}"))

UNKNOWN_MODEL = SCENARIOS["model=no-such-model-5f3c9e-rejected"]

UNREADABLE = (MALFORMED, CUT_BODY, EMPTY_BODY, ARRAY, STRING, NAN)
