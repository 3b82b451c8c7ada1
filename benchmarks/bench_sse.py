"""How fast a long stream is read and judged, beside `httpx-sse` and `json.loads` on the same bytes.

    python benchmarks/bench_sse.py [--megabytes 50] [--repeats 3]

Both sides get the same list of chunks in one process, in turns; the best of the repeats counts. The suite's
side reads the bytes (`sse`, `stream`) and judges them (grammar, consistency, schemas of the events); the
other side only decodes.
"""

import argparse
import inspect
import json
import time
from collections.abc import Callable, Iterator

import httpx
from httpx_sse import EventSource

from conformance.checks import (
    test_stream_content,
    test_stream_framing,
    test_stream_lifecycle,
    test_stream_snapshots,
)
from conformance.contract.contracts import Contract
from conformance.exchange import Chunk, Exchange, Sent
from conformance.streams.stream import Stream

CHUNK = 16 * 1024


def long_stream(size: int) -> bytes:
    """One message of so many deltas that the stream has about `size` bytes."""
    address = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    head = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "output": [], "usage": None}
    part = {"type": "output_text", "text": "", "annotations": []}
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    text: list[str] = []
    out: list[bytes] = []
    total = 0

    def tell(type_: str, **data: object) -> None:
        nonlocal total
        line = json.dumps({"type": type_, **data, "sequence_number": len(out)}, separators=(",", ":"))
        out.append(f"event: {type_}\ndata: {line}\n\n".encode())
        total += len(out[-1])

    tell("response.created", response={**head, "status": "in_progress"})
    tell("response.in_progress", response={**head, "status": "in_progress"})
    tell("response.output_item.added", output_index=0, item=item)
    tell("response.content_part.added", **address, part=part)
    while total < size:
        text.append(f"word {len(out)} ")
        tell("response.output_text.delta", **address, delta=text[-1], logprobs=[])
    whole = {**part, "text": "".join(text)}
    done = {**item, "status": "completed", "content": [whole]}
    usage = {"input_tokens": 1, "output_tokens": len(text), "total_tokens": len(text) + 1}
    tell("response.output_text.done", **address, text=whole["text"], logprobs=[])
    tell("response.content_part.done", **address, part=whole)
    tell("response.output_item.done", output_index=0, item=done)
    tell("response.completed", response={**head, "status": "completed", "output": [done], "usage": usage})
    return b"".join((*out, b"data: [DONE]\n\n"))


def decode(chunks: list[bytes]) -> int:
    """The other side: every event's data through `json.loads`."""

    class Body(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            return iter(chunks)

    answer = httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Body())
    return sum(
        1 for event in EventSource(answer).iter_sse() if event.data == "[DONE]" or json.loads(event.data)
    )


def judge(chunks: list[bytes]) -> int:
    """The suite's side: read the bytes, then every check of a stream."""
    exchange = Exchange(
        scenario="bench",
        request=Sent("POST", "http://127.0.0.1/v1/responses", (), b"{}"),
        status=200,
        headers=(("content-type", "text/event-stream"),),
        chunks=tuple(Chunk(0.001 * number, data) for number, data in enumerate(chunks)),
        fault=None,
        started_at=0.0,
        duration=0.001 * len(chunks),
    )
    stream = Stream.of(exchange)
    given = {"stream": stream, "exchange": exchange, "contract": Contract.OPENAI, "note": lambda _: None}
    for check in checks():
        check(**{name: given[name] for name in inspect.signature(check).parameters})
    return len(stream)


def checks() -> Iterator[Callable[..., None]]:
    """Every check that looks at one stream."""
    for module in (
        test_stream_framing,
        test_stream_lifecycle,
        test_stream_snapshots,
        test_stream_content,
    ):
        for name, check in inspect.getmembers(module, inspect.isfunction):
            if "stream" in inspect.signature(check).parameters and name.startswith("test_"):
                yield check


def best(work: Callable[[list[bytes]], int], chunks: list[bytes], repeats: int) -> float:
    """Seconds of the fastest run."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work(chunks)
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> None:
    """Measure and print the figures and their ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--megabytes", type=int, default=50)
    options.add_argument("--repeats", type=int, default=3)
    given = options.parse_args()
    body = long_stream(given.megabytes * 1_000_000)
    chunks = [body[start : start + CHUNK] for start in range(0, len(body), CHUNK)]
    theirs = best(decode, chunks, given.repeats)
    ours = best(judge, chunks, given.repeats)
    size = len(body) / 1e6
    print(f"stream: {size:.1f} MB, {decode(chunks)} events, {len(chunks)} chunks")
    print(f"httpx-sse + json.loads : {theirs:6.2f} s  {size / theirs:6.1f} MB/s")
    print(f"read and judged        : {ours:6.2f} s  {size / ours:6.1f} MB/s")
    print(f"ratio of throughputs   : {theirs / ours:6.2f} (1 or more: no slower)")


if __name__ == "__main__":
    main()
