"""Says in words what went wrong on the wire, and tells the kinds apart."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from conformance.exchange import Fault
from conformance.run.profile import Profile
from conformance.wire.decoding import Undecodable


class TooLarge(Exception):
    """A body passed a limit; the message says which."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an exchange had come when it broke: the status, if any, and the bytes of the body."""

    status: int | None
    received: int


def fault_of(error: Exception, profile: Profile, progress: Progress) -> Fault | None:
    """The fault that an exception amounts to; None for one that is the suite's own."""
    if isinstance(error, TooLarge):
        return Fault("too-large", str(error))
    if isinstance(error, Undecodable):
        return Fault("protocol", str(error))
    if isinstance(error, httpx.TimeoutException):
        secure = "; does it speak TLS?" if _target(profile).startswith("https:") else ""
        return Fault("timeout", f"no connection to {_host(profile)} within the time-out{secure}")
    if isinstance(error, httpx.ProxyError):
        return Fault(
            "connect", f"the proxy {profile.proxy} did not open the connection: {_first_line(error)}"
        )
    if isinstance(error, httpx.RemoteProtocolError):
        return _broken_protocol(error, profile, progress)
    if isinstance(
        error, httpx.LocalProtocolError | httpx.UnsupportedProtocol | httpx.InvalidURL | UnicodeError
    ):
        return Fault("protocol", f"the request cannot be sent: {_first_line(error)}")
    if isinstance(error, httpx.NetworkError | OSError):
        return _broken_connection(error, profile, progress)
    return None


def _broken_connection(error: Exception, profile: Profile, progress: Progress) -> Fault:
    host = _host(profile)
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror | UnicodeError):
            return Fault("resolve", f"the host name {urlsplit(_target(profile)).hostname!r} has no address")
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
        through = f" (the proxy of {urlsplit(profile.base_url).netloc})" if profile.proxy else ""
        return Fault("connect", f"no connection to {host}{through}: {_reason(error)}")
    return Fault("connect", f"{host} closed the connection without an answer")


def _no_handshake(cause: ssl.SSLError, host: str) -> Fault:
    reason = (cause.reason or str(cause)).replace("_", " ").lower()
    if any(sign in reason for sign in ("wrong version number", "record layer failure", "http request")):
        return Fault("tls", f"{host} does not speak TLS ({reason}): is the base URL meant to be http://?")
    return Fault("tls", f"the TLS handshake with {host} failed: {reason}")


def _broken_protocol(error: Exception, profile: Profile, progress: Progress) -> Fault:
    text = _first_line(error)
    host = _host(profile)
    if "peer closed connection" in text:
        return Fault("cut", f"the body broke off after {progress.received} bytes: {text}")
    if progress.status is None and "disconnected" in text:
        return Fault("connect", f"{host} closed the connection without an answer")
    if "Receive buffer too long" in text or "too many headers" in text.lower():
        return Fault("protocol", f"the headers of {host}'s answer are longer than 100 KiB")
    hint = ": is the base URL meant to be https://?" if "status line" in text or "start line" in text else ""
    return Fault("protocol", f"what {host} sends is not HTTP/1.1 ({text}){hint}")


def _target(profile: Profile) -> str:
    return profile.proxy or profile.base_url


def _host(profile: Profile) -> str:
    return urlsplit(_target(profile)).netloc


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
