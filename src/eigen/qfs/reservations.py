"""`SqlReservations`: the reservations of `store.ReservationStore` in SQL."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, false, insert, select, update

from eigen.qfs import schema
from eigen.qfs.db import again
from eigen.qfs.prepared import Prepared
from eigen.qfs.reservation_schema import reservation
from eigen.qfs.store import WAITING_RESERVATION
from eigen.types import Reservation

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from eigen.qfs.db import Database

HELD = reservation.c
PART = "reservations"  # who looks and then reserves or extends is alone with that
COLUMNS = tuple(HELD[entry.name] for entry in fields(Reservation))
ACTIVE = Prepared(
    select(*COLUMNS).where(HELD.released == false(), HELD.expires_at > bindparam("at")).order_by(HELD.device_id)
)
"""What every placement asks."""


class SqlReservations:
    """Who holds which device, in the table `reservation`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, wanted: Reservation) -> Reservation:
        """Keep a reservation, unless another one of the device is active: that one is returned."""
        query = select(*COLUMNS).where(HELD.device_id == wanted.device_id, _active(wanted.created_at))

        def keep(connection: Connection) -> Reservation:
            self._database.alone(connection, PART)
            known = connection.execute(query).mappings().first()
            if known is None:
                connection.execute(insert(reservation).values(**asdict(wanted), released=False))
            elif known["reservation_id"] != wanted.reservation_id:
                return Reservation(**known)
            return wanted

        return self._database.write(keep)

    def extend(self, reservation_id: str, expires_at: str, purpose: str, at: str) -> bool:
        """Give an active reservation another end and purpose; False when it is no longer active."""
        held = and_(HELD.reservation_id == reservation_id, _active(at))
        changed = {"expires_at": expires_at, "purpose": purpose}

        def move(connection: Connection) -> bool:
            self._database.alone(connection, PART)
            return connection.execute(update(reservation).where(held).values(**changed)).rowcount == 1

        if not self._database.write(move):
            return False
        self.wake()
        return True

    def get(self, reservation_id: str) -> Reservation | None:
        """The reservation while it is not released, or None; it may have expired."""
        query = select(*COLUMNS).where(HELD.reservation_id == reservation_id, HELD.released == false())
        found = self._database.read(lambda connection: connection.execute(query).mappings().first())
        return None if found is None else Reservation(**found)

    def device_of(self, reservation_id: str) -> str:
        """The device that a reservation was made for, over or not; empty for one that never was."""
        query = select(HELD.device_id).where(HELD.reservation_id == reservation_id)
        return self._database.read(lambda connection: connection.execute(query).scalar()) or ""

    def active(self, at: str) -> tuple[Reservation, ...]:
        """The reservations that hold at that moment, by device."""
        found = self._database.read(lambda connection: ACTIVE.all(connection, {"at": at}))
        return tuple(Reservation(**columns) for columns in found)

    def release(self, reservation_id: str) -> bool:
        """End a reservation and wake the jobs that wait for one; False when there was none to end."""
        held = and_(HELD.reservation_id == reservation_id, HELD.released == false())

        def end(connection: Connection) -> bool:
            return connection.execute(update(reservation).where(held).values(released=True)).rowcount == 1 or (
                again(connection) and connection.execute(over).first() is not None
            )

        over = select(HELD.reservation_id).where(HELD.reservation_id == reservation_id, HELD.released)
        if not self._database.write(end):
            return False
        self.wake()
        return True

    def wake(self) -> None:
        """Let every job that waits for a reservation look again."""
        self._database.write(_wake)


def _active(at: str) -> ColumnElement[bool]:
    return and_(HELD.released == false(), HELD.expires_at > at)


def _wake(connection: Connection) -> None:
    """In a transaction of its own, after the change: a job that begins to wait looks for the change once it is stored,
    so that one of the two sees the other, also where transactions run side by side."""
    waiting = and_(schema.job.c.sealed == false(), schema.job.c.stage == WAITING_RESERVATION)
    connection.execute(update(schema.job).where(waiting).values(not_before=0.0))
