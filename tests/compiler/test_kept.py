"""What is compiled once and found again: the same bytes as without, one compilation for all who ask, within bounds."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.test_lower import DEVICES, LINE, circuits
from eigen import _core
from eigen.compiler import compile_program
from eigen.compiler.kept import LARGEST, Kept, KeptCircuits, KeptPrograms
from eigen.compiler.lower import lower
from eigen.errors import EigenError
from eigen.jobspec.spec import CompilerOptions
from eigen.lang.limits import Limits
from eigen.types import CompiledDocument, Device

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.compiler.compile import Compiled

ROOM = 1 << 24
SOURCE = """from eigen_lang import *

@hybrid_program(target="sim:statevector", shots=100)
def main(turn: float = 0.5, names: dict = {}):
    q = QubitRegister(2)
    for name in names:
        rz(0.1 if name == "a" else 0.2, q[0])
    rx(turn, q[0])
    cx(q[0], q[1])
    return measure_all(q)
"""


class Counted:
    """Compiles in this process and counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, source: str, *, check: Callable[[], object] | None = None, **asked: Any) -> Compiled:
        self.calls += 1
        return compile_program(source, **asked)


def asked(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "source": SOURCE,
        "filename": "program.eigen.py",
        "format": "eigen-lang",
        "entrypoint": None,
        "inputs": {},
        "datasets": {},
        "options": {},
    }
    return given | changes


@given(circuit=circuits())
def test_programs_are_the_same_bytes_with_and_without(circuit: _core.Circuit) -> None:
    """A circuit with open parameters is one entry, whatever values they will have."""
    counted = Counted()
    kept = KeptPrograms(counted, ROOM)
    one = asked(source=circuit.to_aqo().decode(), filename="c.aqo.json", format="aqo", parameters={"a": 0, "b": 0})
    plain = compile_program(**one).to_document()
    first, second = kept(**one), kept(**one)
    assert first.to_document() == second.to_document() == plain
    assert second.program.to_json() == plain.program
    assert counted.calls == 1


def test_a_text_of_the_language_likewise() -> None:
    counted = Counted()
    kept = KeptPrograms(counted, ROOM)
    plain = compile_program(**asked()).to_document()
    assert [kept(**asked()).to_document() for _ in range(3)] == [plain] * 3
    assert (counted.calls, len(kept.kept)) == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"source": SOURCE + "\n"},
        {"filename": "other.eigen.py"},
        {"entrypoint": "main"},
        {"inputs": {"turn": 0.25}},
        {"inputs": {"names": {"a": 1, "b": 1}}},
        {"options": {"shots": 7}},
        {"parameters": {"turn": 0}},
    ],
)
def test_whatever_is_asked_otherwise_is_compiled(changes: dict[str, Any]) -> None:
    counted = Counted()
    kept = KeptPrograms(counted, ROOM)
    kept(**asked())
    assert kept(**asked(**changes)).to_document() == compile_program(**asked(**changes)).to_document()
    assert counted.calls == 2


def test_the_order_of_a_mapping_is_part_of_the_question() -> None:
    kept = KeptPrograms(Counted(), ROOM)
    documents = [kept(**asked(inputs={"names": dict.fromkeys(order, 1)})).to_document() for order in ("ab", "ba")]
    plain = [
        compile_program(**asked(inputs={"names": dict.fromkeys(order, 1)})).to_document() for order in ("ab", "ba")
    ]
    assert documents == plain
    assert documents[0].program != documents[1].program


def test_what_does_not_compile_is_refused_each_time() -> None:
    counted = Counted()
    kept = KeptPrograms(counted, ROOM)
    for _ in range(2):
        with pytest.raises(EigenError) as error:
            kept(**asked(source="import os\n"))
        assert error.value.code == "EIGEN_LANG_REJECTED"
    assert (counted.calls, len(kept.kept)) == (2, 0)


def test_who_asks_at_the_same_time_waits_for_one_compilation() -> None:
    entered, go, calls = threading.Event(), threading.Event(), [0]

    def slow(source: str, **rest: Any) -> Compiled:
        calls[0] += 1
        entered.set()
        assert go.wait(30)
        return compile_program(source, **{name: value for name, value in rest.items() if name != "check"})

    kept, found, looks = KeptPrograms(slow, ROOM), [], [0]

    def check() -> None:
        looks[0] += 1

    threads = [threading.Thread(target=lambda: found.append(kept(**asked(), check=check))) for _ in range(6)]
    for thread in threads:
        thread.start()
    assert entered.wait(30)
    while looks[0] < 2 * len(threads):  # those who wait look whether they are still wanted
        pass
    go.set()
    for thread in threads:
        thread.join()
    assert calls == [1]
    assert len({id(each) for each in found}) == 1


def test_who_is_not_wanted_any_more_waits_no_longer_and_the_next_one_compiles() -> None:
    entered, go = threading.Event(), threading.Event()
    counted = Counted()

    def failing(source: str, **rest: Any) -> Compiled:
        if not entered.is_set():
            entered.set()
            assert go.wait(30)
            raise EigenError("EIGEN_LIMIT_EXCEEDED", "its process died")
        return counted(source, **rest)

    kept = KeptPrograms(failing, ROOM)
    errors: list[EigenError] = []

    def first() -> None:
        with pytest.raises(EigenError) as error:
            kept(**asked())
        errors.append(error.value)

    def unwanted() -> None:
        raise EigenError("EIGEN_RUN_CANCELLED", "cancelled")

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(30)
    with pytest.raises(EigenError, match="cancelled"):
        kept(**asked(), check=unwanted)
    go.set()
    thread.join()
    assert [error.code for error in errors] == ["EIGEN_LIMIT_EXCEEDED"]
    assert kept(**asked()).to_document() == compile_program(**asked()).to_document()
    assert counted.calls == 1


@given(sizes=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 400)), max_size=60))
def test_what_is_kept_stays_within_its_room(sizes: list[tuple[int, int]]) -> None:
    """The least recently used goes first; a model with a plain list says which those are."""
    room = 1000
    kept: Kept[int] = Kept("program", room)
    model: dict[int, int] = {}
    for key, size in sizes:
        if key in model:
            assert kept.get(key) == key
            model[key] = model.pop(key)
            continue
        assert kept.get(key) is None
        kept.put(key, key, size)
        if size <= room // LARGEST:
            model[key] = size
        while sum(model.values()) > room:
            del model[next(iter(model))]
        assert kept.bytes == sum(model.values()) <= room
        assert len(kept) == len(model)


@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.id)
@given(circuit=circuits(), level=st.integers(0, 3))
def test_circuits_are_lowered_to_the_same_with_and_without(device: Device, circuit: _core.Circuit, level: int) -> None:
    kept = KeptCircuits(lower, ROOM)
    plain = lower(circuit, device, level=level)
    for found in (kept(circuit, device, level=level), kept(circuit, device, level=level)):
        assert found.circuit.to_aqo() == plain.circuit.to_aqo()
        assert (found.qubit_map, found.report) == (plain.qubit_map, plain.report)
    assert len(kept.kept) == 1


def test_another_device_level_or_option_is_another_question() -> None:
    builder = _core.CircuitBuilder(3)
    builder.gate("CX", [0, 2])
    circuit, kept = builder.build(), KeptCircuits(lower, ROOM)
    for device, level, options in (
        (LINE, 1, None),
        (LINE, 2, None),
        (DEVICES[1], 1, None),
        (LINE, 1, CompilerOptions(layout=(2, 1, 0))),
    ):
        found = kept(circuit, device, level=level, options=options)
        assert found.circuit == lower(circuit, device, level=level, options=options).circuit
    assert len(kept.kept) == 4


def test_limits_decide_only_what_is_refused() -> None:
    """They are no part of the question: a process has one set of them."""
    narrow = compile_program(**asked(), limits=Limits(operations=100)).to_document()
    assert narrow == compile_program(**asked()).to_document()
    assert isinstance(narrow, CompiledDocument)
