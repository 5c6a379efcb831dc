"""The optimisation methods of `minimize`: names, options with defaults, and what each can do. Only the table.

The compiler checks a program against it; `eigen.kernel.optimizers` holds the methods themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any

from eigen.errors import suggest
from eigen.ir.values import is_dict, is_sequence

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Option:
    """A numeric option of a method. `least` is an exclusive lower bound unless `inclusive`."""

    default: float | int | bool | None
    help: str
    least: float = 0.0
    inclusive: bool = False
    most: float = float("inf")


@dataclass(frozen=True, slots=True)
class Method:
    """One method: whether it asks for gradients, honours bounds and takes mini-batches, and its options."""

    name: str
    help: str
    gradient: bool = False
    bounds: bool = True
    batches: bool = False
    max_iter: int = 1000
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])


_RATE = {"learning_rate": Option(0.1, "step size")}

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "cobyla",
            "linear models on a simplex, no gradient (Powell 1994); an iteration is one evaluation",
            options={"rhobeg": Option(1.0, "first radius"), "catol": Option(None, "constraint tolerance")},
        ),
        Method(
            "nelder-mead",
            "downhill simplex, no gradient (Nelder and Mead 1965)",
            options={
                "xatol": Option(1e-4, "tolerance of parameters"),
                "fatol": Option(1e-4, "tolerance of the value"),
                "adaptive": Option(False, "adapt the steps to the dimension", inclusive=True),
            },
        ),
        Method(
            "powell",
            "line searches along conjugate directions, no gradient (Powell 1964)",
            options={
                "xtol": Option(1e-4, "relative tolerance of parameters"),
                "ftol": Option(1e-4, "relative tolerance of the value"),
            },
        ),
        Method(
            "l-bfgs-b",
            "limited-memory quasi-Newton with bounds (Byrd, Lu, Nocedal and Zhu 1995)",
            gradient=True,
            options={
                "ftol": Option(2.220446049250313e-09, "relative tolerance of the value", inclusive=True),
                "gtol": Option(1e-5, "tolerance of the projected gradient", inclusive=True),
                "maxcor": Option(10, "corrections kept"),
                "maxls": Option(20, "line-search steps"),
            },
        ),
        Method(
            "slsqp",
            "sequential least-squares quadratic programming (Kraft 1988)",
            gradient=True,
            options={"ftol": Option(1e-6, "tolerance of the value")},
        ),
        Method(
            "bfgs",
            "quasi-Newton (Broyden, Fletcher, Goldfarb, Shanno)",
            gradient=True,
            bounds=False,
            options={"gtol": Option(1e-5, "tolerance of the gradient"), "xrtol": Option(0, "", inclusive=True)},
        ),
        Method(
            "cg",
            "nonlinear conjugate gradients (Polak and Ribière 1969)",
            gradient=True,
            bounds=False,
            options={"gtol": Option(1e-5, "tolerance of the gradient")},
        ),
        Method(
            "spsa",
            "simultaneous perturbation stochastic approximation (Spall 1992), two evaluations a step",
            batches=True,
            max_iter=200,
            options={
                "a": Option(None, "first gain; by default calibrated so that the first steps are `first_step` long"),
                "c": Option(0.1, "first perturbation"),
                "A": Option(None, "stability constant; a tenth of the iterations by default", inclusive=True),
                "alpha": Option(0.602, "decay of the gain"),
                "gamma": Option(0.101, "decay of the perturbation"),
                "first_step": Option(0.3, "length of the first step of each parameter, used for calibration"),
                "calibration": Option(5, "evaluation pairs spent on calibration", most=1000),
            },
        ),
        Method(
            "adam",
            "gradient descent with adaptive moments (Kingma and Ba 2015)",
            gradient=True,
            batches=True,
            max_iter=200,
            options={
                **_RATE,
                "beta1": Option(0.9, "decay of the first moment", inclusive=True, most=1 - 1e-12),
                "beta2": Option(0.999, "decay of the second moment", inclusive=True, most=1 - 1e-12),
                "epsilon": Option(1e-8, "guard against division by zero"),
            },
        ),
        Method(
            "sgd",
            "gradient descent with momentum",
            gradient=True,
            batches=True,
            max_iter=200,
            options={**_RATE, "momentum": Option(0.0, "momentum", inclusive=True, most=1 - 1e-12)},
        ),
        Method(
            "rotosolve",
            "exact minimum along each parameter in turn (Ostaszewski, Grant and Benedetti 2021); each parameter "
            "must enter as one rotation angle",
            bounds=False,
            max_iter=50,
        ),
    )
}

_ALIASES = {
    "neldermead": "nelder-mead",
    "nelder_mead": "nelder-mead",
    "lbfgsb": "l-bfgs-b",
    "lbfgs": "l-bfgs-b",
    "l_bfgs_b": "l-bfgs-b",
    "l-bfgs": "l-bfgs-b",
    "gradient-descent": "sgd",
    "gradient_descent": "sgd",
}


class MethodError(ValueError):
    """What is wrong with a method, its options or bounds; `hint` says what would be right."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def method_of(name: Any) -> Method:
    """The method of a name, whatever its case. Raises MethodError with a did-you-mean."""
    if not isinstance(name, str):
        raise MethodError(f"the method of `minimize` is a name, not a `{type(name).__name__}`", _known())
    folded = name.casefold()
    found = METHODS.get(_ALIASES.get(folded, folded))
    if found is None:
        raise MethodError(f"there is no method `{name}`", suggest(folded, list(METHODS)) or _known())
    return found


def _known() -> str:
    return "the methods are " + ", ".join(METHODS)


def check_options(method: Method, options: Any) -> dict[str, float | int | bool | None]:
    """All options of a method with the given ones set. Raises MethodError naming the one that is wrong."""
    given: Any = {} if options is None else options
    if not is_dict(given):
        raise MethodError("the options of `minimize` are a dict")
    chosen: dict[str, float | int | bool | None] = {name: option.default for name, option in method.options.items()}
    for name, value in given.items():
        option = method.options.get(name)
        if option is None:
            known = ", ".join(method.options) or "none"
            hint = suggest(str(name), list(method.options)) or f"its options: {known}"
            raise MethodError(f"`{method.name}` has no option `{name}`", hint)
        chosen[name] = _number(f"option `{name}` of `{method.name}`", value, option)
    return chosen


def _number(what: str, value: Any, option: Option) -> float | int | bool | None:
    if value is None and option.default is None:
        return None
    if not isinstance(value, (int, float)) or not isfinite(value):
        raise MethodError(f"{what} must be a number, not `{value}`"[:200])
    if isinstance(option.default, bool) is not isinstance(value, bool):
        raise MethodError(f"{what} must be {'True or False' if isinstance(option.default, bool) else 'a number'}")
    if type(option.default) is int and not isinstance(value, int):
        raise MethodError(f"{what} must be an integer, not `{value}`")
    if value < option.least or (value == option.least and not option.inclusive) or value > option.most:
        raise MethodError(f"{what} is out of range: `{value}`")
    return value


def check_bounds(method: Method, bounds: Any, size: int | None) -> tuple[tuple[float, float], ...] | None:
    """Bounds as (low, high) pairs, one for each parameter; a single pair holds for all. Raises MethodError."""
    if bounds is None:
        return None
    if not method.bounds:
        able = ", ".join(name for name, other in METHODS.items() if other.bounds)
        raise MethodError(f"`{method.name}` does not take bounds", f"methods that do: {able}")
    rows: Any = bounds.tolist() if hasattr(bounds, "tolist") else bounds
    if not is_sequence(rows):
        raise MethodError("bounds are (low, high) pairs")
    if len(rows) == 2 and not any(is_sequence(row) for row in rows):
        rows = [rows] * (size or 1)
    pairs = tuple(_pair(row) for row in rows)
    if size is not None and len(pairs) != size:
        raise MethodError(f"`{len(pairs)}` bounds for `{size}` parameters")
    return pairs


def _pair(row: Any) -> tuple[float, float]:
    if not is_sequence(row) or len(row) != 2 or not all(item is None or isinstance(item, (int, float)) for item in row):
        raise MethodError("each bound is a (low, high) pair of numbers; None where there is none")
    low = float("-inf") if row[0] is None else float(row[0])
    high = float("inf") if row[1] is None else float(row[1])
    if not low < high:
        raise MethodError(f"a bound must have low < high, not ({low}, {high})")
    return low, high


def check_count(what: str, value: Any, most: int) -> int:
    """A whole number from 1 to `most`. Raises MethodError."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise MethodError(f"{what} must be a whole number from 1 to {most}, not `{value}`"[:200])
    return value


def check_tolerance(value: Any) -> float | None:
    """A tolerance: None or a number of at least 0. Raises MethodError."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not (value >= 0 and isfinite(value)):
        raise MethodError(f"a tolerance must be a number of at least 0, not `{value}`"[:200])
    return float(value)
