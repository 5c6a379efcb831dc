"""PyTorch as `torch:statevector`: state vectors of one circuit at many values at a time, and gradients by its autograd.

A batch has a first axis for its questions, the same in angles, gates and states. Gradients are reverse-mode
differentiation of the whole simulation, which keeps the state behind every gate: that is what bounds their size.
"""

# PyTorch is loaded when the engine starts, and may not be where this file is checked.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false
# pyright: reportAttributeAccessIssue=false, reportUnknownParameterType=false, reportMissingParameterType=false

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from eigen_driver import Affine, Device, Estimate, Expectation, Gradient, Operation, RefusedError, walk
from eigen_driver.matrices import GATES, PARAMETERS, matrix, matrix_of
from eigen_driver.state_engine import StateEngine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Circuit, Observable
    from eigen_driver.asks import Answer, Ask
    from eigen_driver.state_engine import Question, ReadableState

FEATURES = frozenset({"dynamic", "expectation", "exact", "gradient", "seed"})
MOST_QUBITS = 24
PRECISIONS = ("f32", "f64")
BATCH_BYTES = 1 << 30
"""What the states of one batch may take."""
KEPT_BYTES = 4 << 30
"""What the states of one gradient may take."""
SPARE = 4
"""States that a question needs at a time, beside those that are kept."""


class TorchEngine(StateEngine):
    """See the module."""

    name = "torch"
    options = frozenset({"precision"})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load PyTorch."""
        super().start(config, threads)
        global torch, np, arrays
        import numpy as np
        import torch

        from eigen_driver import arrays

        if threads:
            torch.set_num_threads(threads)
        self.version = str(torch.__version__)
        properties = {"engine": "torch", "method": "statevector", "precision": "f64", "version": self.version}
        properties |= {"platform": "cpu", "options": sorted(self.options)}
        title = "PyTorch, state vector"
        self._devices = (Device("torch:statevector", title, MOST_QUBITS, GATES, FEATURES, properties=properties),)

    def devices(self) -> Sequence[Device]:
        """The one."""
        return self._devices

    def run(self, device: Device, asks: Sequence[Ask]) -> list[Answer]:
        """Neighbours that differ in their values only are one batch."""
        found: list[Answer] = []
        for _, group in groupby(asks, key=_kind):
            found += self._batches(device, list(group))
        return found

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """Exact, from the final state."""
        return self.run(device, [ask])[0]  # type: ignore[return-value]

    def gradient(self, device: Device, ask: Gradient) -> Estimate:
        """Exact, by reverse-mode differentiation."""
        return self.run(device, [ask])[0]  # type: ignore[return-value]

    def fresh(self, device: Device, ask: Question) -> ReadableState:
        """A state of which every gate makes the next."""
        array = np.zeros((2,) * ask.circuit.num_qubits, _kinds(ask.options)[0])
        array.reshape(-1)[0] = 1.0
        return _walked(array, ask.circuit.bound(ask.values))

    def told(self, device: Device, ask: Question, state: Any) -> dict[str, Any]:
        """Beside the method, the precision that was asked for."""
        return {**super().told(device, ask, state), "precision": ask.options.get("precision", "f64")}

    def _batches(self, device: Device, asks: list[Any]) -> list[Answer]:
        first = asks[0]
        if not isinstance(first, Expectation | Gradient):
            return [self._one(device, ask) for ask in asks]
        gates = list(walk.gates(first.circuit.operations))
        dtype = _kinds(first.options)[1]
        kept = SPARE + (len(gates) if isinstance(first, Gradient) else 0)
        each = (torch.zeros((), dtype=dtype).element_size() * kept) << first.circuit.num_qubits
        if isinstance(first, Gradient) and each > KEPT_BYTES:
            message = f"the gradient would keep {each >> 20} MiB of states, beyond the limit {KEPT_BYTES >> 20}"
            hint = "ask an engine that walks the circuit back, such as sim:statevector or jax:statevector"
            raise RefusedError("EIGEN_LIMIT_EXCEEDED", message, hint=hint)
        size = max(1, BATCH_BYTES // each)
        parts = (asks[start : start + size] for start in range(0, len(asks), size))
        return [answer for part in parts for answer in self._values(device, part, gates, dtype)]

    def _values(self, device: Device, asks: list[Any], gates: list[Operation], dtype: Any) -> list[Answer]:
        """Answers to questions about one observable of one circuit."""
        first = asks[0]
        circuit: Circuit = first.circuit
        rows = [list(ask.circuit.bound(ask.values).values()) for ask in asks]
        real = torch.float32 if dtype == torch.complex64 else torch.float64
        values = torch.tensor(rows, dtype=real).reshape(len(asks), len(circuit.parameters))
        wants_slopes = isinstance(first, Gradient)
        values.requires_grad_(wants_slopes)
        with torch.set_grad_enabled(wants_slopes):
            state = torch.zeros((len(asks), 1 << circuit.num_qubits), dtype=dtype)
            state[:, 0] = 1.0
            state = state.reshape((len(asks),) + (2,) * circuit.num_qubits)
            columns = {name: values[:, place].reshape(-1, 1, 1) for place, name in enumerate(circuit.parameters)}
            for item in gates:
                state = _acted(state, _matrix(item, columns, dtype), [1 + qubit for qubit in item.qubits])
            means = _mean(state, first.observable)
        told = {**self.told(device, first, state), **({"batch": len(asks)} if len(asks) > 1 else {})}
        if not wants_slopes:
            return [Estimate(float(mean), metadata=told) for mean in means]
        if means.requires_grad:
            means.sum().backward()
        slopes = torch.zeros_like(values) if values.grad is None else values.grad
        told["gradient_method"] = "reverse-mode"
        return [
            Estimate(float(mean), gradient=tuple(map(float, slope)), metadata=told)
            for mean, slope in zip(means.detach(), slopes, strict=True)
        ]


class _Arrays:
    """What `eigen_driver.matrices` asks of NumPy, done by PyTorch, with angles of shape (questions, 1, 1)."""

    def __init__(self, dtype: Any) -> None:
        self._dtype = dtype

    def asarray(self, entry: Any, dtype: Any = None) -> Any:
        del dtype
        return torch.as_tensor(entry).to(self._dtype)

    def cos(self, angle: Any) -> Any:
        return torch.cos(torch.as_tensor(angle))

    def sin(self, angle: Any) -> Any:
        return torch.sin(torch.as_tensor(angle))

    def exp(self, angle: Any) -> Any:
        return torch.exp(torch.as_tensor(angle))

    def stack(self, entries: Sequence[Any]) -> Any:
        """Entries of a diagonal, along the last axis."""
        flat = torch.broadcast_tensors(*(entry.reshape(-1) for entry in entries))
        return torch.stack(flat, dim=-1)

    def diag(self, entries: Any) -> Any:
        return torch.diag_embed(entries)

    def kron(self, upper: Any, lower: Any) -> Any:
        product = upper[..., :, None, :, None] * lower[..., None, :, None, :]
        size = upper.shape[-1] * lower.shape[-1]
        return product.reshape((*product.shape[:-4], size, size))


def _matrix(item: Operation, columns: Mapping[str, Any], dtype: Any) -> Any:
    """The matrix of a gate, shape (questions, 2^k, 2^k), or one for all where it has no open angle."""
    if not any(isinstance(angle, Affine) for angle in item.params.values()):
        return torch.as_tensor(np.asarray(matrix_of(item, {}))).to(dtype)
    real = next(iter(columns.values()))
    angles: list[Any] = []
    for name in PARAMETERS[item.name]:
        angle = item.params[name]
        if isinstance(angle, Affine):
            terms = (factor * columns[parameter] for parameter, factor in angle.terms)
            angles.append(sum(terms, torch.zeros_like(real) + angle.constant))
        else:
            angles.append(torch.full_like(real, angle))
    return matrix(item.name, angles, _Arrays(dtype))


def _acted(state: Any, mat: Any, axes: list[int]) -> Any:
    """A matrix on these axes of states, of which the first is the least significant bit of its index."""
    places = list(range(1, len(axes) + 1))
    moved = state.movedim(axes[::-1], places)
    found = mat.to(state.dtype) @ moved.reshape(len(state), 1 << len(axes), -1)
    return found.reshape(moved.shape).movedim(places, axes[::-1])


def _mean(state: Any, observable: Observable) -> Any:
    """The expectation values of an observable, one for each state."""
    left = state.conj().reshape(len(state), -1)
    total = torch.zeros(len(state), dtype=left.real.dtype)
    for factors, weight in observable.terms:
        image = state
        for letter, qubit in factors:
            shape = [1] * state.ndim
            shape[1 + qubit] = 2
            if letter != "Z":
                image = image.flip(1 + qubit)
            if letter != "X":
                signs = [1, -1] if letter == "Z" else [-1j, 1j]
                image = image * torch.tensor(signs, dtype=state.dtype).reshape(shape)
        total = total + weight * (left * image.reshape(len(state), -1)).sum(dim=1).real
    return total


def _walked(array: Any, bound: Mapping[str, float]) -> Any:
    """A state of `eigen_driver.walk`, whose axis k is qubit k."""

    class Walked(arrays.ArrayState):
        def apply(self, gate: Operation) -> None:
            state = torch.from_numpy(np.ascontiguousarray(self.array))[None]
            mat = torch.as_tensor(np.asarray(matrix_of(gate, bound)))
            self.array = _acted(state, mat, [1 + qubit for qubit in gate.qubits])[0].numpy()

    return Walked(array)


def _kinds(options: Mapping[str, Any]) -> tuple[Any, Any]:
    """The types of amplitudes, NumPy's and PyTorch's."""
    found = options.get("precision", "f64")
    if found not in PRECISIONS:
        message = f"option `precision` of `torch:statevector` is f32 or f64, not `{found}`"
        raise RefusedError("EIGEN_DEVICE_OPTION", message, where="precision")
    return (np.complex64, torch.complex64) if found == "f32" else (np.complex128, torch.complex128)


def _kind(ask: Ask) -> tuple[object, ...]:
    """What questions of one batch have in common."""
    if isinstance(ask, Expectation | Gradient):
        return type(ask), ask.circuit.digest, ask.observable.digest, str(ask.options.get("precision"))
    return (id(ask),)
