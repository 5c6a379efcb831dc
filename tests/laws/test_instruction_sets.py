"""AVX-512, AVX2 and portable kernels give the same answers, and say which of them ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

import held_down
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from law_circuits import POINTS, law_circuits, size, sums

from eigen._core import Circuit, instruction_set
from strategies import examples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import ProcessPoolExecutor

NAMES = ("portable", "avx2", "avx512")
THERE = NAMES[: NAMES.index(instruction_set()) + 1]
"""The instruction sets of this processor."""


@pytest.fixture(scope="module")
def processes() -> Iterator[dict[str, ProcessPoolExecutor]]:
    pools = {name: held_down.process(name) for name in THERE}
    yield pools
    for pool in pools.values():
        pool.shutdown()


@examples(40, soak=2_000)
@given(law_circuits(widths=(1, 13)), st.lists(POINTS, min_size=1, max_size=9), st.data())
def test_answers_do_not_hang_on_the_instruction_set(
    processes: dict[str, ProcessPoolExecutor], circuit: Circuit, points: list[list[float]], data: st.DataObject
) -> None:
    observable = data.draw(sums(circuit.num_qubits))
    asked = (circuit.to_aqo(), points, observable.to_json())
    found = {name: pool.submit(held_down.answers, *asked).result() for name, pool in processes.items()}
    for name, answers in found.items():
        assert answers.told == (name, name)
    first, scale = found["portable"], size(observable)
    for answers in found.values():
        np.testing.assert_allclose(answers.states, first.states, rtol=0, atol=1e-12)
        np.testing.assert_allclose(answers.halves, first.halves, rtol=0, atol=2e-5)
        np.testing.assert_allclose(answers.energies, first.energies, rtol=0, atol=1e-12 * scale)
        np.testing.assert_allclose(answers.slopes, first.slopes, rtol=0, atol=1e-11 * scale * (1 + len(circuit)))
    if {"avx2", "avx512"} <= found.keys():
        two, wide = found["avx2"], found["avx512"]
        assert [state.tobytes() for state in two.states] == [state.tobytes() for state in wide.states]
        assert [state.tobytes() for state in two.halves] == [state.tobytes() for state in wide.halves]
        assert (two.energies.tobytes(), two.slopes.tobytes()) == (wide.energies.tobytes(), wide.slopes.tobytes())
