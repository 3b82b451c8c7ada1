"""Variants of authorization: a refusal without a challenge, or to another place."""

from dataclasses import replace

from conformance.reference.hooks import Frame, Hooks, Refusal, Reply, Request
from conformance.reference.reply_mutations import change_refusals
from conformance.reference.variants.variant import Variant


def _unchallenged(refusal: Refusal) -> Refusal:
    return replace(refusal, headers=()) if refusal.status == 401 else refusal


def _login(request: Request, reply: Reply) -> Reply:
    given = request.headers.get("authorization", "")
    if reply.status != 401 or not given or " " in given or given.lower() == "bearer":
        return reply
    return Reply(302, (("location", "/login"), ("content-length", "0")), (Frame(b""),))


VARIANTS: tuple[Variant, ...] = (
    Variant("no-challenge", "does not say how to authorize", hooks=change_refusals(_unchallenged)),
    Variant("raw-token-redirected", "sends a token alone to a login page", hooks=Hooks(reply=_login)),
)
