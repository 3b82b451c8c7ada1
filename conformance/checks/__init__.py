"""The checks, one module for each area of the contract."""
