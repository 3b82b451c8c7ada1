"""Files and images in each of their forms: in the request, by id, and by URL."""

import base64

from conformance.contract.area import Area
from conformance.scenarios.scenario import Scenario, Shows, message, post
from conformance.scenarios.shapes import ROOM, bounded, premise, says

AREA: Area = "agent_tools"

FILE_WORD = "SANDERLING-4410"
_SAID = f"The code word is {FILE_WORD}."
_ASK = message("What is the code word in the document?")

_PAGE = f"BT /F1 18 Tf 72 720 Td ({_SAID}) Tj ET"
_OBJECTS = (
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
    " /Resources << /Font << /F1 5 0 R >> >> >>",
    f"<< /Length {len(_PAGE)} >>\nstream\n{_PAGE}\nendstream",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
)


def _pdf() -> bytes:
    """A document of one page with one sentence: objects, a table of where they begin, and a trailer."""
    body, places = "%PDF-1.4\n", []
    for number, inner in enumerate(_OBJECTS, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{inner}\nendobj\n"
    size = len(_OBJECTS) + 1
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode("ascii")


PDF = f"data:application/pdf;base64,{base64.b64encode(_pdf()).decode()}"


def _attached(name: str, part: dict[str, str], *, refused: bool = False) -> Scenario:
    """A question behind a message with a part in it."""
    return post(
        name,
        bounded({"input": [{"role": "user", "content": [part]}, *_ASK]}, ROOM),
        area=AREA,
        family="" if refused else "conversation",
        expects="refusal" if refused else "either",
        output_tokens=0 if refused else ROOM,
        shows=None if refused else Shows(says(FILE_WORD)),
    )


FILE = _attached("file-data", {"type": "input_file", "filename": "note.pdf", "file_data": PDF})

FILE_PLAIN = premise(
    "file-data-plain",
    lambda _: {"input": [*message(_SAID), *_ASK]},
    FILE,
    says(FILE_WORD),
    area=AREA,
)
"""What stands in the document, as text."""

_FILE_ID = "file-5f3c9e0000000000000001"
_NOWHERE = "https://files.invalid"
"""A name that no resolver may ever find: nobody is reached by it."""

UNKNOWN = (
    _attached(
        "image-id-unknown", {"type": "input_image", "file_id": _FILE_ID, "detail": "auto"}, refused=True
    ),
    _attached("file-id-unknown", {"type": "input_file", "file_id": _FILE_ID}, refused=True),
)
UNREACHABLE = (
    _attached(
        "image-url-unreachable",
        {"type": "input_image", "image_url": f"{_NOWHERE}/red.png", "detail": "auto"},
        refused=True,
    ),
    _attached(
        "file-url-unreachable", {"type": "input_file", "file_url": f"{_NOWHERE}/note.pdf"}, refused=True
    ),
)
