"""Real clients that read what a run has recorded, once it is judged."""

from collections.abc import Callable

from conformance.driving.running import read_recording
from conformance.run.run import Suite
from conformance.wire.recording import RecordingError


def let_clients_read(suite: Suite, say: Callable[[str], object], *, every: bool) -> None:
    """Run clients on the recording, and add to the run what each made of it: `every` one, or those that the
    profile says must work, which alone have a say in the exit code. `say` is told what is done.
    """
    must_work = suite.settings.profile.must_work
    if suite.run is None or suite.run.trouble or not (every or must_work):
        return
    try:
        found = read_recording(
            suite.recordings, lambda name: say(f"client {name} ..."), () if every else must_work
        )
    except RecordingError as error:
        say(f"the clients were not run: {error}")
    except KeyboardInterrupt:  # what was judged is reported all the same
        say("the clients were interrupted: the report has none of them")
    else:
        suite.read_by(found)
