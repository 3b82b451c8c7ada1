"""Names the colour of a picture: enough of a PNG decoder for pictures of one plain colour."""

import base64
import binascii
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
_LARGEST = 1 << 20

_NAMES = {
    "red": (255, 0, 0),
    "green": (0, 160, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "orange": (255, 140, 0),
    "purple": (128, 0, 128),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
}


def colour_of(url: str) -> str:
    """The colour of the first pixel of a PNG data URL, by name; empty where the URL holds no such picture."""
    header, comma, data = url.partition(",")
    if not comma or not header.startswith("data:image/") or ";base64" not in header:
        return ""
    try:
        return _named(_first_pixel(base64.b64decode(data, validate=True)))
    except (binascii.Error, zlib.error, struct.error, ValueError, IndexError):
        return ""


def _first_pixel(png: bytes) -> tuple[int, int, int]:
    if not png.startswith(SIGNATURE):
        raise ValueError("no PNG")
    chunks = _chunks(png)
    kind = chunks[b"IHDR"][9]
    # The first byte of a row is its filter: no filter changes the very first pixel.
    row = zlib.decompressobj().decompress(chunks[b"IDAT"], _LARGEST)[1:]
    match kind:
        case _ if kind == PALETTE:
            red, green, blue = chunks[b"PLTE"][3 * row[0] : 3 * row[0] + 3]
        case _ if kind in {RGB, RGBA}:
            red, green, blue = row[:3]
        case _:
            red = green = blue = row[0]
    return red, green, blue


def _chunks(png: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = len(SIGNATURE)
    while at + 8 <= len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        found[kind] = found.get(kind, b"") + png[at + 8 : at + 8 + length]
        at += length + 12
    if not {b"IHDR", b"IDAT"} <= found.keys():
        raise ValueError("no picture in it")
    return found


def _named(pixel: tuple[int, int, int]) -> str:
    def distance(name: str) -> int:
        return sum((a - b) ** 2 for a, b in zip(_NAMES[name], pixel, strict=True))

    return min(_NAMES, key=distance)
