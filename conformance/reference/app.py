"""The provider behind HTTP: one ASGI application that serves the healthy provider and every other.

`/v1/…` is the provider that the application was made with; `/m/<mutant>/v1/…` and `/b/<variant>/v1/…` are the
broken and the different ones, each with a storage of its own, made when first asked for.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from conformance.reference.hooks import Frame, Reply
from conformance.reference.provider import Provider

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Dropped(Exception):
    """Makes the HTTP server end the connection in the middle of a body."""


class Wire(Response):
    """Sends a reply as it says: header names as they are spelled, frames one by one."""

    def __init__(self, reply: Reply, on_hang_up: Callable[[], None] = lambda: None) -> None:
        super().__init__(status_code=reply.status)
        self.wire = reply
        self.on_hang_up = on_hang_up
        self.raw_headers = [(k.encode("latin-1"), v.encode("latin-1")) for k, v in reply.headers]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, as long as the client is there to read it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        # The request was read: the next that can be received of it is that its client has gone.
        gone = asyncio.ensure_future(receive())
        try:
            for frame in self.wire.frames if scope["method"] != "HEAD" else ():
                # Also without a pause: only then the loop can learn that the client has gone.
                await asyncio.sleep(frame.after)
                if gone.done():
                    self.on_hang_up()
                    return
                await send({"type": "http.response.body", "body": frame.data, "more_body": True})
        finally:
            gone.cancel()
        if self.wire.cut:
            # What was sent must be on its way before the connection goes.
            await asyncio.sleep(0.02)
            raise Dropped
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@dataclass(slots=True)
class Providers:
    """The providers by the prefix of their path. `make` builds one from `m` or `b` and a name."""

    plain: Provider
    make: Callable[[str, str], Provider | None]
    made: dict[tuple[str, str], Provider] = field(default_factory=dict)

    def find(self, path: str) -> tuple[Provider | None, str]:
        """The provider that serves a path, and the path from its base URL on."""
        steps = path.split("/", 4)
        if path.startswith("/v1/"):
            return self.plain, path.removeprefix("/v1")
        if len(steps) == 5 and steps[1] in {"m", "b"} and steps[3] == "v1":
            return self._other(steps[1], steps[2]), f"/{steps[4]}"
        return None, path

    def _other(self, kind: str, name: str) -> Provider | None:
        if (kind, name) not in self.made:
            provider = self.make(kind, name)
            if provider is None:
                return None
            self.made[kind, name] = provider
        return self.made[kind, name]


def application(providers: Providers, latency: float = 0.0) -> Starlette:
    """The ASGI application; every answer waits `latency` seconds."""

    async def answer(request: Request) -> Response:
        if request.url.path == "/ready":
            return Response("ready\n", media_type="text/plain")
        try:
            raw = await request.body()
        except ClientDisconnect:
            return Response(status_code=400)
        provider, path = providers.find(request.url.path)
        if provider is None:
            return Wire(_nobody(request.url.path))
        headers = {name.lower(): value for name, value in request.headers.items()}
        reply = provider.reply(request.method, path, dict(request.query_params), headers, raw)
        await asyncio.sleep(latency + reply.wait)
        return Wire(reply, lambda: provider.hung_up(raw))

    return Starlette(routes=[Route("/{path:path}", answer, methods=METHODS)])


def _nobody(path: str) -> Reply:
    error = {
        "message": f"Nothing is served at {path[:200]}.",
        "type": "invalid_request_error",
        "param": None,
        "code": "unknown_url",
    }
    body = json.dumps({"error": error}).encode()
    headers = (("content-type", "application/json"), ("content-length", str(len(body))))
    return Reply(404, headers, (Frame(body),))
