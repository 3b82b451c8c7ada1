"""Providers with two faults at once: of these a report must tell both."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from hashlib import sha256
from itertools import islice

from conformance.contract.contracts import Contract
from conformance.reference.hooks import Hooks, unchanged
from conformance.reference.mutants import mutants
from conformance.reference.mutants.mutant import Mutant
from conformance.verdicts.verdict import Verdict
from tests.matrix import Judged, due

SEED, PAIRS = 20_261_125, 50

TOGETHER = (
    "stream-dearer+billed-twice",
    "stream-dearer+long-hidden-prompt",
    "hidden-prompt+hidden-instructions",
    "input-tokens-accumulate+refusal-billed",
    "usage-cached-beyond-input+long-hidden-prompt",
)
"""Pairs that are judged whatever is drawn: two faults of one count, which must not be taken for one."""

NOT_ONE_PROVIDER: frozenset[str] = frozenset()
"""Pairs of which one changes what the other one has taken away, so that the provider itself breaks."""


def pairs() -> list[str]:
    """The ids of the pairs, those that were drawn and TOGETHER: two of mutants each, with `+` between.

    A mutant made later is drawn as any other, and leaves nearly all pairs as they are: chance is a digest of
    the seed and the ids.
    """
    known = sorted((mutant for mutant in mutants().values() if _is_violated(mutant)), key=_chance)
    drawn = islice((f"{one.id}+{_other(one, known).id}" for one in known), PAIRS)
    return list(dict.fromkeys((*drawn, *TOGETHER)))


def _other(one: Mutant, known: Iterable[Mutant]) -> Mutant:
    """The mutant that another one is put together with.

    Two faults of one requirement are one fault, and two that change the same step of the provider may undo
    each other: such a pair is drawn again.
    """
    changed = set(_changed(one.hooks))
    fit = (
        other
        for other in known
        if other.requirement != one.requirement
        and not changed & set(_changed(other.hooks))
        and f"{one.id}+{other.id}" not in NOT_ONE_PROVIDER
    )
    return min(fit, key=lambda other: _chance(one, other))


def _chance(*drawn: Mutant) -> bytes:
    return sha256("+".join((str(SEED), *(mutant.id for mutant in drawn))).encode()).digest()


def _is_violated(mutant: Mutant) -> bool:
    return mutant.contract is Contract.ANYFAST and due(mutant) is not Verdict.NOTE


def _changed(hooks: Hooks) -> Iterator[str]:
    """The steps of the provider that hooks change."""
    return (field.name for field in fields(Hooks) if getattr(hooks, field.name) is not unchanged)


def of_pair(id_: str) -> tuple[Mutant, Mutant]:
    """Both mutants of a pair."""
    one, other = id_.split("+")
    return mutants()[one], mutants()[other]


def untold(line: Judged) -> list[str]:
    """The mutants of a pair whose requirement heads no cause of its own."""
    heads = [
        next((number for number, own in enumerate(line.causes) if mutant.requirement in own), None)
        for mutant in of_pair(line.id)
    ]
    if None not in heads and heads[0] == heads[1]:
        return line.id.split("+")
    return [mutant.id for mutant, head in zip(of_pair(line.id), heads, strict=True) if head is None]
