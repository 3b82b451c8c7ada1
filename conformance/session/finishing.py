"""The end of a session: its rows become a run, and the run's files come into their places."""

from collections.abc import Callable

import pytest

from conformance.run.report_folder import FolderError
from conformance.session.clients import let_clients_read
from conformance.session.junit import tell_junit
from conformance.session.staging import Staging
from conformance.session.state import State
from conformance.wire.recording import RecordingError

WRITING = (OSError, FolderError, RecordingError)
"""What can go wrong where files are written."""

Say = Callable[[str], None]


def judge(session: pytest.Session, state: State, staging: Staging, say: Say) -> None:
    """Make the run of its rows, let clients read it where they are to, and stage its files.

    Raises what WRITING names.
    """
    state.suite.judged(
        list(state.final.values()),
        state.repeats(),
        state.requirements,
        dead=state.dead,
        others_failed=state.others_failed,
        stopped=state.stopped(int(session.exitstatus)),
        left_out=state.left_out_in_words,
    )
    tell_junit(session.config, state.suite.properties())
    if not state.interrupted.is_set():
        let_clients_read(state.suite, say, every=session.config.option.clients)
    state.suite.write(staging.folder)


def publish(state: State, staging: Staging, say: Say) -> None:
    """Put the staged files into their places. Raises what WRITING names."""
    for file in state.suite.publish(staging.folder):
        say(f"a secret had got into {file}: it was masked there; please report this")
