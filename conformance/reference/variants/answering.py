"""Variants of how busy a server is: now and then it asks to wait, or takes its time."""

from dataclasses import replace

from conformance.reference.hooks import Frame, Hooks, Reply, Request
from conformance.reference.variants.variant import Variant


def _now_and_then(every: int, status: int, headers: tuple[tuple[str, str], ...]) -> Hooks:
    """One request of so many is turned away for now; the same one again is answered."""

    def reply(request: Request, made: Reply) -> Reply:
        turned: set[tuple[str, str, bytes]] = request.memory.setdefault("turned away", set())
        this = (request.method, request.path, request.raw)
        if request.number % every or this in turned:
            return made
        turned.add(this)
        body = b'{"error":{"message":"Try again.","type":"too_many_requests","param":null,"code":null}}'
        basic = (("content-type", "application/json"), ("content-length", str(len(body))))
        return Reply(status, (*basic, *headers), (Frame(body),))

    return Hooks(reply=reply)


def _jitter(request: Request, made: Reply) -> Reply:
    return replace(made, wait=0.001 * (request.number * 7 % 40))


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "429-retry-after-0",
        "answers 429 now and then, with Retry-After: 0",
        hooks=_now_and_then(11, 429, (("retry-after", "0"),)),
    ),
    Variant(
        "429-retry-after-1",
        "answers 429 now and then, with Retry-After: 1",
        hooks=_now_and_then(97, 429, (("retry-after", "1"),)),
    ),
    Variant("503-now-and-then", "answers 503 now and then", hooks=_now_and_then(13, 503, ())),
    Variant("latency-jitter", "takes up to 40 ms longer", hooks=Hooks(reply=_jitter)),
)
