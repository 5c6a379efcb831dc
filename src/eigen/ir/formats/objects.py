"""Circuits and operators of other packages: which there are, whose an object is, and the doors to their converters.

A package is loaded when an object of it is read or asked for, never before; it comes with an extra of this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.circuit import Circuit, core_errors

if TYPE_CHECKING:
    from types import ModuleType


@dataclass(frozen=True, slots=True)
class Package:
    """One row: the modules whose types are its own, and the extra that brings it."""

    title: str
    roots: tuple[str, ...]
    extra: str
    module: str = ""
    """The module of the converter in `eigen.ir.formats`; by default the name of the row."""
    keeps_phase: bool = True
    """Whether its circuits have a global phase."""


PACKAGES: dict[str, Package] = {
    "braket": Package("Braket", ("braket",), "braket"),
    "cirq": Package("Cirq", ("cirq",), "cirq"),
    "pennylane": Package("PennyLane", ("pennylane",), "pennylane"),
    "pyquil": Package("pyQuil", ("pyquil",), "pyquil"),
    "pytket": Package("pytket", ("pytket",), "pytket"),
    "qiskit": Package("Qiskit", ("qiskit",), "qiskit"),
    "qutip": Package("QuTiP with qutip-qip", ("qutip_qip", "qutip"), "qutip", "qutip.circuits"),
    "stim.Circuit": Package("Stim", ("stim",), "stim", "stim_circuit", keeps_phase=False),
}


def kind_of(source: object) -> str | None:
    """The name of the package that an object belongs to, through its own type or one that this is made from."""
    for ancestor in type(source).__mro__:
        root = str(ancestor.__module__).split(".")[0]
        for name, package in PACKAGES.items():
            if root in package.roots:
                return name
    return None


def load(source: Any, package: str | None = None, **options: Any) -> Circuit:
    """The circuit of an object of another package, found by its type where `package` is not named.

    Raises EIGEN_NOT_AVAILABLE without the package's extra, EIGEN_FORMAT_UNSUPPORTED for what a circuit here cannot
    carry, and the errors of circuits.
    """
    name = package or kind_of(source)
    if name is None:
        shown = type(source).__qualname__
        raise EigenError("EIGEN_FORMAT_UNSUPPORTED", f"a `{shown}` is no circuit of a known package", hint=_known())
    module = converter(name)
    with core_errors(name):
        return module.load(source, **options)


def dump(circuit: Circuit, package: str, **options: Any) -> Any:
    """The circuit as an object of another package. Raises EigenError as `load` does."""
    module = converter(package)
    with core_errors(package):
        return module.dump(circuit, **options)


def converter(name: str) -> ModuleType:
    """The module of a package's converter. Raises EIGEN_USAGE for another name, EIGEN_NOT_AVAILABLE."""
    if name not in PACKAGES:
        raise EigenError("EIGEN_USAGE", f"there is no package `{name}` here", hint=_known())
    package = PACKAGES[name]
    try:
        return import_module(f"eigen.ir.formats.{package.module or name}")
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in package.roots:
            raise
        message = f"{package.title} is not installed, which `{name}` objects need"
        raise EigenError("EIGEN_NOT_AVAILABLE", message, hint=f"pip install 'eigen-os[{package.extra}]'") from None


def refused(package: str, what: str, hint: str = "") -> EigenError:
    """The error for what one side has and the other cannot carry."""
    return EigenError("EIGEN_FORMAT_UNSUPPORTED", what, where=package, hint=hint)


def _known() -> str:
    return f"packages: {', '.join(sorted(PACKAGES))}"
