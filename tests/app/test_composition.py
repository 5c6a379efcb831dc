"""The door of the composition root: every name it promises is there, and nothing is loaded before it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from eigen import app


def loaded_by(script: str) -> set[str]:
    """The modules of ours that a script has loaded when it ends."""
    script += "\nimport sys\nprint(*(name for name in sys.modules if name.startswith('eigen.')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("name", app.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(app, name).__name__ == name


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(AttributeError, match=r"`eigen\.app` has no attribute `nothing`"):
        _ = app.nothing


def test_the_door_loads_nothing() -> None:
    assert loaded_by("import eigen.app") == {"eigen.app"}


def test_a_client_of_a_server_loads_no_kernel() -> None:
    found = loaded_by("import eigen\neigen.connect('grpc://127.0.0.1:1').close()")
    assert "eigen.app.connecting" in found
    assert not [name for name in found if name.startswith(("eigen.kernel", "eigen.qfs", "eigen.app.embedded"))]
