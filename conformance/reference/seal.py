"""What the provider gives out sealed and takes back: thoughts that only it can open.

The shape is that of public values: a version byte, a big-endian time, an initial vector, blocks of 16 bytes,
and a signature over all of it.
"""

import base64
import binascii
import hmac
import secrets

_KEY = b"the reference provider's own"
_VERSION = b"\x80"
_SIGNATURE = 32
_SHORTEST = 9 + 16 + 16 + _SIGNATURE
_BLOCKS = 4


def sealed(now: float) -> str:
    """Something sealed at a Unix time. There is nothing in it: this model's thoughts are its summary."""
    told = _VERSION + int(now).to_bytes(8, "big") + secrets.token_bytes(16 + 16 * _BLOCKS)
    return base64.urlsafe_b64encode(told + hmac.digest(_KEY, told, "sha256")).decode()


def is_own(content: str) -> bool:
    """Whether it was sealed here, and nothing of it was changed."""
    try:
        data = base64.b64decode(content, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    told, signature = data[:-_SIGNATURE], data[-_SIGNATURE:]
    return len(data) >= _SHORTEST and hmac.compare_digest(hmac.digest(_KEY, told, "sha256"), signature)
