"""How jobs share devices that have regions: where their leases are kept, and how a loss is predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eigen.config import Settings
    from eigen.ir import Circuit
    from eigen.ir.targets.calibration import Calibration
    from eigen.kernel.ports import Sharing
    from eigen.qfs.db import Database


def open_sharing(settings: Settings, database: Database) -> Sharing:
    """The regions in the job database, shared as the settings say."""
    from eigen.kernel.ports import Sharing
    from eigen.qfs.regions import SqlRegions

    return Sharing(SqlRegions(database), predicted_success, settings.share_devices, settings.max_fidelity_loss)


def predicted_success(circuit: Circuit, calibration: Calibration) -> float | None:
    """See `eigen.estimate.success`; None where something was not measured."""
    from eigen.estimate.success import UnknownErrorRate, success_of

    try:
        return success_of(circuit, calibration).value
    except UnknownErrorRate:
        return None
