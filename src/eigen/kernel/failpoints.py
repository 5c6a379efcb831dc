"""Named places where a test can make the process die, to prove that nothing is lost there. Off unless set.

`EIGEN_FAILPOINT=name` ends the process without any clean-up at the first passage, `name:3` at the third. Inside of a
process, `watched` has somebody told of each passage.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

FAILPOINTS = (
    "submit.files-stored",
    "submit.committed",
    "batch.files-stored",
    "batch.committed",
    "claimed",
    "commit.before",
    "commit.after",
    "compile.compiled",
    "compile.stored",
    "region.taken",
    "region.resting",
    "region.rested",
    "place.placed",
    "execute.before-work",
    "submission.kept",
    "submission.made",
    "execute.after-work",
    "cache.found",
    "cache.keeping",
    "cache.kept",
    "snapshot.wanted",
    "snapshot.writing",
    "snapshot.written",
    "snapshot.kept",
    "snapshot.swept",
    "snapshot.restored",
    "execute.recording",
    "execute.journaled",
    "cancel.wished",
    "execute.finished",
    "preempt.gave-way",
    "refuse.kept",
    "released",
    "await.before",
    "awaited",
    "decide.kept",
    "reserve.kept",
    "reserve.extended",
    "reserve.released",
    "steps.files-stored",
    "steps.submitted",
    "steps.recorded",
    "rest.before",
    "rested",
    "seal.signed",
    "seal.stored",
    "seal.committed",
)
"""Every name that `hit` is called with."""

EXIT_STATUS = 137  # what a shell reports for kill -9


def _parse(setting: str) -> dict[str, int]:
    name, _, count = setting.partition(":")
    return {name: int(count or 1)} if name in FAILPOINTS else {}


_remaining = _parse(os.environ.get("EIGEN_FAILPOINT", ""))
_watcher: Callable[[str], object] | None = None


@contextmanager
def watched(watcher: Callable[[str], object]) -> Generator[None]:
    """Have `watcher` called with the name of each place that this process passes; what it raises is raised there."""
    global _watcher
    before, _watcher = _watcher, watcher
    try:
        yield
    finally:
        _watcher = before


def hit(name: str) -> None:
    """Pass the place `name`; the process ends here when a test asked for it."""
    if _watcher is not None:
        _watcher(name)
    if not _remaining or name not in _remaining:
        return
    _remaining[name] -= 1
    if _remaining[name] <= 0:
        os._exit(EXIT_STATUS)
