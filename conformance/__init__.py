"""Tells whether a vendor's `POST /v1/responses` keeps its contract.

PYTEST_DONT_REWRITE: the console script imports this before pytest does; there is no assertion to rewrite.
"""

__version__ = "0.1.0"
