"""The same plain request with each way of authorizing: the right ways, the odd and the wrong."""

from conformance.exchange import Call, Credential, encode_json
from conformance.scenarios.scenario import PLENTY, Done, Expects, Family, Scenario, Target, message

PROMPT = "Reply with exactly: Hi"


def _with(
    credential: Credential, expects: Expects = "refusal", family: Family = "", *, smoke: bool = False
) -> Scenario:
    name = f"authorization-{credential}"

    def build(target: Target, _: Done) -> Call:
        body = {"model": target.model, "input": message(PROMPT), "store": False, "max_output_tokens": PLENTY}
        return Call(name, body=encode_json(body), credential=credential)

    tokens = 0 if expects == "refusal" else 20
    return Scenario(name, "authorization", build, expects, family, output_tokens=tokens, smoke=smoke)


NO_TOKEN = _with("none", smoke=True)
EMPTY_TOKEN = _with("empty")
BARE_SCHEME = _with("bare")
WRONG_TOKEN = _with("wrong")
BASIC = _with("basic")
LOWER_CASE_SCHEME = _with("lower-case", "either", "text")
RAW_TOKEN = _with("raw", "either", "text")


def _wrong_twice(_target: Target, _done: Done) -> Call:
    return Call("authorization-before-body", body=b'{"model": ', credential="wrong")


WRONG_TOKEN_AND_BODY = Scenario("authorization-before-body", "authorization", _wrong_twice, "refusal")
"""A wrong token with a body that cannot even be read: who may not ask is not told how to."""

UNAUTHORIZED = (NO_TOKEN, EMPTY_TOKEN, BARE_SCHEME, WRONG_TOKEN, BASIC)
