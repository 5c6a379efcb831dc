"""The Bell program in Cirq."""

import cirq

a, b = cirq.LineQubit.range(2)
circuit = cirq.Circuit(cirq.H(a), cirq.CNOT(a, b), cirq.measure(a, b, key="m"))
print(cirq.Simulator(seed=7).run(circuit, repetitions=1024).histogram(key="m"))
