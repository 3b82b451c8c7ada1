"""How close the exchange phase comes to the ideal: `bench_prefetch.py [REQUESTS [LATENCY]]`.

The ideal is the longer of requests / concurrency and the longest chain of dependent requests, in latencies.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from conformance.exchange import Call
from conformance.run.performing import chain_lengths, perform_all
from conformance.run.profile import Profile
from conformance.run.run import manifest_of
from conformance.scenarios.closure import closure
from conformance.scenarios.scenario import Done, Scenario, Target, ask
from conformance.wire.credentials import Credentials
from conformance.wire.limits import Limits
from conformance.wire.live import Live
from conformance.wire.recording import Recorder
from conformance.wire.redaction import Redactor

BODY = b'{"id":"resp_1","object":"response","status":"completed","output":[]}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(BODY),
    BODY,
)


def plan(requests: int, chain: int) -> list[Scenario]:
    """Independent requests, and one chain that ends last."""
    links: list[Scenario] = []
    for number in range(chain):
        links.append(_link(number, tuple(links[-1:])))
    return [*(ask(f"plain {number}", "hi") for number in range(requests - chain)), *links]


def _link(number: int, after: tuple[Scenario, ...]) -> Scenario:
    def build(_: Target, __: Done) -> Call:
        return Call(f"link {number}", body=b"{}")

    return Scenario(f"link {number}", "answers", build, after=after)


async def measure(scenarios: Sequence[Scenario], latency: float, concurrency: int) -> float:
    """Seconds that the exchange phase took, recordings included."""

    handlers: list[asyncio.Task[None] | None] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.append(asyncio.current_task())
        while head := (await _head(reader)):
            lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            await reader.readexactly(int(lengths[0].split(b":")[1]) if lengths else 0)
            await asyncio.sleep(latency)
            writer.write(ANSWER)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    profile = Profile("bench", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", key_env="")
    live = Live(profile.endpoint, Credentials(), Redactor([]), Limits(concurrency=concurrency))
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Path(folder), manifest_of(profile, ""))
        recorder.begin()
        began = time.perf_counter()
        await perform_all(scenarios, Target("m"), live, on_done=recorder.write)
        took = time.perf_counter() - began
    await live.aclose()
    await asyncio.gather(*filter(None, handlers))
    server.close()
    return took


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def main() -> None:
    """Print one line for each shape of the plan."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 120
    latency = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    concurrency = 8
    for count, chain in ((requests, 4), (requests // 3, 4), (requests // 6, requests // 12)):
        scenarios = plan(count, chain)
        longest = max(chain_lengths(closure(scenarios)).values())
        ideal = max(count / concurrency, longest) * latency
        took = asyncio.run(measure(scenarios, latency, concurrency))
        print(
            f"{count} requests, longest chain {longest}, latency {latency:g} s, concurrency {concurrency}:"
            f" {took:.2f} s, ideal {ideal:.2f} s, ratio {took / ideal:.3f}"
        )


if __name__ == "__main__":
    main()
