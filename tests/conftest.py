"""Fixtures for all tests come from the harness's plugin."""

pytest_plugins = ["regtest.plugin"]
