"""`results.json`: the run as other programs read it, stable and versioned."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from conformance.contract import moved
from conformance.contract.contracts import SHIPPED, Contract
from conformance.contract.level import Level
from conformance.contract.sources import Source
from conformance.exchange import Traffic
from conformance.report import clients
from conformance.report.causes import ToldCause, told_causes
from conformance.report.headline import area, headline
from conformance.report.text import encodable
from conformance.verdicts.causes import unjudged
from conformance.verdicts.clients import CLIENT_WORDS, Cell, ClientRun, ClientWord, Who
from conformance.verdicts.verdict import Finding, Kept, Pace, Row, Run, Verdict

FORMAT = 1

T = TypeVar("T", Level, Verdict)


def to_json(run: Run) -> dict[str, Any]:
    """The run as format 1: plain JSON values, durations in seconds, the first finding spelled out."""
    causes = told_causes(run)
    cause_of = {row.check: told.id for told in causes for row in told.cause.rows}
    return {
        "format": FORMAT,
        "suite": run.suite,
        "provider": run.provider,
        "base_url": run.base_url,
        "model": run.model,
        "contract": run.contract.name,
        "contract_from": _origin(run.contract),
        "started_at": run.started_at,
        "duration_s": round(run.duration, 3),
        "exit_code": run.exit_code,
        "headline": headline(run).words,
        "partial": {"judged": run.made, "of": run.total} if run.partial else None,
        "counts": {verdict.value: count for verdict, count in run.counts().items()},
        "traffic": {
            "requests": run.traffic.requests,
            "retries": run.traffic.retries,
            "input_tokens": run.traffic.input_tokens,
            "output_tokens": run.traffic.output_tokens,
            "peak_in_flight": run.traffic.peak_in_flight,
            "told_to_wait": run.traffic.told_to_wait,
            "waited_s": round(run.traffic.waited, 3),
            "asked_again": run.traffic.asked_again,
        },
        "speed": {
            "whole_answer": _pace_to_json(run.whole_answer),
            "first_delta": _pace_to_json(run.first_delta),
        },
        "causes": [_cause_to_json(told) for told in causes],
        "unjudged": [{"reason": each.words, "checks": len(each.rows)} for each in unjudged(run.rows)],
        "verdicts": [{**_row_to_json(row), "cause": cause_of.get(row.check, "")} for row in run.rows],
        "kept": [
            {"judged_at": kept.judged_at, "contract": kept.contract.name, **_row_to_json(kept.row)}
            for kept in run.kept
        ],
        "clients": clients.to_json(run.clients),
    }


def write(run: Run, file: Path) -> None:
    """Write `results.json`. Text that no UTF-8 can hold is replaced by U+FFFD."""
    text = json.dumps(to_json(run), ensure_ascii=False, indent=1, allow_nan=False)
    file.write_text(encodable(text) + "\n", encoding="utf-8")


def read(file: Path) -> Run:
    """Read a `results.json` back; raises ValueError with one line that names the file and what is wrong.

    Durations of single rows and tracebacks are not kept in the file, so they come back empty.
    """
    try:
        found = json.loads(file.read_bytes())
    except OSError as error:
        raise ValueError(f"{file}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file}: is no UTF-8 text, so no results.json") from None
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"{file}: is no JSON, or was cut in half ({error.msg} at {at})") from None
    except RecursionError:
        raise ValueError(f"{file}: is nested too deeply to be a results.json") from None
    try:
        return _run(found)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def _origin(contract: Contract) -> dict[str, str]:
    """Where a contract stands, so that somebody can look up what the verdicts mean."""
    source = contract.source
    return {
        "extends": contract.extends.name if contract.extends else "",
        "title": source.title if source else "",
        "source": source.url if source else "",
        "date": source.date if source else "",
        "revision": contract.revision,
    }


def _contract(top: "_Reader") -> Contract:
    """The contract that a run was judged against; of a user's own no more is known than is told."""
    told = _Reader(top.mapping("contract_from", optional=True), "contract_from.")
    title = told.text("title", "")
    source = Source("", title, told.text("source", ""), told.text("date", "")) if title else None
    name = top.text("contract")
    if name in SHIPPED:
        return SHIPPED[name]
    if not told.text("extends", "") or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise ValueError(f"has `contract` {name!r}, which this suite does not know")
    return Contract(name, source, told.text("revision", ""), SHIPPED.get(told.text("extends", "")))


def _contract_of_kept(row: "_Reader", run: Contract) -> Contract:
    """The contract that an earlier row was judged against, of which only the name may be known."""
    name = row.text("contract")
    return run if name == run.name else SHIPPED.get(name) or Contract(name)


def _pace_to_json(pace: Pace | None) -> dict[str, Any] | None:
    if pace is None:
        return None
    return {"answers": pace.answers, "median_s": round(pace.median, 4), "p95_s": round(pace.p95, 4)}


def _cause_to_json(told: ToldCause) -> dict[str, Any]:
    return {
        "id": told.id,
        "verdict": told.verdict.value,
        "line": told.line,
        "usually": told.usually,
        "checks": len(told.cause.rows),
        "requirements": list(told.cause.requirements),
        "turns_green": list(told.turns_green),
        "hurts": {hurt.client.id: list(hurt.effects) for hurt in told.hurt},
    }


def _row_to_json(row: Row) -> dict[str, Any]:
    first = row.findings[0] if row.findings else Finding("", "")
    return {
        "check": row.check,
        "requirement": row.requirement,
        "area": area(row),
        "level": row.level.value,
        "verdict": row.verdict.value,
        "expected": first.expected,
        "actual": first.actual,
        "where": first.where,
        "scenario": row.scenario,
        "exchange": row.exchange,
        "reason": row.reason,
        "notes": list(row.notes),
        "exchanges": row.judged,
        "shown_by": list(row.shown_by),
        "findings": [
            {"expected": f.expected, "actual": f.actual, "where": f.where, "scenario": f.scenario}
            for f in row.findings
        ],
    }


def _run(found: object) -> Run:
    if not isinstance(found, dict) or "format" not in found:
        raise ValueError("is no results.json: it has no `format`")
    if found["format"] != FORMAT:
        raise ValueError(f"has format {found['format']!r}, this suite reads format {FORMAT}")
    top = _Reader(found, "")
    traffic = _Reader(top.mapping("traffic"), "traffic.")
    rows = top.entries("verdicts")
    contract = _contract(top)
    made = _Reader(found.get("partial") or {"judged": 0, "of": 0}, "partial.")
    speed = top.mapping("speed", optional=True)
    return Run(
        suite=top.text("suite"),
        provider=top.text("provider"),
        base_url=top.text("base_url"),
        model=top.text("model"),
        contract=contract,
        started_at=top.text("started_at"),
        duration=top.number("duration_s"),
        exit_code=top.integer("exit_code"),
        traffic=Traffic(
            requests=traffic.integer("requests"),
            retries=traffic.integer("retries"),
            input_tokens=traffic.integer("input_tokens"),
            output_tokens=traffic.integer("output_tokens"),
            peak_in_flight=traffic.integer("peak_in_flight"),
            told_to_wait=traffic.integer("told_to_wait", 0),
            waited=traffic.number("waited_s", 0.0),
            asked_again=traffic.integer("asked_again", 0),
        ),
        rows=tuple(_row(row) for row in rows),
        made=made.integer("judged"),
        total=made.integer("of"),
        kept=tuple(
            Kept(_row(row), row.text("judged_at"), _contract_of_kept(row, contract))
            for row in top.entries("kept", optional=True)
        ),
        clients=tuple(map(_client, top.entries("clients", optional=True))),
        whole_answer=_pace(speed, "whole_answer"),
        first_delta=_pace(speed, "first_delta"),
    )


def _pace(speed: Mapping[str, Any], name: str) -> Pace | None:
    """How fast it was, where the file says so."""
    if speed.get(name) is None:
        return None
    told = _Reader(_Reader(speed, "speed.").mapping(name), f"speed.{name}.")
    return Pace(told.integer("answers"), told.number("median_s"), told.number("p95_s"))


def _client(found: "_Reader") -> ClientRun:
    who = Who(found.text("package", ""), found.text("version", ""), found.text("runtime", ""))
    name = found.text("client")
    cells = tuple(
        Cell(
            name,
            cell.text("job"),
            cell.client_word("outcome"),
            cell.text("says", ""),
            cell.text("exception", ""),
            cell.texts("exchanges"),
        )
        for cell in found.entries("jobs")
    )
    return ClientRun(name, who if who.package else None, cells)


def _row(row: "_Reader") -> Row:
    findings = tuple(
        Finding(each.text("expected"), each.text("actual"), each.text("where", ""), each.text("scenario", ""))
        for each in row.entries("findings", optional=True)
    )
    if not findings and (row.text("expected", "") or row.text("actual", "")):
        findings = (Finding(row.text("expected", ""), row.text("actual", ""), row.text("where", "")),)
    read = Row(
        check=row.text("check"),
        requirement=moved.requirement(row.text("requirement")),
        level=row.word("level", Level),
        verdict=row.word("verdict", Verdict),
        scenario=row.text("scenario", ""),
        exchange=row.text("exchange", ""),
        reason=row.text("reason", ""),
        findings=findings,
        notes=row.texts("notes"),
        judged=row.integer("exchanges", 0),
        shown_by=row.texts("shown_by"),
    )
    return read if row.has("shown_by") else replace(read, shown_by=_shown_by(read))


def _shown_by(row: Row) -> tuple[str, ...]:
    """What shows a violation, in a file of 0.1: it told of that in the findings alone."""
    if row.verdict is Verdict.PASS:
        return ()
    names = dict.fromkeys(each.scenario or row.scenario for each in row.findings) or (row.scenario,)
    return tuple(filter(None, names))


class _Reader:
    """Takes values out of one JSON object and says where one is missing or of another type."""

    def __init__(self, found: Mapping[str, Any], where: str) -> None:
        self._found = found
        self._where = where

    def _get(self, key: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        value = self._found.get(key, default)
        if value is None:
            raise ValueError(f"has no `{self._where}{key}`")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise ValueError(f"has a `{self._where}{key}` of type {type(value).__name__}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value: str = self._get(key, str, default)
        return value

    def has(self, key: str) -> bool:
        return key in self._found

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._get(key, list, [])
        if not all(isinstance(value, str) for value in values):
            raise ValueError(f"has a `{self._where}{key}` that is no list of texts")
        return tuple(values)

    def integer(self, key: str, default: int | None = None) -> int:
        value: int = self._get(key, int, default)
        return value

    def number(self, key: str, default: float | None = None) -> float:
        return float(self._get(key, (int, float), default))

    def mapping(self, key: str, *, optional: bool = False) -> Mapping[str, Any]:
        value: dict[str, Any] = self._get(key, dict, {} if optional else None)
        return value

    def word(self, key: str, words: type[T]) -> T:
        value = self.text(key)
        try:
            return words(value)
        except ValueError:
            raise ValueError(f"has `{self._where}{key}` {value!r}, which this suite does not know") from None

    def client_word(self, key: str) -> ClientWord:
        value = self.text(key)
        for word in CLIENT_WORDS:
            if word == value:
                return word
        raise ValueError(f"has `{self._where}{key}` {value!r}, which this suite does not know")

    def entries(self, key: str, *, optional: bool = False) -> "list[_Reader]":
        values = self._get(key, list, [] if optional else None)
        if not all(isinstance(value, dict) for value in values):
            raise ValueError(f"has a `{self._where}{key}` that is no list of objects")
        return [_Reader(value, f"{self._where}{key}[{number}].") for number, value in enumerate(values)]
