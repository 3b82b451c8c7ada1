"""Exchanges on disk: written whole or not at all, read back, and replayed in place of the network."""

import contextlib
import datetime
import json
import os
import secrets
import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from conformance import __version__
from conformance.exchange import RECORDINGS, Exchange, FaultKind, Performance, file_name
from conformance.wire.endpoint import Endpoint

MANIFEST = "manifest.json"

EARLIER = "earlier"
"""The folder among the recordings for those that newer ones took the place of (see `wire/earlier.py`)."""


class RecordingError(Exception):
    """Recordings cannot be written or read at all. The message is one line, with the folder in it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of recordings is of. `contract` is its name, `started_at` ISO 8601 in UTC.

    `unclaimed` names the capabilities that nothing was asked of, with commas between them.
    """

    provider: str
    base_url: str
    model: str
    contract: str
    responses_path: str
    suite: str
    started_at: str
    unclaimed: str = ""

    @property
    def epoch(self) -> float:
        """The start as Unix time. Raises ValueError where it is no ISO 8601."""
        return datetime.datetime.fromisoformat(self.started_at).timestamp()

    def other(self, than: "Manifest") -> str:
        """In what this is another endpoint or model than that, in words; empty where it is the same."""
        for name in ("base_url", "model", "responses_path"):
            mine, theirs = getattr(self, name), getattr(than, name)
            if mine != theirs:
                return f"its {name} is {mine}, this run's is {theirs}"
        return ""

    @classmethod
    def of(
        cls,
        endpoint: Endpoint,
        started_at: str,
        *,
        provider: str,
        model: str,
        contract: str,
        unclaimed: Iterable[str] = (),
    ) -> "Manifest":
        """The manifest of a run that begins now."""
        return cls(
            provider,
            endpoint.base_url,
            model,
            contract,
            endpoint.responses_path,
            __version__,
            started_at,
            ",".join(sorted(unclaimed)),
        )


class Recorder:
    """Writes exchanges into `exchanges/` of a report folder, each as soon as it has ended.

    Where an earlier run's recordings lie there already, all is held back until `open`: a run that finds no
    life at the endpoint leaves them as they were. `heads` are the scenarios that others build on: their old
    recordings are set aside, not lost.
    """

    def __init__(self, report_folder: Path, manifest: Manifest, heads: Collection[str] = ()) -> None:
        self.folder = report_folder / RECORDINGS
        self._manifest = manifest
        self._heads = heads
        self._renews = self._clears = False
        self._held: list[Exchange] | None = None
        self.written: set[Path] = set()
        self._lock = threading.Lock()

    def begin(self, *, renews: bool = False, clears: bool = False) -> None:
        """Make the folder ready. Raises RecordingError where it cannot be written to.

        A run that `renews` is one of all checks: what is recorded from now on is what --resume may take. One
        that `clears` lets go of what was there.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for left in self.folder.glob(f".*{UNFINISHED}"):
                left.unlink()
        except OSError as error:
            raise RecordingError(f"cannot write into {self.folder}: {_reason(error)}") from None
        self._renews, self._clears, self._held = renews, clears, []
        if not (self.folder / MANIFEST).is_file():
            self._renews = True
            self.open()

    def open(self) -> None:
        """Write what was held back, and from now on at once. Raises RecordingError.

        Threads write meanwhile: theirs wait until the folder is cleared, or they would be cleared away too.
        """
        with self._lock:
            if self._held is None:
                return
            try:
                if self._clears:
                    for file in (*_recordings(self.folder), *_recordings(self.folder / EARLIER)):
                        file.unlink()
                if self._renews or self._clears:
                    table = {"format": 1, **asdict(self._manifest)}
                    write_whole(self.folder / MANIFEST, _dumped(table))
            except OSError as error:
                raise RecordingError(f"cannot write into {self.folder}: {_reason(error)}") from None
            held, self._held = self._held, None
        for exchange in held:
            self._write(exchange)

    def write(self, exchange: Exchange) -> None:
        """Write one exchange, whole; raises RecordingError where the disk is full or the folder is gone."""
        with self._lock:
            if self._held is not None:
                self._held.append(exchange)
                return
        self._write(exchange)

    def move(self, report_folder: Path) -> None:
        """Write what was held back into another folder. Raises RecordingError."""
        held, self._held = self._held or [], []
        self.folder = report_folder / RECORDINGS
        self.begin(clears=True)
        for exchange in held:
            self.write(exchange)
        self.open()

    def _write(self, exchange: Exchange) -> None:
        """What was not sent takes no exchange's place; a new exchange takes that of its old attempts too."""
        file = self.folder / file_name(exchange.scenario)
        unsent = exchange.fault.kind if exchange.fault and exchange.status is None else ""
        if unsent == "stopped" or (unsent in NOT_SENT and file.exists()):
            return
        try:
            if exchange.scenario in self._heads:
                self._set_aside(file, exchange)
            write_whole(file, _dumped(exchange.to_json()))
            self.written.add(file)
            for performance in Performance.further(exchange.scenario):
                older = self.folder / file_name(str(performance))
                older.unlink(missing_ok=True)
                self.written.discard(older)
        except OSError as error:
            raise RecordingError(
                f"cannot write {file}: {_reason(error)}; the recordings so far are kept, --resume goes on"
            ) from None

    def _set_aside(self, file: Path, newer: Exchange) -> None:
        with contextlib.suppress(RecordingError):
            older = read(file)
            if older.started_at != newer.started_at:
                aside = self.folder / EARLIER / f"{file.stem}@{older.started_at:.6f}.json"
                aside.parent.mkdir(exist_ok=True)
                write_whole(aside, file.read_bytes())


def _recordings(folder: Path) -> list[Path]:
    """The files of a folder that are recordings; what else lies there is somebody's."""
    found = []
    for file in folder.glob("*.json"):
        with contextlib.suppress(RecordingError):
            read(file)
            found.append(file)
    return found


NOT_SENT = frozenset[FaultKind](
    {"deadline", "budget", "later", "stopped", "dependency", "recording", "unrecorded"}
)


def recordings_in(folder: Path) -> Path:
    """The folder that holds the recordings: the one named, or its `exchanges/`."""
    for candidate in (folder, folder / RECORDINGS):
        if (candidate / MANIFEST).is_file():
            return candidate
    state = f"has no {MANIFEST}" if folder.is_dir() else "is no folder"
    raise RecordingError(f"no recordings in {folder}: it {state}; name the report folder of a run")


def read_manifest(folder: Path) -> Manifest:
    """What the recordings in a folder are of; raises RecordingError."""
    file = folder / MANIFEST
    table = {"unclaimed": "", **_loaded(file)}
    fields = Manifest.__slots__
    if table.get("format") != 1 or any(not isinstance(table.get(name), str) for name in fields):
        raise RecordingError(f"{file} is no manifest of recordings in format 1")
    return Manifest(**{name: table[name] for name in fields})


def read(file: Path) -> Exchange:
    """One recording; raises RecordingError for a file that is missing, cut, or no recording."""
    if not file.is_file():
        raise RecordingError(f"there is no recording {file.name}; it was not performed in that run")
    table = _loaded(file)
    try:
        exchange = Exchange.from_json(table)
        _check_types(exchange)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise RecordingError(f"{file.name} is no recording: {type(error).__name__}: {_line(error)}") from None
    return exchange


def write_whole(file: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, whenever the process is killed.

    Raises OSError.
    """
    part = file.with_name(f".{secrets.token_hex(8)}{UNFINISHED}")
    try:
        with part.open("xb") as out:  # with the mode that the user's umask leaves
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


UNFINISHED = ".part"


def _dumped(table: Mapping[str, Any]) -> bytes:
    return json.dumps(table, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass") + b"\n"


def _loaded(file: Path) -> dict[str, Any]:
    try:
        table = json.loads(file.read_bytes())
    except OSError as error:
        raise RecordingError(f"cannot read {file}: {_reason(error)}") from None
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{file.name} is damaged (was it cut?): {_line(error)}") from None
    if not isinstance(table, dict):
        raise RecordingError(f"{file.name} is no recording: it is no JSON object")
    return table


def _check_types(exchange: Exchange) -> None:
    """What a recording edited by hand or by chance may get wrong, and a check would stumble on."""
    tries = exchange.retries
    statuses = [exchange.status, *(each.status for each in tries)]
    numbers = [exchange.started_at, exchange.duration, *(chunk.at for chunk in exchange.chunks)]
    numbers += [number for each in tries for number in (each.waited, each.duration, each.started_at or 0.0)]
    if not all(status is None or type(status) is int for status in statuses):
        raise TypeError("status must be an integer or null")
    if not all(isinstance(number, int | float) for number in numbers):
        raise TypeError("a time must be a number")
    if exchange.fault is not None and exchange.fault.kind not in get_args(FaultKind):
        raise ValueError(f"unknown kind of fault {exchange.fault.kind!r}")
    headers = [
        *exchange.headers,
        *exchange.request.headers,
        *(pair for each in tries for pair in each.headers),
    ]
    texts = [text for pair in headers for text in pair]
    texts += [exchange.scenario, exchange.request.method, exchange.request.url]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("names and values must be text")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
