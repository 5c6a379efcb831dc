"""The Bell program in PennyLane."""

import pennylane as qml

device = qml.device("default.qubit", wires=2, seed=7)


@qml.set_shots(1024)
@qml.qnode(device)
def bell():
    qml.Hadamard(0)
    qml.CNOT([0, 1])
    return qml.counts()


print(bell())
