"""`responses-conformance clients`: which real clients work with a recording, or with an endpoint itself."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.commands.commandline import PROGRAM, Parser, answer, did_you_mean, refuse
from conformance.verdicts.gate import CONFORMS, INTERRUPTED, UNJUDGED, VIOLATED

if TYPE_CHECKING:
    from conformance.verdicts.clients import ClientRun

PROG = f"{PROGRAM} clients"


def main(words: Sequence[str]) -> int:
    """Run the clients and print what they made of it; gives the exit code."""
    given = arguments(words)
    from conformance.driving.jobs import JOBS
    from conformance.driving.roster import CLIENTS
    from conformance.run.profile_values import ProfileError
    from conformance.wire.endpoint import EndpointError
    from conformance.wire.recording import RecordingError

    for kind, names, known in (("client", given.client, CLIENTS), ("job", given.job, JOBS)):
        for name in names:
            if name not in known:
                near = did_you_mean(name, known, f"there are {', '.join(known)}")
                return refuse(f"there is no {kind} {name}: {near}", PROG)
    try:
        found = _run(given)
        _write(given, found)
    except (RecordingError, ProfileError, EndpointError) as error:
        return refuse(str(error), PROG)
    except ValueError as error:  # the file is left as it is
        return refuse(f"{error}; what the clients made of it is not kept", PROG)
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        return refuse(f"{error.filename or given.target}: {error.strerror or error}", PROG)
    return _told(found, given.client)


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read the words behind `clients`; a mistake ends the process."""
    parser = Parser(
        "clients",
        "Lets real clients do their jobs with a provider, each in a process of its own, and tells what they\n"
        "read against what they were sent. Given the report folder of a run they read its recording, at no\n"
        "cost; given a base URL they ask the endpoint itself.",
        epilog="exit codes: 0 no client is hurt, 1 one is, 4 usage, 6 none could be run, or not one named",
    )
    parser.add_argument("target", metavar="RECORDING_OR_URL", help="a report folder, or a base URL")
    parser.add_argument(
        "--client", action="append", default=[], metavar="NAME", help="only this one; may be repeated"
    )
    parser.add_argument(
        "--job", action="append", default=[], metavar="NAME", help="only this one; may be repeated"
    )
    parser.add_argument("--model", metavar="M", help="the model to ask an endpoint for")
    parser.add_argument(
        "--api-key-env", metavar="VAR", help="the variable that holds the endpoint's key; '' for no key"
    )
    parser.add_argument(
        "--python", metavar="FILE", default=sys.executable, help="the interpreter that has the clients"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the cells into a file")
    return parser.read(words)


def _run(given: argparse.Namespace) -> "list[ClientRun]":
    """Run what was asked for, against what was named."""
    from conformance.driving.attached import attached
    from conformance.driving.jobs import JOBS
    from conformance.driving.providing import FromRecording, Providing
    from conformance.driving.roster import CLIENTS
    from conformance.driving.running import Setup, run_clients
    from conformance.serving.recorded import Recorded

    providing: Providing
    if given.target.startswith(("http://", "https://")):
        providing, model = attached(given.target, given.model, given.api_key_env, os.environ)
    else:
        recorded = Recorded(Path(given.target))
        providing, model = FromRecording(recorded), given.model or recorded.manifest.model
    clients = [CLIENTS[name] for name in given.client] or list(CLIENTS.values())
    jobs = [JOBS[name] for name in given.job] or list(JOBS.values())
    return run_clients(
        clients,
        jobs,
        providing,
        Setup(model, given.python),
        lambda client: print(f"{client.name} ...", file=sys.stderr, flush=True),  # noqa: T201 - progress
    )


def _write(given: argparse.Namespace, found: "Sequence[ClientRun]") -> None:
    """Keep the cells: beside the verdicts of the recording, and in the file that was asked for.

    Raises ValueError where the recording's `results.json` is none.
    """
    from conformance.report import results
    from conformance.report.clients import merged, to_json
    from conformance.wire.recording import write_whole

    cells = to_json(found)
    file = Path(given.target) / "results.json"
    if file.is_file():
        results.read(file)
        kept = json.loads(file.read_bytes())
        write_whole(file, _dumped({**kept, "clients": merged(kept.get("clients", ()), cells)}))
    if given.json is not None:
        write_whole(given.json, _dumped({"format": 1, "target": given.target, "clients": cells}))


def _dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def _told(found: "Sequence[ClientRun]", named: Sequence[str]) -> int:
    from conformance.report.clients import lines

    answer(lines(found))
    if any(cell.hurt for each in found for cell in each.cells):
        return VIOLATED
    worked = {each.client for each in found if any(cell.word == "ok" for cell in each.cells)}
    return CONFORMS if worked and worked.issuperset(named) else UNJUDGED
