"""`Features`: what a program asks of a device, computed from the program alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eigen.ir import Circuit, Evolution, Modes, Observable
    from eigen.ir.program import Node, Program

NOT_GATES = frozenset({"BARRIER", "COMPUTE", "DELAY", "MEASURE", "RESET", "IF", "ELSE", "WHILE", "FOR", "END"})


@dataclass(frozen=True, slots=True)
class Question:
    """What a program asks of one circuit: shots (None: nothing is sampled) and exact expectation values."""

    circuit: Circuit
    shots: int | None
    observables: tuple[Observable, ...]


@dataclass(frozen=True, slots=True)
class Features:
    """Width, size and capabilities that a program needs.

    `shots` is the largest number of shots of one evaluation (None: nothing is sampled); `exact` says that some
    value is wanted without shots; `gradient` that exact gradients would help (never a reason to refuse);
    `seed` that the caller fixed one; `options` are names of options that the device must have. `questions` are kept
    so that circuits can be tried on a device's basis, and engines asked what they would take.
    """

    num_qubits: int
    num_operations: int = 0
    gates: frozenset[str] = frozenset()
    dynamic: bool = False
    classical: bool = False
    shots: int | None = None
    exact: bool = False
    expectation: bool = False
    gradient: bool = False
    noise_model: str | None = None
    options: tuple[str, ...] = ()
    seed: bool = False
    evolutions: tuple[Evolution, ...] = ()
    questions: tuple[Question, ...] = ()
    modes: tuple[Modes, ...] = ()

    @property
    def circuits(self) -> tuple[Circuit, ...]:
        """The circuits that the program runs."""
        return tuple(question.circuit for question in self.questions)

    @staticmethod
    def of(
        program: Program,
        shots: int | None = None,
        *,
        seed: int | None = None,
        noise_model: str | None = None,
        device_options: Iterable[str] = (),
    ) -> Features:
        """The features of a program; `shots`, `seed` and `noise_model` are the job's and win over the program's.

        `device_options` are the names of the options that the job gives to its device.
        """
        options = program.options
        job_shots = options.shots if shots is None else shots
        nodes = [node for node in program.body.walk() if node.op in {"run", "expectation", "probability"}]
        sampled = [count for node in nodes if (count := _shots(node, job_shots)) is not None]
        used = sorted({int(node.attrs["circuit"]) for node in nodes})
        circuits = tuple(program.circuits[index] for index in used)
        evolves = [node for node in program.body.walk() if node.op == "evolve"]
        evolutions = tuple(program.evolutions[index] for index in sorted({int(n.attrs["evolution"]) for n in evolves}))
        sampled += [int(node.attrs["shots"]) for node in evolves if node.attrs.get("shots") is not None]
        asked = [node for node in program.body.walk() if node.op == "modes"]
        modes = tuple(program.modes[index] for index in sorted({int(node.attrs["modes"]) for node in asked}))
        measured = [node.attrs.get("shots") or job_shots for node in asked if not node.attrs["exact"]]
        sampled += [count for count in measured if count is not None]
        widths = [item.num_qubits for item in (*circuits, *evolutions)] + [item.num_modes for item in modes]
        return Features(
            num_qubits=max(widths, default=0),
            num_operations=max((len(circuit) for circuit in circuits), default=0),
            gates=frozenset(name for circuit in circuits for name in circuit.count_ops() if name not in NOT_GATES),
            dynamic=any(circuit.is_dynamic for circuit in circuits),
            classical=any(circuit.computes for circuit in circuits),
            shots=max(sampled, default=None),
            exact=any(node.op != "run" and node.attrs.get("shots") is None for node in [*nodes, *evolves])
            or any(node.attrs["exact"] for node in asked),
            expectation=any(node.op != "run" and node.op != "probability" for node in [*nodes, *evolves]),
            gradient=any(node.op == "minimize" for node in program.body.walk()),
            noise_model=options.noise_model if noise_model is None else noise_model,
            options=tuple(sorted(device_options)),
            seed=(options.seed if seed is None else seed) is not None,
            evolutions=evolutions,
            modes=modes,
            questions=tuple(_question(program, index, nodes, job_shots) for index in used),
        )


def _question(program: Program, index: int, nodes: Sequence[Node], job_shots: int | None) -> Question:
    asked = [node for node in nodes if node.attrs["circuit"] == index]
    sampled = [count for node in asked if (count := _shots(node, job_shots)) is not None]
    exact: dict[int, None] = {
        node.attrs["observable"]: None for node in asked if node.op == "expectation" and not node.attrs.get("shots")
    }
    observables = tuple(program.observables[observable] for observable in exact)
    return Question(program.circuits[index], max(sampled, default=None), observables)


def _shots(node: Node, job_shots: int | None) -> int | None:
    """The shots of one stage: its own; a `run` without its own takes the job's, the others are exact."""
    own = node.attrs.get("shots")
    if own is not None:
        return int(own)
    return job_shots if node.op == "run" else None
