"""The named requests and flows, one module for each area."""
