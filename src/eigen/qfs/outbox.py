"""`SqlOutbox`: what was told to each sink, in SQL: `outbox_store.Outbox`. Every method is one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import and_, bindparam, delete, insert, select, text, true, update

from eigen.qfs import event_log, schema
from eigen.qfs.outbox_schema import outbox, outbox_job
from eigen.qfs.outbox_store import Reign, Told

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Select

    from eigen.qfs.db import Database

JOB = schema.job.c
FACTS = (JOB.job_id, JOB.name, JOB.target, JOB.tenant, JOB.project, JOB.traceparent)
PROGRESS = ("state", "attempt", "log_lines", "ended")
REMEMBER = text(
    "INSERT INTO outbox_job (sink, job_id, state, attempt, log_lines, ended)"
    " VALUES (:sink, :job_id, :state, :attempt, :log_lines, :ended)"
    " ON CONFLICT (sink, job_id) DO UPDATE SET state = excluded.state, attempt = excluded.attempt,"
    " log_lines = excluded.log_lines, ended = excluded.ended"
)
FORGET = delete(outbox_job).where(
    outbox_job.c.sink == bindparam("its_sink"), outbox_job.c.job_id == bindparam("its_id")
)


class SqlOutbox:
    """The tables `outbox` and `outbox_job`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, sink: str) -> Reign:
        """Relay to a sink from now on; whoever did before can save nothing more."""
        query = select(outbox.c.place, outbox.c.source, outbox.c.epoch).where(outbox.c.sink == sink)

        def take(connection: Connection) -> Reign:
            self._database.alone(connection, "outbox")
            found = connection.execute(query).first()
            if found is None:
                source = connection.execute(select(outbox.c.source).limit(1)).scalar() or f"urn:uuid:{uuid4()}"
                connection.execute(insert(outbox).values(sink=sink, source=source, place="0", epoch=1))
                return Reign(sink, 1, 0, source)
            epoch = found.epoch + 1
            connection.execute(update(outbox).where(outbox.c.sink == sink).values(epoch=epoch))
            return Reign(sink, epoch, int(found.place), found.source)

        return self._database.write(take)

    def save(self, reign: Reign, place: int, told: Collection[Told], forgotten: Collection[str] = ()) -> bool:
        """Record what was told; False when another reign has begun."""
        mine = and_(outbox.c.sink == reign.sink, outbox.c.epoch == reign.epoch)
        rows = [
            {"sink": reign.sink, "job_id": one.job_id, **{name: getattr(one, name) for name in PROGRESS}}
            for one in told
        ]
        ended = [{"its_sink": reign.sink, "its_id": job_id} for job_id in forgotten]

        def record(connection: Connection) -> bool:
            if connection.execute(update(outbox).where(mine).values(place=str(place))).rowcount != 1:
                return False
            if rows:
                connection.execute(REMEMBER, rows)
            if ended:
                connection.execute(FORGET, ended)
            return True

        return self._database.write(record, flush=False)

    def told(self, sink: str, job_ids: Sequence[str]) -> Mapping[str, Told]:
        """What the sink was told of these jobs, by id."""
        known = and_(outbox_job.c.job_id == JOB.job_id, outbox_job.c.sink == sink)
        query = (
            select(*FACTS, *(outbox_job.c[name] for name in PROGRESS))
            .select_from(schema.job.outerjoin(outbox_job, known))
            .where(JOB.job_id.in_(job_ids))
        )
        return {one.job_id: one for one in self._read(query)}

    def closing(self, sink: str, limit: int) -> tuple[Told, ...]:
        """Jobs of which the sink knows that they ended, whose files are written, and which are not forgotten."""
        query = (
            select(*FACTS, *(outbox_job.c[name] for name in PROGRESS))
            .select_from(outbox_job.join(schema.job, outbox_job.c.job_id == JOB.job_id))
            .where(outbox_job.c.sink == sink, outbox_job.c.ended == true(), JOB.sealed == true())
            .order_by(outbox_job.c.job_id)
            .limit(limit)
        )
        return self._read(query)

    def lag(self, sink: str, most: int) -> int:
        """How many events the sink was not told yet, counted up to `most`."""
        kind = self._database.kind
        place = select(outbox.c.place).where(outbox.c.sink == sink)

        def count(connection: Connection) -> int:
            return event_log.count_after(connection, kind, int(connection.execute(place).scalar() or 0), most)

        return self._database.read(count)

    def _read(self, query: Select[Any]) -> tuple[Told, ...]:
        found: list[Any] = list(self._database.read(lambda connection: connection.execute(query).all()))
        return tuple(Told(*row) if row.state is not None else Told(*row[:6]) for row in found)
