"""Where the packaged data lies: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def _data(name: str) -> Path:
    packaged = PACKAGE / name
    return packaged if packaged.is_dir() else PACKAGE.parent / name


SCHEMAS = _data("schemas")
PROFILES = _data("profiles")
CATALOGUE = PACKAGE / "contract" / "catalogue"
CHECKS = PACKAGE / "checks"
