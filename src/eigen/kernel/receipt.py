"""The receipt of an ended job: what went in, what came out and what was used, by digest; chained and signed. Pure.

Its content is fixed once, in the ledger; where it stands in the chain of its tenant and the signature come on top.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen._core import canonical_json
from eigen.types import Signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eigen.qfs.store import JobRow, LedgerEntry
    from eigen.types import ArtifactInfo, Json

PROGRAM = "compiled/program.json"
REPORT = "compiled/report.json"
FOLDER = "results/"
VERSION = 2
ALGORITHM = "Ed25519"


def content_of(
    row: JobRow,
    outcome: Mapping[str, Any],
    known: Iterable[ArtifactInfo],
    results: Mapping[str, bytes],
    *,
    events: tuple[int, str],
    journal: tuple[int, str],
) -> dict[str, Json]:
    """The receipt without chain and signature.

    `known` are the artifacts stored so far, `results` the files that come with the receipt; `events` and `journal` are
    counts and digests of what the database keeps.
    """
    digests = {info.path: info.sha256 for info in known if not info.path.startswith(FOLDER)}
    made = {path: sha256(data).hexdigest() for path, data in results.items()}
    return {
        "version": VERSION,
        "job_id": row.job_id,
        "tenant": row.tenant,
        "project": row.project,
        "subject": row.subject,
        "state": row.state.value,
        "created_at": row.created_at,
        "completed_at": row.updated_at,
        "resumed_from": row.resumed_from or None,
        "inputs": {path: digest for path, digest in digests.items() if path.startswith("input/")},
        "compiled": {path: digest for path, digest in digests.items() if path.startswith("compiled/")},
        "program_sha256": digests.get(PROGRAM),
        "placement": None if row.placement is None else dict(row.placement),
        "attempts": row.attempt,
        "entropy": row.entropy,
        "run": dict(outcome.get("provenance", {})),
        **({"delivery": delivery} if (delivery := outcome.get("metadata", {}).get("delivery")) else {}),
        "results": made,
        "results_sha256": made[f"{FOLDER}results.json"],
        "events": {"count": events[0], "sha256": events[1]},
        "journal": {"count": journal[0], "sha256": journal[1]},
    }


def to_text(content: Mapping[str, Json]) -> str:
    """The content as the ledger keeps it."""
    return canonical_json(dict(content)).decode()


def chained(entry: LedgerEntry) -> dict[str, Json]:
    """The receipt in its place in the chain, unsigned."""
    content: dict[str, Json] = json.loads(entry.content)
    return {**content, "chain": {"position": entry.position, "previous": entry.previous, "sha256": entry.sha256}}


def signed_bytes(receipt: Mapping[str, Json]) -> bytes:
    """What the signature of a receipt is over: all of it but the signature, as canonical JSON."""
    return canonical_json({name: value for name, value in receipt.items() if name != "signature"})


def with_signature(receipt: Mapping[str, Json], signature: Signature | None) -> dict[str, Json]:
    """The receipt with its signature; `null` says that it has none."""
    if signature is None:
        return {**receipt, "signature": None}
    made = {
        "algorithm": ALGORITHM,
        "key_id": signature.key_id,
        "public_key": signature.public_key,
        "value": signature.value,
    }
    return {**receipt, "signature": made}


def signature_of(receipt: Mapping[str, Any]) -> Signature | None:
    """The signature that a receipt carries, or None; ValueError for one that we cannot read."""
    given: Any = receipt.get("signature")
    if given is None:
        return None
    if not isinstance(given, dict) or given.get("algorithm") != ALGORITHM:  # pyright: ignore[reportUnknownMemberType]
        raise ValueError("the receipt carries a signature that this version cannot read")
    parts: list[Any] = [given.get(name) for name in ("key_id", "public_key", "value")]  # pyright: ignore[reportUnknownMemberType]
    if not all(isinstance(part, str) for part in parts):
        raise ValueError("the receipt carries a signature with parts missing")
    return Signature(*parts)
