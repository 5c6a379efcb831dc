"""The PostgreSQL of a test run."""

from __future__ import annotations

import os

import pytest
from bench.postgres_server import PostgresServer, programs

REQUIRED = "REQUIRE_POSTGRES"
"""Where this variable is set, a missing server fails the tests that need one; elsewhere they are skipped."""


def start() -> PostgresServer:
    """A server that nobody else uses. It does not flush: no test takes the power away."""
    found = programs()
    if found is not None:
        return PostgresServer(found, fsync="off")
    message = "there is no PostgreSQL server here: install the package `postgresql`"
    if os.environ.get(REQUIRED):
        pytest.fail(message)
    pytest.skip(message)
