"""Reads the text of a file: enough of a PDF decoder for pages whose text stands in them as it is."""

import base64
import binascii
import re

SIGNATURE = b"%PDF-"
_SHOWN = re.compile(rb"\(((?:[^()\\]|\\.)*)\)\s*Tj")


def text_of(data: str) -> str:
    """The text of a PDF in a data URL; empty where the URL holds none."""
    header, comma, encoded = data.partition(",")
    if not comma or not header.startswith("data:") or ";base64" not in header:
        return ""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return ""
    shown = _SHOWN.findall(raw) if raw.startswith(SIGNATURE) else []
    return " ".join(text.decode("latin-1") for text in shown)
