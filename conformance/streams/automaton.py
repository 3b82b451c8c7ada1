"""Transition tables that survive what they do not allow: a step says what should have come before it."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

State = str
Symbol = str


@dataclass(frozen=True, eq=False)
class Table:
    """Which symbol leads from which state to which, and in which states one may stop."""

    moves: Mapping[tuple[State, Symbol], State]
    final: frozenset[State] = frozenset()

    @cached_property
    def by_state(self) -> Mapping[State, Mapping[Symbol, State]]:
        """What may come in each state, and where it leads."""
        found: dict[State, dict[Symbol, State]] = {}
        for (state, symbol), after in self.moves.items():
            found.setdefault(state, {})[symbol] = after
            found.setdefault(after, {})
        return found

    @cached_property
    def sources(self) -> Mapping[Symbol, frozenset[State]]:
        """The states in which each symbol may come."""
        found: dict[Symbol, set[State]] = {}
        for state, symbol in self.moves:
            found.setdefault(symbol, set()).add(state)
        return {symbol: frozenset(states) for symbol, states in found.items()}

    def way(self, state: State, goals: Iterable[State]) -> list[Symbol] | None:
        """The fewest symbols that lead from a state to one of the goals; None where none do."""
        wanted = frozenset(goals)
        ways: deque[tuple[State, list[Symbol]]] = deque([(state, [])])
        seen = {state}
        while ways:
            here, path = ways.popleft()
            if here in wanted:
                return path
            for symbol, after in self.by_state.get(here, {}).items():
                if after not in seen:
                    seen.add(after)
                    ways.append((after, [*path, symbol]))
        return None


@dataclass(slots=True)
class Machine:
    """A place in one table.

    `owed` are the symbols that were found missing: where one comes late, it is no second departure.
    """

    table: Table
    state: State
    owed: list[Symbol] = field(default_factory=list)

    def take(self, symbol: Symbol) -> tuple[list[Symbol], bool]:
        """Move by one symbol; return what should have come before it, and whether it fits at all.

        What is missing counts as come. A symbol that fits nowhere from here on leaves the state as it is.
        """
        after = self.table.moves.get((self.state, symbol))
        if after is not None:
            self.state = after
            return [], True
        missing = self.table.way(self.state, self.table.sources.get(symbol, ()))
        if missing is None:
            late = symbol in self.owed
            if late:
                self.owed.remove(symbol)
            return [], late
        for step in (*missing, symbol):
            self.state = self.table.moves[self.state, step]
        self.owed += missing
        return missing, True

    @property
    def allowed(self) -> tuple[Symbol, ...]:
        """What may come next."""
        return tuple(self.table.by_state.get(self.state, ()))

    @property
    def unfinished(self) -> list[Symbol]:
        """The fewest symbols that are missing to a state in which one may stop."""
        return self.table.way(self.state, self.table.final) or []
