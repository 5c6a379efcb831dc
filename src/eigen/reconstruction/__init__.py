"""States from measurements: what a device leaves at the end of a circuit, as a density matrix. `tomography` is the
door."""

from __future__ import annotations

from eigen.reconstruction.tomograph import Tomography, tomography

__all__ = ["Tomography", "tomography"]
