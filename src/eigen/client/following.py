"""Following a job through broken connections: which event is the next, and when a silent stream counts as broken.

Pure, so that the blocking and the asyncio transport share it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.client.attempts import FailedError
from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.types import JobEvent, JobView

HEARTBEAT_SECONDS = 15.0
"""The longest silence of a healthy stream (contract); a server may speak more often, never less."""

SILENCE_SECONDS = 3 * HEARTBEAT_SECONDS
"""A stream that says nothing for so long is opened anew."""


class Cursor:
    """Where a watcher stands in a job's log. Events are numbered from 1 without gaps, and the terminal one is last."""

    __slots__ = ("ended", "job_id", "seq")

    def __init__(self, job_id: str, after: int) -> None:
        self.job_id = job_id
        self.seq = after
        self.ended = False

    def take(self, event: JobEvent) -> bool:
        """Whether the event is the next one; one that was handed out before is not handed out again.

        FailedError for a gap: the stream lost something, and is to be opened anew.
        """
        if event.seq <= self.seq:
            return False
        if event.seq > self.seq + 1:
            message = f"the stream of `{self.job_id}` went from event {self.seq} to {event.seq}"
            raise _broken(message)
        self.seq = event.seq
        self.ended = event.state.is_terminal
        return True

    def covers(self, view: JobView) -> bool:
        """Whether a stream that ended in good order left nothing out: the job has ended, and its last event was taken.

        FailedError when there is more to come: the stream is to be opened anew.
        """
        if view.state.is_terminal and view.event_seq <= self.seq:
            return True
        message = f"the stream of `{self.job_id}` ended after event {self.seq}, before the job did"
        raise _broken(message)


def silent(seconds: float) -> FailedError:
    """The failure of a stream that said nothing for so long."""
    return _broken(f"the event stream was silent for {seconds:g} s")


def _broken(message: str) -> FailedError:
    return FailedError(EigenError("EIGEN_SERVER_UNREACHABLE", message))
