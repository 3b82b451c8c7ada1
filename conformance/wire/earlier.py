"""Recordings that newer ones took the place of, while what builds on them was not recorded anew.

A narrower run may ask again for an answer that others were built on: its id stands in their requests. They
stay evidence only beside the answer that they were made with, so that one is kept as long as they are. Which
one it is, time tells: of an answer's recordings the newest that is older than the request that builds on it.
"""

import contextlib
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path

from conformance.exchange import Exchange, Performance, file_name
from conformance.wire.recording import EARLIER, RecordingError, read


class Earlier:
    """What a folder of recordings holds of answers that were asked for anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def built_on(self, scenario: str, before: str) -> Exchange | None:
        """The answer of `before` that a recording was made with; None where it is the latest, or unknown."""
        if before not in self._versions:
            return None
        built, latest = self._recording(scenario), self._recording(before)
        if built is None or (latest is not None and latest.started_at <= built.started_at):
            return None
        older = [each for each in self._versions[before].values() if each.started_at <= built.started_at]
        return max(older, key=lambda each: each.started_at, default=None)

    def drop(self, behind: Mapping[str, Collection[str]]) -> None:
        """Delete what no recording was made with. Raises OSError.

        `behind` has for each scenario all that it comes after, directly or not.
        """
        if not self._versions:
            return
        followers = ((str(one), heads) for name, heads in behind.items() for one in Performance.all_of(name))
        needed = [self.built_on(name, head) for name, heads in followers for head in heads]
        for versions in self._versions.values():
            for file, exchange in versions.items():
                if not any(exchange is each for each in needed):
                    file.unlink()
        with contextlib.suppress(OSError):  # it is not empty
            (self._folder / EARLIER).rmdir()

    @cached_property
    def _versions(self) -> Mapping[str, Mapping[Path, Exchange]]:
        found: dict[str, dict[Path, Exchange]] = {}
        for file in sorted((self._folder / EARLIER).glob("*.json")):
            with contextlib.suppress(RecordingError):
                exchange = read(file)
                found.setdefault(exchange.scenario, {})[file] = exchange
        return found

    def _recording(self, scenario: str) -> Exchange | None:
        with contextlib.suppress(RecordingError):
            return read(self._folder / file_name(scenario))
        return None
