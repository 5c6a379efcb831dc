"""`verify_folder`: a job that was exported, checked without the installation that ran it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eigen.config import Settings
    from eigen.types import Verification


def verify_folder(folder: Path, public_keys: Sequence[str], settings: Settings) -> Verification:
    """Check a job that `Client.export` wrote, wherever it was made. `public_keys` (base64) are those that one trusts.

    EIGEN_FILE_UNREADABLE, EIGEN_LIMIT_EXCEEDED, EIGEN_QFS_NOT_FOUND and EIGEN_QFS_DATA_LOSS for what is no such folder;
    EIGEN_USAGE for what is no key.
    """
    from eigen.client.folder import read
    from eigen.kernel.verification import verify
    from eigen.kernel.verification.folder import evidence_in
    from eigen.qfs.signing_keys import NoKeys, key_id_of

    try:
        known = {key_id_of(key): key for key in public_keys}
    except ValueError as error:
        raise EigenError("EIGEN_USAGE", f"that is no public key in base64: {error}") from error
    return verify(evidence_in(read(folder), NoKeys(known), default_shots=settings.default_shots))
