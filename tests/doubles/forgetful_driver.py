"""A driver for a real server, of a provider that charges and keeps no keys, and whose first answer of each job is lost.

`install` writes the metadata of a distribution that offers it. Its ledger lies where FORGETFUL_LEDGER says.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from doubles.metered import MeteredDriver

if TYPE_CHECKING:
    from eigen.types import Work

LEDGER = "FORGETFUL_LEDGER"


class ForgetfulDriver(MeteredDriver):
    """Takes the work, is paid for it, and the first time nobody hears of that."""

    def __init__(self) -> None:
        super().__init__(Path(os.environ[LEDGER]), deduplicates=False)
        self.device = replace(self.device, properties={**self.device.properties, "on_request": True})

    def submit(self, device_id: str, key: str, work: Work) -> str:
        handle, job_id = super().submit(device_id, key, work), key.partition(":")[0]
        if job_id.startswith("job_") and sum(row["key"].startswith(job_id) for row in self.rows()) == 1:
            raise ConnectionError("the answer is lost")
        return handle


def install(folder: Path) -> None:
    """Write the metadata of a distribution that offers the driver."""
    info = folder / "eigen_double_forgetful-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: eigen-double-forgetful\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[eigen.drivers]\nforgetful = {__name__}:{ForgetfulDriver.__name__}\n")
