"""Exchanges on disk: written whole or not at all, read back, and replayed in place of the network."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from conformance import __version__
from conformance.exchange import Exchange, FaultKind, file_name
from conformance.profile import Profile
from conformance.verdict import Contract

MANIFEST = "manifest.json"

FOLDER = "exchanges"


class RecordingError(Exception):
    """Recordings cannot be written or read at all. The message is one line, with the folder in it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of recordings is of. `started_at` is ISO 8601 in UTC."""

    provider: str
    base_url: str
    model: str
    contract: Contract
    responses_path: str
    suite: str
    started_at: str

    @classmethod
    def of(cls, profile: Profile, started_at: str) -> "Manifest":
        """The manifest of a run that begins now."""
        return cls(
            profile.name,
            profile.base_url,
            profile.model,
            profile.contract,
            profile.responses_path,
            __version__,
            started_at,
        )


class Recorder:
    """Writes exchanges into `exchanges/` of a report folder, each as soon as it has ended."""

    def __init__(self, report_folder: Path) -> None:
        self.folder = report_folder / FOLDER

    def begin(self, manifest: Manifest, *, resume: bool = False) -> None:
        """Make the folder ready: of an earlier run it keeps the recordings only to resume.

        Raises RecordingError where it cannot be written to, so that nothing is sent whose answer would be
        lost, and where the recordings to resume are of another endpoint, model or path.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            earlier = (self.folder / MANIFEST).is_file()
            for left in self.folder.glob(f".*{UNFINISHED}"):
                left.unlink()
            if earlier and resume:
                _check_same(read_manifest(self.folder), manifest, self.folder)
                return
            if earlier:
                for file in self.folder.glob("*.json"):
                    file.unlink()
            write_whole(self.folder / MANIFEST, _dumped({"format": 1, **asdict(manifest)}))
        except OSError as error:
            raise RecordingError(f"cannot write into {self.folder}: {_reason(error)}") from None

    def write(self, exchange: Exchange) -> Path:
        """Write one exchange, whole; raises RecordingError where the disk is full or the folder is gone."""
        file = self.folder / file_name(exchange.scenario)
        try:
            write_whole(file, _dumped(exchange.to_json()))
        except OSError as error:
            raise RecordingError(
                f"cannot write {file}: {_reason(error)}; the recordings so far are kept, --resume goes on"
            ) from None
        return file


def recordings_in(folder: Path) -> Path:
    """The folder that holds the recordings: the one named, or its `exchanges/`."""
    for candidate in (folder, folder / FOLDER):
        if (candidate / MANIFEST).is_file():
            return candidate
    state = f"has no {MANIFEST}" if folder.is_dir() else "is no folder"
    raise RecordingError(f"no recordings in {folder}: it {state}; name the report folder of a run")


def read_manifest(folder: Path) -> Manifest:
    """What the recordings in a folder are of; raises RecordingError."""
    file = folder / MANIFEST
    table = _loaded(file)
    fields = Manifest.__slots__
    if table.get("format") != 1 or any(not isinstance(table.get(name), str) for name in fields):
        raise RecordingError(f"{file} is no manifest of recordings in format 1")
    try:
        contract = Contract(table["contract"])
    except ValueError:
        raise RecordingError(f"{file}: unknown contract {table['contract']!r}") from None
    return Manifest(**{**{name: table[name] for name in fields}, "contract": contract})


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
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=UNFINISHED)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.chmod(0o644)
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


UNFINISHED = ".part"


def _check_same(earlier: Manifest, now: Manifest, folder: Path) -> None:
    for name in ("base_url", "model", "responses_path"):
        was, is_ = getattr(earlier, name), getattr(now, name)
        if was != is_:
            raise RecordingError(
                f"cannot resume {folder}: its {name} is {was}, this run's is {is_}; use another --report-dir"
            )


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
    numbers = [exchange.started_at, exchange.duration, *(chunk.at for chunk in exchange.chunks)]
    if exchange.status is not None and type(exchange.status) is not int:
        raise TypeError("status must be an integer or null")
    if not all(isinstance(number, int | float) for number in numbers):
        raise TypeError("a time must be a number")
    if exchange.fault is not None and exchange.fault.kind not in get_args(FaultKind):
        raise ValueError(f"unknown kind of fault {exchange.fault.kind!r}")
    texts = [text for pair in (*exchange.headers, *exchange.request.headers) for text in pair]
    texts += [exchange.scenario, exchange.request.method, exchange.request.url]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("names and values must be text")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
