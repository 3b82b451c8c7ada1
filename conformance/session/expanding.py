"""The checks as pytest collected them, made into those of the contract in force."""

import pytest

from conformance.checks.support.marks import expanded, needs
from conformance.contract.contracts import Contract
from conformance.contract.requirements import catalogue
from conformance.run.settings import Settings
from conformance.scenarios.request_fields import field_scenarios
from conformance.session.state import requirement_id

SETTINGS = pytest.StashKey[Settings]()


def contract_of(config: pytest.Config) -> Contract:
    """The contract in force; where nothing is to be judged, one that has all of the packaged checks."""
    return config.stash[SETTINGS].profile.contract if SETTINGS in config.stash else Contract.ANYFAST


def add_rows(metafunc: pytest.Metafunc, contract: Contract) -> None:
    """Give a check its rows that follow from the contract."""
    for mark in metafunc.definition.iter_markers("each"):
        metafunc.parametrize(*expanded(mark, field_scenarios(contract)).args)


def add_needs(item: pytest.Item, contract: Contract) -> None:
    """Mark a check with the scenarios that it reads because the contract has them."""
    for mark in item.iter_markers("needs_each"):
        item.add_marker(needs(*expanded(mark, field_scenarios(contract)).args, dead=True))


def is_asked(item: pytest.Item, contract: Contract) -> bool:
    """Whether the contract asks for what a check judges; a requirement that it has removed is not."""
    asked = requirement_id(item)
    return asked in catalogue(contract) or asked not in catalogue()
