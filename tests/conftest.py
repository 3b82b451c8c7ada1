"""How the tests of the suite itself run, whatever else the machine does meanwhile."""

import signal

from hypothesis import settings

# No test asserts seconds: what is slow is measured in benchmarks.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# A script's job in the background inherits that SIGINT is ignored, and so would each process that a test
# interrupts: it would never end.
signal.signal(signal.SIGINT, signal.default_int_handler)
