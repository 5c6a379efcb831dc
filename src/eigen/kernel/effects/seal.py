"""Write the files of a finished job. The row is the truth they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.kernel import logs
from eigen.kernel.effects.snapshots import forget_snapshots
from eigen.kernel.failpoints import hit
from eigen.kernel.lease import LeaseLostError
from eigen.kernel.sealing import final_files

if TYPE_CHECKING:
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow


def seal(ports: Ports, lease: Lease) -> None:
    """Write the files and mark the job as sealed; done again after a crash, it writes the same bytes."""
    row = lease.job
    size: int | None = None
    try:
        size = _write(ports, row)
    except EigenError as error:
        if error.code == "EIGEN_STORE_UNAVAILABLE":
            raise
        # The verdict stands in the database, and the outcome stays there; the files must not hold the job back.
        logs.write(ports, row.job_id, "error", f"the result files could not be written: {error.message}")
    hit("seal.stored")
    forget_snapshots(ports, lease)
    if not ports.jobs.seal(row.job_id, row.fence, keep_outcome=size is None, stored_bytes=size):
        raise LeaseLostError(row.job_id)
    hit("seal.committed")


def _write(ports: Ports, row: JobRow) -> int:
    """Write the files, and return the bytes of all that are kept of the job."""
    files = final_files(ports, row)
    hit("seal.signed")
    if files:
        ports.artifacts.put_all(row.job_id, files)
    return sum(info.size_bytes for info in ports.artifacts.list(row.job_id))
