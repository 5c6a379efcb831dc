"""The workbench: documents of what compiling and lowering give, and nothing kept."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from doubles import house
from eigen.errors import EigenError
from eigen.ir import Circuit
from eigen.ir.program import Program
from eigen.jobspec import Submission
from eigen.kernel.workbench import Workbench

if TYPE_CHECKING:
    from conftest import Bench


def job(program: str = "bell") -> Submission:
    spec = house.spec(program)
    return Submission(spec, house.files(spec))


def bell() -> Circuit:
    return house.bell().circuits[0]


def test_the_documents_are_those_that_a_job_keeps(bench: Bench) -> None:
    compiled = Workbench(bench.ports).compile(job())
    job_id = bench.submit("bell")
    bench.run(job_id)
    assert compiled.program == bench.kernel.artifact(job_id, "compiled/program.json")
    assert compiled.circuit == bench.kernel.artifact(job_id, "compiled/circuit.aqo.json")
    assert compiled.report == json.loads(bench.kernel.artifact(job_id, "compiled/report.json"))
    assert Program.from_json(compiled.program).circuits[0] == bell()


def test_compiling_keeps_nothing(bench: Bench) -> None:
    before = sorted(bench.root.rglob("*"))
    Workbench(bench.ports).compile(job())
    assert sorted(bench.root.rglob("*")) == before
    assert bench.kernel.list() == ()


def test_a_program_that_is_none_is_rejected(bench: Bench) -> None:
    with pytest.raises(EigenError) as caught:
        Workbench(bench.ports).compile(job("nonsense"))
    assert caught.value.code == "EIGEN_LANG_REJECTED"


def test_the_files_are_checked_as_for_a_job(bench: Bench) -> None:
    given = job()
    wrong = replace(given, files={given.spec.program.artifact: b"vqe"})
    with pytest.raises(EigenError) as caught:
        Workbench(bench.ports).compile(wrong)
    assert caught.value.code == "EIGEN_INPUT_DIGEST"


def test_source_text_is_utf8(bench: Bench) -> None:
    from hashlib import sha256

    given = job()
    program = replace(given.spec.program, sha256=sha256(b"\xff").hexdigest())
    wrong = replace(given, spec=replace(given.spec, program=program), files={program.artifact: b"\xff"})
    with pytest.raises(EigenError) as caught:
        Workbench(bench.ports).compile(wrong)
    assert caught.value.code == "EIGEN_LANG_REJECTED"


def test_a_circuit_is_lowered_to_a_device(bench: Bench) -> None:
    document = Workbench(bench.ports).optimize(bell().to_aqo(), level=2, target="double:chip")
    assert document.circuit is not None
    lowered = Circuit.from_aqo(document.circuit)
    (chip,) = (device for device in bench.ports.devices.devices() if device.id == "double:chip")
    assert set(lowered.count_ops()) <= {*chip.gates, "MEASURE"}
    assert document.program == b""
    assert document.report["device_id"] == "double:chip"
    assert document.report["after"]["digest"] == lowered.digest
    assert len(document.report["qubit_map"]) == 2


def test_without_a_target_the_circuit_keeps_its_gates_and_is_simplified(bench: Bench) -> None:
    from eigen.ir import CircuitBuilder

    builder = CircuitBuilder(2)
    for _ in range(2):
        builder.gate("H", [0])
    builder.gate("ISWAP", [0, 1])
    circuit = builder.build()
    kept = Workbench(bench.ports).optimize(circuit.to_aqo(), level=0)
    small = Workbench(bench.ports).optimize(circuit.to_aqo(), level=1)
    assert kept.circuit == circuit.to_aqo()
    assert small.circuit is not None
    assert Circuit.from_aqo(small.circuit).count_ops() == {"ISWAP": 1}
    assert small.report["device_id"] == "none"


@pytest.mark.parametrize(
    ("circuit", "level", "target", "code"),
    [
        (b"{}", 1, "", "EIGEN_AQO_INVALID"),
        (b"\xff", 1, "", "EIGEN_AQO_INVALID"),
        (b"[" * 100_000, 1, "", "EIGEN_AQO_INVALID"),
        (None, 4, "", "EIGEN_REQUEST_INVALID"),
        (None, -1, "", "EIGEN_REQUEST_INVALID"),
        (None, 1, "sim:none", "EIGEN_DEVICE_UNKNOWN"),
    ],
)
def test_what_cannot_be_done_is_named(bench: Bench, circuit: bytes | None, level: int, target: str, code: str) -> None:
    with pytest.raises(EigenError) as caught:
        Workbench(bench.ports).optimize(bell().to_aqo() if circuit is None else circuit, level=level, target=target)
    assert caught.value.code == code
