"""Tells whether a vendor's `POST /v1/responses` keeps its contract."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("responses-conformance")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0.0.0+checkout"
