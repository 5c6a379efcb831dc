"""`Modes`: a photonic program, as an AQO document of kind `modes` says it. Checked by Eigen OS before it comes here.

Conventions, with hbar = 2 (x = a + a^, the vacuum has variance 1), are those of Strawberry Fields:

    COHERENT r phi, DISPLACE r phi           alpha = r exp(i phi); exp(alpha a^ - alpha* a)
    SQUEEZED r phi, SQUEEZE r phi            exp((z* a a - z a^ a^) / 2) of z = r exp(i phi)
    TWO_MODE_SQUEEZE r phi                   exp(z a^ b^ - z* a b)
    BEAMSPLITTER theta phi                   exp(theta (exp(i phi) a b^ - exp(-i phi) a^ b))
    ROTATE phi, KERR kappa, CROSS_KERR kappa exp(i phi n), exp(i kappa n^2), exp(i kappa n_a n_b)
    CUBIC_PHASE gamma                        exp(i gamma x^3 / 6)
    LOSS transmissivity                      the part of the energy that stays
    VACUUM, THERMAL n, FOCK n, CAT r phi parity
    HOMODYNE phi                             x cos(phi) + p sin(phi), one number
    HETERODYNE                               alpha, two numbers
    PHOTONS, THRESHOLD                       one number for each of their modes

A mode that is prepared again loses what it held; one that was measured does not come again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from eigen_driver.circuit import Affine
from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTHS = {"HOMODYNE": 1, "HETERODYNE": 2, "PHOTONS": 1, "THRESHOLD": 1}
"""How many numbers each measurement gives of each of its modes."""


@dataclass(frozen=True)
class ModeOperation:
    """One operation. `params` are by name; the terms of an affine one are parameters, and `#k`, the outcome of column
    k, which was measured before."""

    name: str
    modes: tuple[int, ...]
    params: Mapping[str, float | Affine] = field(default_factory=dict[str, Any])

    @property
    def waits(self) -> bool:
        """Whether it depends on an outcome."""
        return any(
            name.startswith("#")
            for value in self.params.values()
            if isinstance(value, Affine)
            for name, _ in value.terms
        )

    def waits_for(self, column: int) -> bool:
        """Whether it depends on the outcome of this column."""
        return any(
            name == f"#{column}"
            for value in self.params.values()
            if isinstance(value, Affine)
            for name, _ in value.terms
        )

    def at(self, bound: Mapping[str, float]) -> dict[str, float]:
        """Its parameters, with the values of parameters and outcomes by their names."""
        return {name: value.at(bound) if isinstance(value, Affine) else value for name, value in self.params.items()}

    def checked(self, bound: Mapping[str, float]) -> dict[str, float]:
        """Its parameters as `at` gives them; RefusedError for values that came later and make no sense."""
        params = self.at(bound)
        kept = params.get("transmissivity", 1.0)
        if not 0.0 <= kept <= 1.0:
            raise RefusedError("EIGEN_MODES_INVALID", f"`transmissivity` lies between 0 and 1, not `{kept:g}`")
        if self.name == "THERMAL" and params["n"] < 0.0:
            raise RefusedError("EIGEN_MODES_INVALID", f"`n` of `THERMAL` is not negative, not `{params['n']:g}`")
        return params


@dataclass(frozen=True)
class ModeObservable:
    """`photons` (the mean number), `quadrature` (the mean of x cos(phi) + p sin(phi)) or `variance` (its variance) of
    `mode`, or the probability of a `pattern`: the photons of each mode."""

    kind: str
    mode: int = 0
    phi: float = 0.0
    pattern: tuple[int, ...] = ()


@dataclass(frozen=True)
class Modes:
    """A photonic program; `digest` is the sha256 of its document and names it. `num_columns` numbers are measured in
    each shot, in the order of the operations and their modes."""

    digest: str
    num_modes: int
    operations: tuple[ModeOperation, ...]
    observables: tuple[ModeObservable, ...]
    parameters: tuple[str, ...]

    @classmethod
    def from_aqo(cls, digest: str, data: bytes) -> Modes:
        """The photonic program of a document; RefusedError for one that is none."""
        try:
            document = json.loads(data)
            if document.get("kind") != "modes":
                raise RefusedError("EIGEN_SIM_UNSUPPORTED", f"a document of kind `{document.get('kind')}` has no modes")
            operations = tuple(map(_operation, document["operations"]))
            return cls(
                digest,
                int(document["modes"]),
                operations,
                tuple(map(_observable, document.get("observables", ()))),
                _parameters(operations),
            )
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise RefusedError("EIGEN_AQO_INVALID", f"the document is no photonic program: {error!r}") from error

    @property
    def num_columns(self) -> int:
        """How many numbers each shot gives."""
        return sum(WIDTHS.get(item.name, 0) * len(item.modes) for item in self.operations)

    @property
    def waits(self) -> bool:
        """Whether an operation depends on an outcome."""
        return any(item.waits for item in self.operations)

    def bound(self, values: Sequence[float]) -> dict[str, float]:
        """The values by the names of the parameters; RefusedError when there are more or fewer."""
        if len(values) != len(self.parameters):
            message = f"the photonic program has {len(self.parameters)} parameters, `{len(values)}` values came"
            raise RefusedError("EIGEN_CIRCUIT_PARAMETERS", message)
        return dict(zip(self.parameters, values, strict=True))


def _operation(document: dict[str, Any]) -> ModeOperation:
    params = {name: _number(value) for name, value in document.get("params", {}).items()}
    return ModeOperation(str(document["op"]), tuple(document["m"]), params)


def _number(value: Any) -> float | Affine:
    if isinstance(value, str):
        return Affine(0.0, ((value, 1.0),))
    if isinstance(value, dict):
        parts = cast("dict[str, Any]", value)
        terms: dict[str, float] = parts.get("terms", {})
        return Affine(float(parts.get("const", 0.0)), tuple(sorted(terms.items())))
    return float(value)


def _observable(document: dict[str, Any]) -> ModeObservable:
    if document["kind"] == "pattern":
        return ModeObservable("pattern", pattern=tuple(document["counts"]))
    return ModeObservable(str(document["kind"]), int(document["m"][0]), float(document.get("phi", 0.0)))


def _parameters(operations: Sequence[ModeOperation]) -> tuple[str, ...]:
    """The names: by operation, by the name of its parameter, by their own."""
    found: dict[str, None] = {}
    for item in operations:
        for _, value in sorted(item.params.items()):
            if isinstance(value, Affine):
                found.update(dict.fromkeys(name for name, _ in value.terms if not name.startswith("#")))
    return tuple(found)
