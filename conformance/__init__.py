"""Tells whether a vendor's `POST /v1/responses` keeps its contract."""

__version__ = "0.1.0"
