"""Today's name of a requirement or a check that an earlier version called otherwise."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

MOVED = Path(__file__).with_name("moved.toml")


def requirement(id_: str) -> str:
    """The requirement's id of today; an id that nobody moved is its own."""
    return names()["requirements"].get(id_, id_)


def check(name: str) -> str:
    """The check's name of today, from its file on."""
    for before, now in names()["checks"].items():
        head, star, tail = before.partition("*")
        if name == before or (star and name.startswith(head) and name.endswith(tail)):
            return now.replace("*", name[len(head) : len(name) - len(tail)])
    return name


@cache
def names() -> Mapping[str, Mapping[str, str]]:
    """The names of today by the earlier ones: of `requirements`, and of `checks`."""
    return tomllib.loads(MOVED.read_text("utf-8"))
