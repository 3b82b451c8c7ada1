"""Secrets are masked in every form in which a server may hand them back, and nothing else is."""

import base64
import html
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, zip_longest
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.contract.contracts import SHIPPED, Contract
from conformance.exchange import Attempt, Chunk, Exchange, Fault, Headers, Sent
from conformance.reference.hooks import HEALTHY
from conformance.run.record import Record
from conformance.verdicts.verdict import Verdict
from conformance.wire.redaction import MASK, Redactor, searchable, sweep
from tests.bench import Bench

KEY = "sk-canary-Zx81Qm/0pL+7w=="
ODD = 'k"e\\y/+%41&<.*[(?$^'
KEYS = [KEY, ODD, "sk-1234", "0123456789abcdef0123456789abcdef"]

ANY_SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)
"""Whatever a header can carry."""

SECRETS = ANY_SECRETS.filter(lambda secret: secret == secret.strip("\\"))
"""Those of which it is clear where they end, however often they were escaped."""

PROSE = st.text("αβγ …\n\t", max_size=12)
"""What may stand around a secret, and can be no part of one."""


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
def test_every_form_is_masked_alike(form: str, key: str) -> None:
    text = f'{{"before": 1, "x": "{FORMS[form](key)}", "after": 2}}'
    redactor = Redactor([key])
    masked, hits = redactor.mask(text.encode())
    assert hits == 1
    assert masked.startswith(b'{"before": 1, "x": "')
    assert masked.endswith(b'", "after": 2}')
    assert masked.count(MASK.encode()) == 1
    if "base64" not in form:
        assert masked == f'{{"before": 1, "x": "{MASK}", "after": 2}}'.encode()
    assert FORMS[form](key).encode() not in masked
    assert not tells(masked.decode(), key)
    assert redactor.mask(masked) == (masked, 0)


@given(SECRETS, SECRETS)
def test_the_mask_tells_nothing_of_a_secret(one: str, other: str) -> None:
    """Wherever a secret stands, another in its place leaves the same behind; but for one that is a mask."""
    assume(one.strip("*") and other.strip("*"))

    def left(key: str) -> list[object]:
        body = json.dumps({"key": key, "two": f"β{key}β{key}"}).encode()
        exchange = Exchange(
            "s",
            Sent("POST", f"https://h/v1?é{quote(key)}", (("Authorization", f"Bearer\t{key}"),), body),
            400,
            (("Content-Length", str(len(body))), ("X-Key", key), ("Set-Cookie", f"s={key * 2}")),
            (Chunk(0.1, body[: 9 + len(key) // 2]), Chunk(0.2, body[9 + len(key) // 2 :])),
            Fault("cut", f"the body broke off after {len(body)} bytes at {key}"),
            1.0,
            2.0,
        )
        redactor = Redactor([key], ["set-cookie"])
        return [redactor.mask_exchange(exchange).to_json(), redactor.mask_text(f"β{key}β{quote(key)}")]

    assert left(one) == left(other)


@pytest.mark.parametrize("form", [form for form in FORMS if form.startswith("json")])
def test_json_stays_json_and_decodes_to_the_same_stars(form: str) -> None:
    redactor = Redactor([KEY])
    masked = redactor.mask(f'{{"x": "{FORMS[form](KEY)}"}}'.encode())[0]
    text = json.loads(masked)["x"]
    if form == "json twice":
        text = json.loads(f'"{text}"')
    assert text == redactor.mask_text(KEY) == MASK


JSON = st.recursive(
    st.none() | st.booleans() | PROSE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PROSE, inner, max_size=3),
    max_leaves=6,
)


@given(SECRETS, PROSE, PROSE, JSON, st.sampled_from([False, True]), st.sampled_from([None, 2]))
def test_json_stays_the_same_json(
    key: str, before: str, after: str, other: object, ascii_only: bool, indent: int | None
) -> None:
    """Only the secret's characters change, whatever they are, and also in a text that is JSON itself."""

    def told(secret: str) -> object:
        text = f"{before}{secret}{after}"
        return {"other": other, "x": [text, {f"β{text}": text}], "arguments": json.dumps({"a": text})}

    body = json.dumps(told(key), ensure_ascii=ascii_only, indent=indent).encode()
    masked = Redactor([key]).mask(body)[0]
    assert json.loads(masked) == told(MASK)


@given(ANY_SECRETS, PROSE, PROSE, st.booleans())
def test_any_secret_is_masked_and_json_stays_json(
    key: str, before: str, after: str, ascii_only: bool
) -> None:
    text = f"{before}{key}{after}"
    body = json.dumps({"a": text, "b": [text, json.dumps({"c": text})]}, ensure_ascii=ascii_only)
    left = json.loads(Redactor([key]).mask(body.encode())[0])
    inner = json.loads(left["b"][1])["c"]
    for masked in (left["a"], left["b"][0], inner):
        assert masked.startswith(f"{before}{MASK}")
        assert not tells(masked, key)


@pytest.mark.parametrize(
    ("key", "body", "left"),
    [
        ('"sk-canary"', '{"a": "sk-canary", "b": ["sk-canary"]}', {"a": MASK, "b": [MASK]}),
        ('{"org":"acme","x":"y"}', '{"a":{"org":"acme","x":"y"}}', {"a": {MASK: MASK}}),
        ("nabcdefg", '{"a": "of\\nabcdefg"}', {"a": f"of{MASK}"}),
        ("00e9abcdefg", '{"a": "of\\u00e9abcdefg"}', {"a": f"of{MASK}"}),
        ("abcdefgh\\", '{"a": "abcdefgh\\"of"}', {"a": f"{MASK}of"}),
        ('ab"cdefg\\', '{"a": "ab\\"cdefg\\\\"}', {"a": MASK}),
    ],
    ids=[
        "in quotes",
        "json",
        "behind a backslash",
        "in an escape",
        "before a quote",
        "ends with a backslash",
    ],
)
def test_json_stays_json_where_a_secret_looks_like_a_part_of_it(key: str, body: str, left: object) -> None:
    json.loads(body)
    assert json.loads(Redactor([key]).mask(body.encode())[0]) == left


@given(
    SECRETS,
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
    assert Redactor([key]).mask(text.encode()) == (MASK.encode(), 1)


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
    assert joined == data[-1]["text"] == MASK
    assert redactor.mask(masked.encode()) == (masked.encode(), 0)


@given(st.data(), SECRETS, st.lists(PROSE, min_size=2, max_size=4), st.booleans())
def test_deltas_and_the_final_text_still_agree(
    data: st.DataObject, key: str, prose: Sequence[str], placed: bool
) -> None:
    """However the text is cut into deltas, and the stream into chunks, which keep their times."""
    text = key.join(prose)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=20)))
    place = {"item_id": "msg_1", "output_index": 0} if placed else {}
    deltas = [{**place, "delta": text[start:end]} for start, end in pairwise([0, *cuts, len(text)])]
    told = [*deltas, {**place, "text": text}, {"output": [{"content": [{"text": text}]}]}]
    stream = "".join(f"data: {json.dumps(event)}\n\n" for event in told).encode()
    borders = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    chunks = [stream[start:end] for start, end in pairwise([0, *borders, len(stream)])]
    exchange = answered(*chunks, headers=(("Content-Length", str(len(stream))),))
    masked = Redactor([key]).mask_exchange(exchange)

    lines = masked.body.decode().splitlines()
    left = [json.loads(line.removeprefix("data: ")) for line in lines if line]
    assert len(left) == len(told)
    assert left[-2]["text"] == left[-1]["output"][0]["content"][0]["text"]
    assert left[-2]["text"] == "".join(event["delta"] for event in left[:-2])
    if all(prose):  # a secret may overlap itself, and is one then
        assert left[-2]["text"] == MASK.join(prose)
    assert [chunk.at for chunk in masked.chunks] == [chunk.at for chunk in exchange.chunks]
    assert masked.header("content-length") == str(len(masked.body))
    assert Redactor([key]).mask(masked.body) == (masked.body, 0)


def test_chunks_keep_what_is_no_secret_and_when_it_came() -> None:
    masked = Redactor([KEY]).mask_exchange(answered(b"a" + KEY[:3].encode(), KEY[3:].encode() + b"b", b"c"))
    assert masked.chunks == (Chunk(0.0, b"a" + MASK.encode()), Chunk(1.0, b"b"), Chunk(2.0, b"c"))


def test_pieces_that_a_client_does_not_join_are_never_left_empty() -> None:
    """An id or a name may not be empty, and a redacted answer must not be judged to break that."""
    lines = [f'data: {{"item_id": "{piece}"}}' for piece in (KEY[:9], KEY[9:14], f"{KEY[14:]}-1")]
    masked = Redactor([KEY]).mask("\n".join(lines).encode())[0].decode()
    assert [json.loads(line[6:])["item_id"] for line in masked.splitlines()] == [MASK, MASK, f"{MASK}-1"]


def test_each_secret_has_a_mask_of_its_own_and_all_have_one_length() -> None:
    secrets = [f"sk-canary-{'x' * number}-{number}" for number in range(1, 13)]
    masks = [Redactor(secrets).mask_text(secret) for secret in secrets]
    assert masks[:2] == [MASK, "***2****"]
    assert len(set(masks)) == len(masks)
    assert {len(mask) for mask in masks} == {len(MASK)}


@pytest.mark.slow
@pytest.mark.parametrize("chunk", [7, 10_000])
def test_a_redacted_exchange_gets_the_verdict_of_the_bare_one(chunk: int) -> None:
    """All checks of a whole run under each contract, with words of the answers taken for a secret."""
    bench = Bench.collect()
    bare = bench.record(HEALTHY)
    outcomes = {name: seen for name, seen in bare.outcomes.items() if isinstance(seen, Exchange)}
    recut = {name: cut(seen, chunk) for name, seen in outcomes.items()}

    def verdicts(exchanges: Mapping[str, Exchange], contract: Contract) -> dict[str, Verdict]:
        record = Record(bare.plan, {**bare.outcomes, **exchanges})
        return {node: seen.verdict for node, seen in bench.verdicts(record, contract).items()}

    before = {contract: verdicts(recut, contract) for contract in SHIPPED.values()}
    for secret in ("How can I help", "37, 38, 39", "easy to build upon", "invalid_request"):
        redacted = {name: Redactor([secret]).mask_exchange(seen) for name, seen in recut.items()}
        assert sum(seen.leaks for seen in redacted.values()) > 1
        for contract, bare_ones in before.items():
            after = verdicts(redacted, contract)
            changed = {node for node, verdict in bare_ones.items() if after[node] is not verdict}
            assert changed == {"conformance/checks/test_authorization.py::test_no_answer_repeats_the_key"}


def cut(exchange: Exchange, size: int) -> Exchange:
    body = exchange.body
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    last = exchange.chunks[-1].at if exchange.chunks else 0.0
    return replace(exchange, chunks=tuple(Chunk(last, piece) for piece in pieces))


@pytest.mark.parametrize("sizes", [(3, 4), (5, 5), (13, 13), (1, 25)])
def test_deltas_of_interleaved_items(sizes: tuple[int, int]) -> None:
    """Also where the end of the one and the beginning of the other make up the key once more."""
    told = [
        [*events(KEY, size, output_index=index), json.dumps({"output_index": index, "text": KEY})]
        for index, size in enumerate(sizes)
    ]
    lines = [event for pair in zip_longest(*told) for event in pair if event is not None]
    masked = Redactor([KEY]).mask("".join(f"data: {line}\r\n\r\n" for line in lines).encode())[0].decode()
    data = [json.loads(line[6:]) for line in masked.splitlines() if line]
    for index in (0, 1):
        mine = [event for event in data if event["output_index"] == index]
        assert "".join(event.get("delta", "") for event in mine) == mine[-1]["text"] == MASK


def answered(*chunks: bytes, headers: Headers = (), fault: Fault | None = None) -> Exchange:
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
    assert masked.body == f'{{"message": "bad key {MASK}"}}'.encode()
    assert [chunk.at for chunk in masked.chunks] == [chunk.at for chunk in exchange.chunks]
    assert not tells(json.dumps(masked.to_json()), KEY)
    assert masked.request.headers == (("Authorization", f"Bearer {MASK}"),)
    assert masked.request.url == f"https://h/v1?key={MASK}"
    assert masked.headers == (("X-Key", MASK), ("X-A", MASK), ("X-B", MASK))
    assert masked.fault == Fault("cut", f"broke at {MASK}")


def test_the_other_tries_are_masked_too() -> None:
    tried = Attempt(503, Fault("cut", f"after {KEY}"), 0.5, (("x-request-id", f"req-{KEY}"),))
    masked = Redactor([KEY]).mask_exchange(replace(answered(b"{}"), retries=(tried,)))
    assert not tells(json.dumps(masked.to_json()), KEY)
    assert masked.retries[0].waited == 0.5


def test_the_request_is_masked_and_is_no_leak() -> None:
    masked = Redactor([KEY]).mask_exchange(answered(b"{}"))
    assert masked.leaks == 0
    assert not tells(json.dumps(masked.to_json()), KEY)


def test_headers_named_as_secret_are_masked_whole() -> None:
    redactor = Redactor([], ["Set-Cookie"])
    masked = redactor.mask_exchange(answered(b"{}", headers=(("set-cookie", "session=1"), ("X", "y"))))
    assert masked.headers == (("set-cookie", MASK), ("X", "y"))


def test_a_secret_headers_mask_says_which_secret_it_is_and_an_empty_one_stays_empty() -> None:
    redactor = Redactor([KEY, "org-1"], ["X-Org", "X-Other"])
    sent = (("X-Org", "org-1"), ("x-other", "a session's name"), ("X-Org", ""))
    assert redactor.mask_headers(sent)[0] == (("X-Org", "***2****"), ("x-other", MASK), ("X-Org", ""))


def test_words_are_no_secrets_in_answers() -> None:
    """Servers without authorization take keys such as these, and mean other things by them in answers."""
    for key in ("none", "EMPTY", "text", "ollama"):
        assert not searchable(key)
        redactor = Redactor([key])
        exchange = answered(f'{{"tool_choice":"{key}"}}'.encode())
        assert redactor.mask_exchange(exchange).body == exchange.body
        assert redactor.mask_headers((("Authorization", f"Bearer {key}"),), own=True)[0] == (
            ("Authorization", f"Bearer {MASK}"),
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


def test_a_key_in_pieces_at_thousands_of_places_is_masked_in_time() -> None:
    pieces = [(index, piece) for piece in (KEY[:7], KEY[7:]) for index in range(9_000)]
    lines = [json.dumps({"output_index": index, "delta": piece}) for index, piece in pieces]
    body = "\n".join([*lines, json.dumps({"filler": "x" * 4_000_000})]).encode()
    masked, hits = Redactor([KEY]).mask(body)
    assert hits == 9_000
    assert not tells(masked.decode(), KEY)


def test_the_last_sweep_masks_in_place_and_names_the_files(tmp_path: Path) -> None:
    (tmp_path / "exchanges").mkdir()
    clean, leaky = tmp_path / "clean.json", tmp_path / "exchanges" / "leaky.xml"
    clean.write_text("nothing")
    leaky.write_text(f"<failure>{html.escape(KEY)}</failure>")
    assert sweep(tmp_path, Redactor([KEY])) == [leaky]
    assert leaky.read_text() == f"<failure>{MASK}</failure>"
    assert sweep(tmp_path, Redactor([KEY])) == []
