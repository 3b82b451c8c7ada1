"""What a command line asks for: to judge a provider, only to show something, or what cannot be done."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from conformance.resources import CHECKS, PACKAGE
from conformance.run.options import OPTIONS, attribute

PASSIVE = (
    *("help", "version", "collectonly", "dry_run", "setupplan"),
    *("showfixtures", "show_fixtures_per_test", "markers", "cacheshow"),
)
"""The options, as attributes, with which pytest only shows something: no key is needed for that."""


def only_shows(config: pytest.Config) -> bool:
    """Whether nothing is to be sent."""
    return any(getattr(config.option, name, False) for name in PASSIVE)


def judges(config: pytest.Config) -> bool:
    """Whether the command line names checks of the suite, or one of the suite's own options."""
    given = config.option
    if any(getattr(given, attribute(name)) != settings["default"] for name, settings in OPTIONS.items()):
        return True
    return any(path == CHECKS or CHECKS in path.parents or path in CHECKS.parents for path in _named(config))


def _named(config: pytest.Config) -> list[Path]:
    """The files and folders that the command line names, as paths or as packages."""
    names = [argument.partition("::")[0] for argument in config.args]
    paths = [(config.invocation_params.dir / name).resolve() for name in names]
    if config.option.pyargs:
        packages = [name for name in names if name.partition(".")[0] == PACKAGE.name]
        found = [spec.origin for name in packages if (spec := find_spec(name)) and spec.origin]
        paths += [Path(origin).parent if origin.endswith("__init__.py") else Path(origin) for origin in found]
    return paths


def refuse_what_cannot_be(config: pytest.Config) -> None:
    """Raise UsageError for what pytest can do elsewhere and a run of checks cannot."""
    option = config.option
    distributed = getattr(option, "dist", "no") != "no" or any(
        getattr(option, name, None) for name in ("numprocesses", "tx")
    )
    if distributed or getattr(option, "looponfail", False) or hasattr(config, "workerinput"):
        raise pytest.UsageError(
            "-n, -f (pytest-xdist): each of its processes or rounds would send all requests again: leave it"
            " out, --concurrency says how many requests are in flight"
        )
    plugins = config.pluginmanager
    if plugins.is_blocked("metadata") and plugins.hasplugin("html"):
        raise pytest.UsageError(
            "-p no:metadata: pytest-html, which makes the report's page, needs that plugin: leave it out, or"
            " do without the page with -p no:html"
        )
    if getattr(option, "setuponly", False) and not option.setupplan:
        raise pytest.UsageError(
            "--setup-only would send all requests and judge no answer: --setup-plan shows the fixtures,"
            " --dry-run the requests"
        )
