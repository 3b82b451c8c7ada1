"""The one module that knows the HTTP client: sends bytes, and says in words what went wrong on the wire."""

import socket
import ssl
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from conformance.exchange import Fault
from conformance.wire.collecting import TooLarge
from conformance.wire.credentials import Pairs
from conformance.wire.decoding import Undecodable
from conformance.wire.endpoint import Endpoint, EndpointError


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an exchange had come when it broke: the status, if any, and the bytes of the body."""

    status: int | None
    received: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """An answer whose body has not been read yet: its `pieces` are as they come, still coded."""

    status: int
    headers: Pairs
    pieces: AsyncIterable[bytes]
    aclose: Callable[[], Awaitable[None]]


class Transport:
    """Sends requests over HTTP/1.1, and reads no proxy from the environment.

    Keeps so many connections open. Raises EndpointError where the endpoint's CA bundle or proxy is unfit;
    what its methods raise `fault_of` can tell.
    """

    def __init__(self, endpoint: Endpoint, connections: int) -> None:
        self._pool = httpx.AsyncHTTPTransport(
            verify=_tls(endpoint),
            http1=True,
            http2=False,
            proxy=_proxy(endpoint),
            trust_env=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=connections),
        )

    async def send(
        self, method: str, url: str, headers: Pairs, body: bytes, *, connect_timeout: float
    ) -> Incoming:
        """Send a request as it is; gives the answer once its headers are there. Seconds."""
        timeout = httpx.Timeout(None, connect=connect_timeout)
        request = httpx.Request(
            method, url, headers=list(headers), content=body, extensions={"timeout": timeout.as_dict()}
        )
        response = await self._pool.handle_async_request(request)
        received = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in response.headers.raw)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        return Incoming(response.status_code, received, response.stream, response.aclose)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


def fault_of(error: Exception, endpoint: Endpoint, progress: Progress) -> Fault | None:
    """The fault that an exception amounts to; None for one that is the suite's own."""
    if isinstance(error, TooLarge):
        return Fault("too-large", str(error))
    if isinstance(error, Undecodable):
        return Fault("protocol", str(error))
    if isinstance(error, httpx.TimeoutException):
        secure = "; does it speak TLS?" if _target(endpoint).startswith("https:") else ""
        return Fault("timeout", f"no connection to {_host(endpoint)} within the time-out{secure}")
    if isinstance(error, httpx.ProxyError):
        return Fault(
            "connect", f"the proxy {endpoint.proxy} did not open the connection: {_first_line(error)}"
        )
    if isinstance(error, httpx.RemoteProtocolError):
        return _broken_protocol(error, endpoint, progress)
    if isinstance(
        error, httpx.LocalProtocolError | httpx.UnsupportedProtocol | httpx.InvalidURL | UnicodeError
    ):
        return Fault("protocol", f"the request cannot be sent: {_first_line(error)}")
    if isinstance(error, httpx.NetworkError | OSError):
        return _broken_connection(error, endpoint, progress)
    return None


def _tls(endpoint: Endpoint) -> ssl.SSLContext:
    """The endpoint's own authorities, or else SSL_CERT_FILE's, or else those that come with certifi.

    None at all where no TLS will be spoken: to read them takes longer than a request.
    """
    if endpoint.ca_bundle is None and not _secure(endpoint):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if endpoint.ca_bundle is None:
        return httpx.create_ssl_context(verify=True, trust_env=True)
    try:
        return ssl.create_default_context(cafile=endpoint.ca_bundle)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no PEM certificates"
        raise EndpointError(
            f"ca_bundle: cannot use {endpoint.ca_bundle}: {reason}: name a PEM file"
        ) from None


def _secure(endpoint: Endpoint) -> bool:
    """Whether the endpoint or its proxy is spoken to over TLS. A redirect is never followed."""
    return any(url.lower().startswith("https:") for url in (endpoint.base_url, endpoint.proxy or ""))


def _proxy(endpoint: Endpoint) -> httpx.Proxy | None:
    if not endpoint.proxy:
        return None
    try:
        return httpx.Proxy(endpoint.proxy)
    except (ValueError, httpx.InvalidURL):
        raise EndpointError("proxy: must start with http:// or https://") from None


def _broken_connection(error: Exception, endpoint: Endpoint, progress: Progress) -> Fault:
    host = _host(endpoint)
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror | UnicodeError):
            return Fault("resolve", f"the host name {urlsplit(_target(endpoint)).hostname!r} has no address")
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Fault(
                "tls",
                f"the certificate of {host} does not verify ({cause.verify_message}); if its authority"
                " is your own, name its bundle with ca_bundle in the profile",
            )
        if isinstance(cause, ssl.SSLError):
            return _no_handshake(cause, host)
    if progress.status is not None:
        return Fault("cut", f"the connection broke after {progress.received} bytes of the body")
    if isinstance(error, httpx.ConnectError):
        through = f" (the proxy of {urlsplit(endpoint.base_url).netloc})" if endpoint.proxy else ""
        return Fault("connect", f"no connection to {host}{through}: {_reason(error)}")
    return Fault("connect", f"{host} closed the connection without an answer")


def _no_handshake(cause: ssl.SSLError, host: str) -> Fault:
    reason = (cause.reason or str(cause)).replace("_", " ").lower()
    if any(sign in reason for sign in ("wrong version number", "record layer failure", "http request")):
        return Fault("tls", f"{host} does not speak TLS ({reason}): is the base URL meant to be http://?")
    return Fault("tls", f"the TLS handshake with {host} failed: {reason}")


def _broken_protocol(error: Exception, endpoint: Endpoint, progress: Progress) -> Fault:
    text = _first_line(error)
    host = _host(endpoint)
    if "peer closed connection" in text:
        return Fault("cut", f"the body broke off after {progress.received} bytes: {text}")
    if progress.status is None and "disconnected" in text:
        return Fault("connect", f"{host} closed the connection without an answer")
    if "Receive buffer too long" in text or "too many headers" in text.lower():
        return Fault("protocol", f"the headers of {host}'s answer are longer than 100 KiB")
    hint = ": is the base URL meant to be https://?" if "status line" in text or "start line" in text else ""
    return Fault("protocol", f"what {host} sends is not HTTP/1.1 ({text}){hint}")


def _target(endpoint: Endpoint) -> str:
    return endpoint.proxy or endpoint.base_url


def _host(endpoint: Endpoint) -> str:
    return urlsplit(_target(endpoint)).netloc


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _causes(inner)
        error = error.__cause__ or error.__context__


def _reason(error: Exception) -> str:
    """What the operating system says, without its addresses; the library's words where it says nothing."""
    for cause in _causes(error):
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused, nobody listens there"
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return "connection reset"
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
    return _first_line(error) or "the connection failed"


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
