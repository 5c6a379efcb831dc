"""A drawn circuit as the question that the router sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.sim.native import native
from eigen import _core
from eigen.router.features import Features, Question

if TYPE_CHECKING:
    from bench.choose.draw import Drawn


def question_of(item: Drawn) -> Question:
    """The circuit, measured at its end when shots are asked for."""
    circuit = native(item.circuit)
    if item.shots is not None:
        return Question(circuit.measure_all(), item.shots, ())
    return Question(circuit, None, (_core.Observable.from_terms(circuit.num_qubits, list(item.terms)),))


def features_of(question: Question) -> Features:
    """What a program of this question alone asks of a device."""
    circuit = question.circuit
    return Features(
        num_qubits=circuit.num_qubits,
        num_operations=len(circuit),
        shots=question.shots,
        exact=question.shots is None,
        expectation=question.shots is None,
        questions=(question,),
    )
