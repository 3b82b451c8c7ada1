"""Secrets are masked in every form in which a server may hand them back, and nothing else is."""

import base64
import html
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.exchange import Chunk, Exchange, Fault, Sent
from conformance.wire.redaction import Redactor, searchable, sweep

KEY = "sk-canary-Zx81Qm/0pL+7w=="
ODD = 'k"e\\y/+%41&<.*[(?$^'
KEYS = [KEY, ODD, "sk-1234", "0123456789abcdef0123456789abcdef"]


def escaped(key: str) -> str:
    return "".join(f"\\u{ord(character):04X}" for character in key)


FORMS: dict[str, Callable[[str], str]] = {
    "clear": lambda key: key,
    "url": lambda key: quote(key, safe=""),
    "url, every character": lambda key: "".join(f"%{ord(character):02x}" for character in key),
    "url twice": lambda key: quote(quote(key, safe=""), safe=""),
    "json": lambda key: json.dumps(key)[1:-1],
    "json with escaped slashes": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "json, every character": escaped,
    "json, only the first": lambda key: escaped(key[0]) + json.dumps(key[1:])[1:-1],
    "json twice": lambda key: json.dumps(json.dumps(key)[1:-1])[1:-1],
    "html": html.escape,
    "html numbers": lambda key: "".join(f"&#{ord(character)};" for character in key),
    "html hex": lambda key: "".join(f"&#x{ord(character):X};" for character in key),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 in urls": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
    "base64 of user:key": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "base64 of u:key": lambda key: base64.b64encode(f"u:{key}@".encode()).decode(),
    "base64 of Bearer key": lambda key: base64.b64encode(f"Bearer {key}".encode()).decode(),
    "base64 in json": lambda key: base64.b64encode(f":{key}".encode()).decode().replace("/", "\\/"),
    "base64 in a url": lambda key: quote(base64.b64encode(f"a:{key}".encode()).decode(), safe=""),
}


def tells(masked: str, key: str) -> bool:
    """Whether four characters of the key in a row can still be read (three of a very short one)."""
    size = min(4, len(key) // 2)
    return any(key[at : at + size] in masked for at in range(len(key) - size + 1))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_masked_in_its_length(form: str, key: str) -> None:
    text = f'{{"before": 1, "x": "{FORMS[form](key)}", "after": 2}}'
    redactor = Redactor([key])
    masked, hits = redactor.mask(text.encode())
    assert hits == 1
    assert len(masked) == len(text.encode())
    assert masked.startswith(b'{"before": 1, "x": "')
    assert masked.endswith(b'", "after": 2}')
    assert FORMS[form](key).encode() not in masked
    assert not tells(masked.decode(), key)
    assert redactor.mask(masked) == (masked, 0)


@pytest.mark.parametrize("form", [form for form in FORMS if form.startswith("json")])
def test_json_stays_json_and_decodes_to_the_same_stars(form: str) -> None:
    redactor = Redactor([KEY])
    masked = redactor.mask(f'{{"x": "{FORMS[form](KEY)}"}}'.encode())[0]
    text = json.loads(masked)["x"]
    if form == "json twice":
        text = json.loads(f'"{text}"')
    assert text == redactor.mask_text(KEY)


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40),
    st.lists(st.integers(0, 4), min_size=40, max_size=40),
)
def test_any_mixture_of_escapes_is_masked(key: str, ways: Sequence[int]) -> None:
    """A server may escape each character as it likes, but what it writes must decode to the key."""

    def one(character: str, way: int) -> str:
        code = ord(character)
        plain = character.isalnum()
        spelled = [character if plain else f"\\u{code:04x}", f"\\u{code:04x}", f"%{code:02X}", f"&#{code};"]
        return spelled[way % 4]

    text = "".join(one(character, way) for character, way in zip(key, ways, strict=False))
    masked, hits = Redactor([key]).mask(text.encode())
    assert hits == 1
    assert len(masked) == len(text)


def events(key: str, size: int, **place: int) -> list[str]:
    pieces = [key[at : at + size] for at in range(0, len(key), size)]
    return [json.dumps({"type": "response.output_text.delta", **place, "delta": piece}) for piece in pieces]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 11])
def test_deltas_that_add_up_to_the_key_add_up_to_stars(key: str, size: int) -> None:
    redactor = Redactor([key])
    whole = json.dumps({"type": "response.output_text.done", "text": key})
    stream = "".join(f"data: {event}\n\n" for event in [*events(key, size), whole])
    masked = redactor.mask(stream.encode())[0].decode()
    data = [json.loads(line[6:]) for line in masked.splitlines() if line]
    joined = "".join(event["delta"] for event in data if "delta" in event)
    assert joined == data[-1]["text"] == redactor.mask_text(key)
    assert not tells(joined, key)


def test_deltas_of_interleaved_items() -> None:
    first, second = events(KEY, 3, output_index=0), events(KEY, 4, output_index=1)
    lines = [event for pair in zip(first, second, strict=False) for event in pair]
    lines += [*first[len(second) :], *second[len(first) :]]
    masked = Redactor([KEY]).mask("".join(f"data: {line}\r\n\r\n" for line in lines).encode())[0].decode()
    for index in (0, 1):
        data = [json.loads(line[6:]) for line in masked.splitlines() if line]
        joined = "".join(event["delta"] for event in data if event["output_index"] == index)
        assert not tells(joined, KEY)


def answered(
    *chunks: bytes, headers: tuple[tuple[str, str], ...] = (), fault: Fault | None = None
) -> Exchange:
    return Exchange(
        "s",
        Sent("POST", f"https://h/v1?key={quote(KEY)}", (("Authorization", f"Bearer {KEY}"),), b'{"x":1}'),
        200,
        headers,
        tuple(Chunk(float(at), chunk) for at, chunk in enumerate(chunks)),
        fault,
        1.0,
        2.0,
    )


def test_an_exchange_is_masked_everywhere_and_counts_the_answers_leaks() -> None:
    body = f'{{"message": "bad key {KEY}"}}'.encode()
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    exchange = answered(
        *pieces,
        headers=(("X-Key", KEY), ("X-A", KEY[:5]), ("X-B", KEY[5:])),
        fault=Fault("cut", f"broke at {KEY}"),
    )
    masked = Redactor([KEY]).mask_exchange(exchange)
    assert masked.leaks == 3
    assert [len(chunk.data) for chunk in masked.chunks] == [len(piece) for piece in pieces]
    assert [chunk.at for chunk in masked.chunks] == [chunk.at for chunk in exchange.chunks]
    assert not tells(json.dumps(masked.to_json()), KEY)
    name, value = masked.request.headers[0]
    assert (name, value[:10]) == ("Authorization", "Bearer ***")


def test_the_request_is_masked_and_is_no_leak() -> None:
    masked = Redactor([KEY]).mask_exchange(answered(b"{}"))
    assert masked.leaks == 0
    assert not tells(json.dumps(masked.to_json()), KEY)


def test_headers_named_as_secret_are_masked_whole() -> None:
    redactor = Redactor([], ["Set-Cookie"])
    masked = redactor.mask_exchange(answered(b"{}", headers=(("set-cookie", "session=1"), ("X", "y"))))
    assert masked.headers == (("set-cookie", "*********"), ("X", "y"))


def test_words_are_no_secrets_in_answers() -> None:
    """Servers without authorization take keys such as these, and mean other things by them in answers."""
    for key in ("none", "EMPTY", "text", "ollama"):
        assert not searchable(key)
        redactor = Redactor([key])
        exchange = answered(f'{{"tool_choice":"{key}"}}'.encode())
        assert redactor.mask_exchange(exchange).body == exchange.body
        assert redactor.mask_headers((("Authorization", f"Bearer {key}"),), own=True)[0] == (
            ("Authorization", "Bearer " + "*" * len(key)),
        )
        assert redactor.warnings()
    assert Redactor([KEY]).warnings() == []


def test_text_without_a_secret_is_the_same_object() -> None:
    body = json.dumps({"a": "%20 \\u0041 &amp; \\/", "b": ["x" * 1000] * 50}).encode()
    assert Redactor([KEY]).mask(body) == (body, 0)
    exchange = answered(body)
    assert Redactor([KEY]).mask_exchange(exchange).chunks is exchange.chunks


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe" * 1000,
        b'"a": "' + b"\\" * 100_001,
        b'"a": "' * 20_000,
        b"%" * 50_000,
        b"&amp;" * 20_000,
        b"[" * 100_000,
        b"%25" * 30_000,
        b"\\u00" * 30_000,
    ],
    ids=lambda body: str(body[:8]),
)
def test_hostile_bodies_are_looked_through_in_time(body: bytes) -> None:
    """Each of these would take minutes if the search were more than linear: the run's time-out sees it."""
    masked, hits = Redactor([KEY]).mask(body + KEY.encode())
    assert hits >= 1
    assert masked[: len(body)] == body


def test_the_last_sweep_masks_in_place_and_names_the_files(tmp_path: Path) -> None:
    (tmp_path / "exchanges").mkdir()
    clean, leaky = tmp_path / "clean.json", tmp_path / "exchanges" / "leaky.xml"
    clean.write_text("nothing")
    leaky.write_text(f"<failure>{html.escape(KEY)}</failure>")
    assert sweep(tmp_path, Redactor([KEY])) == [leaky]
    assert not tells(leaky.read_text(), KEY)
    assert sweep(tmp_path, Redactor([KEY])) == []
