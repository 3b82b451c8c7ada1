"""The boundary cases of every request field, derived from the schema: none is typed into a test."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, Literal

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012, SchemaRegistry

from conformance.contract.contracts import Contract
from conformance.contract.patches import Schema, pointer, view_of
from conformance.strict_json import json_type

PROMPT = "Reply with exactly: Hi"
NON_ASCII = "Grüße 👋🏽 مرحبا"
VERY_LONG = 10_000
"""Characters of the very long string: far above any limit that a source states, far below a body's limit."""

FAR = 1000
"""How far outside a limit the far value lies."""


class Marker(Enum):
    """What stands in a case where no JSON value does."""

    ABSENT = "absent"
    GIVEN = "given"  # the value that the profile names


class Expectation(StrEnum):
    """What a contract says of a value. CONFLICT: the sources disagree, either consistent answer is right."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CONFLICT = "conflict"


Aspect = Literal["accepted", "accepted-should", "refused", "refused-should", "conflict", "optional"]
"""Which of a field's requirements a case belongs to, by the page; it does not change with the contract."""


@dataclass(frozen=True, slots=True)
class Case:
    """One value of one field.

    `id` reads `temperature=2.01-rejected` and ends in what the page expects, whichever of the shipped
    contracts is in force. `expectations` are those of the contracts that are held against each other, the
    page's first. `path` is dotted (`reasoning.effort`); `beside` are fields to send with it, `prompt` the
    user's message.
    """

    id: str
    path: str
    value: Any
    aspect: Aspect
    expectations: Mapping[Contract, Expectation]
    beside: Mapping[str, Any] = field(default_factory=dict)
    prompt: str = PROMPT

    @property
    def top(self) -> str:
        """The body's field that the path begins with."""
        return self.path.partition(".")[0]

    @property
    def expected(self) -> Expectation:
        """What the page expects."""
        return next(iter(self.expectations.values()))

    @property
    def requirement(self) -> str:
        """The id of the requirement in the catalogue."""
        return f"request.{self.path}.{self.aspect}"

    def fields(self) -> dict[str, Any]:
        """What the case puts into a body beside model and prompt."""
        found: dict[str, Any] = {**self.beside}
        if isinstance(self.value, Marker):
            return found
        top, _, member = self.path.partition(".")
        found[top] = {**found.get(top, {}), member: self.value} if member else self.value
        return found


@dataclass(frozen=True)
class Field:
    """One field as each contract describes it, the page first; None where a contract does not know it."""

    path: str
    views: Mapping[Contract, Schema | None]
    required: bool
    validators: Mapping[Contract, Draft202012Validator] = field(repr=False)

    @property
    def page(self) -> Schema:
        """The page's description."""
        view = self.views[self.speaks]
        assert view is not None
        return view

    @property
    def speaks(self) -> Contract:
        """The page: the contract that names the field, and where it speaks it wins."""
        return next(iter(self.views))

    @property
    def nested(self) -> bool:
        """Whether it is a member of another field."""
        return "." in self.path

    @property
    def brief(self) -> bool:
        """Whether its limits, its members and one value outside are cases enough."""
        return bool(self.page.get("x-brief"))

    @property
    def optional(self) -> bool:
        """Whether the page does not have it at all."""
        return self.page.get("x-level") == "MAY"

    def named(self, keyword: str) -> list[Any]:
        """The values of a keyword under every contract that has it, each once, in order."""
        return sorted({view[keyword] for view in self.views.values() if view and keyword in view})

    def members(self) -> list[Any]:
        """The enum's members under any contract, without null."""
        listed = [m for view in self.views.values() if view for m in view.get("enum", ())]
        return [member for member in {json.dumps(m): m for m in listed}.values() if member is not None]

    def types(self) -> list[str]:
        """The JSON types that the core allows."""
        types = self.page.get("type", [])
        return [types] if isinstance(types, str) else list(types)

    def listed(self) -> list[tuple[str, Any]]:
        """Examples and counterexamples, each with its label (empty where the value names itself)."""
        found = [("", value) for value in self.page.get("examples", ())]
        found += self.page.get("x-examples", {}).items()
        counter = self.page.get("x-counterexamples", ())
        return found + (list(counter.items()) if isinstance(counter, Mapping) else [("", v) for v in counter])


def fields(schemas: Mapping[Contract, Schema], alone: Contract | None = None) -> Iterator[Field]:
    """Every field of the page, whose schema comes first, each followed by its members.

    A field with labelled examples is exercised by these, not member by member; so is one that the page
    does not have. On what it has stated, `alone` is asked alone.
    """
    registries = {contract: _registry(schema) for contract, schema in schemas.items()}
    for path in _paths(next(iter(schemas.values()))):
        asked = schemas if alone is None or path not in alone.stated else {alone: schemas[alone]}
        yield _field(path, asked, registries)


def _paths(page: Schema) -> Iterator[str]:
    for name, described in page["properties"].items():
        yield name
        if "x-examples" not in described and described.get("x-level") != "MAY":
            yield from (f"{name}.{member}" for member in described.get("properties", ()))


def cases(path: str, schemas: Mapping[Contract, Schema]) -> tuple[Case, ...]:
    """Every case of one field (`temperature`, `reasoning.effort`): the same whatever the contract in force.

    Raises KeyError for a path that the page does not have.
    """
    found = next((known for known in fields(schemas) if known.path == path), None)
    if found is None:
        raise KeyError(path)
    return cases_of(found)


def cases_of(known: Field) -> tuple[Case, ...]:
    """Every case of a field."""
    found: dict[str, tuple[str, Any]] = {}
    for label, value in _values(known):
        key = value.name if isinstance(value, Marker) else json.dumps(value)
        found[key] = (label or found.get(key, ("", None))[0], value)
    return tuple(_case(known, label, value) for label, value in found.values())


def _case(known: Field, label: str, value: Any) -> Case:
    expectations = _expectations(known, value)
    aspect = _aspect(known, value, expectations[known.speaks])
    ending = "optional" if aspect == "optional" else expectations[known.speaks]
    return Case(
        f"{known.path}={label or _spelled(known, value)}-{ending}",
        known.path,
        value,
        aspect,
        expectations,
        known.page.get("x-with", {}),
        known.page.get("x-prompt", PROMPT),
    )


def _expectations(known: Field, value: Any) -> dict[Contract, Expectation]:
    if isinstance(value, Marker):
        absent_but_required = value is Marker.ABSENT and known.required
        return dict.fromkeys(
            known.views, Expectation.REJECTED if absent_but_required else Expectation.ACCEPTED
        )
    if known.optional or _in_conflict(known, value):
        return dict.fromkeys(known.views, Expectation.CONFLICT)
    if known.page.get("x-given") and "enum" not in known.page and isinstance(value, str):
        return dict.fromkeys(known.views, Expectation.REJECTED)  # whatever it is called, nobody offers it
    valid = {c: known.validators[c].is_valid(value) for c, view in known.views.items() if view is not None}
    return {contract: _expectation(contract, valid, known.speaks) for contract in known.views}


def _expectation(contract: Contract, valid: Mapping[Contract, bool], page: Contract) -> Expectation:
    """What a contract says, where `valid` has the verdict of each that knows the field."""
    if contract not in valid:
        return Expectation.CONFLICT
    if len(set(valid.values())) == 1:
        return Expectation.ACCEPTED if all(valid.values()) else Expectation.REJECTED
    if contract is page and not valid[page]:
        # The page is stricter than the public specifications, and where it speaks it wins.
        return Expectation.REJECTED
    return Expectation.CONFLICT


def _in_conflict(known: Field, value: Any) -> bool:
    if _fits(known, "x-conflict", value):
        return True
    # RFC 8259 has one kind of number; whether 16.0 is an integer is left to each server.
    return "integer" in known.types() and isinstance(value, float) and value.is_integer()


def _aspect(known: Field, value: Any, expected: Expectation) -> Aspect:
    if known.optional:
        return "optional"
    match expected:
        case Expectation.CONFLICT:
            return "conflict"
        case Expectation.ACCEPTED:
            return "accepted-should" if _fits(known, "x-should", value) else "accepted"
        case Expectation.REJECTED:
            return "refused-should" if _fits(known, "x-should-refuse", value) else "refused"


def _fits(known: Field, keyword: str, value: Any) -> bool:
    if keyword not in known.page or isinstance(value, Marker):
        return False
    return Draft202012Validator(known.page[keyword]).is_valid(value)


def _values(known: Field) -> Iterator[tuple[str, Any]]:
    """Labels and values, the listed ones first; a label is empty where the value names itself."""
    if known.optional:
        yield from (("", example) for example in known.page.get("examples", ()))
        return
    yield from ((label, value) for label, value in known.listed() if not _is_given(known, value))
    if known.page.get("x-given"):
        yield "", Marker.GIVEN
        yield from (("", name) for name in known.members() if _is_alias(known, name))
    elif {"number", "integer"} & set(known.types()):
        yield from (("", value) for value in _numbers(known))
    elif known.members():
        yield from _enumerated(known)
    elif known.types() == ["string"]:
        yield from _strings(known)
    if "array" in known.types():
        yield from (("", value) for value in _arrays(known))
    yield from (("", value) for value in _wrong_types(known))
    if not (known.nested and known.brief):
        yield "", None
    if not known.nested:
        yield "", Marker.ABSENT


def _is_given(known: Field, value: Any) -> bool:
    if not known.page.get("x-given"):
        return False
    return value in known.page.get("examples", ()) or value in known.page.get("enum", ())


def _is_alias(known: Field, name: str) -> bool:
    """Whether it is another listed name with a date: of whoever lists both, both may be asked for."""
    short = _DATED.sub("", name)
    return short != name and short in known.members()


_DATED = re.compile(r"[-@]\d{4}-?\d{2}-?\d{2}$")


def _numbers(known: Field) -> Iterator[int | float]:
    """Each limit, just outside it, far outside, inside; in float spelling; for an integer a fraction."""
    step = known.page.get("x-step", 1)
    low, high = known.named("minimum"), known.named("maximum")
    for limit in low:
        yield _sum(limit, -step)
        yield limit
    for limit in high:
        yield limit
        yield _sum(limit, step)
    if low and high and not any(low[-1] < e < high[0] for e in known.page.get("examples", ())):
        yield _inside(low[-1], high[0], step)
    if "integer" in known.types():
        yield _sum((low or high or [0])[-1], 0.5)
    if known.brief or not (low or high):
        return
    yield _sum(high[-1], FAR) if high else _sum(low[0], -FAR)
    if limits := [limit for limit in (*low, *high) if float(limit).is_integer()]:
        yield float(limits[-1])


def _sum(a: float, b: float) -> int | float:
    """The exact decimal sum: 2 and 0.01 are 2.01."""
    total = Decimal(str(a)) + Decimal(str(b))
    return int(total) if total == total.to_integral_value() else float(total)


def _inside(low: float, high: float, step: float) -> int | float:
    steps = (Decimal(str(high)) - Decimal(str(low))) / Decimal(str(step))
    return _sum(low, float(int(steps * 3 / 5) * Decimal(str(step))))


def _enumerated(known: Field) -> Iterator[tuple[str, Any]]:
    members = known.members()
    yield from (("", member) for member in members)
    if not any(isinstance(value, str) and value not in members for _, value in known.listed()):
        yield "", "unlisted"
    if not known.brief:
        yield "", str(known.page.get("examples", members)[0]).swapcase()


def _strings(known: Field) -> Iterator[tuple[str, Any]]:
    yield "empty", ""
    yield "non-ascii", NON_ASCII
    if not known.brief:
        yield f"{VERY_LONG}-characters", "x" * VERY_LONG


def _arrays(known: Field) -> Iterator[list[Any]]:
    """The shortest array that is long enough, and the next shorter one."""
    arrays = [value for _, value in known.listed() if isinstance(value, list)]
    valid = [value for value in arrays if known.validators[known.speaks].is_valid(value)]
    for fewest in known.named("minItems"):
        long_enough = next((value for value in valid if len(value) >= fewest), None)
        if fewest and long_enough is not None:
            yield long_enough[:fewest]
            yield long_enough[: fewest - 1]


def _wrong_types(known: Field) -> Iterator[Any]:
    """One value of each JSON type that the field is not, unless the listed values have one already.

    A member of a field gets one of them: that the field itself is read with its type is shown there.
    """
    right = {"number" if kind == "integer" else kind for kind in known.types() or ["string"]}
    shown = {json_type(value) for _, value in known.listed()} | right
    if known.nested and shown - right - {"null"}:
        return
    for kind, value in _REPRESENTATIVES.items():
        if kind not in shown:
            yield value
            if known.nested:
                return


_REPRESENTATIVES: dict[str, Any] = {"string": "x", "number": 1, "boolean": True, "array": [], "object": {}}


def _spelled(known: Field, value: Any) -> str:
    """A value as an id shows it: a word as it is where words belong, otherwise as JSON."""
    if isinstance(value, Marker):
        return value.value
    if value == "":
        return "empty"
    if isinstance(value, str) and "string" in known.types() and re.fullmatch(r"[\w.-]+", value, re.ASCII):
        return value
    return json.dumps(value, separators=(",", ":"))


def _field(
    path: str, schemas: Mapping[Contract, Schema], registries: Mapping[Contract, SchemaRegistry]
) -> Field:
    page = next(iter(schemas.values()))
    return Field(
        path,
        {contract: view_of(schema, path) for contract, schema in schemas.items()},
        required=path in page.get("required", ()),
        validators={
            contract: Draft202012Validator(
                {"$ref": schema["$id"] + pointer(path)}, registry=registries[contract]
            )
            for contract, schema in schemas.items()
        },
    )


def _registry(schema: Schema) -> SchemaRegistry:
    empty: SchemaRegistry = Registry()
    return DRAFT202012.create_resource(schema) @ empty
