"""The table of all checks, in the order in which they are asked: what a device is, what it does, its limits."""

from __future__ import annotations

from eigen.conformance import (
    binding,
    dynamics,
    families,
    gates,
    limits,
    noise,
    order,
    randomness,
    truth,
    values,
)
from eigen.conformance.modes import limits as mode_limits
from eigen.conformance.modes import samples as mode_samples
from eigen.conformance.modes import values as mode_values
from eigen.errors import EigenError, suggest

CHECKS = (
    *truth.CHECKS,
    *order.CHECKS,
    *gates.CHECKS,
    *binding.CHECKS,
    *values.CHECKS,
    *dynamics.CHECKS,
    *noise.CHECKS,
    *randomness.CHECKS,
    *families.CHECKS,
    *limits.CHECKS,
    *mode_values.CHECKS,
    *mode_samples.CHECKS,
    *mode_limits.CHECKS,
)


def named(names: list[str]) -> tuple[str, ...]:
    """The names of the checks that are meant: by their own name or by their noun; all for none. EIGEN_USAGE."""
    found: list[str] = []
    for name in names:
        meant = [check.name for check in CHECKS if name in (check.name, check.noun)]
        if not meant:
            known = [check.name for check in CHECKS] + sorted({check.noun for check in CHECKS})
            hint = suggest(name, known) or f"for example {CHECKS[0].name}, or {CHECKS[0].noun} for all of a kind"
            raise EigenError("EIGEN_USAGE", f"there is no check `{name[:60]}`", hint=hint)
        found += meant
    return tuple(found) if names else tuple(check.name for check in CHECKS)
