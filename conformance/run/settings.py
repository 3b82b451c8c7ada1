"""What one run is told to do: options and profile, resolved and checked before anything is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from conformance.contract.capabilities import CLAIMABLE
from conformance.contract.contracts import SHIPPED
from conformance.contract.requirements import catalogue
from conformance.contract.schemas import models_of
from conformance.report import results
from conformance.run import profile as profiles
from conformance.run.profile import Profile
from conformance.run.profile_values import ProfileError, as_name
from conformance.scenarios.evidence import PREFIXED
from conformance.shown import one_line, shown
from conformance.verdicts.verdict import Run
from conformance.wire.recording import MANIFEST, RecordingError
from conformance.wire.replay import Replay


class SettingsError(ValueError):
    """The command line cannot be followed. The message is one line: what is wrong, how to mend it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a run may know of its command line; times are seconds."""

    profile: Profile
    report_dir: Path
    concurrency: int
    request_timeout: float
    deadline: float
    requests_per_minute: int | None
    max_requests: int | None
    max_output_tokens: int | None
    replay: Replay | None
    resume: bool
    overwrite: bool
    baseline: Run | None
    repeat: int
    strict_should: bool
    strict_clients: bool
    dry_run: bool

    @classmethod
    def resolve(cls, options: Mapping[str, Any], folder: Path) -> "Settings":
        """Read the options; relative paths start at `folder`. Raises SettingsError."""
        replay = _replay(folder / options["replay"]) if options["replay"] else None
        try:
            profile = _profile(options, replay)
            profiles.check_known_failures(profile, catalogue(profile.contract))
        except ProfileError as error:
            raise SettingsError(str(error)) from None
        report_dir = folder / (options["report_dir"] or Path("reports") / profile.name)
        settings = cls(
            profile=profile,
            report_dir=report_dir,
            concurrency=options["concurrency"],
            request_timeout=options["request_timeout"],
            deadline=options["deadline"],
            requests_per_minute=options["requests_per_minute"],
            max_requests=options["max_requests"],
            max_output_tokens=options["max_output_tokens"],
            replay=replay,
            resume=options["resume"],
            overwrite=options["overwrite"],
            baseline=_baseline(folder / options["baseline"]) if options["baseline"] else None,
            repeat=options["repeat"],
            strict_should=options["strict_should"],
            strict_clients=options["strict_clients"],
            dry_run=options["dry_run"],
        )
        settings._check()
        return settings

    def _check(self) -> None:
        _check_model(self.profile, self.replay)
        if self.replay and self.resume:
            raise SettingsError("--replay sends nothing, so there is nothing to --resume: leave one out")
        if self.replay and self.repeat > 1:
            raise SettingsError("--replay judges one recording, so --repeat has nothing to compare")
        if self.resume and self.overwrite:
            raise SettingsError("--overwrite lets go of what --resume would go on with: leave one out")
        if self.resume and self.repeat > 1:
            raise SettingsError("--repeat performs everything anew: leave --resume out")
        if self.baseline and self.baseline.contract.name != self.profile.contract.name:
            raise SettingsError(
                f"--baseline was judged against the contract {self.baseline.contract}, this run is against "
                f"{self.profile.contract}: give --contract {self.baseline.contract.option}"
            )


def _check_model(profile: Profile, replay: Replay | None) -> None:
    """Raise SettingsError for a model that a user's own contract says nothing about."""
    named, model = models_of(profile.contract), one_line(profile.model)
    if named and profile.model not in named:
        mend = "record one of them" if replay else "name one with --model"
        there_are = f"it names {shown(', '.join(named), 200)}"
        raise SettingsError(
            f"the contract {profile.contract} does not have the model {model!r}, {there_are}: {mend}"
        )


def _profile(options: Mapping[str, Any], replay: Replay | None) -> Profile:
    """The profile of the command line; for a replay, what is not said is what was recorded."""
    base_url, name = options["base_url"], options["provider"]
    model, contract = options["model"], options["contract"]
    recorded = replay.manifest if replay else None
    if recorded:
        model = model or recorded.model
        if name is None and recorded.provider in profiles.available():
            name = recorded.provider
        elif name is None and recorded.base_url != profiles.EMBEDDED:
            base_url = base_url or recorded.base_url
    profile = profiles.adhoc(base_url) if base_url and name is None else profiles.load(name or "reference")
    if recorded and name is None:
        missing = filter(None, recorded.unclaimed.split(","))
        # What was recorded is judged: nothing more can be asked of a recording than it was.
        claims = {**dict.fromkeys(CLAIMABLE, True), **dict.fromkeys(missing, False)}
        profile = replace(profile, name=as_name(recorded.provider), capabilities=claims)
    if replay and not contract and replay.manifest.contract != profile.contract.name:
        contract = _recorded_contract(replay)
    return profiles.override(
        profile,
        base_url=base_url,
        model=model,
        key_env=options["api_key_env"],
        contract=contract,
        evidence=options["evidence"] or bool(replay and replay.has(PREFIXED.name)),
    )


def _recorded_contract(replay: Replay) -> str:
    """The contract that a recording was made under, where the suite knows it by its name alone."""
    name, file = replay.manifest.contract, replay.folder / MANIFEST
    if name in SHIPPED:
        return name
    raise SettingsError(
        f"--replay: {file}: recorded under the contract {one_line(name)!r}, which the suite does not ship: "
        "name its file, or another contract, with --contract"
    )


def _replay(given: Path) -> Replay:
    try:
        return Replay(given)
    except RecordingError as error:
        raise SettingsError(f"--replay: {error}") from None


def _baseline(file: Path) -> Run:
    try:
        return results.read(file)
    except ValueError as error:
        raise SettingsError(f"--baseline: {error}") from None
