"""What a job would take, before it is submitted: sizes, time, memory, shots, money and success on each device.

Circuits are compiled, cost models and calibrations are read; nothing runs. It knows devices by their descriptions only,
and does no I/O.
"""

from __future__ import annotations

from eigen.estimate.estimate import Estimate, estimate
from eigen.estimate.sheet import Prices, joined, priced, read_sheet
from eigen.ir.targets.snapshot import device_of, device_of_shape

__all__ = ["Estimate", "Prices", "device_of", "device_of_shape", "estimate", "joined", "priced", "read_sheet"]
