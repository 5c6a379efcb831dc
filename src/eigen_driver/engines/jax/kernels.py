"""The compiled functions of the engine `jax`: a scan over gates as data, forth and back, and sums of Pauli strings.

States have 2^n amplitudes, qubit 0 the least significant bit of the index, and a first axis for the questions of a
batch, which is filled up to a power of two so that no more is compiled than must be.
"""

# JAX has hints for some of its names only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingImports=false, reportUnknownParameterType=false

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from eigen_driver.engines.jax.slices import STATE, STATES, WHOLE, View, over, summed
from eigen_driver.matrices import PARAMETERS, matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen_driver.dynamics import String
    from eigen_driver.engines.jax.slices import Slices

DTYPES: dict[str, Any] = {"f32": np.complex64, "f64": np.complex128}
AMPLITUDE_BYTES = {"f32": 8, "f64": 16}
NARROW = 12
"""Up to so many qubits gates that do nothing cost less than compiling for each length of circuits."""
SHORT = 64
"""Gates that a narrow circuit is filled up to."""
FEW = 8
"""Strings that a sum is filled up to."""
BLOCK = 64
"""Rotations of a product formula are scanned in blocks of as many rows."""


@dataclass(frozen=True, eq=False)
class Gates:
    """Which qubits gates act on: the first, the second, and whether there is a second; which flips of these two bits
    their matrices ever have; filled up to `padded` gates."""

    first: Any
    second: Any
    both: Any
    flips: Any
    padded: int

    @classmethod
    def of(cls, width: int, names: Sequence[str], qubits: Sequence[Sequence[int]]) -> Gates:
        """Of gates on one and two qubits."""
        padded = filled(len(qubits), SHORT if width <= NARROW else 1)
        rows = np.zeros((3, padded), np.uint32)
        for at, found in enumerate(qubits):
            rows[0, at] = found[0]
            rows[1, at] = found[-1]
            rows[2, at] = len(found) == 2
        flips = np.zeros((padded, 4), bool)
        for at, name in enumerate(names):
            flips[at] = _flips(name)
        return cls(rows[0], rows[1], rows[2] == 1, flips, padded)

    @property
    def columns(self) -> tuple[Any, Any, Any, Any]:
        """What a scan goes along."""
        return self.first, self.second, self.both, self.flips


def filled(count: int, least: int = 1) -> int:
    """The next of a few sizes: four of them to each power of two."""
    count = max(count, least)
    step = max(1, 1 << max(0, count.bit_length() - 3))
    return -(-count // step) * step


@cache
def _flips(name: str) -> tuple[bool, ...]:
    """Whether a gate's matrix has entries (row, row ^ flip) at any angles: what is there at these, and no other."""
    angles = [0.37 + 0.41 * number for number in range(len(PARAMETERS.get(name, ())))]
    found = np.zeros((4, 4), complex)
    one = matrix(name, angles)
    found[: len(one), : len(one)] = one
    return tuple(any(abs(found[row, row ^ flip]) > 1e-12 for row in range(4)) for flip in range(4))


def states(width: int, gates: Gates, mats: Any, precision: str, start: Any = None, slices: Slices | None = None) -> Any:
    """Final states, shape (questions, 2^n), of gates with matrices of shape (questions, gates, 4, 4)."""
    count = len(mats)
    dtype = DTYPES[precision]
    if slices is not None:
        rows = _batch(count)
        start = slices.zeros(rows, width, dtype) if start is None else slices.placed(_fill(start, rows), STATES)
    elif start is None:
        start = np.zeros((1, 1 << width), dtype)
        start[0, 0] = 1.0
        start = np.broadcast_to(start, (count, 1 << width))
    rows = _batch(count)
    found = _forth(width, slices, gates.columns, _fill(mats.astype(dtype), rows), _fill(start, rows))
    return found if rows == count else found[:count]


def images(
    width: int, found: Any, terms: Sequence[tuple[String, float]], precision: str, slices: Slices | None = None
) -> Any:
    """A sum of Pauli strings on each state."""
    return _summed(width, slices, found, *_masks(terms, precision))


def overlaps(left: Any, right: Any) -> Any:
    """Real parts of the inner products of states, row by row."""
    return np.asarray(jnp.sum(left.conj() * right, axis=1).real)


def walked_back(width: int, gates: Gates, mats: Any, found: Any, image: Any, slices: Slices | None = None) -> Any:
    """At each gate, `S[i, j] = sum conj(l[i, rest]) s[j, rest]`, where `s` is the state before it and `l` the image of
    the final one, taken back to behind it: shape (questions, gates, 4, 4)."""
    count, rows = len(mats), _batch(len(mats))
    parts = (_fill(mats.astype(found.dtype), rows), _fill(found, rows), _fill(image, rows))
    return _back(width, slices, gates.columns, *parts)[:count]


def matrices(name: str, angles: Any) -> Any:
    """Matrices of a gate at angles of shape (rows, angles of one)."""
    return np.asarray(_made(name)(_fill(angles, _batch(len(angles)))))[: len(angles)]


def slopes(name: str, angles: Any) -> Any:
    """Their derivatives, by the last axis."""
    return np.asarray(_turned(name)(_fill(angles, _batch(len(angles)))))[: len(angles)]


def rotations(
    width: int,
    state: Any,
    angles: Any,
    terms: Sequence[String],
    precision: str,
    mirrored: bool,
    slices: Slices | None = None,
) -> Any:
    """`exp(-i angle P)` of each string, for each row of angles from the first string to the last and, where `mirrored`,
    back again. `angles` has shape (rows, strings)."""
    xs, zs, phases = _masks([(term, 1.0) for term in terms], precision)
    real = np.float32 if precision == "f32" else np.float64
    state = state.astype(DTYPES[precision])
    state = jnp.asarray(state) if slices is None else slices.placed(state, STATE)
    for start in range(0, len(angles), BLOCK):
        part = np.zeros((BLOCK, len(angles[0])), real)
        part[: len(angles[start : start + BLOCK])] = angles[start : start + BLOCK]
        state = _rotated(width, slices, mirrored, state, part, xs, zs, phases)
    return state


def _batch(count: int) -> int:
    return 1 << (count - 1).bit_length()


def _fill(rows: Any, count: int) -> Any:
    """The same with its first row repeated until there are as many."""
    missing = count - len(rows)
    return rows if not missing else jnp.concatenate([rows, jnp.repeat(rows[:1], missing, axis=0)])


def _masks(terms: Sequence[tuple[String, float]], precision: str) -> tuple[Any, Any, Any]:
    """Strings as masks and phases with weights, filled up with zeros."""
    padded = filled(len(terms), FEW)
    xs, zs, phases = np.zeros(padded, np.uint32), np.zeros(padded, np.uint32), np.zeros(padded, DTYPES[precision])
    for at, (term, weight) in enumerate(terms):
        xs[at], zs[at], phases[at] = term.x, term.z, weight * term.phase
    return xs, zs, phases


def _acted(view: View, state: Any, gate: Any) -> Any:
    """A gate of one or two qubits on a state."""
    first, second, both, flips, mat = gate
    index, one = view.index(), jnp.uint32(1)
    low = (index >> first) & 1 == 1

    def alone() -> Any:
        kept = jnp.where(low, mat[1, 1], mat[0, 0])
        moved = jnp.where(low, mat[1, 0], mat[0, 1])
        return kept * state + moved * view.at(state, one << first, flips[1])

    def together() -> Any:
        high = (index >> second) & 1 == 1
        total = jnp.zeros_like(state)
        for flip in range(4):
            weight = jnp.where(
                high,
                jnp.where(low, mat[3, 3 ^ flip], mat[2, 2 ^ flip]),
                jnp.where(low, mat[1, 1 ^ flip], mat[0, flip]),
            )
            other = (jnp.uint32(flip & 1) << first) | (jnp.uint32(flip >> 1) << second)
            total += weight * (view.at(state, other, flips[flip]) if flip else state)
        return total

    return jax.lax.cond(both, together, alone)


def _summed_at(view: View, left: Any, right: Any, gate: Any) -> Any:
    """`S` of `walked_back` at one gate, of one slice; where the gate's matrix never has an entry it may be anything."""
    first, second, both, flips, _ = gate
    index = view.index()
    place = ((index >> first) & 1) | jnp.where(both, ((index >> second) & 1) << 1, 0)
    total = jnp.zeros((4, 4), left.dtype)
    for flip in range(4):
        other = (jnp.uint32(flip & 1) << first) | jnp.where(both, jnp.uint32(flip >> 1) << second, 0)
        products = left.conj() * view.at(right, other, flips[flip])
        rows = jnp.stack([jnp.sum(jnp.where(place == row, products, 0)) for row in range(4)])
        for row in range(4):
            total = total.at[row, row ^ flip].set(rows[row])
    return total


@partial(jax.jit, static_argnums=(0, 1))
def _forth(width: int, slices: Slices | None, gates: Any, mats: Any, start: Any) -> Any:
    view = View(width, slices)

    def all_of(gates: Any, mats: Any, start: Any) -> Any:
        def one(mats: Any, state: Any) -> Any:
            return jax.lax.scan(lambda state, gate: (_acted(view, state, gate), None), state, (*gates, mats))[0]

        return jax.vmap(one)(mats, start)

    return over(slices, all_of, (WHOLE, WHOLE, STATES), STATES)(gates, mats, start)


@partial(jax.jit, static_argnums=(0, 1))
def _back(width: int, slices: Slices | None, gates: Any, mats: Any, found: Any, image: Any) -> Any:
    view = View(width, slices)

    def all_of(gates: Any, mats: Any, found: Any, image: Any) -> Any:
        def one(mats: Any, state: Any, other: Any) -> Any:
            def step(pair: Any, gate: Any) -> Any:
                inverse = (*gate[:4], gate[4].conj().T)
                before = _acted(view, pair[0], inverse)
                return (before, _acted(view, pair[1], inverse)), _summed_at(view, pair[1], before, gate)

            return jax.lax.scan(step, (state, other), (*gates, mats), reverse=True)[1]

        return summed(slices, jax.vmap(one)(mats, found, image))

    return over(slices, all_of, (WHOLE, WHOLE, STATES, STATES), WHOLE)(gates, mats, found, image)


@partial(jax.jit, static_argnums=(0, 1))
def _summed(width: int, slices: Slices | None, found: Any, xs: Any, zs: Any, phases: Any) -> Any:
    view = View(width, slices)

    def all_of(found: Any, xs: Any, zs: Any, phases: Any) -> Any:
        def one(state: Any) -> Any:
            def add(total: Any, term: Any) -> Any:
                return total + _string(view, state, *term), None

            return jax.lax.scan(add, jnp.zeros_like(state), (xs, zs, phases))[0]

        return jax.vmap(one)(found)

    return over(slices, all_of, (STATES, WHOLE, WHOLE, WHOLE), STATES)(found, xs, zs, phases)


@partial(jax.jit, static_argnums=(0, 1, 2))
def _rotated(
    width: int, slices: Slices | None, mirrored: bool, state: Any, angles: Any, xs: Any, zs: Any, phases: Any
) -> Any:
    view = View(width, slices)
    strings = (xs[: angles.shape[1]], zs[: angles.shape[1]], phases[: angles.shape[1]])

    def all_of(state: Any, angles: Any, strings: Any) -> Any:
        def turn(state: Any, term: Any) -> Any:
            angle, *string = term
            return jnp.cos(angle) * state - 1j * jnp.sin(angle) * _string(view, state, *string), None

        def row(state: Any, angles: Any) -> Any:
            state = jax.lax.scan(turn, state, (angles, *strings))[0]
            return (jax.lax.scan(turn, state, (angles, *strings), reverse=True)[0] if mirrored else state), None

        return jax.lax.scan(row, state, angles)[0]

    return over(slices, all_of, (STATE, WHOLE, WHOLE), STATE)(state, angles, strings)


def _string(view: View, state: Any, x: Any, z: Any, phase: Any) -> Any:
    """A Pauli string with its phase on a state."""
    flipped = view.index() ^ x
    sign = 1 - 2 * (jax.lax.population_count(flipped & z) & 1).astype(state.real.dtype)
    return phase * sign * view.at(state, x)


@cache
def _made(name: str) -> Any:
    def one(angles: Any) -> Any:
        return matrix(name, tuple(angles), jnp)

    return jax.jit(jax.vmap(one))


@cache
def _turned(name: str) -> Any:
    """Derivatives of a gate's matrix, real and imaginary parts apart, since its angles are real."""

    def parts(angles: Any) -> Any:
        found = matrix(name, tuple(angles), jnp)
        return found.real, found.imag

    def slopes(angles: Any) -> Any:
        real, imaginary = jax.jacfwd(parts)(angles)
        return real + 1j * imaginary

    return jax.jit(jax.vmap(slopes))
