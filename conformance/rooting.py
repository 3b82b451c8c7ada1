"""Keeps pytest in the checkout when an option names a folder elsewhere.

pytest looks for its configuration before it knows the suite's options, so it takes the value of
`--report-dir /somewhere/else` for a path of tests and goes there, past `pyproject.toml` and `conftest.py`.
This small plugin is found by its entry point wherever pytest went, and runs it again from the right place.
"""

import pytest


def _went_astray(config: pytest.Config) -> bool:
    folder = config.invocation_params.dir
    if not (folder / "conftest.py").is_file() or not (folder / "conformance" / "plugin.py").is_file():
        return False
    told = config.known_args_namespace
    return config.rootpath != folder and not told.rootdir and not told.inifilename


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Declare the suite's options, so that the command line parses."""
    if _went_astray(early_config):
        early_config.pluginmanager.import_plugin("conformance.plugin")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run pytest again, told where the checkout is."""
    if not _went_astray(config):
        return None
    folder = config.invocation_params.dir
    here = [f"--rootdir={folder}", f"--config-file={folder / 'pyproject.toml'}", "-p", "conformance.plugin"]
    return int(pytest.main([*here, *config.invocation_params.args]))
