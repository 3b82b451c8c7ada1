"""The network: what is sent, what is kept of what comes, and how every way to fail is told apart."""

import asyncio
import datetime
import email.utils
import gzip
import json
import ssl
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
import trustme

from conformance.credentials import Credentials, Secret, read_credentials
from conformance.exchange import Call, Exchange
from conformance.limits import Limiter, Limits, back_off
from conformance.profile import FromEnv, Profile, ProfileError
from conformance.redaction import Redactor
from conformance.transport import Live
from tests.hostile import behaviours
from tests.hostile.serving import Connection, Handler, Served, serving

KEY = "sk-canary-0123456789"
QUICK = Limits(request_timeout=1.0, back_off=0.01)
CALL = Call("s", body=b'{"model":"m"}')


def live(profile: Profile, limits: Limits = QUICK) -> Live:
    credentials = read_credentials(profile, {"CONFORMANCE_API_KEY": KEY, "TOKEN": "t-987654321"})
    return Live(profile, credentials, Redactor(credentials.secrets, profile.secret_headers), limits)


def perform(sender: Live, *calls: Call, output_tokens: int = 0) -> list[Exchange]:
    async def run() -> list[Exchange]:
        try:
            return [await sender.perform(call, output_tokens=output_tokens) for call in calls]
        finally:
            await sender.aclose()

    return asyncio.run(run())


def once(served: Served, call: Call = CALL, limits: Limits = QUICK) -> Exchange:
    return perform(live(Profile("p", served.base_url), limits), call)[0]


def bytes_of(answer: bytes) -> Handler:
    """A server that answers every request with these bytes, and closes."""

    async def handle(connection: Connection) -> None:
        await connection.request()
        await connection.send(answer)
        raise EOFError

    return handle


def in_turn(*answers: tuple[int, str]) -> Handler:
    """A server that answers with these statuses and headers in turn, and then with 200 for ever."""
    left = list(answers)

    async def handle(connection: Connection) -> None:
        await connection.request()
        status, header = left.pop(0) if left else (200, "")
        await connection.answer(b"{}", status, "application/json", *([header] if header else []))

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
    assert ("Authorization", "Bearer " + "*" * len(KEY)) in exchange.request.headers
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
    with pytest.raises(ProfileError, match="ca_bundle: cannot use"):
        live(Profile("p", "https://h/v1", ca_bundle=tmp_path / "ca.pem"))
    with pytest.raises(ProfileError, match="proxy: must start with"):
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


def statuses(exchange: Exchange) -> list[int | None]:
    return [*(attempt.status for attempt in exchange.retries), exchange.status]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_not_now_is_asked_again_three_times_at_most(status: int) -> None:
    with serving(in_turn((status, ""), (status, ""))) as served:
        assert statuses(once(served)) == [status, status, 200]
    with serving(in_turn(*[(status, "")] * 9)) as served:
        assert statuses(once(served)) == [status] * 3
    assert len(served.requests) == 3


@pytest.mark.parametrize("status", [200, 400, 401, 404, 422, 501])
def test_other_answers_stand(status: int) -> None:
    with serving(in_turn((status, ""))) as served:
        assert statuses(once(served)) == [status]


def test_a_connection_that_was_reset_is_tried_again() -> None:
    tries: list[int] = []

    async def handle(connection: Connection) -> None:
        tries.append(1)
        await (behaviours.resets if len(tries) == 1 else behaviours.well)(connection)

    with serving(handle) as served:
        exchange = once(served)
    assert exchange.status == 200
    assert [attempt.fault.kind for attempt in exchange.retries if attempt.fault] == ["connect"]


def test_retries_have_a_budget_for_the_whole_run() -> None:
    with serving(behaviours.always_500) as served:
        limits = Limits(back_off=0.01, retry_budget=3)
        sender = live(Profile("p", served.base_url), limits)
        exchanges = perform(sender, CALL, CALL, CALL)
    assert [len(exchange.retries) for exchange in exchanges] == [2, 1, 0]
    assert (sender.traffic.requests, sender.traffic.retries) == (6, 3)


def test_retry_after_is_heeded() -> None:
    with serving(in_turn((503, "Retry-After: 1"))) as served:
        began = time.monotonic()
        exchange = once(served)
        took = time.monotonic() - began
    assert exchange.retries[0].waited == 1.0
    assert took >= 1.0


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [
        ("2", 2, 2),
        (" 0 ", 0, 0),
        ("86400", 30, 30),
        ("9" * 400, 30, 30),
        ("Mon, 99 Foo 0000 00:00:00 GMT", 0.25, 0.75),
        ("soon", 0.25, 0.75),
        ("-5", 0.25, 0.75),
        ("1.5", 0.25, 0.75),
        ("²", 0.25, 0.75),
        (None, 0.25, 0.75),
    ],
)
def test_how_long_to_wait(retry_after: str | None, least: float, most: float) -> None:
    assert least <= back_off(Limits(), 1, retry_after) <= most


@pytest.mark.parametrize(("seconds", "least", "most"), [(10, 8, 10.1), (86400, 30, 30), (-86400, 0, 0)])
def test_how_long_to_wait_for_a_moment(seconds: int, least: float, most: float) -> None:
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    assert least <= back_off(Limits(), 1, email.utils.format_datetime(moment, usegmt=True)) <= most


def test_waits_grow_and_scatter() -> None:
    waits = {back_off(Limits(), 3, None) for _ in range(20)}
    assert len(waits) > 1
    assert all(1.0 <= wait <= 3.0 for wait in waits)


def test_a_wait_past_the_deadline_is_not_begun() -> None:
    with serving(behaviours.retry_after_a_day) as served:
        exchange = once(served, limits=Limits(deadline=5))
    assert statuses(exchange) == [429]


def test_the_deadline_ends_what_runs_and_what_waits() -> None:
    with serving(behaviours.never_answers) as served:
        sender = live(Profile("p", served.base_url), Limits(concurrency=1, deadline=0.5))

        async def run() -> Sequence[Exchange]:
            return await asyncio.gather(*(sender.perform(CALL) for _ in range(3)))

        first, *rest = asyncio.run(run())
    assert first.fault is not None
    assert first.fault.message == "the run's deadline of 0.5 s passed with no answer"
    assert [exchange.fault and exchange.fault.kind for exchange in rest] == ["deadline"] * 2
    assert len(served.requests) == 1


def test_requests_have_a_budget() -> None:
    with serving(behaviours.well) as served:
        exchanges = perform(live(Profile("p", served.base_url), Limits(max_requests=2)), *[CALL] * 4)
    assert [exchange.status for exchange in exchanges] == [200, 200, None, None]
    assert exchanges[2].fault is not None
    assert exchanges[2].fault.kind == "budget"
    assert "the budget of 2 requests is used up" in exchanges[2].fault.message
    assert len(served.requests) == 2


def test_a_retry_that_the_budget_forbids_leaves_the_answer_as_it_was() -> None:
    with serving(behaviours.always_500) as served:
        exchange = once(served, limits=Limits(max_requests=2, back_off=0.01))
    assert statuses(exchange) == [500, 500]


def test_tokens_have_a_budget_and_usage_is_what_counts() -> None:
    with serving(behaviours.well) as served:
        sender = live(Profile("p", served.base_url), Limits(max_output_tokens=50))
        exchanges = perform(sender, *[CALL] * 4, output_tokens=20)
    assert [exchange.status for exchange in exchanges] == [200, 200, 200, None]
    assert sender.traffic.output_tokens == 45
    assert sender.traffic.input_tokens == 24
    assert exchanges[3].fault is not None
    assert exchanges[3].fault.kind == "budget"


def test_without_usage_the_estimate_counts_and_refusals_cost_nothing() -> None:
    with serving(in_turn((200, ""), (400, ""))) as served:
        sender = live(Profile("p", served.base_url))
        perform(sender, CALL, CALL, output_tokens=20)
    assert sender.traffic.output_tokens == 20


def test_no_more_in_flight_than_allowed() -> None:
    most = [0, 0]

    async def handle(connection: Connection) -> None:
        await connection.request()
        most[0] += 1
        most[1] = max(most)
        await asyncio.sleep(0.02)
        most[0] -= 1
        await connection.answer(b"{}")

    with serving(handle) as served:
        sender = live(Profile("p", served.base_url), Limits(concurrency=3))

        async def run() -> None:
            await asyncio.gather(*(sender.perform(CALL) for _ in range(12)))

        asyncio.run(run())
    assert most[1] == sender.traffic.peak_in_flight == 3


def test_the_width_halves_on_429_once_a_burst_and_recovers() -> None:
    limiter = Limiter(8)
    began = time.monotonic()
    limiter.too_many(began, None)
    limiter.too_many(began, None)
    assert limiter.width == 4
    for _ in range(3):
        limiter.too_many(time.monotonic(), None)
    assert limiter.width == 1
    for _ in range(60):
        limiter.answered()
    assert limiter.width == 8


def test_retry_after_of_429_holds_everything_else_too() -> None:
    with serving(in_turn((429, "Retry-After: 1"))) as served:
        sender = live(Profile("p", served.base_url))

        async def run() -> float:
            first = asyncio.create_task(sender.perform(CALL))
            while not served.requests:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            began = time.monotonic()
            await sender.perform(CALL)
            await first
            return time.monotonic() - began

        assert asyncio.run(run()) > 0.7


def test_requests_per_minute_are_spread() -> None:
    with serving(behaviours.well) as served:
        sender = live(Profile("p", served.base_url), Limits(requests_per_minute=600))

        async def run() -> float:
            began = time.monotonic()
            await asyncio.gather(*(sender.perform(CALL) for _ in range(6)))
            return time.monotonic() - began

        assert asyncio.run(run()) > 0.45


def test_the_urgent_go_first() -> None:
    with serving(behaviours.well) as served:
        sender = live(Profile("p", served.base_url), Limits(concurrency=1))

        async def run() -> None:
            calls = [Call(str(rank), body=str(rank).encode()) for rank in (1, 1, 3, 2)]
            await asyncio.gather(*(sender.perform(call, urgency=int(call.scenario)) for call in calls))

        asyncio.run(run())
    assert [request.body for request in served.requests] == [b"1", b"3", b"2", b"1"]


def test_cancelling_frees_the_slot() -> None:
    with serving(behaviours.never_answers) as served:
        sender = live(Profile("p", served.base_url), Limits(concurrency=1))

        async def run() -> None:
            held, waiting = (asyncio.create_task(sender.perform(CALL)) for _ in range(2))
            while not served.requests:
                await asyncio.sleep(0.01)
            waiting.cancel()
            held.cancel()
            await asyncio.gather(held, waiting, return_exceptions=True)
            third = asyncio.create_task(sender.perform(CALL))
            while len(served.requests) < 2:
                await asyncio.sleep(0.01)
            third.cancel()
            await asyncio.gather(third, return_exceptions=True)

        asyncio.run(asyncio.wait_for(run(), 10))
    assert sender.traffic.peak_in_flight == 1


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
        sender = Live(Profile("p", served.base_url), credentials, Redactor(credentials.secrets))
        exchange = perform(sender, CALL)[0]
    assert served.requests[0].headers["authorization"] == "Bearer text"
    assert ("Authorization", "Bearer ****") in exchange.request.headers
    assert json.loads(exchange.body) == behaviours.ANSWER
