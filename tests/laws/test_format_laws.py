"""From any format to any other and back is the same circuit, for circuits that both can carry."""

from __future__ import annotations

from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.ir import Circuit, CircuitBuilder, Condition, load
from eigen.ir.formats import objects
from eigen.ir.formats.conversion import certify, write
from eigen.ir.formats.objects import PACKAGES
from eigen.ir.formats.table import FORMATS
from strategies import examples

NAMES = [*FORMATS, *PACKAGES]
PHASELESS = {name for name, row in {**FORMATS, **PACKAGES}.items() if not row.keeps_phase}
NAMELESS = {"braket", "qutip"}
CLIFFORD = ["H", "S", "X", "Y", "Z", "SX", "CX", "CZ", "SWAP"]
ANGLES = st.one_of(st.sampled_from([pi / 2, -pi / 2, pi]), st.floats(-7, 7, allow_nan=False))


def _bell() -> Circuit:
    """What every format can carry."""
    builder = CircuitBuilder(2, 2)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.measure([0, 1], [0, 1])
    return builder.build()


BELL = _bell()


@st.composite
def circuits(draw: st.DrawFn, clifford: bool) -> Circuit:
    """A few gates on three qubits, perhaps a Pauli under an outcome, and measurements in the order of the bits."""
    builder = CircuitBuilder(3, 2)
    for _ in range(draw(st.integers(0, 6))):
        qubits = draw(st.permutations(range(3)))
        if not clifford and draw(st.booleans()):
            name = draw(st.sampled_from(["RX", "RY", "RZ", "CP", "RZZ"]))
            builder.gate(name, qubits[: 1 if name[1] in "XYZ" and len(name) == 2 else 2], [draw(ANGLES)])
        else:
            name = draw(st.sampled_from(CLIFFORD))
            builder.gate(name, qubits[: 2 if name in {"CX", "CZ", "SWAP"} else 1])
    builder.measure([0], [0])
    if draw(st.booleans()):
        builder.gate("X", [1], condition=Condition.bit(0))
    builder.measure([1], [1])
    return builder.build()


def through(circuit: Circuit, name: str) -> Circuit | None:
    """Written and read again; None where the format cannot carry the circuit."""
    try:
        written = write(circuit, name, **({"names": False} if name in NAMELESS else {}))
    except EigenError as error:
        if error.code != "EIGEN_FORMAT_UNSUPPORTED":
            raise
        return None
    return objects.load(written, name) if name in PACKAGES else load(written, name)


@pytest.mark.parametrize("first", NAMES)
def test_two_formats_in_a_row_change_nothing(first: str) -> None:
    _needs(first)

    @examples(2, soak=300)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        second = data.draw(st.sampled_from(NAMES))
        _needs(second)
        circuit = data.draw(circuits(clifford="stim" in first or "stim" in second))
        once = through(circuit, first)
        twice = None if once is None else through(once, second)
        if twice is not None:
            certificate = certify(circuit, twice, up_to_phase=bool({first, second} & PHASELESS))
            assert certificate.verdict == "equal", str(certificate)

    law()


@pytest.mark.parametrize("first", NAMES)
def test_every_pair_carries_a_bell_circuit(first: str) -> None:
    _needs(first)
    once = through(BELL, first)
    assert once is not None
    for second in NAMES:
        _needs(second)
        twice = through(once, second)
        assert twice is not None
        assert certify(BELL, twice, up_to_phase=bool({first, second} & PHASELESS)).verdict == "equal", second


def _needs(name: str) -> None:
    """Skips where the package of a format is not installed."""
    if name in PACKAGES or name == "qir_bitcode":
        pytest.importorskip(PACKAGES[name].roots[0] if name in PACKAGES else "pyqir")
