"""Reservations: a device held for one tenant, until a moment. Who may use what follows from here alone.

The rules: one reservation a device at a time; while it holds, the device takes the holder's tenant's jobs and nobody
else's; a job that names a reservation runs on its device; what runs already is not disturbed. Reserving again what
one's own tenant holds keeps its id, gives it the new purpose and moves its end later, never earlier.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.kernel.clock import job_id_from, rfc3339, seconds_of
from eigen.kernel.failpoints import hit
from eigen.kernel.tenancy import DEFAULT_PROJECT, DEFAULT_TENANT
from eigen.types import Reservation

if TYPE_CHECKING:
    from eigen.kernel.ports import Ports
    from eigen.qfs.store import ReservationStore
    from eigen.types import Caller

MIN_TTL_SECONDS = 1
MAX_TTL_SECONDS = 7 * 86_400
MAX_PURPOSE = 200
PREFIX = "res_"


def reserve(ports: Ports, caller: Caller, device_id: str, ttl_seconds: int, purpose: str) -> Reservation:
    """Hold a device for the caller's tenant from now on.

    Raises EIGEN_DEVICE_UNKNOWN, EIGEN_REQUEST_INVALID for a time or a purpose out of bounds, EIGEN_DEVICE_RESERVED
    when another tenant holds the device.
    """
    _check(ttl_seconds, purpose)
    ports.devices.driver_for(device_id)
    store = ports.reservations
    while True:
        now = ports.clock.now()
        wanted = Reservation(
            reservation_id=job_id_from(now, ports.entropy.bits(80), prefix=PREFIX),
            device_id=device_id,
            tenant=caller.tenant or DEFAULT_TENANT,
            project=caller.project or DEFAULT_PROJECT,
            subject=caller.subject,
            purpose=purpose,
            created_at=rfc3339(now),
            expires_at=rfc3339(now + ttl_seconds),
        )
        holder = store.reserve(wanted)
        hit("reserve.kept")
        if holder is wanted:
            return wanted
        if holder.tenant != wanted.tenant:
            message = f"device `{device_id}` is reserved until {holder.expires_at}"
            raise EigenError("EIGEN_DEVICE_RESERVED", message, where=device_id)
        end = max(holder.expires_at, wanted.expires_at)
        if store.extend(holder.reservation_id, end, purpose or holder.purpose, wanted.created_at):
            hit("reserve.extended")
            return replace(holder, expires_at=end, purpose=purpose or holder.purpose)
        # It ended between the two looks: the next one finds the device free.


def release(ports: Ports, caller: Caller, reservation_id: str) -> None:
    """End a reservation of the caller's tenant; EIGEN_RESERVATION_NOT_FOUND, also when it has ended before."""
    held(ports, caller, reservation_id)
    if not ports.reservations.release(reservation_id):
        raise _unknown(reservation_id)
    hit("reserve.released")


def held(ports: Ports, caller: Caller, reservation_id: str) -> Reservation:
    """The reservation, while the caller's tenant holds it; EIGEN_RESERVATION_NOT_FOUND with the same words for one
    that is unknown, over, or somebody else's."""
    found = ports.reservations.get(reservation_id)
    if found is None or found.expires_at <= rfc3339(ports.clock.now()):
        raise _unknown(reservation_id)
    if caller.tenant and caller.tenant != found.tenant:
        raise _unknown(reservation_id)
    return found


def against(ports: Ports, tenant: str) -> dict[str, Reservation]:
    """The reservations, by device, that keep a tenant from using it now."""
    active = ports.reservations.active(rfc3339(ports.clock.now()))
    return {entry.device_id: entry for entry in active if entry.tenant != tenant}


def first_end(entries: list[Reservation]) -> float:
    """When the first of some reservations ends, in Unix seconds."""
    return min(seconds_of(entry.expires_at) for entry in entries)


def any_ended(store: ReservationStore, reservation_ids: tuple[str, ...], at: float) -> bool:
    """Whether one of the reservations holds no more."""
    holding = {entry.reservation_id for entry in store.active(rfc3339(at))}
    return not holding.issuperset(reservation_ids)


def _check(ttl_seconds: int, purpose: str) -> None:
    if not MIN_TTL_SECONDS <= ttl_seconds <= MAX_TTL_SECONDS:
        message = f"a device is reserved for {MIN_TTL_SECONDS} s to {MAX_TTL_SECONDS:,} s, not `{ttl_seconds}`"
        raise EigenError("EIGEN_REQUEST_INVALID", message, where="ttl_seconds")
    if len(purpose) > MAX_PURPOSE or not (purpose.isprintable() or not purpose):
        message = f"a purpose is at most {MAX_PURPOSE} printable characters, not `{ascii(purpose[:40])[1:-1]}`"
        raise EigenError("EIGEN_REQUEST_INVALID", message, where="purpose")


def _unknown(reservation_id: str) -> EigenError:
    shown = ascii(reservation_id[:80])[1:-1]
    return EigenError("EIGEN_RESERVATION_NOT_FOUND", f"there is no reservation `{shown}`", where=shown)
