"""The evidence that an exported folder holds, far from the installation: files, record, and the keys one trusts."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.kernel import record
from eigen.kernel.ports import FUEL
from eigen.kernel.receipt import to_text
from eigen.kernel.results import RECEIPT
from eigen.kernel.verification.evidence import Evidence
from eigen.qfs.store import LedgerEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.kernel.ports import Keys


def evidence_in(files: Mapping[str, bytes], keys: Keys, *, default_shots: int, fuel: int = FUEL) -> Evidence:
    """What a folder's files show. EIGEN_QFS_NOT_FOUND when it holds no record, EIGEN_QFS_DATA_LOSS for one that cannot
    be read; whatever else is wrong is for the checks to say."""
    for path in (record.JOB, record.EVENTS, record.JOURNAL):
        if path not in files:
            hint = "`eigen export ID DIR` writes such a folder"
            raise EigenError("EIGEN_QFS_NOT_FOUND", f"the folder has no `{path}`", where=path, hint=hint)
    row, known = record.read_job(files[record.JOB])
    own = {path: data for path, data in files.items() if not path.startswith(record.FOLDER)}
    faults = [(path, _fault(own.get(path), *known[path])) for path in sorted(known)]
    faults += [(path, "it is not in the record") for path in sorted(own.keys() - known.keys())]
    found = tuple((path, fault) for path, fault in faults if fault)
    damaged = {path for path, _ in found}
    return Evidence(
        row=row,
        files={path: data for path, data in own.items() if path not in damaged},
        faults=found,
        events=record.read_events(files[record.EVENTS]),
        journal=record.read_journal(files[record.JOURNAL]),
        entry=_entry(own.get(RECEIPT)),
        chain=(),
        keys=keys,
        default_shots=default_shots,
        fuel=fuel,
        has_ledger=False,
    )


def _fault(data: bytes | None, digest: str, size: int) -> str:
    if data is None:
        return "it is recorded, but the file is gone"
    if len(data) != size:
        return f"it has {len(data)} bytes, recorded are {size}"
    return "" if sha256(data).hexdigest() == digest else "it has another digest than was recorded"


def _entry(receipt: bytes | None) -> LedgerEntry | None:
    """The place in the chain that a receipt claims, to be held against its own digest."""
    try:
        value: dict[str, Any] = json.loads(receipt or b"")
        chain: dict[str, Any] = value["chain"]
        content = to_text({name: part for name, part in value.items() if name not in {"chain", "signature"}})
        tenant, job_id = str(value["tenant"]), str(value["job_id"])
        return LedgerEntry(
            tenant, int(chain["position"]), job_id, content, str(chain["previous"]), str(chain["sha256"])
        )
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
