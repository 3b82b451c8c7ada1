"""Which recorded exchange answers which request: what the path names, and nothing else.

`/text-stream/v1/responses` is the exchange of the scenario `text-stream`, however often it is asked for. In
`/tool-call,tool-result/v1/responses` the first request gets the first, the second the second, and a third
nothing. A name before a colon keeps a count of its own: `/again:tool-call,tool-result/v1/responses`.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from conformance.exchange import Exchange, Headers
from conformance.serving.answer import Answer, Unservable, answer_of
from conformance.shown import candidates
from conformance.strict_json import parse
from conformance.wire.recording import MANIFEST, RecordingError, read, read_manifest, recordings_in

ROOT = "/v1"
RESPONSES = "/responses"
"""Where clients look for responses below a base URL, whatever the recorded provider's path was."""

NAME_SAFE = "=+@~.,-_"
"""What a scenario's name may have in a path as it is."""


class Unanswerable(Exception):
    """A request that no recorded exchange answers: the status to refuse it with, a code, and why."""

    def __init__(self, status: int, code: str, message: str, headers: Headers = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in. `target` is its path, as it is spelled, with the query."""

    method: str
    target: str
    body: bytes = b""
    headers: Headers = ()

    @property
    def path(self) -> str:
        """The path alone."""
        return urlsplit(self.target).path

    @property
    def streams(self) -> bool:
        """Whether the body asks for a stream."""
        return _streams(self.body)


@dataclass(frozen=True, slots=True)
class Given:
    """One exchange that can be given back: by which method and path, and what is sent."""

    exchange: Exchange
    method: str
    path: str
    answer: Answer

    @property
    def name(self) -> str:
        """The scenario's."""
        return self.exchange.scenario

    @property
    def base_path(self) -> str:
        """The path of the base URL that gives it."""
        return f"/{quote(self.name, safe=NAME_SAFE)}{ROOT}"

    @property
    def url_path(self) -> str:
        """Where it is asked for."""
        return self.base_path + self.path

    @property
    def streams(self) -> bool | None:
        """Whether the recorded request asks for a stream; None where it is no request that could."""
        sent = self.exchange.sent_json
        if not isinstance(sent, dict) or sent.get("stream") not in (None, True, False):
            return None
        return sent.get("stream") is True


class Recorded:
    """The exchanges of a folder of recordings, by name.

    `left_out` says in a line each what cannot be given back. Raises RecordingError where the folder holds no
    recordings, or none that can be given.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = recordings_in(folder)
        self.manifest = read_manifest(self.folder)
        self.left_out: list[str] = []
        self.given: Mapping[str, Given] = {each.name: each for each in self._read()}
        if not self.given:
            why = f" ({self.left_out[0]})" if self.left_out else ""
            raise RecordingError(f"no exchange in {self.folder} can be given back{why}")
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def find(self, asked: Asked) -> Given:
        """The exchange that answers a request. Raises Unanswerable."""
        first, path = _split(asked.path)
        label, names = self._names(first)
        if not path.startswith(f"{ROOT}/"):
            paths = dict.fromkeys(self.given[name].url_path for name in names)
            raise Unanswerable(404, "unknown_url", f"nothing is at {asked.path}: {_either(paths)}")
        with self._lock:
            at = self._counts.get(label, 0) if len(names) > 1 else 0
            if at == len(names):
                message = (
                    f"all {at} exchanges of {label} were given; begin anew with a name before them: "
                    f"/again:{quote(','.join(names), safe=NAME_SAFE)}{ROOT}{RESPONSES}"
                )
                raise Unanswerable(410, "recording_exhausted", message)
            found = self.given[names[at]]
            _fit(asked, path.removeprefix(ROOT), found)
            self._counts[label] = at + 1
        return found

    def _names(self, segment: str) -> tuple[str, list[str]]:
        """What a path begins with: all of it, and the scenarios that it names."""
        for listed in (segment, segment.partition(":")[2]):
            if names := self._listed(listed.split(",")):
                return segment, names
        raise Unanswerable(404, "unknown_recording", self._unknown(segment))

    def _listed(self, words: list[str]) -> list[str]:
        """The names that the words make up, joined where a name has a comma; empty where they do not."""
        for end in range(len(words), 0, -1):
            name = ",".join(words[:end])
            if name in self.given:
                if end == len(words):
                    return [name]
                if rest := self._listed(words[end:]):
                    return [name, *rest]
        return []

    def _unknown(self, segment: str) -> str:
        missing = next((word for word in segment.split(",") if word and word not in self.given), segment)
        damaged = next((line for line in self.left_out if line.startswith(f"{missing}: ")), "")
        what = damaged or f"this recording has no exchange {missing!r}"
        near = candidates(missing, self.given, MOST) or list(self.given)[:MOST]
        paths = ", ".join(self.given[name].url_path for name in near)
        rest = len(self.given) - len(near)
        return f"{what}; it has {paths}{f' and {rest} more, listed at /' if rest else ''}"

    def _read(self) -> Iterator[Given]:
        read_all = list(self._exchanges())
        base = _base([urlsplit(each.request.url).path for each in read_all], self.manifest.responses_path)
        for exchange in sorted(read_all, key=lambda each: each.scenario):
            path = urlsplit(exchange.request.url).path.removeprefix(base)
            if path.startswith(self.manifest.responses_path):
                path = RESPONSES + path.removeprefix(self.manifest.responses_path)
            try:
                yield Given(exchange, exchange.request.method, path, answer_of(exchange))
            except Unservable as error:
                self.left_out.append(f"{exchange.scenario}: {error}")

    def _exchanges(self) -> Iterator[Exchange]:
        for file in sorted(self.folder.glob("*.json")):
            if file.name == MANIFEST:
                continue
            try:
                yield read(file)
            except RecordingError as error:
                self.left_out.append(f"{unquote(file.stem)}: {error}")


def _split(path: str) -> tuple[str, str]:
    """A path's first step, decoded, and the rest as it is."""
    first, slash, rest = path.removeprefix("/").partition("/")
    return unquote(first), f"{slash}{rest}"


def _fit(asked: Asked, path: str, found: Given) -> None:
    """Raises Unanswerable where a request is of another kind than the recorded one."""
    if unquote(path.rstrip("/")) != unquote(found.path.rstrip("/")):
        raise Unanswerable(
            404,
            "unknown_url",
            f"{found.name} was recorded at {found.path}, not at {path}: ask {found.url_path}",
        )
    if asked.method != found.method:
        message = f"{found.name} was recorded with {found.method}, not with {asked.method}"
        raise Unanswerable(405, "method_not_recorded", message, (("allow", found.method),))
    if found.streams is not None and asked.streams != found.streams:
        recorded, wanted = ("with", "without") if found.streams else ("without", "with")
        message = f"{found.name} was recorded {recorded} `stream`, and this request is {wanted} it"
        raise Unanswerable(400, "stream_not_recorded", message)


def _base(paths: list[str], responses_path: str) -> str:
    """The path of the base URL that the exchanges were recorded at."""
    ended = (path.removesuffix(responses_path) for path in paths if path.endswith(responses_path))
    return min(ended, key=len, default="")


def _streams(body: bytes) -> bool:
    value = parse(body).value if body else None
    return isinstance(value, dict) and value.get("stream") is True


MOST = 8
"""Paths that a message names; the others are listed at the root."""


def _either(paths: Mapping[str, object]) -> str:
    return f"ask {' or '.join(paths)}"
