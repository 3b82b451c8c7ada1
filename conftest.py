"""Hands the checks over to the suite's pytest plugin."""

pytest_plugins = ["conformance.plugin"]
