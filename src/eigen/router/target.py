"""What a job's `target` means: every device, those of one backend, or one device; possibly a policy by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.errors import EigenError, suggest
from eigen.jobspec.shares import is_split
from eigen.router.policy import POLICIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.types import Device

AER = ("statevector", "density_matrix", "stabilizer", "matrix_product_state")
ALIASES = {
    "sim:local": "sim:auto",
    "simulator": "sim:auto",
    "sim": "sim:auto",
    "aer": "qiskit:aer",
    "aer:auto": "qiskit:aer",
    **{f"aer:{method}": f"qiskit:aer_{method}" for method in AER},
}
"""Spellings of older job files, and short ones."""


@dataclass(frozen=True, slots=True)
class Target:
    """The devices that a target admits.

    `named` when the user named exactly one of them or their backend, `one` when exactly one of them.
    """

    text: str
    device_ids: tuple[str, ...]
    named: bool
    policy: str | None = None
    one: bool = False


def resolve(target: str, devices: Sequence[Device]) -> Target:
    """The devices that `target` admits, sorted by id.

    `auto` admits every device, `<backend>:auto` those of one backend, `<backend>:<device>` one device, and a
    policy name (`latency`, `cost`, …) every device under that policy. Raises EIGEN_DEVICE_UNKNOWN, also for a target
    that shares shots among several.
    """
    ids = tuple(sorted(device.id for device in devices))
    if is_split(target):
        message = f"`{target[:120]}` shares the shots of a job among devices, and here one is asked for"
        raise EigenError("EIGEN_DEVICE_UNKNOWN", message, hint="name each of them by itself", where="target")
    if target == "auto":
        return Target(target, ids, named=False)
    if target in POLICIES:
        return Target(target, ids, named=False, policy=target)
    wanted = ALIASES.get(target, target)
    if wanted in ids:
        return Target(target, (wanted,), named=True, one=True)
    backend, _, device = wanted.partition(":")
    members = tuple(name for name in ids if name.startswith(f"{backend}:"))
    if device == "auto" and members:
        return Target(target, members, named=True)
    known = [*ids, "auto", *sorted({f"{name.partition(':')[0]}:auto" for name in ids}), *ALIASES, *POLICIES]
    hint = suggest(target, known) or "`eigen devices` lists what is there"
    raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no device or policy `{target}`", hint=hint, where="target")
