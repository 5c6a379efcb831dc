"""`Relay`: one round after the other, what is new in the log of events goes to a sink, and then the place is moved on.

The log is the outbox: an event is committed with the change it tells of. A place is saved only after the sink took
everything before it; who dies in between tells it again, with the same ids. Log lines and files are not in the log:
they are told when the events of their job pass, the rest when its files are written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.outbox.mapping import Mapper
from eigen.telemetry import count, log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from eigen.outbox.sink import Message, Sink
    from eigen.qfs.outbox_store import Outbox, Reign, Told
    from eigen.qfs.store import ArtifactStore, JobStore

PAGE = 500
"""Events, log lines or ended jobs that are read at a time."""
BATCH_BYTES = 4 * 1024 * 1024
"""What a batch holds, unless its first message alone is larger."""
LOG_SECONDS = 1.0
"""How often the log of a job that goes on is read."""
REFUSALS = 5
"""How often a message is given to a sink that refuses it."""
FAULTS = 10
"""How often the files of a job are tried to be read while those of others can be."""
FIRST_PAUSE, MOST_PAUSE = 1.0, 10.0
"""Seconds until files that could not be read are tried again, doubled up to the second one."""


class ReignOverError(Exception):
    """Another relay tells this sink."""


class _UnreadError(Exception):
    """The files of a job cannot be read now."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What is read, and where the place is kept. Where the logs of jobs on other servers come late, they are told only
    so many seconds after the job ended."""

    jobs: JobStore
    artifacts: ArtifactStore
    outbox: Outbox
    late_seconds: float = 0.0


class Relay:
    """The relay of one reign. `deliver` gives a batch to the sink until it knows what became of it: see `Sink.send`.
    `monotonic` is a clock in seconds.

    Raises ReignOverError, and what the stores raise.
    """

    def __init__(
        self,
        stores: Stores,
        sink: Sink,
        reign: Reign,
        *,
        deliver: Callable[[Sequence[Message]], Sequence[str]],
        monotonic: Callable[[], float],
    ) -> None:
        self._stores = stores
        self._sink = sink
        self._reign = reign
        self._deliver = deliver
        self._monotonic = monotonic
        self._place = reign.place
        self._mapper = Mapper(reign.source, sink.limit_bytes)
        self._talking: set[str] = set()  # jobs that go on, whose logs have grown
        self._next_logs = 0.0
        self._faults: dict[str, int] = {}
        self._seen: dict[str, float] = {}  # since when ended jobs are known to be written
        self._next_close, self._pause = 0.0, FIRST_PAUSE

    def round(self) -> bool:
        """Tell a page of events, the logs that are due, and of jobs that have ended the rest; False: nothing was new,
        and nothing more is waiting."""
        more = self._tell_events()
        if self._stores.late_seconds:
            self._talking.clear()
        elif self._talking and (now := self._monotonic()) >= self._next_logs:
            self._next_logs = now + LOG_SECONDS
            self._tell_logs()
        while self._monotonic() >= self._next_close:
            ended = self._stores.outbox.closing(self._sink.name, PAGE)
            self._close(self._settled(ended))
            if len(ended) < PAGE or self._stores.late_seconds:
                break
        return more

    def _tell_events(self) -> bool:
        changes = self._stores.jobs.changes(self._place, PAGE)
        if not changes:
            return False
        ids = list(dict.fromkeys(event.job_id for _, event in changes))
        known = dict(self._stores.outbox.told(self._sink.name, ids))
        batch, place = _Batch(), self._place
        changed: dict[str, Told] = {}
        for position, event in changes:
            messages, told = self._mapper.event(known[event.job_id], event)
            if not batch.takes(messages):
                break
            batch.add(messages)
            place, known[event.job_id] = position, told
            changed[event.job_id] = told
            (self._talking.discard if told.ended else self._talking.add)(event.job_id)
        self._send(batch.messages)
        self._save(place, changed.values())
        return True

    def _tell_logs(self) -> None:
        """What the jobs wrote since their logs were read."""
        talking, self._talking = sorted(self._talking), set()
        for start in range(0, len(talking), PAGE):
            part = talking[start : start + PAGE]
            for told in self._stores.outbox.told(self._sink.name, part).values():
                if not told.ended:
                    self._tell_log(told, self._log_of(told))

    def _tell_log(self, told: Told, lines: Sequence[str]) -> Told:
        """The lines that were not told yet, as many batches as they need; returns what is told then."""
        while told.log_lines < len(lines):
            batch, number = _Batch(), told.log_lines
            for line in lines[number : number + PAGE]:
                message = self._mapper.log(told, number + 1, line)
                if not batch.takes([message]):
                    break
                batch.add([message])
                number += 1
            self._send(batch.messages)
            told = replace(told, log_lines=number)
            self._save(self._place, [told])
        return told

    def _settled(self, ended: Sequence[Told]) -> Sequence[Told]:
        """Those whose logs are whole by now."""
        late, now = self._stores.late_seconds, self._monotonic()
        if not late:
            return ended
        self._seen = {told.job_id: self._seen.get(told.job_id, now) for told in ended}
        return [told for told in ended if now - self._seen[told.job_id] >= late]

    def _log_of(self, told: Told) -> Sequence[str]:
        """The log of a job that goes on; what cannot be read now is told at the end."""
        try:
            return self._stores.artifacts.read_log(told.job_id)
        except EigenError:
            return ()

    def _close(self, ended: Iterable[Told]) -> None:
        """The rest of the logs and the files of jobs whose files are all written; several jobs share a batch."""
        batch, done, unread = _Batch(), list[str](), list[str]()
        some = False
        for told in ended:
            try:
                messages = self._rest(told)
            except _UnreadError as error:
                unread.append(told.job_id)
                if self._pause == FIRST_PAUSE and len(unread) == 1:
                    log("warning", f"the files of a job wait to be told: {error}", job_id=told.job_id)
                continue
            some = True
            if not batch.takes(messages):
                self._finish(batch, done)
                batch, done = _Batch(), []
            batch.add(messages)
            done.append(told.job_id)
        self._finish(batch, done)
        self._rest_later(unread, count_them=some)

    def _rest_later(self, unread: Sequence[str], *, count_them: bool) -> None:
        """Try these again after a pause. Where no job's files can be read, that says nothing about any of them."""
        if not unread:
            self._pause = FIRST_PAUSE
            return
        self._next_close = self._monotonic() + self._pause
        self._pause = min(2 * self._pause, MOST_PAUSE)
        for job_id in unread if count_them else ():
            self._faults[job_id] = self._faults.get(job_id, 0) + 1

    def _finish(self, batch: _Batch, done: Sequence[str]) -> None:
        if done:
            self._send(batch.messages)
            self._save(self._place, (), done)

    def _rest(self, told: Told) -> list[Message]:
        """What is still to be told of an ended job. Raises _UnreadError when it cannot be read now; files that can
        never be read do not hold up the others: it is counted, and said."""
        try:
            lines = self._stores.artifacts.read_log(told.job_id)
            files = self._stores.artifacts.list(told.job_id)
        except EigenError as error:
            if error.code != "EIGEN_QFS_DATA_LOSS" and self._faults.get(told.job_id, 0) < FAULTS:
                raise _UnreadError(error.message) from error
            self._faults.pop(told.job_id, None)
            self._skip(f"the files of a job cannot be told: {error.message}", told.job_id)
            return []
        self._faults.pop(told.job_id, None)
        new = lines[told.log_lines :]
        if len(new) > PAGE or sum(map(len, new)) > BATCH_BYTES:
            told = self._tell_log(told, lines)
        found = [self._mapper.log(told, n + 1, lines[n]) for n in range(told.log_lines, len(lines))]
        return found + self._mapper.artifacts(told, files)

    def _save(self, place: int, told: Iterable[Told], forgotten: Sequence[str] = ()) -> None:
        if not self._stores.outbox.save(self._reign, place, list(told), forgotten):
            raise ReignOverError(self._sink.name)
        self._place = place

    def _send(self, messages: Sequence[Message]) -> None:
        """Deliver; what is refused goes again by itself, then as a reference, then to the dead letters."""
        if not messages:
            return
        for message, refusal in zip(messages, self._deliver(messages), strict=True):
            if refusal:
                self._insist(message, refusal)
            else:
                count("eigen_outbox_events_total", sink=self._sink.name, topic=message.topic)

    def _insist(self, message: Message, refusal: str) -> None:
        for _ in range(REFUSALS - 1):
            message = message.referring()
            (refusal,) = self._deliver([message])
            if not refusal:
                count("eigen_outbox_events_total", sink=self._sink.name, topic=message.topic)
                return
        log("error", f"an event was refused: {refusal}", sink=self._sink.name, topic=message.topic, event=message.id)
        letter = self._mapper.dead_letter(message, refusal)
        (again,) = self._deliver([letter])
        if again:
            self._skip(f"an event was refused, and so was its dead letter: {again}", message.key)
        else:
            count("eigen_outbox_dead_letters_total", sink=self._sink.name)

    def _skip(self, why: str, job_id: str) -> None:
        count("eigen_outbox_skipped_total", sink=self._sink.name)
        log("error", why, sink=self._sink.name, job_id=job_id)


class _Batch:
    """Messages up to a size in bytes; the first ones it takes however large they are."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._bytes = 0

    def takes(self, messages: Sequence[Message]) -> bool:
        """Whether there is room for all of these."""
        size = self._bytes + sum(len(message.value) for message in messages)
        return not self.messages or (size <= BATCH_BYTES and len(self.messages) + len(messages) <= 2 * PAGE)

    def add(self, messages: Sequence[Message]) -> None:
        """Add them."""
        self.messages += messages
        self._bytes += sum(len(message.value) for message in messages)
