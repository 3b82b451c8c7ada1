"""Whether a recorded request is still the one that its scenario sends: what may differ, and what not."""

import json
import re
from collections.abc import Collection
from typing import Any

from conformance.strict_json import parse


def difference(recorded: bytes, body: bytes, bounds: Collection[str] = ()) -> str:
    """In what a recorded body is another than today's, in words; empty where the exchange can be judged.

    A check reads what was asked for out of the recorded request, so that a difference counts only where it
    may change what the answer shows. The order of members does not. Nor do `bounds`, the fields that are sent
    only so that no answer is endless: a recording may lack them, or have a higher one. A lower one may have
    cut the answer.
    """
    if recorded == body:
        return ""
    old, new = parse(recorded), parse(body)
    if not (old.faults or new.faults):
        return _difference(old.value, new.value, bounds)
    old_text, new_text = _unbound(recorded, bounds), _unbound(body, bounds)
    both_cut = not old.readable and not new.readable and old_text[:1] == b"{"
    same = old_text == new_text or (both_cut and new_text.startswith(old_text))
    return "" if same else "the body differs"


def _difference(old: Any, new: Any, bounds: Collection[str]) -> str:
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return next(filter(None, (_difference(*pair, bounds) for pair in zip(old, new, strict=True))), "")
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return "" if _exactly(old) == _exactly(new) else "the body differs"
    others = [
        name
        for name in sorted({*old, *new})
        if not (name in bounds and _is_wider(old.get(name), new.get(name)))
        and ((name in old) is not (name in new) or _exactly(old.get(name)) != _exactly(new.get(name)))
    ]
    return f"it differs in {', '.join(others)}" if others else ""


def _is_wider(old: Any, new: Any) -> bool:
    """Whether an answer within today's bound would not have been cut by the recorded one either."""
    return old is None or (type(old) is int and type(new) is int and old >= new)


def _exactly(value: Any) -> str:
    """A value with its types: `1`, `1.0` and `true` are three."""
    return json.dumps(value, sort_keys=True)


def _unbound(body: bytes, bounds: Collection[str]) -> bytes:
    """A body that is no JSON, without its bounds, however it spells them."""
    for name in bounds:
        body = re.sub(rb'[,&]"?%s"?[:=]\d+' % re.escape(name.encode()), b"", body)
    return body
