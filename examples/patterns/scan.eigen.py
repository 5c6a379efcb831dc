"""A parameter scan: the Bell-like pair's correlation along an angle, as a list computed by the device."""

import numpy as np
from eigen_lang import ExpectationValue, Param, QubitRegister, cx, hybrid_program, pauli, quantum_circuit, ry


@quantum_circuit
def pair():
    theta = Param("theta")
    q = QubitRegister(2)
    ry(theta, q[0])
    cx(q[0], q[1])


@hybrid_program()
def main(points: int = 9):
    circuit = pair()
    angles = np.linspace(0.0, np.pi, points)
    correlation = [ExpectationValue(circuit, pauli("X0 X1", 2), params=[angle]) for angle in angles]
    return {"angles": angles.tolist(), "xx": correlation, "largest": max(correlation)}
