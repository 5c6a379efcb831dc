"""QuTiP: problems of time evolution in (`load_evolution`), circuits in and out (`circuits`), operators (`operator`).

It needs the extra `qutip`. QuTiP writes the first qubit as the most significant factor of a tensor product; here it is
qubit 0, the least significant bit.
"""

from __future__ import annotations

from eigen.ir.formats.qutip.problem import load_evolution

__all__ = ["load_evolution"]
