"""Programs held open: the vector of an optimiser and the parameters of a program, and sessions that get lost."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest

import eigen
from eigen.client import Client
from eigen.client.sessions import Layout
from eigen.errors import EigenError
from eigen.jobspec import submission

ENERGY = submission(
    b"""
@quantum_circuit
def turned():
    x, y, z = Param("x"), Param("y"), Param("z")
    q = QubitRegister(2)
    ry(x, q[0])
    ry(y, q[1])
    cx(q[0], q[1])
    ry(z, q[1])

@hybrid_program(target="sim:auto")
def main(a, b, scale=1.0):
    return scale * ExpectationValue(turned(), pauli("Z0 Z1"), params=[a, b[0], b[1]])
"""
)
NOISY = submission(
    b"""
@hybrid_program(target="sim:auto", shots=100)
def main(angle):
    q = QubitRegister(1)
    ry(angle, q[0])
    return measure_all(q)
"""
)


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return eigen.connect(data_dir=tmp_path / "data")


def test_a_flat_vector_and_the_parameters() -> None:
    layout = Layout({"a": 0, "b": 3, "c": 1})
    assert layout.split(np.arange(5.0)) == {"a": 0.0, "b": [1.0, 2.0, 3.0], "c": [4.0]}
    assert layout.join({"a": 0.5, "b": [1, 2, 3], "c": [4]}).tolist() == [0.5, 1, 2, 3, 4]
    for wrong in ([1.0] * 4, [[1.0]], "text", None, [1.0, True, 2, 3, 4]):
        with pytest.raises(EigenError):
            layout.split(wrong)  # type: ignore[arg-type]


def test_a_program_as_a_function(client: Client) -> None:
    with client, client.session(ENERGY, parameters={"a": 0, "b": 2}, inputs={"scale": 2.0}) as energy:
        x = np.array([0.3, -0.4, 0.7])
        value, gradient = energy.value_and_gradient(x)
        assert energy(x) == value == energy.evaluate(a=0.3, b=[-0.4, 0.7]).outputs
        assert energy.evaluate({"a": x[0], "b": x[1:]}).outputs == value
        step = 1e-6
        for k in range(3):
            around = [energy(x + sign * step * np.eye(3)[k]) for sign in (1, -1)]
            assert gradient[k] == pytest.approx((around[0] - around[1]) / (2 * step), abs=1e-8)


def test_evaluations_are_numbered_and_the_number_fixes_the_seed(client: Client) -> None:
    with client, client.session(NOISY, parameters=["angle"], seed=5) as first:
        before = [first.evaluate(angle=1.0) for _ in range(3)]
    with client, client.session(NOISY, parameters="angle", seed=5) as second:
        after = [second.evaluate(angle=1.0) for _ in range(3)]
    assert [found.index for found in before] == [0, 1, 2]
    assert [found.counts for found in before] == [found.counts for found in after]
    assert len({found.seed for found in before}) == 3


def test_a_lost_session_is_opened_again_and_goes_on(client: Client) -> None:
    with client, client.session(NOISY, parameters=["angle"]) as held:
        first = held.evaluate(angle=1.0)
        again = client.session(NOISY, parameters=["angle"], seed=held.info.seed)
        expected = [again.evaluate(angle=1.0) for _ in range(3)]
        client._transport.close_session(held.info.session_id)
        lost = held.info
        found = [first, held.evaluate(angle=1.0), held.evaluate(angle=1.0)]
        assert held.info.session_id != lost.session_id
        assert held.info.seed == lost.seed
    assert [entry.counts for entry in found] == [entry.counts for entry in expected]


def test_threads_that_lose_a_session_open_one(client: Client) -> None:
    with client, client.session(NOISY, parameters=["angle"]) as held:
        client._transport.close_session(held.info.session_id)
        found: list[str] = []

        def ask() -> None:
            found.append(held.evaluate(angle=0.0).session_id)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_what_returns_no_number_is_no_function(client: Client) -> None:
    with client, client.session(NOISY, parameters=["angle"]) as held:
        with pytest.raises(EigenError, match="one number") as caught:
            held([0.0])
        assert caught.value.code == "EIGEN_REQUEST_INVALID"
        with pytest.raises(EigenError, match="no gradient"):
            held.value_and_gradient([0.0])
        with pytest.raises(EigenError):
            held.evaluate(angel=0.0)


def test_a_session_for_asyncio(tmp_path: Path) -> None:
    async def main() -> tuple[float, list[float]]:
        async with (
            eigen.connect_async(data_dir=tmp_path / "data") as client,
            client.session(ENERGY, parameters={"a": 0, "b": 2}) as energy,
        ):
            value, gradient = await energy.value_and_gradient([0.1, 0.2, 0.3])
            assert await energy([0.1, 0.2, 0.3]) == value
            await client._transport.close_session(energy.info.session_id)
            assert (await energy.evaluate(a=0.1, b=[0.2, 0.3])).outputs == value
            return value, gradient.tolist()

    value, gradient = asyncio.run(main())
    with eigen.connect(data_dir=tmp_path / "data") as client:
        held = client.session(ENERGY, parameters={"a": 0, "b": 2})
        again = held.value_and_gradient([0.1, 0.2, 0.3])
    assert (value, gradient) == (again[0], again[1].tolist())
