"""Hamiltonians as Pauli sums: spin models, graph and number problems. Pure functions of their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.ordered import ordered_sum
from eigen.ir.values import is_list, is_tuple
from eigen.lang.library.ansatz_circuits import free
from eigen.lang.library.arguments import ArgumentError, choice, couplings, flag, integer, number, numbers, sequence
from eigen.lang.library.molecules import hydrogen_terms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eigen._core import Observable
    from eigen.lang.library.ansatz_circuits import Charge

MAX_SITES = 100_000


def _observable(num_qubits: int, terms: Iterable[tuple[str, float]]) -> Observable:
    from eigen._core import Observable

    return Observable.from_terms(num_qubits, list(terms))


def _chain(sites: int, *, periodic: bool) -> list[tuple[int, int]]:
    """Neighbours on a chain; a ring closes only with more than two sites, so that no bond counts twice."""
    bonds = [(site, site + 1) for site in range(sites - 1)]
    return [*bonds, (0, sites - 1)] if periodic and sites > 2 else bonds


def _fields(value: Any, name: str, sites: int) -> list[float]:
    if isinstance(value, (int, float)):
        return [number(value, name)] * sites
    return numbers(value, name, length=sites)


def ising(
    n_spins: Any = None,
    J: Any = 1.0,  # noqa: N803
    h: Any = 0.0,
    periodic: Any = False,
    field: Any = "transverse",
    *,
    charge: Charge = free,
) -> Observable:
    """The Ising model: sum over pairs i < j of J_ij Z_i Z_j, plus sum over sites of h_i X_i.

    `J` is a number (neighbours on a chain, a ring when `periodic`) or an n x n matrix (symmetric, or one
    triangle; each pair counts once, the diagonal is zero). `h` is a number or one number per spin.
    `field="longitudinal"` puts the field on Z_i instead of X_i. Signs are as written: J < 0 is ferromagnetic.
    """
    axis = {"transverse": "X", "longitudinal": "Z"}[choice(field, "field", ("transverse", "longitudinal"))]
    ring = flag(periodic, "periodic")
    if isinstance(J, (int, float)):
        if n_spins is None:
            raise ArgumentError("`n_spins` is needed when `J` is a number")
        sites = integer(n_spins, "n_spins", low=1, high=MAX_SITES)
        strength = number(J, "J")
        bonds = dict.fromkeys(_chain(sites, periodic=ring), strength)
    else:
        sites = len(sequence(J, "J")) if n_spins is None else integer(n_spins, "n_spins", low=1, high=MAX_SITES)
        charge(4 * sites * sites)
        if ring:
            raise ArgumentError("`periodic` has no meaning when `J` is a matrix: the matrix says which spins couple")
        bonds = couplings(J, "J", sites)
    charge(4 * (sites + len(bonds)))
    terms = [(f"Z{i} Z{j}", value) for (i, j), value in bonds.items()]
    terms += [(f"{axis}{site}", value) for site, value in enumerate(_fields(h, "h", sites))]
    return _observable(sites, terms)


def heisenberg(
    n_spins: Any,
    J: Any = 1.0,  # noqa: N803
    h: Any = 0.0,
    periodic: Any = False,
    *,
    charge: Charge = free,
) -> Observable:
    """The Heisenberg chain: sum over neighbours of Jx X_i X_j + Jy Y_i Y_j + Jz Z_i Z_j, plus sum of h_i Z_i.

    `J` is one number or (Jx, Jy, Jz). With J = 1 and two spins the ground energy is -3 (the singlet).
    """
    sites = integer(n_spins, "n_spins", low=1, high=MAX_SITES)
    charge(16 * sites)
    strengths = [number(J, "J")] * 3 if isinstance(J, (int, float)) else numbers(J, "J", length=3)
    terms = [
        (f"{axis}{i} {axis}{j}", strength)
        for i, j in _chain(sites, periodic=flag(periodic, "periodic"))
        for axis, strength in zip("XYZ", strengths, strict=True)
    ]
    terms += [(f"Z{site}", value) for site, value in enumerate(_fields(h, "h", sites))]
    return _observable(sites, terms)


def maxcut(graph: Any, n_nodes: Any = None, *, charge: Charge = free) -> Observable:
    """MaxCut: sum over edges of w_ij (Z_i Z_j - 1) / 2, whose lowest value is minus the weight of the largest cut.

    `graph` is a list of edges `(i, j)` or `(i, j, weight)`, or an adjacency matrix of weights.
    """
    rows = sequence(graph, "graph")
    charge(8 * sum(len(row) if is_list(row) or is_tuple(row) else 1 for row in rows))
    is_matrix = _is_matrix([sequence(row, "graph") for row in rows])
    edges = couplings(graph, "graph") if is_matrix else _edges(rows)
    found = len(rows) if is_matrix else 1 + max((j for _, j in edges), default=0)
    sites = found if n_nodes is None else integer(n_nodes, "n_nodes", low=1, high=MAX_SITES)
    if sites < found:
        raise ArgumentError(f"`n_nodes` is {sites}, but the graph names node {found - 1}")
    terms = [(f"Z{i} Z{j}", weight / 2) for (i, j), weight in edges.items()]
    return _observable(sites, [*terms, ("", -ordered_sum(edges.values()) / 2)])


def _is_matrix(rows: list[list[Any]]) -> bool:
    """Whether the rows are an adjacency matrix: two or three edges can be square too, but have no zero diagonal."""
    size = len(rows)
    if not rows or any(len(row) != size for row in rows):
        return False
    return size > 3 or all(rows[i][j] == rows[j][i] and not rows[i][i] for i in range(size) for j in range(i))


def _edges(rows: list[Any]) -> dict[tuple[int, int], float]:
    edges: dict[tuple[int, int], float] = {}
    for position, row in enumerate(rows):
        entry = sequence(row, f"graph[{position}]")
        if len(entry) not in (2, 3):
            raise ArgumentError(f"`graph[{position}]` must be an edge (i, j) or (i, j, weight)")
        ends = sorted(integer(end, f"graph[{position}]", high=MAX_SITES - 1) for end in entry[:2])
        if ends[0] == ends[1]:
            raise ArgumentError(f"`graph[{position}]` joins node {ends[0]} to itself")
        weight = number(entry[2], f"graph[{position}][2]") if len(entry) == 3 else 1.0
        key = (ends[0], ends[1])
        edges[key] = edges.get(key, 0.0) + weight
    return edges


def number_partition(values: Any, *, charge: Charge = free) -> Observable:
    """Number partitioning: (sum of a_i Z_i)^2, whose lowest value is the smallest squared difference of two halves."""
    items = numbers(values, "numbers")
    if not items:
        raise ArgumentError("`numbers` must not be empty")
    charge(2 * len(items) * len(items))
    terms = [(f"Z{i} Z{j}", 2 * items[i] * items[j]) for i in range(len(items)) for j in range(i + 1, len(items))]
    return _observable(len(items), [*terms, ("", ordered_sum(item * item for item in items))])


def hydrogen(bond_length: Any = 0.735, *, charge: Charge = free) -> Observable:
    """H2 in the STO-3G basis at `bond_length` angstrom, on four qubits, in hartree, nuclear repulsion included.

    Jordan-Wigner; qubit 2p + s is orbital p (0 bonding, 1 antibonding) with spin s. The integrals are computed
    from the basis, not tabulated. At 0.735 angstrom the exact ground energy is -1.137306 Ha.
    """
    charge(10_000)
    distance = number(bond_length, "bond_length")
    if not 0.05 <= distance <= 50:
        raise ArgumentError(f"`bond_length` must lie between 0.05 and 50 angstrom, not `{distance}`")
    return _observable(4, hydrogen_terms(distance))
