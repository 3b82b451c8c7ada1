"""Real clients that read what a run has recorded, once it is judged."""

from collections.abc import Callable
from dataclasses import replace

from conformance.driving.running import read_recording
from conformance.run.run import Suite
from conformance.wire.recording import RecordingError


def let_clients_read(suite: Suite, say: Callable[[str], object]) -> None:
    """Run every client on the recording, and add to the run what each made of it.

    They have no say in its exit code. `say` is told what is done.
    """
    if suite.run is None or suite.run.trouble:
        return
    try:
        found = read_recording(suite.recordings, lambda name: say(f"client {name} ..."))
    except RecordingError as error:
        say(f"the clients were not run: {error}")
    except KeyboardInterrupt:  # what was judged is reported all the same
        say("the clients were interrupted: the report has none of them")
    else:
        suite.run = replace(suite.run, clients=tuple(found))
