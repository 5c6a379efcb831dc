"""State tomography as one durable job, and the state that it found."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.errors import EigenError
from eigen.ir.circuit import core_errors
from eigen.reconstruction import measurements, states, uncertainty

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from eigen.client.client import Client
    from eigen.client.reading import Job
    from eigen.client.results import Results
    from eigen.ir.circuit import Circuit
    from eigen.types import Json

SHOTS = 1000
RESAMPLES = 500
MOST_RESAMPLES = 100_000
MOST_SHOTS = 10_000_000
WIDEST_IDEAL = 20
OURS = frozenset({"sweep", "inputs", "input_refs", "entrypoint"})


@dataclass(frozen=True, slots=True, eq=False)
class Tomography:
    """The state of some qubits at the end of a circuit. `density_matrix[i, j]`: bit k of i and j is `qubits[k]`."""

    density_matrix: NDArray[np.complex128]
    """The density matrix nearest to `linear`, shape (2^n, 2^n)."""
    linear: NDArray[np.complex128]
    """The linear inversion: unbiased, and not always positive."""
    qubits: tuple[int, ...]
    settings: tuple[str, ...]
    """The bases that were measured: character k from the right is the letter of `qubits[k]`."""
    shots: int
    """Shots in each setting."""
    eigenvalues: tuple[float, ...]
    """Of the density matrix, largest first."""
    purity: float
    fidelity: float | None
    """With the ideal state of the circuit: `<psi|rho|psi>` where that is pure. None where it was not computed."""
    interval: tuple[float, float] | None
    """95 % for `fidelity`, by the bootstrap."""
    resamples: int
    direct_fidelity: float | None
    """`<psi|rho|psi>` without the projection: unbiased, may lie beyond 1. None where the ideal state is mixed."""
    direct_error: float | None
    """The standard error of `direct_fidelity`."""
    seed: int
    """The seed of the job, from which that of the bootstrap follows."""
    job_id: str
    device: str
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        """As JSON values: matrices as `real` and `imag`, lists of rows."""
        return {
            "qubits": list(self.qubits),
            "density_matrix": _parts(self.density_matrix),
            "linear_inversion": _parts(self.linear),
            "eigenvalues": list(self.eigenvalues),
            "purity": self.purity,
            "fidelity": self.fidelity,
            "interval": None if self.interval is None else list(self.interval),
            "level": uncertainty.LEVEL,
            "resamples": self.resamples,
            "direct_fidelity": self.direct_fidelity,
            "direct_error": self.direct_error,
            "settings": list(self.settings),
            "shots": self.shots,
            "seed": self.seed,
            "job_id": self.job_id,
            "device": self.device,
            "warnings": list(self.warnings),
        }


def tomography(
    circuit: Job,
    *,
    shots: int | None = None,
    qubits: Sequence[int] | None = None,
    client: Client | None = None,
    resamples: int = RESAMPLES,
    idempotency_key: str | None = None,
    inputs: dict[str, Json] | None = None,
    **fields: Any,
) -> Tomography:
    """The state that a device leaves at the end of a circuit, from measurements of every qubit in X, Y and Z.

    `circuit` is a `Circuit`, here or of another package, the path of a circuit or of a program that runs one. `qubits`
    are those whose state is asked for (all, at most 6), `shots` those of each of the 3^n settings (1,000). `fields` are
    those of `spec` in job.yaml: `target`, `seed`, `noise_model`, … The settings are one job, a sweep; the same
    `idempotency_key` returns to it, after a crash of this process too. Without a `client` a new one is made.

    Raises EigenError: EIGEN_SIM_UNSUPPORTED for a circuit that measures on the way, resets or decides and for a program
    that does more than run one circuit, EIGEN_CIRCUIT_PARAMETERS for open parameters, EIGEN_LIMIT_EXCEEDED beyond 6
    qubits, EIGEN_USAGE for arguments that do not fit; and whatever the job ends with.

    >>> found = eigen.tomography("bell.qasm", shots=2000, target="sim:auto", seed=7)          # doctest: +SKIP
    >>> found.fidelity, found.interval                                                        # doctest: +SKIP
    """
    if not 0 <= resamples <= MOST_RESAMPLES:
        message = f"`resamples` is `{resamples}`: it lies in 0 .. {MOST_RESAMPLES:,}"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint="500 are enough for most uses")
    taken = sorted(OURS & fields.keys())
    if taken:
        raise EigenError("EIGEN_USAGE", f"tomography has no field `{taken[0]}`", hint="bind the circuit first")
    with _client(client) as asked:
        whole, defaults = _circuit(asked, circuit, inputs)
        fields = defaults | {name: value for name, value in fields.items() if value is not None}
        count = defaults.get("shots") or SHOTS if shots is None else shots
        if not 2 <= count <= MOST_SHOTS:
            message = f"`shots` is `{count}`: each setting takes 2 to {MOST_SHOTS:,}"
            raise EigenError("EIGEN_LIMIT_EXCEEDED", message, hint="1000 are a start")
        state = measurements.prepared(whole)
        places = measurements.chosen(state, qubits)
        fields |= {"shots": count, "sweep": measurements.sweep(len(places))}
        job_id = asked.submit(measurements.measured(state, places), idempotency_key=idempotency_key, **fields)
        results = asked.wait(job_id)
    if results.error:
        raise EigenError.from_json(results.error)
    return _found(state, places, results, shots=count, resamples=resamples)


def _client(client: Client | None) -> Any:
    if client is not None:
        return nullcontext(client)
    from eigen.app import connect

    return connect()


def _circuit(client: Client, source: Job, inputs: dict[str, Json] | None) -> tuple[Circuit, dict[str, Any]]:
    """The circuit that is meant, and the options of the program that it comes from."""
    from eigen.client.reading import read_job
    from eigen.ir import Evolution, load

    if isinstance(source, Evolution):
        raise EigenError("EIGEN_SIM_UNSUPPORTED", "tomography takes circuits, not evolutions")
    if isinstance(source, (str, PathLike)) and str(source).endswith((".yaml", ".yml")):  # pyright: ignore[reportUnknownArgumentType]
        raise EigenError(
            "EIGEN_USAGE", "tomography takes a circuit or a program, not a job.yaml", hint="name its program"
        )
    job = read_job(source)  # pyright: ignore[reportUnknownArgumentType]
    if job.spec.program.is_circuit:
        data = job.files[job.spec.program.artifact]
        found = load(data, job.spec.program.format, where=job.spec.program.filename)
        if inputs:
            found = _bound(found, inputs)
        return found, {}
    # Level 0: what is optimised before measurements in Z need not be the same state.
    compiled = client.compile(read_job(job, inputs=inputs, compiler={"optimization_level": 0}))
    program = compiled.program
    asked = [node.op for node in program.body.walk() if node.regions or node.op in _STAGES]
    if asked != ["run"] or len(program.circuits) != 1:
        message = f"the program asks for more than one run of one circuit: {', '.join(asked[:5]) or 'nothing'}"
        raise EigenError("EIGEN_SIM_UNSUPPORTED", message, hint="hand in the circuit, or a program that runs only it")
    options = program.options
    given = {name: getattr(options, name) for name in ("target", "shots", "seed", "noise_model")}
    return program.circuits[0], {name: value for name, value in given.items() if value is not None}


def _bound(circuit: Circuit, inputs: dict[str, Json]) -> Circuit:
    for name, value in inputs.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            message = f"the parameter `{name[:40]}` of a circuit is a number, not `{str(value)[:40]}`"
            raise EigenError("EIGEN_CIRCUIT_PARAMETERS", message)
    with core_errors():
        return circuit.bind(inputs)


_STAGES = frozenset({"run", "expectation", "probability", "evolve", "modes"})


def _found(state: Circuit, places: tuple[int, ...], results: Results, *, shots: int, resamples: int) -> Tomography:
    import numpy as np

    table = results.table
    assert table is not None
    shares = measurements.frequencies(table["counts"], len(places))
    linear = states.linear_inversion(shares)
    matrix = states.nearest_state(linear)
    seed = int(results.metadata["seed"])
    warnings = list(results.warnings)
    value = interval = direct = error = None
    if state.num_qubits > WIDEST_IDEAL:
        warnings.append(f"no fidelity: the ideal state is computed for circuits of at most {WIDEST_IDEAL} qubits")
    else:
        ideal = ideal_state(state, places)
        value = float(states.fidelity(matrix, ideal))
        if states.is_pure(ideal):
            direct, error = uncertainty.direct_fidelity(shares, ideal, shots)
        if resamples:
            key = _core.derive_seed(seed, "tomography")
            drawn = uncertainty.bootstrap(matrix, ideal, shots=shots, resamples=resamples, seed=key)
            interval = uncertainty.basic_interval(value, drawn)
    return Tomography(
        density_matrix=matrix,
        linear=linear,
        qubits=places,
        settings=tuple(measurements.settings(len(places))),
        shots=shots,
        eigenvalues=tuple(np.linalg.eigvalsh(matrix)[::-1].tolist()),
        purity=states.purity(matrix),
        fidelity=value,
        interval=interval,
        resamples=resamples,
        direct_fidelity=direct,
        direct_error=error,
        seed=seed,
        job_id=results.job_id,
        device=str(results.metadata.get("device_id", "")),
        warnings=tuple(warnings),
    )


def ideal_state(circuit: Circuit, qubits: Sequence[int]) -> NDArray[np.complex128]:
    """The density matrix of some qubits without noise, from the native state vector."""
    with core_errors():
        return _core.Plan(circuit, engine="statevector").density_matrix((), qubits=list(qubits))


def _parts(matrix: NDArray[np.complex128]) -> dict[str, Json]:
    return {"real": matrix.real.tolist(), "imag": matrix.imag.tolist()}
