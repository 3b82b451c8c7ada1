"""Strict JSON: the value, and everything that a lenient reader would let pass."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.strict_json import MAX_DEPTH, MAX_DIGITS, MAX_FAULTS, parse


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": [1, 2.5, -0, 1e3, true, null, "\\u00fc"]}', {"a": [1, 2.5, 0, 1000.0, True, None, "ü"]}),
        ('"Grüße 👋🏽"'.encode(), "Grüße 👋🏽"),
        (b' \r\n\t"\\ud83d\\udc4b" ', "👋"),
        (b"null", None),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, ...),
        (b"1" * MAX_DIGITS, ...),
    ],
)
def test_clean_json_has_no_faults(data: bytes, value: object) -> None:
    parsed = parse(data)
    assert parsed.faults == ()
    assert parsed.readable
    assert value is ... or parsed.value == value


@pytest.mark.parametrize(
    ("data", "value", "fault"),
    [
        (b'{"a":1,"a":2}', {"a": 2}, "the key 'a' stands twice in one object"),
        (b'[{"b":{"a":1,"a":2}}]', [{"b": {"a": 2}}], "the key 'a' stands twice in one object"),
        (b"[Infinity]", [float("inf")], "Infinity is no JSON number"),
        (b"[1e999]", [float("inf")], "1e999 is more than a double can hold"),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}, "a byte order mark before the JSON text"),
        (b'{"a":"\xff"}', {"a": "\ufffd"}, "invalid UTF-8 at byte 6"),
        (b'{"a":"\xed\xa0\xbd"}', {"a": "\ufffd\ufffd\ufffd"}, "invalid UTF-8 at byte 6"),
        (b'["\\ud83d"]', ["\ud83d"], "a lone surrogate, which no UTF-8 text can hold"),
        (b'{"\\udc4b":1}', {"\udc4b": 1}, "a lone surrogate, which no UTF-8 text can hold"),
    ],
)
def test_what_a_lenient_reader_lets_pass_is_read_and_named(data: bytes, value: object, fault: str) -> None:
    parsed = parse(data)
    assert parsed.readable
    assert (parsed.value, parsed.faults) == (value, (fault,))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b'{"a":1',
        b'{"a":1}x',
        b'{"a":1}{"a":2}',
        b"{'a':1}",
        b'{"a":1,}',
        b"// no\n{}",
        b'"\n"',
        b"01",
        b"\x00",
        b"<html>",
        "{}".encode("utf-16"),
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2),
        b'{"a":' * (MAX_DEPTH + 2) + b"1" + b"}" * (MAX_DEPTH + 2),
        b"1" * (MAX_DIGITS + 1),
        b'data: {"a":1}\n\n',
    ],
)
def test_what_cannot_be_read_is_said(data: bytes) -> None:
    parsed = parse(data)
    assert not parsed.readable
    assert parsed.value is None
    assert parsed.faults[-1].startswith("unreadable: ")


def test_nan_is_named() -> None:
    assert parse(b"NaN").faults == ("NaN is no JSON number",)


def test_many_faults_are_cut_to_a_few() -> None:
    data = b"{" + b",".join(b'"a":1' for _ in range(10_000)) + b"}"
    assert len(parse(data).faults) == MAX_FAULTS


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    parsed = parse(data)
    assert parsed.readable or parsed.value is None


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_what_python_writes_is_read_back(value: object) -> None:
    data = json.dumps(value, ensure_ascii=True).encode()
    parsed = parse(data)
    assert parsed.value == value
    assert all("surrogate" in fault for fault in parsed.faults)
