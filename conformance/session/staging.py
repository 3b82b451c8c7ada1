"""Where pytest's own reporters write, until it is clear whether and where their files belong."""

import argparse
import shutil
import tempfile
from pathlib import Path

import pytest

from conformance.run.report_folder import JUNIT, PAGE


class Staging:
    """A folder of this run alone, for `index.html` and `junit.xml` as pytest-html and pytest make them.

    Both write at the end of every session, also of one in which nothing was selected; the report folder must
    not be touched by that. Where the user has named files of his own (`--html`, `--junitxml`), they get
    copies.
    """

    def __init__(self, option: argparse.Namespace, invoked_in: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="responses-conformance-"))
        self._elsewhere: dict[Path, Path] = {}
        for attribute, name in (("htmlpath", PAGE), ("xmlpath", JUNIT)):
            if not hasattr(option, attribute):
                continue  # switched off with -p
            if wanted := getattr(option, attribute):
                self._elsewhere[invoked_in / Path(wanted).expanduser()] = self.folder / name
            setattr(option, attribute, str(self.folder / name))
        option.self_contained_html = True

    @property
    def elsewhere(self) -> dict[Path, Path]:
        """The files that the user has named, each with the one that it is a copy of."""
        return {target: source for target, source in self._elsewhere.items() if source.is_file()}

    def missing(self, manager: pytest.PytestPluginManager) -> list[str]:
        """The reports that will not be written, and why, in words."""
        late = "pytest began before it came to the checks; `responses-conformance run` writes it"
        return [
            f"no {name}: {f'its reporter is switched off with -p no:{plugin}' if off else late}"
            for name, plugin in ((PAGE, "html"), (JUNIT, "junitxml"))
            if (off := manager.is_blocked(plugin)) or not (self.folder / name).is_file()
        ]

    def copy(self) -> None:
        """Give the user the files that he named, and nothing else. Raises OSError."""
        for target, source in self.elsewhere.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def silence(config: pytest.Config) -> None:
    """Keep the reporters from naming the staged files at the end."""
    manager = config.pluginmanager
    for plugin in manager.get_plugins():
        if type(plugin).__module__.startswith("pytest_html."):
            manager.unregister(plugin)
    junit = manager.get_plugin("junitxml")
    if junit is not None:
        junit.pytest_unconfigure(config)  # lets go of its reporter, and does nothing the second time
