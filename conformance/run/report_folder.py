"""The report folder: whose it is, what lies in it from before, and how new files take their places in it.

What a user has paid for is never lost: a folder of another endpoint is not written over, two runs never write
into one at once, and a file appears whole or not at all.
"""

import contextlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from conformance.exchange import RECORDINGS
from conformance.report import results
from conformance.verdicts.gate import check_id
from conformance.verdicts.verdict import Kept, Row, Run, Verdict
from conformance.wire.recording import MANIFEST, Manifest, RecordingError, read_manifest, write_whole

PAGE, RESULTS, JUNIT = "index.html", "results.json", "junit.xml"
FILES = (PAGE, RESULTS, JUNIT, "summary.md", "badge.json")
"""What a run writes, beside the recordings."""

OVERWRITE = "name another folder with --report-dir, or replace what is there with --overwrite"


class FolderError(Exception):
    """A report folder cannot be written into. The message is one line: what is wrong, how to mend it."""


class ReportFolder:
    """One folder, for one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path / ".lock", timeout=0)

    def check(self, manifest: Manifest, *, overwrite: bool = False, resume: bool = False) -> None:
        """Raise FolderError where a run of that endpoint and model has no business here."""
        self.check_foreign(overwrite=overwrite)
        if overwrite:
            return
        if other := self._other(manifest):
            if resume:
                raise FolderError(f"cannot resume {self.path}: {other}; use another --report-dir")
            raise FolderError(f"{self.path} holds a run of another endpoint: {other}; {OVERWRITE}")

    def check_foreign(self, *, overwrite: bool = False) -> None:
        """Raise FolderError where files lie here that no run of this suite wrote."""
        if self.path.exists() and not self.path.is_dir():
            raise FolderError(f"{self.path} is no folder: name another with --report-dir")
        foreign = [name for name in (*FILES, RECORDINGS) if (self.path / name).exists()]
        if foreign and not overwrite and not self._ours():
            raise FolderError(f"{self.path / foreign[0]} is no report of this suite: {OVERWRITE}")

    def take(self) -> None:
        """Make the folder, and keep other runs out of it until `release`. Raises FolderError."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise FolderError(
                f"another run is writing into {self.path}: wait for its end, or name another --report-dir"
            ) from None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise FolderError(
                f"cannot write into {self.path}: {reason}: name another folder with --report-dir"
            ) from None

    def release(self) -> None:
        """Let other runs in. The lock's file goes while it is still held: who waits for it looks again."""
        if self._lock.is_locked:
            Path(self._lock.lock_file).unlink(missing_ok=True)
            self._lock.release()

    @cached_property
    def earlier(self) -> Run | None:
        """The run whose results lay here before; None where there were none that can be read."""
        with contextlib.suppress(ValueError):
            return results.read(self.path / RESULTS)
        return None

    def recordings(self) -> Path | None:
        """The recordings that lie here; None where there are none."""
        folder = self.path / RECORDINGS
        return folder.resolve() if (folder / MANIFEST).is_file() else None

    def place(self, files: Mapping[str, Path]) -> list[Path]:
        """Put each file into its place, under its name; gives the places. Raises OSError."""
        self.path.mkdir(parents=True, exist_ok=True)
        for name, file in files.items():
            write_whole(self.path / name, file.read_bytes())
        return [self.path / name for name in files]

    def _ours(self) -> bool:
        return self.earlier is not None or self.recordings() is not None

    def _other(self, manifest: Manifest) -> str:
        """In what the folder's run is of another endpoint or model, in words."""
        with contextlib.suppress(RecordingError):
            return read_manifest(self.path / RECORDINGS).other(manifest)
        earlier = self.earlier
        if earlier is None or (earlier.base_url, earlier.model) == (manifest.base_url, manifest.model):
            return ""
        now = f"{manifest.model} at {manifest.base_url}"
        return f"it is of {earlier.model} at {earlier.base_url}, this run's is {now}"


def kept_rows(
    earlier: Run | None, rows: Iterable[Row], checks: Iterable[str], recorded: Collection[str]
) -> tuple[Kept, ...]:
    """Of an earlier run what the rows of a new one do not replace; an ERROR replaces nothing.

    `checks` are the ids of those that the suite has now, `recorded` the scenarios that were performed anew,
    so that their recordings no longer show what an earlier row saw.
    """
    if earlier is None:
        return ()
    judged = {check_id(row.check) for row in rows if row.verdict is not Verdict.ERROR}
    wanted = set(checks) - judged
    own = [Kept(row, earlier.started_at, earlier.contract) for row in earlier.rows]
    return tuple(
        replace(kept, row=replace(kept.row, exchange="")) if kept.row.scenario in recorded else kept
        for kept in (*own, *earlier.kept)
        if check_id(kept.row.check) in wanted and kept.row.verdict is not Verdict.ERROR
    )
