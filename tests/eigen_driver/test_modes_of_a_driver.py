"""What a driver reads of a photonic program is what was written, in the same order of parameters and columns."""

from __future__ import annotations

import pytest
from hypothesis import given

from doubles.photonic_programs import programs, teleportation
from eigen.ir import Affine, Evolution, ModeObservable, ModeOperation, Modes
from eigen.ir.modes import OPERATIONS
from eigen_driver import Modes as Theirs
from eigen_driver import RefusedError
from eigen_driver.modes import WIDTHS

PLAIN = [name for name, row in OPERATIONS.items() if not row.columns and name not in {"FOCK", "CAT"}]


def read(modes: Modes) -> Theirs:
    return Theirs.from_aqo(modes.digest, modes.to_aqo())


@given(programs(PLAIN, num_modes=3))
def test_operations_and_observables_are_those_that_were_written(modes: Modes) -> None:
    theirs = read(modes)
    assert theirs.num_modes == modes.num_modes
    for left, right in zip(theirs.operations, modes.operations, strict=True):
        assert (left.name, left.modes, left.at({})) == (right.name, right.modes, dict(right.params))
    for asked, wanted in zip(theirs.observables, modes.observables, strict=True):
        assert (asked.kind, asked.mode) == (wanted.kind, *wanted.modes)
        assert asked.phi == (wanted.phi if wanted.kind != "photons" else 0.0)


def test_columns_and_outcomes() -> None:
    ours = teleportation(1.0, 0.5, 1.0)
    theirs = read(ours)
    assert theirs.num_columns == len(ours.columns)
    assert theirs.waits
    assert [item.waits for item in theirs.operations] == [False] * 5 + [True, True, False]
    assert theirs.operations[5].at({"#0": 2.0})["r"] == pytest.approx(2**0.5)
    assert {name: row.columns for name, row in OPERATIONS.items() if row.columns} == WIDTHS


def test_parameters_are_in_the_same_order() -> None:
    words = {"phi": Affine.symbol("x"), "r": Affine.symbol("a") * 2.0 + Affine.symbol("m") + 1.0}
    ours = Modes(
        1, [ModeOperation("ROTATE", (0,), {"phi": Affine.symbol("z")}), ModeOperation("DISPLACE", (0,), words)]
    )
    theirs = read(ours)
    assert theirs.parameters == ours.parameters == ("z", "x", "a", "m")
    assert theirs.operations[1].at(theirs.bound([0.0, 1.0, 2.0, 3.0])) == {"phi": 1.0, "r": 8.0}
    with pytest.raises(RefusedError, match="4 parameters"):
        theirs.bound([1.0])


def test_what_is_none_is_refused() -> None:
    with pytest.raises(RefusedError, match="has no modes"):
        Theirs.from_aqo("", Evolution([("X0", 1.0)], 1.0, num_qubits=1).to_aqo())
    with pytest.raises(RefusedError, match="no photonic program"):
        Theirs.from_aqo("", b'{"kind":"modes"}')


def test_a_pattern() -> None:
    theirs = read(Modes(2, [], [ModeObservable("pattern", pattern=(1, 0))]))
    assert theirs.observables[0].pattern == (1, 0)
