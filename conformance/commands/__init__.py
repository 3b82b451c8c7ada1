"""The commands of `responses-conformance`, one module each.

A module's `main` takes the words behind the command and gives the exit code. A module is light to import:
what its command needs it imports when it runs, so that its `--help` and its mistakes are answered at once.
"""

from collections.abc import Mapping
from types import MappingProxyType

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "run": "send the requests, judge the answers, write the report; what is done without a command",
        "replay": "judge a recording again, send nothing",
        "serve": "give recorded exchanges back on loopback, for a client to read",
        "clients": "let real clients read a recording, or ask an endpoint",
        "compare": "put the results of several runs beside each other",
        "list": "list requirements, scenarios, profiles or contracts",
        "explain": "tell what the suite knows of a requirement",
    }
)
"""What each does, in one line."""
