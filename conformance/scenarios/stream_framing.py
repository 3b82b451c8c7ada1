"""A request that says that it wants no stream."""

from conformance.scenarios.scenario import ask

DECLINED = ask("stream-declined", "Reply with exactly: Hello there", area="stream_framing", stream=False)
