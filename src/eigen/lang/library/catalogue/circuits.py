"""Reference rows of registers, measurement, parameters, modifiers and decorators."""

from __future__ import annotations

from eigen.lang.library import functions, gates, measurement, modifiers, parameters, program
from eigen.lang.library.catalogue.entry import Entry

_BELL = "q = QubitRegister(2)\nh(q[0])\ncx(q[0], q[1])\n"

CIRCUIT_ENTRIES: tuple[Entry, ...] = (
    Entry(
        "QubitRegister",
        "registers",
        "size, name=None",
        "New qubits in the state |0>. Index them `q[0]`, slice them `q[1:3]`, loop over them. Qubit 0 is the "
        "rightmost character of counts. In the program itself all registers form one circuit, which runs when its "
        "measured bits are read; inside a `@quantum_circuit` function they form that function's circuit.",
        _BELL + "return measure_all(q)",
        measurement.quantum_register,
        "QubitRegister",
    ),
    Entry(
        "ClassicalRegister",
        "registers",
        "size, name=None",
        "New classical bits, all 0, to measure into: `measure(q, c)`. `if c[0]:` and `if c == 3:` are conditions "
        "inside the circuit (bit 0 is the least significant).",
        "q = QubitRegister(2)\nc = ClassicalRegister(2)\nx(q[0])\nmeasure(q, c)\nif c == 1:\n    x(q[1])\n"
        "return measure(q[1])",
        measurement.classical_register,
        "ClassicalRegister",
    ),
    Entry(
        "measure",
        "measurement",
        'qubits, bits=None, basis="Z"',
        "Measure a qubit or a register, into given classical bits or new ones. Gives the measured bit (or bits): a "
        "condition for `if` and `while`, and outside conditions the counts of these bits. `basis` is X, Y or Z.",
        "q = QubitRegister(1)\nh(q[0])\nreturn measure(q[0], basis='X')",
        measurement.measure,
        "Bits",
    ),
    Entry(
        "measure_all",
        "measurement",
        'qubits=None, basis="Z"',
        "Measure every qubit of the circuit, or of the given register, into new bits. Returned, they are the counts.",
        _BELL + "bits = measure_all()\nreturn {'both': bits['11'], 'counts': bits.counts}",
        measurement.measure_all,
        "Bits",
    ),
    Entry(
        "reset",
        "measurement",
        "*qubits",
        "Set qubits to |0>, whatever they were.",
        "q = QubitRegister(1)\nx(q[0])\nreset(q)\nreturn measure_all(q)",
        measurement.reset,
        "None",
    ),
    Entry(
        "barrier",
        "measurement",
        "*qubits",
        "No gate is moved over a barrier by the compiler. Without arguments it spans the whole circuit.",
        "q = QubitRegister(2)\nh(q)\nbarrier()\nh(q)\nreturn measure_all(q)",
        measurement.barrier,
        "None",
    ),
    Entry(
        "delay",
        "measurement",
        'duration, *qubits, unit="ns"',
        "Let qubits idle; the unit is ns, us, ms, s or dt (samples of the device).",
        "q = QubitRegister(1)\ndelay(100, q[0], unit='ns')\nreturn measure_all(q)",
        measurement.delay,
        "None",
    ),
    Entry(
        "Param",
        "parameters",
        "name, size=None",
        "A circuit parameter, or a list of `size` of them (`name[0]`, `name[1]`, …). Angles may be sums of "
        "parameters times numbers. Values are given where the circuit runs.",
        "theta = Param('theta')\n\n@quantum_circuit\ndef turned():\n    q = QubitRegister(1)\n"
        "    ry(2 * theta, q[0])\n\nreturn run(turned(), {'theta': 0.5}).counts",
        parameters.param,
        "Param",
    ),
    Entry(
        "gate",
        "gates",
        "name, *angles_and_qubits",
        "Any gate of the table by its name.",
        "q = QubitRegister(2)\nfor name in ['x', 'y']:\n    gate(name, q[0])\n"
        "gate('rzz', 0.3, q[0], q[1])\nreturn measure_all(q)",
        gates.gate,
        "None",
    ),
    Entry(
        "control",
        "modifiers",
        "gate, n=1, ctrl_state=None",
        "The gate, circuit or circuit function with `n` more controls; they are the first qubits of a call. "
        "`ctrl_state` is a string of 0 and 1, the first control rightmost.",
        "q = QubitRegister(3)\nx(q[0:2])\ncontrol(h, 2)(q[0], q[1], q[2])\nreturn measure_all(q)",
        modifiers.control,
        "Callable[..., Any]",
    ),
    Entry(
        "inverse",
        "modifiers",
        "gate",
        "The inverse of a gate, a circuit or a circuit function.",
        "q = QubitRegister(1)\nsx(q[0])\ninverse(sx)(q[0])\nreturn measure_all(q)",
        modifiers.inverse,
        "Callable[..., Any]",
    ),
    Entry(
        "power",
        "modifiers",
        "gate, k",
        "A real power of a gate, a circuit or a circuit function (the principal one).",
        "q = QubitRegister(1)\npower(x, 0.5)(q[0])\npower(x, 0.5)(q[0])\nreturn measure_all(q)",
        modifiers.power,
        "Callable[..., Any]",
    ),
    Entry(
        "quantum_circuit",
        "decorators",
        "function=None",
        "A function that writes gates. Called with qubits it writes into their circuit; called with classical "
        "arguments only it gives a circuit of its own, for `run`, `ExpectationValue` and others.",
        "@quantum_circuit\ndef ghz(n):\n    q = QubitRegister(n)\n    h(q[0])\n    for i in range(n - 1):\n"
        "        cx(q[i], q[i + 1])\n\n\n@hybrid_program(shots=100)\ndef main():\n    return run(ghz(3)).counts\n",
        functions.quantum_circuit,
        "Callable[..., Any]",
    ),
    Entry(
        "ansatz",
        "decorators",
        "function=None, *, n_qubits=None, num_params=None",
        "A function (q, params) that writes a parametrised circuit. With both sizes the decorated name is the ansatz; "
        "without, `Ansatz(function, n_qubits, num_params)` makes it.",
        "@ansatz(n_qubits=2, num_params=2)\ndef mine(q, params):\n    ry(params[0], q[0])\n    ry(params[1], q[1])\n"
        "    cz(q[0], q[1])\n\n\n@hybrid_program()\ndef main():\n"
        "    return ExpectationValue(mine, pauli('Z0 Z1'), params=[0.1, 0.2])\n",
        functions.ansatz,
        "Callable[..., Any]",
    ),
    Entry(
        "Ansatz",
        "decorators",
        "circuit_or_function, n_qubits=None, num_params=None",
        "A parametrised circuit to be optimised: `num_params`, `n_qubits`, `params`, `bind(values)`; called with "
        "qubits it writes its gates there.",
        "def layers(q, params):\n    for i in range(len(q)):\n        ry(params[i], q[i])\n\n"
        "a = Ansatz(layers, n_qubits=3, num_params=3)\nreturn a.num_params",
        functions.make_ansatz,
        "Ansatz",
    ),
    Entry(
        "cost_function",
        "decorators",
        "function=None",
        "A function to be minimised: any arithmetic over expectation values, samples and its parameters. Its first "
        "argument is the parameter vector; an expectation value in it that names no parameters takes that vector.",
        "@cost_function\ndef cost(v):\n    return v[0] ** 2 + 1\n\n\n@hybrid_program()\ndef main():\n"
        "    return minimize(cost, [0.5]).optimal_value\n",
        functions.cost_function,
        "Callable[..., Any]",
    ),
    Entry(
        "hybrid_program",
        "decorators",
        "function=None, *, compiler=None, target=None, shots=None, optimization_level=None, seed=None, "
        "noise_model=None, metadata=None",
        "The entry point. Its parameters are the job's inputs; what it returns are the job's outputs. Options of the "
        "job description win over these. `shots` counts for runs that name none; with `seed` results repeat exactly; "
        "`optimization_level` is 0 to 3; the `compiler` is `eigen`; a `noise_model` that no device honours is refused.",
        "@hybrid_program(target='sim:auto', shots=50, seed=7)\ndef main(n: int = 2):\n    q = QubitRegister(n)\n"
        "    h(q)\n    return measure_all(q)\n",
        program.hybrid_program,
        "Callable[..., Any]",
    ),
)
