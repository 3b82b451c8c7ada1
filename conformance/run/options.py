"""The options of the command line, as pytest's parser is told of them."""

import argparse
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from conformance.shown import one_line


def _count(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number, 1 or more, not {one_line(text)!r}")
    return number


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of seconds, more than 0, not {one_line(text)!r}")
    return number


def _option(meaning: str, **settings: Any) -> Mapping[str, Any]:
    return MappingProxyType({"help": meaning, "default": None, **settings})


OPTIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "--provider": _option("profile: a name, or a TOML file (reference)", metavar="NAME or FILE"),
        "--base-url": _option("the endpoint, in place of the profile's", metavar="URL"),
        "--model": _option("the model, in place of the profile's", metavar="M"),
        "--api-key-env": _option(
            "the variable that holds the key, in place of the profile's; '' for no key", metavar="VAR"
        ),
        "--contract": _option(
            "judge against anyfast, openai, openresponses, or a TOML file of your own",
            metavar="NAME or FILE",
        ),
        "--concurrency": _option("requests in flight (8)", type=_count, default=8, metavar="N"),
        "--request-timeout": _option(
            "bound on one exchange, in seconds (60)", type=_seconds, default=60.0, metavar="S"
        ),
        "--deadline": _option(
            "bound on all exchanges, in seconds (900)", type=_seconds, default=900.0, metavar="S"
        ),
        "--requests-per-minute": _option("bound on the rate", type=_count, metavar="N"),
        "--max-requests": _option("stop sending after so many requests", type=_count, metavar="N"),
        "--max-output-tokens": _option("stop sending after so many output tokens", type=_count, metavar="N"),
        "--report-dir": _option("where everything goes (reports/<provider>)", metavar="DIR"),
        "--replay": _option("judge the exchanges recorded in DIR, send nothing", metavar="DIR"),
        "--resume": _option(
            "perform only what the report folder has no recording of", action="store_true", default=False
        ),
        "--overwrite": _option(
            "replace what the report folder holds of another endpoint, model or program",
            action="store_true",
            default=False,
        ),
        "--baseline": _option("red only for what got worse than this results.json", metavar="FILE"),
        "--repeat": _option(
            "perform and judge everything N times, and name what flips", type=_count, default=1, metavar="N"
        ),
        "--strict-should": _option("WARN is red too", action="store_true", default=False),
        "--strict-clients": _option(
            "WARN is red too where it breaks a client, of the profile's `clients` or any",
            action="store_true",
            default=False,
        ),
        "--evidence": _option(
            "look for evidence of where the answers come from, with a few requests more",
            action="store_true",
            default=False,
        ),
        "--clients": _option(
            "let real clients read what was recorded, and tell which break",
            action="store_true",
            default=False,
        ),
        "--dry-run": _option(
            "print what it would cost, with -v each request; send nothing",
            action="store_true",
            default=False,
        ),
        "--explain": _option("print what the suite knows of one requirement, and stop", metavar="ID"),
    }
)
"""Each option's name and the settings of its argument; the defaults in words stand in the help."""


def attribute(option: str) -> str:
    """Where the parser keeps an option's value."""
    return option.removeprefix("--").replace("-", "_")
