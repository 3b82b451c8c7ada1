"""The rooms of the package ask only those below them: the arrows go one way."""

import ast
import re
from graphlib import TopologicalSorter

from conformance.resources import PACKAGE

ARROWS = """
resources:
shown:
strict_json:
exchange: strict_json (bodies)
response: exchange (who brought it)
contract: resources (its files), strict_json (types), shown (words)
reference: contract (to keep it), strict_json (requests), shown (words)
scenarios: contract (boundaries), exchange (calls), response (to build on)
wire: exchange (to make), strict_json (what was asked)
serving: exchange (what came), shown (what was meant), strict_json (what is asked), wire (recordings)
verdicts: contract (levels), exchange (traffic), shown (words)
streams: exchange (bytes), contract (schemas), verdicts (findings), strict_json (data), shown (words)
rules: exchange, response (what came), streams (how it ended), contract (shapes), verdicts (findings), strict_json, shown
clients:
report: verdicts (rows), contract (clauses), exchange (bytes), streams (timeline), clients (who is hurt)
driving: scenarios (jobs), serving (in the provider's place), exchange, response, streams (what was sent)
driving: wire, run (to ask the endpoint), verdicts (cells), shown (words), resources (drivers)
run: scenarios (plan), wire (to send it), streams (read once), rules (try again?), report (files), verdicts (gate)
run: clients (that matter), contract (names), shown (words), reference (embedded), exchange (to keep), resources (profiles)
checks.support: run.record, run.metering (the bill), exchange, response (evidence), rules (judging), verdicts (words), scenarios, contract (marks)
checks: checks.support (marks, rows), run.record, run.metering, run.counting, exchange, response (evidence), rules, streams (judging)
checks: verdicts (words), scenarios (what was sent), contract (cases), resources (its files), shown (words)
session: driving (clients), wire.recording (none?), run (one run), checks.survey (all checks), checks.support.marks (rows), scenarios (plan), exchange (dead?), contract, verdicts (rows), resources
"""  # noqa: E501 - a table
"""Each room, the rooms or modules that it may ask, and for what. Who is not here may ask anything."""
ENTRANCES = {"plugin", "fixtures", "rooting", "cli", "commands"}

FILES = {".".join(f.relative_to(PACKAGE).with_suffix("").parts): f for f in sorted(PACKAGE.rglob("*.py"))}
MAY: dict[str, set[str]] = {}
for line in ARROWS.split("\n")[1:-1]:
    MAY.setdefault(line.partition(":")[0], set()).update(
        re.findall(r"[\w.]+", re.sub(r"\(.*?\)", "", line.partition(":")[2]))
    )


def room(module: str) -> str:
    return "checks.support" if f"{module}.".startswith("checks.support.") else module.partition(".")[0]


def imported(module: str) -> set[str]:
    """What a module imports, anywhere in it: `httpx`, `conformance.run.record.Record`."""
    nodes = list(ast.walk(ast.parse(FILES[module].read_bytes())))
    assert not any(node.level for node in nodes if isinstance(node, ast.ImportFrom)), module
    whole = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    return whole | {f"{node.module}.{alias.name}" for node in parts for alias in node.names}


def test_every_arrow_is_in_the_table() -> None:
    for module in FILES:
        own = {
            name.removeprefix("conformance.") for name in imported(module) if name.startswith("conformance.")
        }
        asked = {name for name in own - {"__version__"} if room(name) != room(module)}
        allowed = tuple(f"{name}." for name in MAY.get(room(module), ()))
        strange = {name for name in asked if not f"{name}.".startswith(allowed)}
        assert room(module) in {*ENTRANCES, "__init__"} or not strange, f"{module} asks {strange}"


def test_no_arrow_comes_back() -> None:
    TopologicalSorter({mine: set(map(room, asked)) - {mine} for mine, asked in MAY.items()}).prepare()


NETWORK = (
    *("httpx", "httpcore", "h11", "socket", "socketserver", "ssl"),
    *("urllib.request", "http.client", "http.server"),
)
"""What reaches a network: of what the project depends on, and of the standard library."""


def test_few_modules_know_the_network_and_pytest() -> None:
    roots = {module: {name.partition(".")[0] for name in imported(module)} for module in FILES}
    assert {module for module in FILES if "httpx" in roots[module]} == {"wire.transport"}
    reaching = {
        module
        for module in FILES
        if any(f"{name}.".startswith(f"{way}.") for name in imported(module) for way in NETWORK)
    }
    assert reaching == {"wire.transport", "serving.http", "reference.server"}
    at_pytest = {room(module) for module in FILES if "pytest" in roots[module]}
    assert at_pytest <= {*ENTRANCES, "checks", "checks.support", "session", "verdicts"}
    hooks = {module for module, file in FILES.items() if "def pytest_" in file.read_text("utf-8")}
    assert hooks == {"plugin", "rooting", "commands.launch"}, "the latter two before the plugin is there"


def test_no_module_is_long() -> None:
    long = {str(f.relative_to(PACKAGE)) for f in FILES.values() if len(f.read_bytes().splitlines()) > 400}
    assert not long
