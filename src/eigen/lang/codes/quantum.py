"""Diagnostic codes of the quantum library (E08xx, W014)."""

from __future__ import annotations

from eigen.lang.codes.code import Code

_HEAD = "from eigen_lang import *\n\n\n"
_TURNED = "@quantum_circuit\ndef turned(angle):\n    q = QubitRegister(1)\n    ry(angle, q[0])\n\n\n"


def _main(*lines: str, before: str = "") -> str:
    body = "\n".join("    " + line for line in lines)
    return f"{_HEAD}{before}@hybrid_program(shots=100)\ndef main():\n{body}\n"


QUANTUM_CODES: tuple[Code, ...] = (
    Code(
        "E0801",
        "qubit or circuit expected",
        "Gates act on qubits (`q[0]`) and registers (`q`); runs and expectation values take circuits, which "
        "`@quantum_circuit` functions and ansaetze give.",
        _main("q = QubitRegister(2)", "h(0)", "return measure_all(q)"),
    ),
    Code(
        "E0802",
        "gate or circuit is called with the wrong arguments",
        "A gate takes its angles first, then as many different qubits as it acts on.",
        _main("q = QubitRegister(2)", "cx(q[0], q[0])", "return measure_all(q)"),
    ),
    Code(
        "E0803",
        "qubits or bits of different circuits",
        "A gate, a measurement or a condition uses the qubits and bits of one circuit.",
        _main(
            "a = QubitRegister(1)",
            "first = measure_all(a).counts",
            "b = QubitRegister(1)",
            "cx(a[0], b[0])",
            "return first, measure_all(b)",
        ),
    ),
    Code(
        "E0804",
        "circuit has already run",
        "Reading measured bits as counts runs the circuit of the program; after that nothing can be added to it.",
        _main("q = QubitRegister(1)", "bits = measure_all(q)", "counts = bits.counts", "x(q[0])", "return counts"),
    ),
    Code(
        "E0805",
        "measured bit has no single value",
        "A measured bit is 0 or 1 in each shot. It can decide what happens in the circuit (`if`, `while`), and after "
        "the run its counts can be computed with.",
        _main("q = QubitRegister(1)", "bit = measure(q[0])", "return bit + 1"),
    ),
    Code(
        "E0806",
        "parameters and values do not match",
        "Every free parameter of a circuit needs a value where it runs, by position or by name.",
        _main("return ExpectationValue(create_hea_ansatz(2), pauli('Z0'), params=[0.1])"),
    ),
    Code(
        "E0807",
        "circuit function returns a value",
        "Called without qubits, a `@quantum_circuit` function gives its circuit, so what it returns would be lost.",
        _main(
            "return run(counted()).counts",
            before="@quantum_circuit\ndef counted():\n    q = QubitRegister(1)\n    h(q[0])\n    return 3\n\n\n",
        ),
    ),
    Code(
        "E0808",
        "observable does not fit",
        "An observable is a sum of Pauli strings on the qubits of the circuit.",
        _main("return ExpectationValue(turned(0.1), pauli('Z0 Z1'))", before=_TURNED),
    ),
    Code(
        "E0809",
        "circuit cannot be asked for that",
        "Expectation values, probabilities and overlaps are those of a state: the circuit has no measurement in its "
        "middle, and outcomes have one character for each qubit.",
        _main("return probability(turned(0.1), '011')", before=_TURNED),
    ),
    Code(
        "E0810",
        "objective cannot be minimised",
        "`minimize` takes a function of one vector that returns a number, and a starting vector of numbers.",
        _main("return minimize(lambda v: 'low', [0.1]).optimal_value"),
    ),
    Code(
        "E0811",
        "optimiser or its options are not valid",
        "The methods of `minimize` and their options stand in the reference.",
        _main("return minimize(lambda v: v[0], [0.1], method='cobyla2')"),
    ),
    Code(
        "E0812",
        "unknown data set",
        "Data sets are built in, or the job brings them in `spec.input_refs`.",
        _main("return load_dataset('moon').n_samples"),
    ),
    Code(
        "E0813",
        "model or task is not well formed",
        "A `QuantumModel` joins a feature map and an ansatz of one width; a `SupervisedTask` trains it on a data set.",
        _main("return QuantumModel(angle_encoding(3), create_hea_ansatz(2)).num_params"),
    ),
    Code(
        "W014",
        "cost function does not use its argument",
        "Expectation values without `params` take the cost function's first argument by position. It works, but the "
        "reader cannot see it.",
        _main(
            "a = create_hea_ansatz(2)",
            "@cost_function",
            "def cost(params):",
            "    return ExpectationValue(a, pauli('Z0'))",
            "return minimize(cost, [0.1, 0.2], max_iter=5).optimal_value",
        ),
    ),
)
