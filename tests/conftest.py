"""How the tests of the suite itself run, whatever else the machine does meanwhile."""

from hypothesis import settings

# No test asserts seconds: what is slow is measured in benchmarks.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
