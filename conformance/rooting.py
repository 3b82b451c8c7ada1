"""What the suite needs before pytest has read its `conftest.py`: found by its entry point, active everywhere.

pytest looks for its configuration before it knows the suite's options, so it takes the value of
`--report-dir /somewhere/else` for a path of tests and goes there, past `pyproject.toml` and `conftest.py`.
This small plugin is found wherever pytest went, and runs it again from the right place.

It also answers a mistyped option with the nearest. pytest asks this plugin in every environment in which the
suite is installed: where the suite's own plugin is not loaded, it does nothing.
"""

from collections.abc import Generator

import pytest

SUITE = "conformance.plugin"

OF_THE_CACHE = frozenset(
    {
        *("--lf", "--last-failed", "--ff", "--failed-first", "--nf", "--new-first"),
        *("--cache-show", "--cache-clear", "--lfnf", "--last-failed-no-failures"),
        *("--sw", "--stepwise", "--sw-skip", "--stepwise-skip", "--sw-reset", "--stepwise-reset"),
    }
)
"""The options that pytest declares only where it has its cache."""


def _went_astray(config: pytest.Config) -> bool:
    folder = config.invocation_params.dir
    if not (folder / "conftest.py").is_file() or not (folder / "conformance" / "plugin.py").is_file():
        return False
    told = config.known_args_namespace
    return config.rootpath != folder and not told.rootdir and not told.inifilename


def _of_the_package(config: pytest.Config) -> bool:
    """Whether the checks are named as a package's (`--pyargs conformance.checks`), without the plugin."""
    words = [str(word) for word in config.invocation_params.args]
    named = any(word.partition("::")[0].startswith("conformance.checks") for word in words)
    return named and "--pyargs" in words and SUITE not in words


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Generator[None, object, object]:
    """Declare the suite's options, so that the command line parses; refuse those that nobody declared."""
    if _went_astray(early_config) or _of_the_package(early_config):
        early_config.pluginmanager.import_plugin(SUITE)
    result = yield
    told = early_config.known_args_namespace
    if early_config.pluginmanager.hasplugin(SUITE) and not (told.help or told.version):
        _check(early_config, parser, args)
    return result


def _check(config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Raise UsageError with one line for what cannot be parsed; pytest's own would come with its usage."""
    from conformance.commands.commandline import in_one_line, options_in, unknown_options
    from conformance.run.options import OPTIONS

    try:
        _, rest = parser.parse_known_and_unknown_args(args)
    except pytest.UsageError as error:
        raise pytest.UsageError(in_one_line(str(error))) from None
    unknown = [word for word in rest if word.startswith("-")]
    cache = [word for word in unknown if word.partition("=")[0] in OF_THE_CACHE]
    if cache and config.pluginmanager.is_blocked("cacheprovider"):
        raise pytest.UsageError(
            f"{cache[0]} reads pytest's cache, which -p no:cacheprovider switches off: leave out one of them"
        )
    if unknown:
        known = [*OPTIONS, *options_in(parser.optparser.format_help())]
        raise pytest.UsageError(unknown_options(unknown, known))


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run pytest again, told where the checkout is, or that the suite's plugin comes with its checks."""
    if _of_the_package(config):
        return int(pytest.main(["-p", SUITE, *config.invocation_params.args]))
    if not _went_astray(config):
        return None
    folder = config.invocation_params.dir
    here = [f"--rootdir={folder}", f"--config-file={folder / 'pyproject.toml'}", "-p", SUITE]
    return int(pytest.main([*here, *config.invocation_params.args]))
