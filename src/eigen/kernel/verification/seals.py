"""The receipt, its signature and its place in the chain of receipts."""

from __future__ import annotations

import json
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from eigen.kernel.digests import journal_digest
from eigen.kernel.receipt import chained, signature_of, signed_bytes
from eigen.kernel.repetition import SPEC_FILE
from eigen.kernel.results import RECEIPT, document
from eigen.types import Check, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.kernel.verification.evidence import Evidence
    from eigen.qfs.store import JobRow, LedgerEntry

MISSING = "there is no receipt that can be read"
FROM_ROW = ("job_id", "tenant", "project", "subject", "created_at", "entropy")


def check_receipt(evidence: Evidence) -> Check:
    """The receipt names the files that are there, and the job as the database has it."""
    receipt, row = evidence.receipt, evidence.row
    if receipt is None:
        return Check("receipt", Verdict.FAIL, MISSING)
    faults: list[str] = []
    if evidence.files[RECEIPT] != document(receipt):
        faults.append("it is not written as receipts are")
    named: dict[str, Any] = {**receipt.get("inputs", {}), **receipt.get("compiled", {})}
    named |= receipt.get("results") or {"results/results.json": receipt.get("results_sha256")}
    for path, digest in sorted(named.items()):
        data = evidence.files.get(path)
        if data is None:
            faults.append(f"`{path}` is gone or damaged")
        elif sha256(data).hexdigest() != digest:
            faults.append(f"`{path}` is not the file of the receipt")
    others = sorted(path for path in evidence.files if path not in named and path != RECEIPT)
    faults += _against_row(receipt, row)
    spec = evidence.files.get(SPEC_FILE)
    if spec is not None and spec != document(dict(row.spec)):
        faults.append(f"`{SPEC_FILE}` describes another job than the database")
    if receipt.get("journal") not in (None, _counted(journal_digest(evidence.journal))):
        faults.append("the recorded evaluations are not those of the receipt")
    detail = f"it names {len(named)} files by their digests"
    if others:
        detail += f"; it does not name {', '.join(f'`{path}`' for path in others[:5])}, which came later"
    return Check.of("receipt", faults, detail)


def check_signature(evidence: Evidence) -> Check:
    """The signature is right, and of a key that this installation has or had."""
    receipt = evidence.receipt
    if receipt is None:
        return Check("signature", Verdict.FAIL, MISSING)
    try:
        signature = signature_of(receipt)
    except ValueError as error:
        return Check("signature", Verdict.FAIL, str(error))
    if signature is None:
        why = "it was made before receipts were signed" if "chain" not in receipt else "no key was at hand"
        signed = evidence.entry is not None and "chain" not in receipt
        verdict = Verdict.FAIL if signed else Verdict.NOT_CHECKED
        return Check("signature", verdict, f"the receipt is unsigned: {why}")
    if not evidence.keys.verify(signature, signed_bytes(receipt)):
        return Check("signature", Verdict.FAIL, f"the signature by the key `{signature.key_id}` is wrong")
    known = evidence.keys.known()
    if not known:
        detail = f"right, by the key `{signature.key_id}` that it carries; whose key that is, nothing here says"
        return Check("signature", Verdict.NOT_CHECKED, detail)
    whose = "of this installation" if evidence.has_ledger else "that were named"
    if known.get(signature.key_id) != signature.public_key:
        return Check("signature", Verdict.FAIL, f"the key `{signature.key_id}` is not one {whose}")
    return Check("signature", Verdict.PASS, f"Ed25519, by the key `{signature.key_id}`, one {whose}")


def check_chain(evidence: Evidence) -> Check:
    """The receipt is the one of the ledger, and the ledger is one unbroken chain up to it and one beyond."""
    receipt, entry = evidence.receipt, evidence.entry
    if receipt is None:
        return Check("chain", Verdict.FAIL, MISSING)
    if entry is None:
        if "chain" in receipt:
            return Check("chain", Verdict.FAIL, "the ledger has no entry of this job")
        return Check("chain", Verdict.NOT_CHECKED, "the receipt was made before receipts were chained")
    if not evidence.has_ledger:
        return _check_place(entry)
    faults: list[str] = []
    bare = {name: value for name, value in receipt.items() if name != "signature"}
    try:
        same = chained(entry) == bare
    except ValueError:
        same = False
    if not same:
        faults.append("the ledger has another receipt of this job")
    chain = evidence.chain
    for each in chain:
        if not each.holds:
            faults.append(f"the entry at position {each.position} does not match its digest")
    for before, after in pairwise(chain):
        if after.position != before.position + 1 or after.previous != before.sha256:
            faults.append(f"position {after.position} does not follow position {before.position}")
    if chain and chain[0].position == 1 and chain[0].previous:
        faults.append("the first entry follows another one")
    first = chain[0].position if chain else entry.position
    if first == 1 or not chain:
        where = f"position {entry.position}, unbroken from the first"
    else:
        where = f"position {entry.position}, unbroken from position {first}; what is older was not walked"
    return Check.of("chain", faults, f"{where}" + ("" if chain and chain[-1] == entry else ", and the next follows it"))


def _check_place(entry: LedgerEntry) -> Check:
    """What a receipt says of its place, where the ledger is not at hand."""
    if not entry.holds:
        return Check("chain", Verdict.FAIL, "the digest of its place is not that of the receipt")
    detail = (
        f"position {entry.position} is bound to this receipt; whether the ledger has it, only its installation says"
    )
    return Check("chain", Verdict.NOT_CHECKED, detail)


def _against_row(receipt: Mapping[str, Any], row: JobRow) -> list[str]:
    faults = [
        f"it says another `{name}`" for name in FROM_ROW if receipt.get(name, getattr(row, name)) != getattr(row, name)
    ]
    if receipt.get("state") != row.state.value or receipt.get("completed_at") != row.updated_at:
        faults.append("it says another end")
    if (receipt.get("resumed_from") or "") != row.resumed_from:
        faults.append("it goes on for another job")
    if receipt.get("attempts") != row.attempt:
        faults.append("it says another number of attempts")
    if receipt.get("placement") != json.loads(json.dumps(row.placement)):
        faults.append("it says another placement")
    return faults


def _counted(digest: tuple[int, str]) -> dict[str, int | str]:
    return {"count": digest[0], "sha256": digest[1]}
