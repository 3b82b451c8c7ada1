"""Sends calls to a server of the tests, as the suite sends them."""

import asyncio

from conformance.exchange import Call, Exchange
from conformance.run.environment import read_credentials
from conformance.run.profile import Profile
from conformance.wire.limits import Limits
from conformance.wire.live import Live
from conformance.wire.redaction import Redactor
from tests.hostile.serving import Served

KEY = "sk-canary-0123456789"
QUICK = Limits(request_timeout=1.0, back_off=0.01)
CALL = Call("s", body=b'{"model":"m"}')


def live(profile: Profile, limits: Limits = QUICK) -> Live:
    credentials = read_credentials(profile, {"CONFORMANCE_API_KEY": KEY, "TOKEN": "t-987654321"})
    return Live(profile.endpoint, credentials, Redactor(credentials.secrets, profile.secret_headers), limits)


def perform(sender: Live, *calls: Call, output_tokens: int = 0) -> list[Exchange]:
    async def run() -> list[Exchange]:
        try:
            return [await sender.perform(call, output_tokens=output_tokens) for call in calls]
        finally:
            await sender.aclose()

    return asyncio.run(run())


def once(served: Served, call: Call = CALL, limits: Limits = QUICK) -> Exchange:
    return perform(live(Profile("p", served.base_url), limits), call)[0]
