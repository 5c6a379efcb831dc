"""Drivers and compiler in processes of their own: what the contract fixed, what restarts cost, who is let in."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import trustme

from doubles.metered import MeteredDriver
from doubles.role_servers import SERVICES, GivenDrivers, remote, serving
from eigen.app import make_compile
from eigen.config import Settings
from eigen.drivers.driver import WorkState
from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.drivers.registry import Registry
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder
from eigen.roles.calls import Role
from eigen.roles.compiler_client import RemoteCompiler
from eigen.roles.compiler_server import CompilerServicer
from eigen.roles.drivers_client import RemoteDevices
from eigen.roles.drivers_server import DriverManagerServicer, WorkServicer
from eigen.types import SampleWork
from eigen.wire.internal import pb

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from eigen.ir import Circuit

BELL = """from eigen_lang import QubitRegister, cx, h, hybrid_program, measure_all


@hybrid_program(target="sim:local", shots=10, seed=7)
def main(angle=0.0):
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)
"""


def bell() -> Circuit:
    builder = CircuitBuilder(2, 2)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.measure([0, 1], [0, 1])
    return builder.build()


def aqo(circuit: Circuit) -> pb.CircuitPayload:
    return pb.CircuitPayload(format=pb.CIRCUIT_FORMAT_AQO_JSON, data=circuit.to_aqo())


@contextmanager
def manager() -> Generator[Role]:
    """A client of the original contract."""
    with serving("drivers_address", {"DriverManagerService": DriverManagerServicer(Registry())}) as settings:
        role = Role(settings, "drivers_address", SERVICES["DriverManagerService"])
        try:
            yield role
        finally:
            role.close()


# The contract of the original project


def test_devices_are_listed_and_looked_at() -> None:
    with manager() as role:
        devices = role.call("ListDevices", pb.ListDevicesRequest()).devices
        assert {device.device_id for device in devices} >= {STATEVECTOR, "null:classical"}
        (none,) = [role.call("ListDevices", pb.ListDevicesRequest(backend_type="no such"))]
        assert list(none.devices) == []
        status = role.call("GetDeviceStatus", pb.GetDeviceStatusRequest(device_id=STATEVECTOR))
        assert (status.device_id, status.status) == (STATEVECTOR, 1)


def test_a_circuit_is_executed_and_its_seed_can_be_repeated() -> None:
    with manager() as role:
        request = pb.ExecuteCircuitRequest(job_id="j", device_id=STATEVECTOR, payload=aqo(bell()), shots=100)
        drawn = role.call("ExecuteCircuit", request)
        assert sum(drawn.counts.values()) == 100
        assert set(drawn.counts) <= {"00", "11"}
        request.options["seed"] = drawn.metadata["seed"]
        request.options["threads"] = "2"
        assert role.call("ExecuteCircuit", request).counts == drawn.counts


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"device_id": "no:device"}, "EIGEN_DEVICE_UNKNOWN"),
        ({"payload": pb.CircuitPayload(format=pb.CIRCUIT_FORMAT_QASM3_TEXT, data=b"")}, "EIGEN_NOT_AVAILABLE"),
        ({"payload": pb.CircuitPayload(data=b"{}")}, "EIGEN_NOT_AVAILABLE"),
        ({"payload": pb.CircuitPayload(format=99, data=b"{}")}, "EIGEN_NOT_AVAILABLE"),
        ({"payload": pb.CircuitPayload(format=pb.CIRCUIT_FORMAT_AQO_JSON, data=b"\xff")}, "EIGEN_AQO_INVALID"),
        ({"shots": 0}, "EIGEN_DEVICE_OPTION"),
        ({"shots": -5}, "EIGEN_DEVICE_OPTION"),
        ({"options": {"no_such_option": "1"}}, "EIGEN_DEVICE_OPTION"),
        ({"options": {"seed": "-1"}}, "EIGEN_DEVICE_OPTION"),
        ({"options": {"seed": "true"}}, "EIGEN_DEVICE_OPTION"),
        ({"options": {"seed": "[" * 100_000}}, "EIGEN_DEVICE_OPTION"),
    ],
)
def test_what_cannot_be_executed_is_refused(change: dict[str, Any], code: str) -> None:
    given = {"device_id": STATEVECTOR, "payload": aqo(bell()), "shots": 10} | change
    with manager() as role, pytest.raises(EigenError) as caught:
        role.call("ExecuteCircuit", pb.ExecuteCircuitRequest(**given))
    assert caught.value.code == code


def test_calibrating_takes_no_options() -> None:
    with manager() as role:
        measured = role.call("CalibrateDevice", pb.CalibrateDeviceRequest(device_id=STATEVECTOR))
        assert json.loads(measured.calibration_json)[STATEVECTOR] > 0
        assert measured.calibration_ref == f"sha256:{sha256(measured.calibration_json).hexdigest()}"
        assert role.call("CalibrateDevice", pb.CalibrateDeviceRequest(device_id="sim:density")).calibration_ref == ""
        with pytest.raises(EigenError) as caught:
            role.call("CalibrateDevice", pb.CalibrateDeviceRequest(device_id=STATEVECTOR, options={"fast": "1"}))
        assert caught.value.code == "EIGEN_DEVICE_OPTION"
        assert "fast" in caught.value.message


# Restarts


def test_a_restart_of_the_drivers_is_invisible_to_repeatable_work() -> None:
    work = SampleWork(bell(), (), 50, 3)
    house = GivenDrivers(NativeDriver())
    expected = NativeDriver().execute_circuit(STATEVECTOR, work).counts
    with serving("drivers_address", {"WorkService": WorkServicer(house)}) as settings:
        devices = RemoteDevices(settings, patience=20.0)
        driver = devices.driver_for(STATEVECTOR)
        assert driver.execute_circuit(STATEVECTOR, work).counts == expected
    late = threading.Thread(target=lambda: results.append(driver.execute_circuit(STATEVECTOR, work)))
    results: list[Any] = []
    late.start()
    with serving("drivers_address", {"WorkService": WorkServicer(house)}, settings):  # it has never seen the circuit
        late.join(20.0)
    devices.close()
    assert [result.counts for result in results] == [expected]


def test_submitted_work_is_found_again_after_a_restart(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    work = SampleWork(bell(), (), 50, 3)
    with remote(MeteredDriver(ledger)) as devices:
        driver = devices.driver_for("double:metered")
        handle = driver.submit("double:metered", "job:1", work)
        paid = driver.result(handle).counts
    with remote(MeteredDriver(ledger)) as devices:
        driver = devices.driver_for("double:metered")
        assert driver.adopt("job:2") is None
        found = driver.adopt("job:1")
        assert found == handle
        assert driver.result(found).counts == paid
    assert len(ledger.read_text().splitlines()) == 1


def test_work_of_a_driver_that_forgets_is_unknown_after_a_restart() -> None:
    with remote(NativeDriver()) as devices:
        handle = devices.driver_for(STATEVECTOR).submit(STATEVECTOR, "job:1", SampleWork(bell(), (), 5, 3))
    with remote(NativeDriver()) as devices:
        driver = devices.driver_for(STATEVECTOR)
        assert driver.poll(handle) is WorkState.UNKNOWN
        assert driver.adopt("job:1") is None
        with pytest.raises(EigenError) as caught:
            driver.result(handle, 0.0)
        assert caught.value.code == "EIGEN_DEVICE_FAILED"


@pytest.mark.parametrize("what", ["drivers", "compiler"])
def test_a_role_that_stays_away_says_nothing_about_the_work(what: str) -> None:
    settings = Settings(drivers_address="127.0.0.1:1", compiler_address="127.0.0.1:1")
    clients = {
        "drivers": lambda: RemoteDevices(settings, patience=0.1).devices(),
        "compiler": lambda: compile_with(RemoteCompiler(settings, patience=0.1)),
    }
    with pytest.raises(EigenError) as caught:
        clients[what]()
    assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"
    assert f"`{what}`" in caught.value.message


# The compiler


def compile_with(compiler: Any, source: str = BELL, **changes: Any) -> Any:
    asked: dict[str, Any] = {
        "filename": "bell.eigen.py",
        "format": "eigen-lang",
        "entrypoint": None,
        "inputs": {},
        "datasets": {},
        "options": {},
    }
    return compiler(source, **asked | changes)


def test_a_program_compiles_to_the_same_bytes_elsewhere() -> None:
    here = make_compile(Settings())
    with serving("compiler_address", {"CompilerService": CompilerServicer(here)}) as settings:
        compiler = RemoteCompiler(settings)
        for changes in ({}, {"inputs": {"angle": 0.5}}, {"entrypoint": "main", "options": {"shots": 3}}):
            near, far = compile_with(here, **changes), compile_with(compiler, **changes)
            assert far.program.to_json() == near.program.to_json()
            assert far.circuit.to_aqo() == near.circuit.to_aqo()
            assert far.report == near.report
        opened = compile_with(compiler, parameters={"angle": 0})
        assert opened.program.parameters == (("angle", 0),)
        compiler.close()


def test_every_diagnostic_of_a_program_that_does_not_compile_arrives() -> None:
    here = make_compile(Settings())
    wrong = BELL + "".join(f"    no_such_name_{number}(q)\n" for number in range(300))
    with pytest.raises(EigenError) as near:
        compile_with(here, wrong)
    with serving("compiler_address", {"CompilerService": CompilerServicer(here)}) as settings:
        compiler = RemoteCompiler(settings)
        with pytest.raises(EigenError) as far:
            compile_with(compiler, wrong)
        compiler.close()
    assert far.value.to_json() == near.value.to_json()


def test_a_compilation_that_is_not_wanted_any_more_ends_over_there() -> None:
    """The check of the asking side ends the call, and that the compilation: its own check raises."""
    begun, ended = threading.Event(), threading.Event()

    def endless(*_: object, check: Callable[[], object], **__: object) -> None:
        begun.set()
        try:
            while True:
                check()
                ended.wait(0.01)
        finally:
            ended.set()

    class UnwantedError(Exception):
        pass

    def check() -> None:
        if begun.is_set():
            raise UnwantedError

    with serving("compiler_address", {"CompilerService": CompilerServicer(endless)}) as settings:  # type: ignore[arg-type]
        compiler = RemoteCompiler(settings)
        with pytest.raises(UnwantedError):
            compile_with(compiler, check=check)
        assert ended.wait(30)
        compiler.close()


# Who is let in


def test_a_role_beyond_loopback_needs_certificates() -> None:
    with pytest.raises(EigenError) as caught, serving("drivers_address", {}, Settings(drivers_address="0.0.0.0:0")):
        pass
    assert caught.value.code == "EIGEN_CONFIG_INVALID"
    assert "drivers_address" in caught.value.message


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with (
        serving("drivers_address", {}) as settings,
        pytest.raises(EigenError) as caught,
        serving("drivers_address", {}, settings),
    ):
        pass
    assert caught.value.code == "EIGEN_CONFIG_INVALID"
    assert settings.drivers_address in caught.value.message


def certified(folder: Path, authority: trustme.CA) -> Settings:
    """Settings with a certificate of this authority."""
    folder.mkdir()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    for index, blob in enumerate(certificate.cert_chain_pems):
        blob.write_to_path(folder / "cert.pem", append=index > 0)
    return Settings(
        drivers_address="127.0.0.1:0",
        internal_ca=str(folder / "ca.pem"),
        internal_cert=str(folder / "cert.pem"),
        internal_key=str(folder / "key.pem"),
    )


def test_between_roles_both_show_a_certificate(tmp_path: Path) -> None:
    ours = certified(tmp_path / "ours", trustme.CA())
    theirs = certified(tmp_path / "theirs", trustme.CA())
    services = {"WorkService": WorkServicer(GivenDrivers(NativeDriver()))}
    with serving("drivers_address", services, ours) as settings:
        devices = RemoteDevices(settings)
        assert {device.id for device in devices.devices()} >= {STATEVECTOR}
        devices.close()
        address = settings.drivers_address
        for stranger in (replace(theirs, drivers_address=address), Settings(drivers_address=address)):
            outside = RemoteDevices(stranger, patience=0.5)
            with pytest.raises(EigenError) as caught:
                outside.devices()
            assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"
            outside.close()
        # The right authority, and no certificate of one's own.
        credentials = grpc.ssl_channel_credentials((tmp_path / "ours" / "ca.pem").read_bytes())
        with grpc.secure_channel(address, credentials) as channel:
            ask = channel.unary_unary("/eigen.internal.v1.WorkService/Describe")
            with pytest.raises(grpc.RpcError) as refused:
                ask(b"", timeout=20)
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE  # type: ignore[attr-defined]


def test_a_call_that_names_no_caller_is_refused_where_one_is_needed() -> None:
    from eigen.roles.kernel_server import KernelServicer

    kernel: Any = object()
    with serving("kernel_address", {"KernelService": KernelServicer(kernel)}) as settings:
        role = Role(settings, "kernel_address", SERVICES["KernelService"])
        with pytest.raises(EigenError) as caught:
            role.call("Get", pb.JobRequest(job_id="job_1"))
        assert caught.value.code == "EIGEN_REQUEST_INVALID"
        role.close()


def test_a_defect_is_internal_and_tells_nothing_of_the_inside() -> None:
    class Broken:
        def describe(self, asked: object) -> object:
            raise ZeroDivisionError("secret")

        execute = submit = submit_batch = results = poll = result = adopt = cancel = describe

    with serving("drivers_address", {"WorkService": Broken()}) as settings:
        devices = RemoteDevices(settings)
        with pytest.raises(EigenError) as caught:
            devices.devices()
        devices.close()
    assert caught.value.code == "EIGEN_INTERNAL"
    assert "secret" not in caught.value.message
