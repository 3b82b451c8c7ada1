"""Files and pictures that a request names instead of sending them."""

from collections.abc import Iterator
from typing import Any

from conformance.reference.conversation import Json
from conformance.reference.hooks import Refusal

_MEMBERS = {"input_image": "image_url", "input_file": "file_url"}
_MEMBERS_OF_FILES = frozenset({"file_id", "file_data", "file_url"})


def parts_of(item: Any) -> Iterator[tuple[str, Json]]:
    """The parts of a message and of a tool's output, each with its place."""
    for key in ("content", "output") if isinstance(item, dict) else ():
        parts = item.get(key)
        for index, part in enumerate(parts if isinstance(parts, list) else ()):
            if isinstance(part, dict):
                yield f"{key}[{index}]", part


def faults_of_attachments(body: Json) -> Iterator[Refusal]:
    """What this provider does not have: it keeps no files, and looks for nothing outside."""
    items = body.get("input")
    for number, item in enumerate(items if isinstance(items, list) else ()):
        for place, part in parts_of(item):
            where, remote = f"input[{number}].{place}", _MEMBERS.get(str(part.get("type")), "")
            if remote and part.get("file_id") is not None:
                yield Refusal(404, "File not found.", param=f"{where}.file_id", code="not_found")
            if remote and not str(part.get(remote) or "data:").startswith("data:"):
                text = "This URL could not be read."
                yield Refusal(400, text, param=f"{where}.{remote}", code="invalid_value")
            if part.get("type") == "input_file" and not _MEMBERS_OF_FILES & part.keys():
                text = f"Missing required parameter: '{where}.file_data'."
                yield Refusal(400, text, param=f"{where}.file_data", code="missing_required_parameter")
