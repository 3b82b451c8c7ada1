"""The sample that is kept in `reports/sample`: a whole report, and the picture of its first screen.

`python -m tests.sample_report` makes both anew; the picture only where chromium is installed.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from conformance.reference.server import KEY, serve
from tests.runs import ROOT, Running

MUTANT = "three-events"
SAMPLE = ROOT / "reports" / "sample"
PROFILE = """\
base_url = "{base_url}"
model = "gpt-5.2"
key_env = "SAMPLE_KEY"
contract = "anyfast"
"""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SIZE = "1280,1100"


def main() -> int:
    """Judge the broken reference provider, and keep the page that comes of it."""
    with tempfile.TemporaryDirectory() as passing, serve(mutant=MUTANT) as base_url:
        folder = Path(passing)
        profile = folder / "sample.toml"
        profile.write_text(PROFILE.format(base_url=base_url), encoding="utf-8")
        report = folder / "report"
        ran = Running(report, "--provider", str(profile), environ={"SAMPLE_KEY": KEY}).wait(within=600)
        print(ran.printed)  # noqa: T201 - a command
        if not (report / "index.html").is_file():
            return 1
        shutil.copy(report / "index.html", SAMPLE / "index.html")
    _picture(SAMPLE / "index.html", SAMPLE / "report.png")
    return 0


def _picture(page: Path, file: Path) -> None:
    """The first screen of a page, as a browser draws it."""
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if browser is None:
        print("no chromium here: the picture is as it was")  # noqa: T201 - a command
        return
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                f"--user-data-dir={profile}",
                f"--window-size={SIZE}",
                f"--screenshot={file}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    sys.exit(main())
