"""Programs whose entry points have parameters to leave open."""

ENERGY = """\
from eigen_lang import *


@quantum_circuit
def ansatz(angles):
    q = QubitRegister(4)
    for i in range(4):
        ry(angles[i], q[i])
    for i in range(3):
        cx(q[i], q[i + 1])
    for i in range(4):
        ry(angles[4 + i], q[i])


@hybrid_program(seed=5)
def main(theta=[0.0] * 8, scale=1.0, field=0.5):
    ising = Observable({"ZZII": 1.0, "IZZI": 1.0, "IIZZ": 1.0})
    transverse = Observable({"XIII": 1.0, "IXII": 1.0, "IIXI": 1.0, "IIIX": 1.0})
    state = ansatz(theta)
    return scale * (ExpectationValue(state, ising) + field * ExpectationValue(state, transverse))
"""

SAMPLED = """\
from eigen_lang import *


@hybrid_program(shots=200)
def main(theta=0.3):
    q = QubitRegister(2)
    ry(theta, q[0])
    cx(q[0], q[1])
    return measure_all(q)
"""

DIVISION = """\
from eigen_lang import *


@hybrid_program()
def main(x=1.0):
    print(f"x is {x}")
    return {"inverse": 1.0 / x, "x": x}
"""

SEARCH = """\
from eigen_lang import *


@quantum_circuit
def turned(angles):
    q = QubitRegister(1)
    ry(angles[0], q[0])


@hybrid_program()
def main(start=0.1):
    @cost_function
    def energy(angles):
        return ExpectationValue(turned(angles), pauli("Z0"))

    return minimize(energy, initial_guess=[start], method="cobyla", max_iter=20).optimal_value
"""
