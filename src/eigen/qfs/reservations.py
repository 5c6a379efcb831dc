"""`SqlReservations`: the reservations of `store.ReservationStore` in SQL. Every method is one transaction."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from sqlalchemy import and_, false, insert, select, update

from eigen.qfs import schema
from eigen.qfs.reservation_schema import reservation
from eigen.qfs.store import WAITING_RESERVATION
from eigen.types import Reservation

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from eigen.qfs.db import Database

HELD = reservation.c
COLUMNS = tuple(HELD[entry.name] for entry in fields(Reservation))


class SqlReservations:
    """Who holds which device, in the table `reservation`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, wanted: Reservation) -> Reservation:
        """Keep a reservation, unless another one of the device is active: that one is returned."""
        with self._database.write() as connection:
            query = select(*COLUMNS).where(HELD.device_id == wanted.device_id, _active(wanted.created_at))
            known = connection.execute(query).mappings().first()
            if known is not None:
                return Reservation(**known)
            connection.execute(insert(reservation).values(**asdict(wanted), released=False))
        return wanted

    def extend(self, reservation_id: str, expires_at: str, purpose: str, at: str) -> bool:
        """Give an active reservation another end and purpose; False when it is no longer active."""
        held = and_(HELD.reservation_id == reservation_id, _active(at))
        with self._database.write() as connection:
            changed = {"expires_at": expires_at, "purpose": purpose}
            if connection.execute(update(reservation).where(held).values(**changed)).rowcount != 1:
                return False
            _wake(connection)
        return True

    def get(self, reservation_id: str) -> Reservation | None:
        """The reservation while it is not released, or None; it may have expired."""
        query = select(*COLUMNS).where(HELD.reservation_id == reservation_id, HELD.released == false())
        with self._database.read() as connection:
            found = connection.execute(query).mappings().first()
        return None if found is None else Reservation(**found)

    def device_of(self, reservation_id: str) -> str:
        """The device that a reservation was made for, over or not; empty for one that never was."""
        with self._database.read() as connection:
            query = select(HELD.device_id).where(HELD.reservation_id == reservation_id)
            return connection.execute(query).scalar() or ""

    def active(self, at: str) -> tuple[Reservation, ...]:
        """The reservations that hold at that moment, by device."""
        with self._database.read() as connection:
            query = select(*COLUMNS).where(_active(at)).order_by(HELD.device_id)
            return tuple(Reservation(**columns) for columns in connection.execute(query).mappings())

    def release(self, reservation_id: str) -> bool:
        """End a reservation and wake the jobs that wait for one; False when there was none to end."""
        held = and_(HELD.reservation_id == reservation_id, HELD.released == false())
        with self._database.write() as connection:
            if connection.execute(update(reservation).where(held).values(released=True)).rowcount != 1:
                return False
            _wake(connection)
        return True

    def wake(self) -> None:
        """Let every job that waits for a reservation look again."""
        with self._database.write() as connection:
            _wake(connection)


def _active(at: str) -> ColumnElement[bool]:
    return and_(HELD.released == false(), HELD.expires_at > at)


def _wake(connection: Connection) -> None:
    waiting = and_(schema.job.c.sealed == false(), schema.job.c.stage == WAITING_RESERVATION)
    connection.execute(update(schema.job).where(waiting).values(not_before=0.0))
