"""Work on the wire: exact, and each circuit sent once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.photonic_programs import teleportation
from eigen._core import Counts
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Evolution, Observable
from eigen.types import (
    EvolutionWork,
    ExpectationWork,
    GradientWork,
    ModesWork,
    ProbabilityWork,
    SampleWork,
    WorkResult,
)
from eigen.wire import work as wire
from eigen.wire.work import MissingDocumentsError, Sent, Shelf, result_message, result_of, work_message

if TYPE_CHECKING:
    from eigen.ir import Circuit

OBSERVABLE = Observable.from_terms(1, [("Z0", 0.1), ("X0", -2.0)])


def circuit(extra: int = 0) -> Circuit:
    builder = CircuitBuilder(1, 1)
    for _ in range(extra):
        builder.gate("H", [0])
    builder.gate("RX", [0], ["a"])
    return builder.build()


WORKS = [
    SampleWork(circuit(), (0.1,), 10_000_000, 2**64 - 1, {"noise_model": "depolarizing", "threads": 2}),
    SampleWork(circuit(), (), 1, 0),
    ExpectationWork(circuit(), (1e-300,), OBSERVABLE, None, 7),
    ExpectationWork(circuit(), (-0.0,), OBSERVABLE, 0, 7),
    GradientWork(circuit(), (0.1 + 0.2,), OBSERVABLE),
    ProbabilityWork(circuit(), (3.0,), "1", None, 3),
    EvolutionWork(Evolution([("X0", "a")], 0.1, num_qubits=1), (0.3,), None, 2**64 - 1, {"tolerance": 1e-9}),
    EvolutionWork(Evolution([("X0", 0.1 + 0.2)], 0.0, num_qubits=1), (), 5, 0, {}, {"threads": 2}),
    ModesWork(teleportation(1.0, 0.5, 1.0), (), 5, 2**64 - 1, {"cutoff": 9}),
    ModesWork(teleportation(1.0, 0.5, 1.0), (0.1,), None, 0),
    ProbabilityWork(circuit(), (3.0,), "", 5, 3, {"a": [1, {"b": None}]}),
]


@pytest.mark.parametrize("work", WORKS, ids=lambda work: type(work).__name__)
def test_work_arrives_as_it_was_sent_with_and_without_its_documents(work: Any) -> None:
    sent, shelf = Sent(), Shelf()
    message, carried = work_message(work, sent)
    assert shelf.read(message) == work
    sent.add(carried)
    again, carried = work_message(work, sent)
    assert carried == []
    assert again.ByteSize() < message.ByteSize()
    assert shelf.read(again) == work


def test_documents_that_are_not_there_are_asked_for_all_at_once() -> None:
    sent = Sent()
    work = ExpectationWork(circuit(), (0.5,), OBSERVABLE, None, 1)
    _, carried = work_message(work, sent)
    sent.add(carried)
    message, _ = work_message(work, sent)
    with pytest.raises(MissingDocumentsError) as missing:
        Shelf().read(message)
    assert set(missing.value.digests) == set(carried)
    sent.drop(missing.value.digests)
    assert Shelf().read(work_message(work, sent)[0]) == work


def test_a_full_shelf_forgets_the_oldest_and_keeps_the_newest() -> None:
    shelf, circuits = Shelf(capacity=1), [circuit(1), circuit(2)]
    for each in circuits:
        shelf.read(work_message(SampleWork(each, (0.0,), 1, 1), Sent())[0])
    known = Sent()
    known.add([bytes.fromhex(each.digest) for each in circuits])
    assert shelf.read(work_message(SampleWork(circuits[1], (0.0,), 1, 1), known)[0])
    with pytest.raises(MissingDocumentsError):
        shelf.read(work_message(SampleWork(circuits[0], (0.0,), 1, 1), known)[0])


def test_a_sender_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SENT_KEPT", 2)
    sent = Sent()
    sent.add([b"a", b"b"])
    assert sent.has(b"a")
    sent.add([b"c"])
    assert [sent.has(digest) for digest in (b"a", b"b", b"c")] == [True, False, True]


def test_a_document_under_a_foreign_digest_is_refused() -> None:
    message, _ = work_message(WORKS[0], Sent())
    message.circuit.sha256 = bytes(32)
    with pytest.raises(EigenError) as caught:
        Shelf().read(message)
    assert caught.value.code == "EIGEN_REQUEST_INVALID"


def test_a_request_without_work_is_refused() -> None:
    message, _ = work_message(WORKS[0], Sent())
    message.ClearField("sample")
    with pytest.raises(EigenError) as caught:
        Shelf().read(message)
    assert caught.value.code == "EIGEN_REQUEST_INVALID"


@given(
    st.integers(0, 70).flatmap(
        lambda width: st.tuples(
            st.just(width),
            st.dictionaries(
                st.text("01", min_size=width, max_size=width), st.integers(1, 2**40), min_size=1, max_size=20
            ),
        )
    )
)
def test_counts_come_back_equal_for_any_width(drawn: tuple[int, dict[str, int]]) -> None:
    width, counts = drawn
    result = WorkResult(counts=Counts.from_dict(counts, width), metadata={"seed": 2**64 - 1})
    found = result_of(result_message(result))
    assert found == result
    assert found.counts is not None
    assert found.counts.to_dict() == counts


@pytest.mark.parametrize(
    "result",
    [
        WorkResult(value=-0.0, gradient=(), execution_time_sec=0.25),
        WorkResult(value=0.1, gradient=(0.1, -1e-300)),
        WorkResult(value=0.5, standard_error=0.0),
        WorkResult(series=(), series_errors=()),
        WorkResult(series=(0.1, -0.0), counts=Counts.from_dict({"01": 2}, 2)),
        WorkResult(series=(0.1,), series_errors=(1e-300,)),
        WorkResult(counts=Counts.from_dict({}, 3)),
    ],
)
def test_results_come_back_equal(result: WorkResult) -> None:
    assert result_of(result_message(result)) == result
