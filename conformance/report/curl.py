"""A `curl` line that repeats a request, for a shell, with `$API_KEY` in place of the key."""

import re
import shlex
from collections.abc import Iterator

from conformance.exchange import RECORDINGS, Exchange, file_name

LONGEST_BODY = 8_000
"""Longer bodies, and those that no shell word can hold, are read out of the recording."""

_OWN = frozenset(
    {"host", "content-length", "accept-encoding", "connection", "user-agent", "transfer-encoding"}
)
"""Headers that curl words by itself."""

_BRACES = re.compile(r"\$\{(\w+)\}(?!\w)")
"""A variable that needs no braces, because no letter follows."""

_MASK = re.compile(r"""\*{3}\d+\*+|\*(?:[*"\\/&<>']*\*)?""")
"""Stars, with a number among them from the second secret on; older recordings have quotes among them."""


def curl(exchange: Exchange) -> str:
    """The shell command, in lines; exported as `API_KEY`, the key is put where it was masked.

    A further masked value (a second secret of the profile) is `$SECRET_2` and so on.
    """
    request = exchange.request
    secrets = _Secrets()
    words = [f"curl -sS -N -X {request.method} {secrets.quoted(request.url)}"]
    words += [f"-H {_header(secrets, name, value)}" for name, value in request.headers if _wanted(name)]
    sent = {name.lower() for name, _ in request.headers}
    words += [f"-H '{name}:'" for name in ("Accept", "Content-Type") if name.lower() not in sent]
    body = request.body
    if not body:
        return _lines(words)
    if len(body) <= LONGEST_BODY and (text := _as_word(body)) is not None:
        return _lines([*words, f"--data-raw {shlex.quote(text)}"])
    return f"{_from_recording(exchange.scenario)} |\n  {_lines([*words, '--data-binary @-'])}"


def _lines(words: list[str]) -> str:
    return " \\\n  ".join(words)


def _wanted(name: str) -> bool:
    return name.lower() not in _OWN


def _header(secrets: "_Secrets", name: str, value: str) -> str:
    """An empty value is `Name;` to curl: `Name:` would take the header out."""
    return (
        secrets.quoted(f"{name}: {value}", always=name.lower() == "authorization")
        if value
        else shlex.quote(f"{name};")
    )


def _as_word(body: bytes) -> str | None:
    """The body as text that a shell word can carry: UTF-8 without NUL."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text or any(not (c.isprintable() or c in "\n\t") for c in text) else text


def _from_recording(scenario: str) -> str:
    program = (
        'import base64,json,sys; body=json.load(open(sys.argv[1],encoding="utf-8"))["request"]["body"]; '
        "sys.stdout.buffer.write(body.encode() if isinstance(body,str) else base64.b64decode(body['base64']))"
    )
    return f"python3 -c {shlex.quote(program)} {shlex.quote(f'{RECORDINGS}/{file_name(scenario)}')}"


class _Secrets:
    """Quotes words for the shell, with a variable in place of each masked value."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def quoted(self, text: str, *, always: bool = False) -> str:
        pieces = list(self._pieces(text, 1 if always else 3))
        if all(not masked for _, masked in pieces):
            return shlex.quote(text)
        words = [self._name(part) if masked else _in_double_quotes(part) for part, masked in pieces]
        joined = _BRACES.sub(r"$\1", "".join(words))
        return f'"{joined}"'

    def _pieces(self, text: str, stars: int) -> Iterator[tuple[str, bool]]:
        reached = 0
        for match in _MASK.finditer(text):
            if match[0].count("*") >= stars:
                yield text[reached : match.start()], False
                yield match[0], True
                reached = match.end()
        yield text[reached:], False

    def _name(self, masked: str) -> str:
        number = len(self._names) + 1
        return self._names.setdefault(masked, "${API_KEY}" if number == 1 else f"${{SECRET_{number}}}")


def _in_double_quotes(text: str) -> str:
    return re.sub(r'(["\\$`])', r"\\\1", text)
