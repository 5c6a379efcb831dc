"""The table of formats and features in the guide says what happens: each cell is tried."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from format_features import FEATURES

from eigen.errors import EigenError
from eigen.ir import Circuit
from eigen.ir.formats import objects
from eigen.ir.formats.conversion import convert
from eigen.ir.formats.objects import PACKAGES
from eigen.ir.formats.table import FORMATS

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "formats.md"
NAMES = [*FORMATS, *(name for name in PACKAGES)]
CODES = {"EIGEN_FORMAT_UNSUPPORTED": "refused"}


@cache
def table() -> dict[str, dict[str, str]]:
    """Feature to format to cell, from the guide."""
    lines = [line for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("|")]
    start = next(index for index, line in enumerate(lines) if line.startswith("| feature | `aqo`"))
    heads = [cell.strip(" `") for cell in lines[start].strip("|").split("|")][1:]
    rows: dict[str, dict[str, str]] = {}
    for line in lines[start + 2 :]:
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if name not in FEATURES:
            break
        rows[name] = dict(zip(heads, cells, strict=True))
    return rows


def cell(circuit: Circuit, name: str) -> str:
    """`yes` when what is written is read as the same circuit; `dropped` when names or the phase have no place."""
    try:
        done = convert(circuit, name)
    except EigenError as error:
        return CODES.get(error.code, error.code)
    assert done.certificate.verdict == "equal", str(done.certificate)
    again = objects.load(done.document, name) if name in PACKAGES else FORMATS[name].codec().load(done.document)
    registers = (circuit.qubit_registers, circuit.name, circuit.metadata)
    named = any(registers) and (again.qubit_registers, again.name, again.metadata) != registers
    phase = "GPHASE" in circuit.count_ops() and not {**FORMATS, **PACKAGES}[name].keeps_phase
    return "dropped" if named or phase or again.num_qubits != circuit.num_qubits else "yes"


def test_the_table_has_every_format_and_feature() -> None:
    assert list(table()) == list(FEATURES)
    assert all(list(row) == NAMES for row in table().values())


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_says_what_happens(name: str) -> None:
    for root in PACKAGES[name].roots if name in PACKAGES else ("pyqir",) if name == "qir_bitcode" else ():
        pytest.importorskip(root)
    assert {feature: cell(circuit, name) for feature, circuit in FEATURES.items()} == {
        feature: table()[feature][name] for feature in FEATURES
    }
