"""Time evolution: the Python door to the Rust core. Holds names, no logic.

>>> from eigen.ir import Observable
>>> rabi = Evolution([("X0", 0.5)], time=3.141592653589793, observables=[Observable.pauli("Z")], num_qubits=1)
>>> values, _, _ = Propagation(rabi).run()
>>> round(float(values[0, 0]), 9)
-1.0
"""

from __future__ import annotations

from eigen._core import Coefficient, Evolution, Propagation

__all__ = ["Coefficient", "Evolution", "Propagation"]
