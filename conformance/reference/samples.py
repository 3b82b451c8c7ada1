"""Makes a value that a JSON Schema accepts: what the model answers where it must answer in that shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEEPEST = 6
"""Below that many levels only what is required is filled in, so that a recursive schema comes to an end."""

_BY_FORMAT = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "P1D",
    "email": "ada@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
_BY_NAME = {"name": "Ada", "kind": "cat", "city": "Paris", "location": "Paris", "title": "A title"}


@dataclass(frozen=True)
class Sampler:
    """`known` are values for properties of that name (a city that the prompt names)."""

    root: Mapping[str, Any]
    known: Mapping[str, Any] = field(default_factory=dict)

    def value(self, schema: Any = None, name: str = "", depth: int = 0) -> Any:
        """A value for the schema, the root's by default."""
        schema = self.resolved(self.root if schema is None else schema)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            members = schema["enum"]
            return self.known[name] if self.known.get(name) in members else members[0]
        for union in ("anyOf", "oneOf"):
            if schema.get(union):
                return self.value(self._branch(schema[union], depth), name, depth)
        return self._typed(schema, name, depth)

    def resolved(self, schema: Any) -> dict[str, Any]:
        """The schema with its `$ref` followed and its `allOf` laid together; `{}` where it says nothing."""
        if not isinstance(schema, Mapping):
            return {}
        found = dict(schema)
        for _ in range(20):
            if "$ref" not in found:
                break
            found = {**self._target(found.pop("$ref")), **found}
        for part in found.pop("allOf", ()):
            more = self.resolved(part)
            found = {
                **found,
                **more,
                "properties": {**found.get("properties", {}), **more.get("properties", {})},
                "required": [*found.get("required", ()), *more.get("required", ())],
            }
        return found

    def _target(self, pointer: str) -> dict[str, Any]:
        target: Any = self.root
        for step in pointer.removeprefix("#").strip("/").split("/"):
            if step:
                target = target.get(step, {}) if isinstance(target, Mapping) else {}
        return dict(target) if isinstance(target, Mapping) else {}

    def _branch(self, branches: list[Any], depth: int) -> Any:
        plain = [b for b in branches if self.resolved(b).get("type") == "null"]
        return plain[0] if plain and depth >= DEEPEST else branches[0]

    def _typed(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        match self._type(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer":
                return int(self._number(schema, 42))
            case "number":
                return self._number(schema, 1.5)
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return self._string(schema, name)

    @staticmethod
    def _type(schema: Mapping[str, Any]) -> str:
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return next((kind for kind in kinds if kind != "null"), "null")
        if isinstance(kinds, str):
            return kinds
        if "properties" in schema or not schema:
            return "object"
        return "array" if "items" in schema else "string"

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        wanted = [*properties] if depth < DEEPEST else [*schema.get("required", ())]
        return {name: self.value(properties.get(name, {}), name, depth + 1) for name in wanted}

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        fewest = int(schema.get("minItems", 0))
        size = max(fewest, min(2, int(schema.get("maxItems", 2)))) if depth < DEEPEST else fewest
        items = [self.value(schema.get("items", {"type": "string"}), name, depth + 1) for _ in range(size)]
        if schema.get("uniqueItems"):
            members = self.resolved(schema.get("items", {})).get("enum")
            return list(members[:size]) if members else items[: max(1, fewest)]
        return items

    @staticmethod
    def _number(schema: Mapping[str, Any], usual: float) -> float:
        step = schema.get("multipleOf") or (1 if schema.get("type") == "integer" else 0.5)
        low = schema.get("minimum", schema.get("exclusiveMinimum", float("-inf")))
        high = schema.get("maximum", schema.get("exclusiveMaximum", float("inf")))
        if low < usual < high and usual % step == 0:
            return usual
        found: float = low if low != float("-inf") else min(high, usual)
        found = -(-found // step) * step
        if found == schema.get("exclusiveMinimum"):
            found += step
        return found - step if found >= schema.get("exclusiveMaximum", float("inf")) else found

    def _string(self, schema: Mapping[str, Any], name: str) -> str:
        if schema.get("format") in _BY_FORMAT:
            return _BY_FORMAT[schema["format"]]
        text = str(self.known.get(name) or _BY_NAME.get(name) or "example")
        text = text.ljust(int(schema.get("minLength", 0)), "x")
        return text[: int(schema.get("maxLength", len(text)))]
