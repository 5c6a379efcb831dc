"""States of qubits as JSON: amplitudes that are not zero, or a packed array in a file beside the document.

`{"kind": "state", "version": "1.0.0", "qubits": 2, "amplitudes": {"00": [re, im], "11": [re, im]}}`, in the canonical
form of AQO. Of the bits of a key the rightmost is qubit 0. Packed, `array` stands in the place of `amplitudes`:
`{"ref": NAME, "dtype": "<c16", "sha256": HEX}`, 2^n complex numbers of two 64-bit floats, little-endian, in order.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen._core import Plan, canonical_json
from eigen.errors import EigenError
from eigen.ir.rewriting import rewritten
from eigen.ir.values import is_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from eigen.ir.circuit import Circuit

VERSION = "1.0.0"
MOST_QUBITS = 26
MOST_AMPLITUDES = 1 << 20
MOST_BYTES = 128 << 20
LEAST = 1e-14
"""Amplitudes whose square is below its square are rounding: they are left out."""
TOLERANCE = 1e-6
DTYPE = "<c16"
_BITS = re.compile(r"[01]+")
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,199}")


def final_state(circuit: Circuit) -> NDArray[np.complex128]:
    """The state that a circuit leaves before its measurements, shape (2^n,); bit k of the index is qubit k.

    EIGEN_SIM_UNSUPPORTED for a circuit that goes on after a measurement or a reset, and one with free parameters;
    EIGEN_LIMIT_EXCEEDED beyond 26 qubits.
    """
    import numpy as np

    if circuit.num_qubits > MOST_QUBITS:
        raise _limit(f"the state of {circuit.num_qubits} qubits is not written out; the limit is {MOST_QUBITS}")
    if circuit.is_dynamic:
        raise EigenError("EIGEN_SIM_UNSUPPORTED", "the circuit goes on after a measurement: it leaves no one state")
    if circuit.parameters:
        message = f"the parameter `{circuit.parameters[0]}` has no value: the circuit leaves no one state"
        raise EigenError("EIGEN_SIM_UNSUPPORTED", message)
    unmeasured = rewritten(circuit, lambda _, instruction: instruction.name == "MEASURE")
    return Plan(unmeasured).state(np.zeros(0))


def to_json(state: NDArray[np.complex128], *, least: float = LEAST) -> bytes:
    """The document of a state with the amplitudes whose modulus is at least `least`. EIGEN_LIMIT_EXCEEDED for more than
    2^20 of them."""
    import numpy as np

    qubits = _width(state)
    kept = np.flatnonzero(np.abs(state) >= least)
    if len(kept) > MOST_AMPLITUDES:
        message = f"the state has {len(kept):,} amplitudes; a document has at most {MOST_AMPLITUDES:,}"
        raise _limit(message, hint="write it packed, or leave small ones out")
    amplitudes = {f"{index:0{qubits}b}": [state[index].real, state[index].imag] for index in kept.tolist()}
    return canonical_json(_document(qubits, {"amplitudes": amplitudes}))


def to_packed(state: NDArray[np.complex128], name: str) -> tuple[bytes, bytes]:
    """The document of a state whose array lies in the file `name` beside it, and the bytes of that file."""
    qubits = _width(state)
    if not _NAME.fullmatch(name):
        raise EigenError("EIGEN_USAGE", f"`{name[:60]}` is no name for the file of an array")
    packed = state.astype(DTYPE).tobytes()
    array = {"ref": name, "dtype": DTYPE, "sha256": sha256(packed).hexdigest()}
    return canonical_json(_document(qubits, {"array": array})), packed


def load(data: bytes, beside: Callable[[str], bytes] | None = None) -> NDArray[np.complex128]:
    """The state of a document, shape (2^n,); `beside` gives the bytes of the file of that name that lies beside it.

    EIGEN_FORMAT_INVALID for what is no state of norm 1 or an array of another digest, EIGEN_LIMIT_EXCEEDED beyond 26
    qubits and 128 MiB of document.
    """
    import numpy as np

    if len(data) > MOST_BYTES:
        raise _limit(f"the document has more than {MOST_BYTES:,} bytes")
    document = _parsed(data)
    qubits = document.get("qubits")
    if not isinstance(qubits, int) or isinstance(qubits, bool) or qubits < 1:
        raise _invalid("`qubits` is no number of qubits")
    if qubits > MOST_QUBITS:
        raise _limit(f"the state has {qubits} qubits; the limit is {MOST_QUBITS}")
    sparse: Any = document.get("amplitudes")
    packed: Any = document.get("array")
    if is_dict(sparse) == is_dict(packed):
        raise _invalid("a state has either `amplitudes` or an `array`")
    state = _unpacked(packed, qubits, beside) if is_dict(packed) else _spread(sparse, qubits)
    norm = float(np.vdot(state, state).real)
    if not abs(norm - 1.0) <= TOLERANCE:
        raise _invalid(f"its squared amplitudes add up to {norm:.9g}, not to 1")
    return state


def _spread(sparse: Mapping[str, Any], qubits: int) -> NDArray[np.complex128]:
    import numpy as np

    state = np.zeros(1 << qubits, np.complex128)
    for bits, pair in sparse.items():
        if len(bits) != qubits or not _BITS.fullmatch(bits):
            raise _invalid(f"`{bits[:40]}` does not name a basis state of {qubits} qubits")
        try:
            real, imaginary = pair
            if not {type(real), type(imaginary)} <= {int, float}:
                raise TypeError
            state[int(bits, 2)] = complex(float(real), float(imaginary))
        except (TypeError, ValueError, OverflowError):
            raise _invalid(f"the amplitude of `{bits}` is not a real and an imaginary part") from None
    return state


def _unpacked(packed: Mapping[str, Any], qubits: int, beside: Callable[[str], bytes] | None) -> NDArray[np.complex128]:
    import numpy as np

    name, digest = packed.get("ref"), packed.get("sha256")
    if packed.get("dtype") != DTYPE:
        raise _invalid(f"the `dtype` of its array is not `{DTYPE}`")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _invalid("the `ref` of its array is no name of a file beside it")
    if beside is None:
        raise _invalid(f"its array lies beside it, in `{name}`")
    data = beside(name)
    if len(data) != 16 << qubits or sha256(data).hexdigest() != digest:
        raise _invalid(f"the array `{name}` is not the one that it names")
    return np.frombuffer(data, DTYPE).astype(np.complex128)


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _invalid(f"it is not strict JSON: {str(error)[:120]}") from None
    if not is_dict(value) or value.get("kind") != "state":
        raise _invalid("its `kind` is not `state`")
    if str(value.get("version")).partition(".")[0] != VERSION.partition(".")[0]:
        raise _invalid(f"its `version` is `{str(value.get('version'))[:20]}`; known is {VERSION}")
    return value


def _width(state: NDArray[np.complex128]) -> int:
    qubits = len(state).bit_length() - 1
    if state.ndim != 1 or qubits < 1 or len(state) != 1 << qubits:
        raise EigenError("EIGEN_USAGE", f"an array of shape {state.shape} is no state of qubits")
    return qubits


def _document(qubits: int, content: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": "state", "version": VERSION, "qubits": qubits, **content}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _no_constant(word: str) -> float:
    raise ValueError(f"`{word}` is not a finite number")


def _invalid(why: str) -> EigenError:
    return EigenError("EIGEN_FORMAT_INVALID", f"the document describes no state: {why}", where="state")


def _limit(message: str, hint: str = "") -> EigenError:
    return EigenError("EIGEN_LIMIT_EXCEEDED", message, where="state", hint=hint)
