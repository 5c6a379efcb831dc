"""The problem that `qutip.mesolve` and `qutip.sesolve` are asked, as an `Evolution`: exactly, or not at all."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any

import qutip

from eigen.ir.circuit import core_errors
from eigen.ir.evolution import Evolution
from eigen.ir.formats.objects import refused
from eigen.ir.formats.qutip import coefficients
from eigen.ir.formats.qutip.collapse import jumps_of
from eigen.ir.formats.qutip.operator import NAME, real_terms, terms_of, width
from eigen.ir.formats.qutip.states import initial_of
from eigen.ir.formats.qutip.waves import Wave
from eigen.ir.observable import Observable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Term = tuple[Any, Wave]

ZERO = Wave({})
ROUNDING = 1e-15  # relative; of weights that cancel


def load_evolution(
    H: Any,  # noqa: N803
    rho0: Any,
    tlist: Any,
    c_ops: Any = None,
    *,
    e_ops: Any = None,
    args: Mapping[str, Any] | None = None,
    name: str = "",
) -> Evolution:
    """The evolution that `qutip.mesolve(H, rho0, tlist, c_ops, e_ops=e_ops, args=args)` follows.

    `values[k, m]` of the result is `expect[m][k]` of QuTiP's. Times count from the first of `tlist`; hbar is 1 on both
    sides; the global phase of `rho0` is not kept. `H` is a `Qobj`, a list of `Qobj`s and `[Qobj, coefficient]` pairs,
    or a `QobjEvo`; coefficients are numbers, samples at `tlist`, texts, and what `qutip.coefficient` makes of them.

    Raises EIGEN_FORMAT_UNSUPPORTED, which says of what: dims that are no qubits, mixed states, superoperators, Python
    functions, operators that are not Hermitian, collapse operators that are no jump; EIGEN_LIMIT_EXCEEDED.

    >>> from qutip import basis, sigmax, sigmaz
    >>> rabi = load_evolution(0.5 * sigmax(), basis(2, 0), [0.0, 1.0], e_ops=[sigmaz()])
    >>> rabi.hamiltonian, rabi.time
    ([('X0', 0.5)], 1.0)
    """
    times = _times(tlist)
    pieces = list(_pieces(H, dict(args or {}), times))
    num_qubits = width(pieces[0][0], "the Hamiltonian")
    hamiltonian = _hamiltonian(pieces, num_qubits)
    collapse: dict[str, float] = {}
    for number, operator in enumerate(_operators(c_ops, "c_ops")):
        jumps, extra = jumps_of(_still(operator, f"c_ops[{number}]"), num_qubits, f"`c_ops[{number}]`")
        for label, rate in jumps:
            collapse[label] = collapse.get(label, 0.0) + rate
        for label, weight in extra.items():
            hamiltonian[label] = hamiltonian.get(label, ZERO) + Wave.number(weight)
    observables = [
        Observable.from_terms(num_qubits, list(real_terms(_still(operator, what), num_qubits, f"`{what}`").items()))
        for what, operator in _named(e_ops)
    ]
    with core_errors(NAME):
        return Evolution(
            [(label, wave.coefficient()) for label, wave in hamiltonian.items()],
            times[-1] - times[0],
            times=[time - times[0] for time in times],
            initial=initial_of(rho0, num_qubits),
            observables=observables,
            collapse=list(collapse.items()),
            num_qubits=num_qubits,
            name=name,
        )


def _times(tlist: Any) -> list[float]:
    try:
        times = [float(time) for time in tlist]
    except (TypeError, ValueError):
        times = []
    if not times or not all(map(isfinite, times)) or any(a >= b for a, b in pairwise(times)):
        raise refused(NAME, "`tlist` is no list of ascending times")
    return times


def _pieces(source: Any, args: Mapping[str, Any], times: Sequence[float]) -> Iterable[Term]:
    """(operator, coefficient) of all that the Hamiltonian is a sum of."""
    if isinstance(source, qutip.QobjEvo):
        source = source.to_list()
    parts: list[Any] = source if isinstance(source, list) else [source]
    if len(parts) == 2 and isinstance(parts[0], qutip.Qobj) and not isinstance(parts[1], (qutip.Qobj, list)):
        parts = [parts]
    if not parts:
        raise refused(NAME, "the Hamiltonian is an empty list")
    for part in parts:
        pair: list[Any] = part if isinstance(part, list) else [part, 1.0]
        if len(pair) != 2 or not isinstance(pair[0], qutip.Qobj):
            what = "a function of Python's" if callable(part) or callable(pair[0]) else f"a `{type(part).__name__}`"
            hint = "write it as `[[operator, coefficient], …]`"
            raise refused(NAME, f"{what} in the Hamiltonian is no operator and no pair with a coefficient", hint)
        yield pair[0], coefficients.read(pair[1], args, times)


def _hamiltonian(pieces: Iterable[Term], num_qubits: int) -> dict[str, Wave]:
    """The weight of each Pauli string, as a real function of time."""
    total: dict[str, Wave] = {}
    size: dict[str, float] = {}
    for operator, wave in pieces:
        largest = max(map(abs, wave.terms.values()), default=0.0)
        for label, weight in terms_of(operator, num_qubits, "the Hamiltonian").items():
            total[label] = total.get(label, ZERO) + wave * Wave.number(weight)
            size[label] = size.get(label, 0.0) + abs(weight) * largest
    found: dict[str, Wave] = {}
    for label, wave in total.items():
        real = wave.real(ROUNDING * size[label])
        if real is None:
            what = f"the weight of `{label or 'the identity'}` is not real"
            raise refused(NAME, f"the Hamiltonian is not Hermitian: {what}")
        if real.terms:
            found[label] = real
    return found


def _operators(source: Any, what: str) -> list[Any]:
    if source is None:
        return []
    if isinstance(source, (list, tuple)):
        return list(source)
    if isinstance(source, (qutip.Qobj, qutip.QobjEvo)):
        return [source]
    raise refused(NAME, f"`{what}` is a `{type(source).__name__}`, which is no list of operators")


def _named(source: Any) -> list[tuple[str, Any]]:
    if isinstance(source, dict):
        return [(f"e_ops[{str(key)[:40]}]", operator) for key, operator in source.items()]
    return [(f"e_ops[{number}]", operator) for number, operator in enumerate(_operators(source, "e_ops"))]


def _still(source: Any, what: str) -> Any:
    """An operator that is the same at all times."""
    if isinstance(source, qutip.QobjEvo) and source.isconstant:
        return source(0.0)
    if isinstance(source, qutip.Qobj):
        return source
    kind = (
        "a function of Python's" if callable(source) and not isinstance(source, qutip.QobjEvo) else "a function of time"
    )
    raise refused(NAME, f"`{what}` is {kind}, and only constant operators are carried there")
