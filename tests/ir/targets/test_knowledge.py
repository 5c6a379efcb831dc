"""Proposers: the knowledge base gives the same circuit again, sooner; nothing that is offered is believed."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from eigen import _core
from eigen.ir import CircuitBuilder, Target, compile_for
from eigen.ir.targets import KnowledgeBase, knowledge
from eigen.ir.targets.target import both_ways

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eigen.ir import Circuit
    from eigen.ir.targets import Candidate, Question

LINE = Target(5, both_ways([(0, 1), (1, 2), (2, 3), (3, 4)]), ("U", "CX"))


def fan(angle: float = 0.3, name: str = "q") -> Circuit:
    builder = CircuitBuilder(parameters=["a"])
    builder.add_qubits(4, name)
    builder.add_clbits(4, f"{name}_out")
    for target in (1, 2, 3):
        builder.gate("CX", [0, target])
        builder.gate("RX", [target], [angle])
    builder.gate("RZZ", [1, 3], ["a"])
    builder.measure([0, 1, 2, 3], [3, 2, 1, 0])
    return builder.build()


def test_the_same_question_has_the_same_answer_and_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf: dict[str, bytes] = {}
    base = KnowledgeBase(shelf)
    first = compile_for(fan(), LINE, proposers=[base])
    assert len(shelf) == 1
    assert first.circuit.digest == compile_for(fan(), LINE).circuit.digest
    monkeypatch.delattr(_core, "map_to_device")
    again = compile_for(fan(), LINE, proposers=[base])
    assert again.circuit.digest == first.circuit.digest
    assert (again.initial, again.final, again.swaps) == (first.initial, first.final, first.swaps)
    assert [stage.name for stage in again.stages] == ["recall"]
    assert again.certificate is not None
    assert again.certificate.verdict == "equal"


def test_names_are_those_of_the_circuit_that_is_asked_about() -> None:
    base = KnowledgeBase({})
    compile_for(fan(name="x"), LINE, proposers=[base])
    other = compile_for(fan(name="y"), LINE, proposers=[base])
    assert other.stages[0].name == "recall"
    assert other.circuit.digest == compile_for(fan(name="y"), LINE).circuit.digest
    free = Target(4, (), ("U", "CX"))
    compile_for(fan(name="x"), free, proposers=[base])
    assert compile_for(fan(name="y"), free, proposers=[base]).circuit.qubit_registers == (("y", 0, 4),)


@pytest.mark.parametrize(
    ("circuit", "asked"),
    [
        (fan(0.4), {}),
        (fan(), {"seed": 7}),
        (fan(), {"level": 3}),
        (fan(), {"layout": [4, 3, 2, 1]}),
        (fan(), {"basis": ["U", "CZ"]}),
    ],
)
def test_another_question_is_another_one(circuit: Circuit, asked: dict[str, Any]) -> None:
    base = KnowledgeBase({})
    compile_for(fan(), LINE, proposers=[base])
    assert compile_for(circuit, LINE, proposers=[base], **asked).stages[0].name == "input"


@pytest.mark.parametrize("spoil", ["garbage", "gate", "layout", "coupling", "short"])
def test_an_entry_that_was_tampered_with_is_as_good_as_none(spoil: str) -> None:
    shelf: dict[str, bytes] = {}
    base = KnowledgeBase(shelf)
    honest = compile_for(fan(), LINE, proposers=[base])
    (key,) = shelf
    value = json.loads(shelf[key])
    if spoil == "gate":
        builder = CircuitBuilder(5, 4, parameters=["a"])
        builder.gate("U", [0], [0.1, 0.0, 0.0])
        builder.append(honest.circuit, range(5), range(4))
        value["circuit"] = builder.build().to_aqo().decode()
    elif spoil == "coupling":
        value["circuit"] = fan().remap([0, 2, 4, 1], 5).to_aqo().decode()
    elif spoil == "layout":
        value["initial"] = value["initial"][::-1]
    elif spoil == "short":
        value["final"] = value["final"][:2]
    shelf[key] = b"{" if spoil == "garbage" else json.dumps(value).encode()
    found = compile_for(fan(), LINE, proposers=[base])
    assert found.stages[0].name == "input"
    assert found.circuit.digest == honest.circuit.digest


def test_what_is_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge, "LARGEST", 100)
    shelf: dict[str, bytes] = {}
    compile_for(fan(), LINE, proposers=[KnowledgeBase(shelf)])
    assert not shelf


class Layouts:
    """Offers layouts, sensible or not."""

    def __init__(self, *layouts: Sequence[int]) -> None:
        self.offered = layouts
        self.learnt: list[Candidate] = []

    def circuits(self, question: Question) -> Iterable[Candidate]:
        return ()

    def layouts(self, question: Question) -> Iterable[Sequence[int]]:
        return self.offered

    def learn(self, question: Question, answer: Candidate) -> None:
        self.learnt.append(answer)


def chain() -> Circuit:
    """A line whose qubits are numbered at random: one layout, and its mirror image, needs no SWAP."""
    builder = CircuitBuilder(5)
    order = [2, 0, 4, 1, 3]
    for first, second in pairwise(order):
        builder.gate("CX", [first, second])
        builder.gate("RY", [second], [0.3])
    return builder.build()


def test_a_better_layout_is_taken_and_a_worse_or_senseless_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    good, really = [1, 3, 0, 4, 2], _core.map_to_device

    def naive(circuit: Circuit, *device: Any, initial: Sequence[int] | None, **how: Any) -> _core.Mapped:
        return really(circuit, *device, initial=initial or range(circuit.num_qubits), **how)

    monkeypatch.setattr(_core, "map_to_device", naive)
    own = compile_for(chain(), LINE, level=0)
    helped = Layouts([0, 0, 1, 2, 3], [9, 1, 2, 3, 4], [0, 1], good)
    found = compile_for(chain(), LINE, level=0, proposers=[helped])
    assert (found.initial, found.swaps) == (tuple(good), 0)
    assert own.swaps > 0
    assert helped.learnt[0].swaps == 0
    monkeypatch.undo()
    best = compile_for(chain(), LINE, level=3, proposers=[Layouts([0, 1, 2, 3, 4])])
    assert best.swaps == 0
