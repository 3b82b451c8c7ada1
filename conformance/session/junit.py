"""The properties of the suite in `junit.xml`, which pytest's own reporter writes."""

from collections.abc import Iterable

import pytest
from _pytest.junitxml import xml_key  # the fixture for it is out of reach of what is known only at the end


def tell_junit(config: pytest.Config, properties: Iterable[tuple[str, str]]) -> None:
    """Give pytest's reporter the properties of the suite, where it writes a file."""
    reporter = config.stash.get(xml_key, None)
    if reporter is not None:
        for name, value in properties:
            reporter.add_global_property(name, value)
