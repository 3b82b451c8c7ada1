"""A key that the server hands back in every way it can stands in no byte that a run leaves behind."""

import base64
import html
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from conformance.exchange import Exchange
from conformance.wire.redaction import MASK
from tests.hostile.behaviours import ANSWER
from tests.hostile.serving import Connection, serving
from tests.runs import Ran, run
from tests.sample_run import unpacked

pytestmark = pytest.mark.slow

KEY = 'sk-canary/Zx81"Qm0+pL7wT5vB3='
OTHER = "org-canary-9f8e7d6c5b4a"

PROFILE = """
base_url = "{base_url}"
key_env = "CANARY"
[headers]
X-Organisation = {{ env = "OTHER_CANARY" }}
"""


def forms(secret: str) -> Iterator[bytes]:
    """What to look for: the secret in each spelling, and what base64 makes of its middle."""
    yield secret.encode()
    yield quote(secret, safe="").encode()
    yield quote(secret).encode()
    yield json.dumps(secret)[1:-1].encode()
    yield json.dumps(secret)[1:-1].replace("/", "\\/").encode()
    yield "".join(f"\\u{ord(character):04x}" for character in secret).encode()
    yield html.escape(secret).encode()
    for prefix in ("", "x", "xx"):
        coded = base64.b64encode((prefix + secret).encode())[4:-4]
        yield coded
        yield coded.replace(b"/", b"\\/")
    for at in range(len(secret) - 11):
        yield secret[at : at + 12].encode()


def said(secret: str, size: int) -> list[str]:
    """A text that gives the secret away in every form, in pieces of some size."""
    url, coded = quote(secret, safe=""), base64.b64encode(f"Bearer {secret}".encode()).decode()
    text = f"your key is {secret}, or {url}, or {coded}; good bye"
    return [text[at : at + size] for at in range(0, len(text), size)]


def events(secret: str) -> Iterator[dict[str, object]]:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    text = "".join(said(secret, 1))
    content = [{"type": "output_text", "text": text, "annotations": []}]
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": content}
    yield {"type": "response.created", "response": {**ANSWER, "output": [], "status": "in_progress"}}
    yield {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}}
    for piece in said(secret, 5):
        yield {"type": "response.output_text.delta", **place, "delta": piece}
    yield {"type": "response.output_text.done", **place, "text": text}
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    yield {"type": "response.completed", "response": {**ANSWER, "output": [item]}}


async def echo(connection: Connection) -> None:
    """Answers well or badly, in one piece or streamed, and always with both secrets."""
    request = await connection.request()
    key = request.headers.get("authorization", "").removeprefix("Bearer ")
    headers = [f"X-Echo: {key}", f"X-Half: {key[:9]}", f"X-Rest: {key[9:]}", f"X-Url: {quote(key, safe='')}"]
    secrets = (key, request.headers["x-organisation"])
    try:
        asked = json.loads(request.body)
    except ValueError:
        asked = {}
    if not isinstance(asked, dict) or "input" not in asked:
        message = json.dumps({"error": {"message": f"no input; {secrets}", "code": said(key, 3)}})
        await connection.answer(message.replace("/", "\\/").encode(), 400, "application/json", *headers)
    elif asked.get("stream") is True:
        lines = (
            f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"
            for number, event in enumerate(event for secret in secrets for event in events(secret))
        )
        body = "".join(lines).encode()
        await connection.begin("Content-Type: text/event-stream", *headers)
        for at in range(0, len(body), 700):
            await connection.send(body[at : at + 700])
        raise EOFError
    else:
        answer = {**ANSWER, "id": f"resp_{key}", "metadata": {"a": said(key, 40), "b": said(secrets[1], 7)}}
        unicode = "".join(f"\\u{ord(character):04x}" for character in key)
        whole = json.dumps(answer)[:-1] + f', "user": "{unicode}"}}'
        await connection.answer(whole.encode(), 200, "application/json", *headers)


def left_behind(ran: Ran) -> Iterator[tuple[str, bytes]]:
    yield "the terminal", ran.printed.encode()
    for file in ran.report.rglob("*"):
        if file.is_file():
            yield file.name, file.read_bytes()
    page = (ran.report / "index.html").read_text(encoding="utf-8")
    yield "what the page carries folded", json.dumps(unpacked(page), ensure_ascii=False).encode()


@pytest.mark.parametrize("key", [KEY, "0123456789abcdef0123456789abcdef"])
def test_no_byte_left_behind_has_the_key(key: str, tmp_path: Path) -> None:
    profile = tmp_path / "canary.toml"
    report = tmp_path / "report"
    loud = ("-l", "-vv", "-rA", "--tb=long", "-s", "-o", "junit_logging=all")
    checks = [
        f"conformance/checks/test_{name}.py"
        for name in ("usage", "response_body", "stream_framing", "errors")
    ]
    with serving(echo) as served:
        profile.write_text(PROFILE.format(base_url=served.base_url))
        environ = {"CANARY": key, "OTHER_CANARY": OTHER, "CONFORMANCE_API_KEY": "unused"}
        ran = run(report, *checks, "--provider", str(profile), *loud, environ=environ)
        assert any(key in request.headers.get("authorization", "") for request in served.requests)
    assert ran.code == 1, ran.printed
    places = list(left_behind(ran))
    assert {"the terminal", "index.html", "results.json", "junit.xml", "text.json", "text-stream.json"} <= {
        name for name, _ in places
    }
    for secret in (key, OTHER):
        for form in forms(secret):
            assert not [name for name, data in places if form in data], form
    assert "a secret had got into" not in ran.printed, "redaction at capture has a hole"
    stream = json.loads((report / "exchanges" / "text-stream.json").read_text())
    body = "".join(data for _, data in stream["chunks"])
    deltas = [
        json.loads(line[6:]).get("delta", "") for line in body.splitlines() if line.startswith("data: ")
    ]
    assert not [form for secret in (key, OTHER) for form in forms(secret) if form in "".join(deltas).encode()]
    assert stream["leaks"] > 0

    for recorded in recordings(report):
        sent = dict(recorded.request.headers)
        assert sent["X-Organisation"] == "***2****"
        assert recorded.header("content-length") in {None, str(len(recorded.body))}, "it tells the length"
        if recorded.scenario in {"text", "text-stream"}:
            assert sent["Authorization"] == f"Bearer {MASK}"


def recordings(report: Path) -> Iterator[Exchange]:
    for file in (report / "exchanges").glob("*.json"):
        if file.name != "manifest.json":
            yield Exchange.from_json(json.loads(file.read_text()))


def test_a_key_in_a_usage_error_is_not_shown(tmp_path: Path) -> None:
    """The commonest slip: the key itself where the variable's name belongs."""
    ran = run(tmp_path / "report", "--base-url", "http://127.0.0.1:9/v1", "--api-key-env", KEY)
    assert ran.code == 4
    assert KEY not in ran.printed
    assert "stands in no profile and no option" in ran.printed
