"""The network: what is sent, what is kept of what comes, and how every way to fail is told apart."""

import asyncio
import gzip
import json
import ssl
import zlib
from pathlib import Path

import pytest
import trustme

from conformance.exchange import Call
from conformance.run.profile import FromEnv, Profile
from conformance.wire.credentials import Credentials, Secret
from conformance.wire.endpoint import Endpoint, EndpointError
from conformance.wire.limits import Limits
from conformance.wire.live import Live
from conformance.wire.redaction import MASK, Redactor
from tests.hostile import behaviours
from tests.hostile.serving import Connection, Handler, serving
from tests.sending import CALL, KEY, live, once, perform


def bytes_of(answer: bytes) -> Handler:
    """A server that answers every request with these bytes, and closes."""

    async def handle(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer)
        raise EOFError

    return handle


def test_what_goes_out() -> None:
    with serving(behaviours.well) as served:
        exchange = once(served, Call("s", headers=(("X-A", "1"),), body="{ü}".encode()))
    (request,) = served.requests
    assert (request.method, request.target, request.body) == ("POST", "/v1/responses", "{ü}".encode())
    headers = request.headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["content-type"] == "application/json"
    assert headers["accept-encoding"] == "gzip, deflate"
    assert headers["x-a"] == "1"
    assert exchange.status == 200
    assert exchange.fault is None
    assert json.loads(exchange.body) == behaviours.ANSWER
    assert exchange.request.url == f"{served.base_url}/responses"
    assert ("Authorization", f"Bearer {MASK}") in exchange.request.headers
    assert KEY not in json.dumps(exchange.to_json())


def test_a_call_without_a_body_and_its_own_headers() -> None:
    with serving(behaviours.well) as served:
        once(served, Call("s", method="GET", path="/resp_1", query=(("include[]", "a b"),)))
        once(served, Call("s", method="GET", path="/models", absolute=True))
        once(served, Call("s", headers=(("content-type", "text/plain"),), body=b"x"))
        once(served, Call("s", method="GET", path="/a?b #ü%2F"))
    first, second, third, fourth = served.requests
    assert first.target == "/v1/responses/resp_1?include%5B%5D=a+b"
    assert "content-type" not in first.headers
    assert second.target == "/v1/models"
    assert third.headers["content-type"] == "text/plain"
    assert fourth.target == "/v1/responses/a%3Fb%20%23%C3%BC%2F"


def test_a_profile_shapes_every_request() -> None:
    with serving(behaviours.well) as served:
        profile = Profile(
            "p",
            served.base_url,
            key_header="api-key",
            key_scheme="",
            responses_path="/openai/r",
            headers=(("X-Org", "o"), ("X-Token", FromEnv("TOKEN"))),
            query=(("api-version", "preview"),),
            secret_headers=frozenset({"x-token"}),
        )
        exchange = perform(live(profile), CALL)[0]
    (request,) = served.requests
    assert request.target == "/v1/openai/r?api-version=preview"
    assert request.headers["api-key"] == KEY
    assert "authorization" not in request.headers
    assert (request.headers["x-org"], request.headers["x-token"]) == ("o", "t-987654321")
    assert "t-987654321" not in str(exchange.request)


def test_no_credential_is_no_header() -> None:
    with serving(behaviours.well) as served:
        once(served, Call("s", body=b"{}", credential="none"))
        once(served, Call("s", body=b"{}", credential="empty"))
        once(served, Call("s", body=b"{}", credential="wrong"))
    none, empty, wrong = served.requests
    assert "authorization" not in none.headers
    assert empty.headers["authorization"] == ""
    assert wrong.headers["authorization"].startswith("Bearer sk-")
    assert KEY not in wrong.headers["authorization"]


def test_no_cookie_is_kept() -> None:
    async def handle(connection: Connection) -> None:
        await connection.request()
        await connection.answer(b"{}", 200, "application/json", "Set-Cookie: session=1")

    with serving(handle) as served:
        perform(live(Profile("p", served.base_url)), CALL, CALL)
    assert [request.headers.get("cookie") for request in served.requests] == [None, None]


def test_a_proxy_is_used_only_where_the_profile_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(behaviours.well) as served, serving(behaviours.well) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.base_url.removesuffix("/v1"))
        once(served)
        assert not proxy.requests
        through = Profile("p", served.base_url, proxy=proxy.base_url.removesuffix("/v1"))
        perform(live(through), CALL)
    assert [request.target for request in proxy.requests] == [f"{served.base_url}/responses"]
    assert len(served.requests) == 1


def test_a_proxy_where_nobody_listens_is_named() -> None:
    profile = Profile("p", "http://api.example/v1", proxy=nobody().removesuffix("/v1"))
    fault = perform(live(profile), CALL)[0].fault
    assert fault is not None
    assert fault.kind == "connect"
    assert "(the proxy of api.example)" in fault.message


def nobody() -> str:
    """A base URL at which nobody listens any more."""
    with serving(behaviours.well) as served:
        pass
    return served.base_url


def chunked(*pieces: bytes) -> bytes:
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n"


FAULTS: dict[str, tuple[Handler, str, str]] = {
    "never answers": (behaviours.never_answers, "timeout", "no answer within the time-out of 1 s"),
    "resets": (behaviours.resets, "connect", "closed the connection without an answer"),
    "no http": (behaviours.not_http, "protocol", "is not HTTP/1.1"),
    "cut length": (
        bytes_of(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"),
        "cut",
        "the body broke off after 2 bytes",
    ),
    "cut stream": (behaviours.cut_stream, "cut", "the body broke off after 59 bytes"),
    "bad chunk": (
        bytes_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        "protocol",
        "is not HTTP/1.1",
    ),
    "huge headers": (behaviours.huge_headers, "protocol", "headers of 127.0.0.1"),
    "no gzip": (
        bytes_of(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n{}"),
        "protocol",
        "the body is not gzip",
    ),
    "cut gzip": (
        bytes_of(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 999)[:-12]),
        "cut",
        "the coded body breaks off",
    ),
    "brotli": (
        bytes_of(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}"),
        "protocol",
        "Content-Encoding 'br', though the request takes gzip, deflate only",
    ),
    "three codings": (
        bytes_of(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip, gzip\r\n\r\n{}"),
        "protocol",
        "3 content codings",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_way_to_break_is_told_apart(name: str) -> None:
    handler, kind, message = FAULTS[name]
    with serving(handler) as served:
        fault = once(served).fault
    assert fault is not None
    assert fault.kind == kind
    assert message in fault.message
    assert "\n" not in fault.message


def test_nobody_listens() -> None:
    exchange = perform(live(Profile("p", nobody())), CALL)[0]
    assert exchange.fault is not None
    assert exchange.fault.kind == "connect"
    assert "connection refused, nobody listens there" in exchange.fault.message
    assert [attempt.fault.kind for attempt in exchange.retries if attempt.fault] == ["connect", "connect"]


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 64 + ".example"])
def test_a_name_without_an_address(host: str) -> None:
    exchange = perform(live(Profile("p", f"http://{host}/v1")), CALL)[0]
    assert exchange.fault is not None
    assert exchange.fault.kind == "resolve"
    assert host in exchange.fault.message


def test_https_to_a_server_that_speaks_http_and_the_other_way_round() -> None:
    with serving(behaviours.plain_http) as served:
        profile = Profile("p", served.base_url.replace("http:", "https:"))
        fault = perform(live(profile), CALL)[0].fault
    assert fault is not None
    assert fault.kind == "tls"
    assert "is the base URL meant to be http://?" in fault.message
    with serving(behaviours.well, authority()[1]) as served:
        profile = Profile("p", served.base_url.replace("https:", "http:"))
        fault = perform(live(profile), CALL)[0].fault
    assert fault is not None
    assert fault.kind in {"connect", "protocol"}


def authority() -> tuple[trustme.CA, ssl.SSLContext]:
    made = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("127.0.0.1").configure_cert(context)
    return made, context


def test_a_certificate_that_does_not_verify(tmp_path: Path) -> None:
    made, context = authority()
    bundle = tmp_path / "ca.pem"
    made.cert_pem.write_to_path(str(bundle))
    with serving(behaviours.well, context) as served:
        refused = perform(live(Profile("p", served.base_url)), CALL)[0]
        assert not served.requests, "the key went to a stranger"
        accepted = perform(live(Profile("p", served.base_url, ca_bundle=bundle)), CALL)[0]
    assert refused.fault is not None
    assert refused.fault.kind == "tls"
    assert "does not verify" in refused.fault.message
    assert "ca_bundle" in refused.fault.message
    assert accepted.status == 200


def test_a_bundle_without_certificates_and_a_bad_proxy_are_profile_errors(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(EndpointError, match="ca_bundle: cannot use"):
        live(Profile("p", "https://h/v1", ca_bundle=tmp_path / "ca.pem"))
    with pytest.raises(EndpointError, match="proxy: must start with"):
        live(Profile("p", "https://h/v1", proxy="ftp://h"))


def test_a_redirect_is_an_answer_and_the_key_stays_here() -> None:
    with serving(behaviours.well) as elsewhere:

        async def redirect(connection: Connection) -> None:
            await connection.request()
            await connection.answer(b"", 307, "text/plain", f"Location: {elsewhere.base_url}/responses")

        with serving(redirect) as served:
            exchange = once(served)
    assert exchange.status == 307
    assert exchange.fault is None
    assert elsewhere.connections == 0


CODED = json.dumps(behaviours.ANSWER).encode()
RAW_DEFLATE = zlib.compressobj(wbits=-zlib.MAX_WBITS)


@pytest.mark.parametrize(
    ("encoding", "coded"),
    [
        ("identity", CODED),
        ("gzip", gzip.compress(CODED)),
        ("x-gzip", gzip.compress(CODED)),
        ("gzip", gzip.compress(CODED[:9]) + gzip.compress(CODED[9:])),
        ("deflate", zlib.compress(CODED)),
        ("deflate", RAW_DEFLATE.compress(CODED) + RAW_DEFLATE.flush()),
        ("deflate, gzip", gzip.compress(zlib.compress(CODED))),
        ("GZIP", gzip.compress(CODED)),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_codings_are_undone_however_they_are_cut(encoding: str, coded: bytes, size: int) -> None:
    pieces = [coded[at : at + size] for at in range(0, len(coded), size)]
    answer = chunked(*pieces).replace(b"\r\n", f"\r\nContent-Encoding: {encoding}\r\n".encode(), 1)
    with serving(bytes_of(answer)) as served:
        exchange = once(served)
    assert exchange.fault is None
    assert exchange.body == CODED


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_empty_body_needs_no_coding(encoding: str) -> None:
    answer = f"HTTP/1.1 204 No\r\nContent-Encoding: {encoding}\r\n\r\n".encode()
    with serving(bytes_of(answer)) as served:
        assert once(served).fault is None


@pytest.mark.parametrize(
    "handler",
    [behaviours.huge_body, behaviours.gzip_bomb, behaviours.endless_line, behaviours.endless_deltas],
    ids=lambda handler: str(handler.__name__),
)
def test_a_body_past_the_limit_is_cut_and_its_beginning_kept(handler: Handler) -> None:
    with serving(handler) as served:
        exchange = once(served, limits=Limits(request_timeout=60, max_bytes=1_000_000))
    assert exchange.fault is not None
    assert exchange.fault.kind == "too-large"
    assert "is longer than" in exchange.fault.message
    assert exchange.status == 200
    assert len(exchange.body) == 65536


def test_all_bodies_together_are_bounded_too() -> None:
    body = b"x" * 600_000
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    with serving(bytes_of(answer)) as served:
        limits = Limits(max_held=2_000_000)
        exchanges = perform(live(Profile("p", served.base_url), limits), *[CALL] * 5)
    assert [exchange.fault and exchange.fault.kind for exchange in exchanges[:3]] == [None] * 3
    assert exchanges[4].fault is not None
    assert "answers together are longer than 1 MiB" in exchanges[4].fault.message
    assert 0 < len(exchanges[4].body) <= 65536


def test_a_stream_that_stalls_keeps_what_had_come_and_when() -> None:
    async def handle(connection: Connection) -> None:
        await connection.request()
        await connection.begin("Content-Type: text/event-stream")
        await connection.send(b"data: 1\n\n")
        await asyncio.sleep(0.3)
        await connection.send(b"data: 2\n\n")
        await asyncio.sleep(60)

    with serving(handle) as served:
        exchange = once(served)
    assert exchange.fault is not None
    assert exchange.fault.kind == "timeout"
    assert "HTTP 200 and 18 bytes" in exchange.fault.message
    first, second = exchange.chunks
    assert (first.data, second.data) == (b"data: 1\n\n", b"data: 2\n\n")
    assert second.at - first.at > 0.2
    assert exchange.duration > 0.9


def test_very_many_chunks_are_joined_and_none_is_lost() -> None:
    pieces = [b"%05d" % number for number in range(12_000)]
    with serving(bytes_of(chunked(*pieces))) as served:
        exchange = once(served, limits=Limits())
    assert exchange.body == b"".join(pieces)
    assert 10_000 <= len(exchange.chunks) < 10_500


def test_the_client_hangs_up_where_it_is_told_to() -> None:
    with serving(behaviours.endless_deltas) as served:
        exchange = once(served, Call("s", body=b"{}", hang_up_after=1000))
    assert exchange.hung_up
    assert exchange.fault is None
    assert len(exchange.body) >= 1000


def test_an_echoed_key_never_leaves_the_transport() -> None:
    async def echo(connection: Connection) -> None:
        request = await connection.request()
        said = request.headers["authorization"]
        await connection.answer(f'{{"key": "{said}"}}'.encode(), 400, "application/json", f"X-Key: {said}")

    with serving(echo) as served:
        exchange = once(served)
    assert exchange.leaks == 2
    assert KEY not in json.dumps(exchange.to_json())
    assert len(exchange.body) == int(exchange.header("content-length") or 0)


def test_a_key_that_is_a_word_is_masked_in_the_request_only() -> None:
    with serving(behaviours.well) as served:
        credentials = Credentials(Secret("text"), secrets=(Secret("text"),))
        sender = Live(Endpoint(served.base_url), credentials, Redactor(credentials.secrets))
        exchange = perform(sender, CALL)[0]
    assert served.requests[0].headers["authorization"] == "Bearer text"
    assert ("Authorization", f"Bearer {MASK}") in exchange.request.headers
    assert json.loads(exchange.body) == behaviours.ANSWER
