"""The table of packages whose objects are read: each is loaded only when asked for, and its absence names the extra."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

from eigen.errors import EigenError
from eigen.ir import CircuitBuilder
from eigen.ir.formats.objects import PACKAGES, dump

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_a_package_that_is_missing_is_an_error_that_names_its_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    converter = f"eigen.ir.formats.{PACKAGES[name].module or name}"
    for module in [module for module in sys.modules if module.startswith(converter)]:
        monkeypatch.delitem(sys.modules, module)
    for root in PACKAGES[name].roots:
        for module in [root, *(module for module in sys.modules if module.startswith(f"{root}."))]:
            monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(EigenError) as caught:
        dump(CircuitBuilder(1).build(), name)
    assert caught.value.code == "EIGEN_NOT_AVAILABLE"
    assert f"eigen-os[{PACKAGES[name].extra}]" in caught.value.hint


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_every_extra_is_declared(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert PACKAGES[name].extra in project["optional-dependencies"]
