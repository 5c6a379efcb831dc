"""One world of two tenants for the cases of a module: they look, and change nothing that is another's."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from doubles.two_tenants import two_tenants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doubles.two_tenants import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with asyncio.Runner() as runner:
        opened = two_tenants(tmp_path_factory.mktemp("two-tenants"), runner)
        world = runner.run(anext(opened.gen))
        yield world
        runner.run(anext(opened.gen, None))
