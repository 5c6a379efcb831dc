"""States as JSON: what is written is read as it was, and what is no state is refused."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen._core import CircuitBuilder
from eigen.errors import EigenError
from eigen.ir import states

if TYPE_CHECKING:
    from pathlib import Path

GHZ = b'{"amplitudes":{"000":[0.7071067811865476,0.0],"111":[0.7071067811865475,0.0]},"kind":"state","qubits":3,'
GHZ += b'"version":"1.0.0"}'


def read(path: Path) -> Any:
    return states.load(path.read_bytes(), lambda name: path.with_name(name).read_bytes())


def ghz(*, measured: bool = True) -> Any:
    builder = CircuitBuilder(3, 3)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.gate("CX", [1, 2])
    if measured:
        builder.measure([0, 1, 2], [0, 1, 2])
    return builder.build()


def random_state(qubits: int, seed: int) -> Any:
    draw = np.random.default_rng(seed)
    state = draw.normal(size=1 << qubits) + 1j * draw.normal(size=1 << qubits)
    return state / np.linalg.norm(state)


@pytest.mark.parametrize("measured", [True, False])
def test_the_state_before_the_measurements(measured: bool) -> None:
    state = states.final_state(ghz(measured=measured))
    np.testing.assert_allclose(state[[0, 7]], np.sqrt(0.5), atol=1e-15)
    document = json.loads(states.to_json(state))
    assert set(document["amplitudes"]) == {"000", "111"}


def test_the_rightmost_bit_is_qubit_0() -> None:
    builder = CircuitBuilder(2, 0)
    builder.gate("X", [0])
    assert b'"amplitudes":{"01":[1.0,0.0]}' in states.to_json(states.final_state(builder.build()))


@given(st.integers(1, 6), st.integers(0, 1000))
def test_what_is_written_is_read_to_the_bit(tmp_path_factory: pytest.TempPathFactory, qubits: int, seed: int) -> None:
    folder = tmp_path_factory.mktemp("states")
    state = random_state(qubits, seed)
    (folder / "a.json").write_bytes(states.to_json(state, least=0.0))
    assert np.array_equal(read(folder / "a.json"), state)
    document, packed = states.to_packed(state, "b.c16")
    (folder / "b.json").write_bytes(document)
    (folder / "b.c16").write_bytes(packed)
    assert np.array_equal(read(folder / "b.json"), state)


def refusal(path: Path) -> EigenError:
    with pytest.raises(EigenError) as caught:
        read(path)
    return caught.value


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (GHZ, b""), (GHZ, b"[" * 100_000), (GHZ, b"[]"), (b'"state"', b'"circuit"'), (b'"1.0.0"', b'"2.0.0"'),
        (b'"111"', b'"000"'), (b'"111"', b'"11"'), (b'"111"', b'"112"'), (b'"111"', b'"+11"'),
        (b"0.7071067811865475", b"1"),
        (b"0.7071067811865475", b"NaN"), (b"0.7071067811865475", b"1e999"), (b"0.7071067811865475", b"true"),
        (b"0.7071067811865475", b"9" * 400), (b"[0.7071067811865475,0.0]", b"0.7"), (b'"qubits":3', b'"qubits":0'),
        (b'"qubits":3', b'"qubits":true'), (b'"qubits":3', b'"qubits":4'), (b'"amplitudes"', b'"array"'),
    ],
)  # fmt: skip
def test_what_is_no_state_is_refused(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(GHZ)
    assert len(read(path)) == 8
    assert old in GHZ
    path.write_bytes(GHZ.replace(old, new))
    assert refusal(path).code == "EIGEN_FORMAT_INVALID"


def test_an_array_is_the_one_that_the_document_names(tmp_path: Path) -> None:
    state = random_state(3, 1)
    document, packed = states.to_packed(state, "array")
    path = tmp_path / "inner" / "state.json"
    path.parent.mkdir()
    path.write_bytes(document)
    with pytest.raises(EigenError, match="lies beside it, in `array`"):
        states.load(document)
    for spoiled in (packed[:-1], packed + b"x", bytes([packed[0] ^ 1]) + packed[1:]):
        (path.parent / "array").write_bytes(spoiled)
        assert refusal(path).code == "EIGEN_FORMAT_INVALID"
    (tmp_path / "array").write_bytes(packed)
    for ref in ("../array", "/etc/passwd", "", ".array", 5):
        value = json.loads(document)
        value["array"] = {"ref": ref, "dtype": "<c16", "sha256": sha256(packed).hexdigest()}
        path.write_text(json.dumps(value))
        assert refusal(path).code == "EIGEN_FORMAT_INVALID"


def test_what_leaves_no_one_state_is_refused(tmp_path: Path) -> None:
    dynamic = CircuitBuilder(1, 1)
    dynamic.measure([0], [0])
    dynamic.gate("H", [0])
    for circuit in (dynamic.build(),):
        with pytest.raises(EigenError) as caught:
            states.final_state(circuit)
        assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"
    with pytest.raises(EigenError, match="limit is 26"):
        states.final_state(CircuitBuilder(27, 0).build())
    path = tmp_path / "state.json"
    path.write_bytes(GHZ.replace(b'"qubits":3', b'"qubits":60'))
    assert refusal(path).code == "EIGEN_LIMIT_EXCEEDED"
