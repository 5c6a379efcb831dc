"""Where processes are killed, and the tests that do it: a test holds that no named place is left out."""

from __future__ import annotations

PAID_JOB = (
    *("submit.files-stored", "submit.committed", "claimed", "commit.before", "commit.after", "compile.compiled"),
    *("compile.stored", "place.placed", "execute.before-work", "submission.kept", "submission.made"),
    *("execute.after-work", "execute.recording", "execute.journaled", "execute.finished", "seal.signed"),
    *("seal.stored", "seal.committed"),
)
"""On the way of a job that pays: `kernel/test_kill.py`, which also has the wish to cancel."""

CANCELLATION = "cancel.wished"

WORKFLOW = ("steps.files-stored", "steps.submitted", "steps.recorded", "rest.before", "rested")
"""On the way of a workflow, among those of any job: `kernel/workflows/test_workflows_run.py`; of one that is resumed:
`kernel/workflows/test_workflows_again.py`."""

BATCH = ("batch.files-stored", "batch.committed")
"""`kernel/test_batches.py`."""

SNAPSHOTS = (
    *("snapshot.wanted", "snapshot.writing", "snapshot.written", "snapshot.kept", "snapshot.swept"),
    "snapshot.restored",
)
"""`kernel/test_long_work.py`."""

CACHE = ("cache.keeping", "cache.kept", "cache.found")
"""`kernel/test_recall.py`."""

WAITING = (
    *("released", "await.before", "awaited", "preempt.gave-way", "refuse.kept", "decide.kept"),
    *("reserve.kept", "reserve.extended", "reserve.released"),
)
"""Where a job waits, gives way or is decided about, and where a device is held: `kernel/test_kill_waits.py`."""

REGION = ("region.taken", "region.resting", "region.rested")
"""Where a job has qubits of a shared device, or waits for some: `kernel/test_kill_regions.py`."""
