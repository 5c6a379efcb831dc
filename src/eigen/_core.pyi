"""The Rust core of Eigen OS, as Python sees it. All classes are immutable unless they say otherwise.

Errors are `CoreError`; `eigen.ir.circuit.core_errors` translates them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

__version__: str

class CoreError(Exception):
    """An error of the core: stable code, message with the offending value in backticks, perhaps a hint."""

    CODES: ClassVar[tuple[str, ...]]
    """Every code there is."""
    code: str
    message: str
    hint: str | None
    def __init__(self, code: str, message: str, hint: str | None = None) -> None: ...

# Parameters and conditions

ParameterValue: TypeAlias = float | Affine | str

@final
class Affine:
    """`constant + Σ coefficient·symbol`."""

    def __init__(self, constant: float = 0.0, terms: Mapping[str, float] | None = None) -> None: ...
    @staticmethod
    def symbol(name: str) -> Affine: ...
    @property
    def constant(self) -> float: ...
    @property
    def terms(self) -> dict[str, float]: ...
    @property
    def is_constant(self) -> bool: ...
    def value(self, values: Mapping[str, float]) -> float:
        """The value for given values of all symbols. Raises KeyError for one that is missing."""
    def __add__(self, other: ParameterValue) -> Affine: ...
    def __radd__(self, other: ParameterValue) -> Affine: ...
    def __sub__(self, other: ParameterValue) -> Affine: ...
    def __rsub__(self, other: ParameterValue) -> Affine: ...
    def __mul__(self, factor: float) -> Affine: ...
    def __rmul__(self, factor: float) -> Affine: ...
    def __truediv__(self, divisor: float) -> Affine: ...
    def __neg__(self) -> Affine: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Condition:
    """A Boolean expression on classical bits."""

    @staticmethod
    def bit(index: int) -> Condition: ...
    @staticmethod
    def const(value: bool) -> Condition: ...
    @staticmethod
    def compare(bits: Sequence[int], op: str, value: int) -> Condition:
        """The unsigned number of `bits` (least significant first, at most 64) compared by == != < <= > >=."""
    @property
    def clbits(self) -> list[int]:
        """The bits that are read, ascending."""
    def holds(self, bits: Sequence[bool]) -> bool:
        """The value for given bits, bit 0 first; bits beyond the end count as 0."""
    def __invert__(self) -> Condition: ...
    def __and__(self, other: Condition) -> Condition: ...
    def __or__(self, other: Condition) -> Condition: ...
    def __xor__(self, other: Condition) -> Condition: ...
    def to_json(self) -> bytes: ...
    @staticmethod
    def from_json(data: bytes) -> Condition: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

# Circuits

@final
class Instruction:
    """A view of one operation."""

    @property
    def name(self) -> str: ...
    @property
    def qubits(self) -> tuple[int, ...]:
        """All qubits, added controls first."""
    @property
    def clbits(self) -> tuple[int, ...]: ...
    @property
    def params(self) -> tuple[float | Affine, ...]: ...
    @property
    def num_controls(self) -> int:
        """Added controls; those inside the gate (one in CX) not counted."""
    @property
    def ctrl_state(self) -> str:
        """The value each added control must have, control 0 rightmost."""
    @property
    def power(self) -> float: ...
    @property
    def inverse(self) -> bool:
        """Whether the gate, after its power, is inverted."""
    @property
    def condition(self) -> Condition | None: ...
    @property
    def blocks(self) -> tuple[list[Instruction], ...]:
        """`(then,)` or `(then, else)` of an IF, `(body,)` of a WHILE or FOR, `()` of others."""
    @property
    def bound(self) -> int:
        """Rounds of a FOR, most rounds of a WHILE, 0 otherwise."""
    @property
    def computation(self) -> str | None:
        """What a COMPUTE writes, as the JSON of AQO; `None` for others."""
    @property
    def basis(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def pauli(self) -> str:
        """Letters of a PAULI_ROT, first qubit first."""
    @property
    def matrix(self) -> list[list[complex]] | None: ...
    @property
    def label(self) -> str: ...

@final
class Circuit:
    """An immutable circuit; equality and hash go by the digest of its canonical bytes."""

    @property
    def num_qubits(self) -> int: ...
    @property
    def num_clbits(self) -> int: ...
    @property
    def num_scratch(self) -> int:
        """Scratch bits: behind the classical bits, written and read by operations, shown by no counts."""
    @property
    def computes(self) -> bool:
        """Whether classical values are computed while the circuit runs, beyond conditions."""
    @property
    def parameters(self) -> tuple[str, ...]: ...
    @property
    def name(self) -> str: ...
    @property
    def metadata(self) -> dict[str, str]: ...
    @property
    def qubit_registers(self) -> tuple[tuple[str, int, int], ...]:
        """(name, first index, size)."""
    @property
    def clbit_registers(self) -> tuple[tuple[str, int, int], ...]: ...
    @property
    def digest(self) -> str:
        """SHA-256 of the canonical AQO bytes, in hexadecimal."""
    @property
    def depth(self) -> int: ...
    @property
    def has_measurements(self) -> bool: ...
    @property
    def is_dynamic(self) -> bool:
        """Whether each shot needs a run of its own."""
    @property
    def is_flat(self) -> bool:
        """Whether there is no control flow."""
    def count_ops(self) -> dict[str, int]: ...
    def instructions(self) -> list[Instruction]: ...
    def columns(self) -> dict[str, NDArray[Any]]:
        """`opcode` u16, `qubit_start` u32, `qubits` u32, `param_start` u32, `params` f64 (NaN where symbolic)."""
    def to_aqo(self, version: str | None = None) -> bytes: ...
    @staticmethod
    def from_aqo(data: bytes) -> Circuit: ...
    def bind(self, values: Mapping[str, float] | Sequence[float] | NDArray[np.float64]) -> Circuit:
        """Numbers for symbols: some by name, or all by position."""
    def rename_parameters(self, mapping: Mapping[str, str]) -> Circuit: ...
    def inverse(self) -> Circuit: ...
    def controlled(self, n: int = 1, ctrl_state: str | None = None) -> Circuit:
        """Under `n` new controls, which are qubits 0 … n-1 of the result."""
    def power(self, k: float) -> Circuit: ...
    def compose(
        self, other: Circuit, qubits: Sequence[int] | None = None, clbits: Sequence[int] | None = None
    ) -> Circuit: ...
    def remap(self, qubits: Sequence[int], num_qubits: int | None = None) -> Circuit:
        """Qubit k becomes `qubits[k]`."""
    def without_measurements(self) -> Circuit: ...
    def measure_all(self) -> Circuit:
        """With a measurement of every qubit into new classical bits at the end."""
    def __len__(self) -> int: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

@final
class CircuitBuilder:
    """Builds a circuit operation by operation. Mutable. Gates are checked when they come, indices by `build`."""

    def __init__(
        self,
        num_qubits: int = 0,
        num_clbits: int = 0,
        *,
        name: str = "",
        metadata: Mapping[str, str] | None = None,
        parameters: Sequence[str] | None = None,
    ) -> None: ...
    @property
    def num_qubits(self) -> int: ...
    @property
    def num_clbits(self) -> int: ...
    @property
    def num_operations(self) -> int: ...
    def add_qubits(self, n: int, name: str | None = None) -> int: ...
    def add_clbits(self, n: int, name: str | None = None) -> int: ...
    def gate(
        self,
        name: str,
        qubits: Sequence[int],
        params: Sequence[ParameterValue] | None = None,
        *,
        num_controls: int = 0,
        ctrl_state: str | None = None,
        inverse: bool = False,
        power: float = 1.0,
        condition: Condition | None = None,
        matrix: Sequence[Sequence[complex]] | Sequence[complex] | NDArray[Any] | None = None,
        pauli: str | None = None,
    ) -> None:
        """Appends `control(inverse(gate ** power))`; the first `num_controls` qubits are the added controls."""
    def measure(
        self,
        qubits: Sequence[int],
        clbits: Sequence[int],
        basis: str = "Z",
        *,
        condition: Condition | None = None,
    ) -> None: ...
    def reset(self, qubits: Sequence[int], *, condition: Condition | None = None) -> None: ...
    def barrier(self, qubits: Sequence[int]) -> None: ...
    def delay(self, qubits: Sequence[int], duration: ParameterValue, unit: str = "ns") -> None: ...
    def begin_if(self, condition: Condition) -> None: ...
    def begin_else(self) -> None: ...
    def begin_while(self, condition: Condition, max_iterations: int) -> None: ...
    def begin_for(self, count: int) -> None: ...
    def end(self) -> None: ...
    def append(
        self,
        circuit: Circuit,
        qubits: Sequence[int],
        clbits: Sequence[int] | None = None,
        parameters: Mapping[str, ParameterValue] | None = None,
    ) -> None: ...
    def build(self) -> Circuit:
        """The circuit so far; the builder can go on."""

# Gates

@final
class GateInfo:
    """One row of the gate table."""

    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> list[str]: ...
    @property
    def num_qubits(self) -> int | None:
        """None when variadic."""
    @property
    def param_names(self) -> list[str]: ...
    @property
    def qasm_name(self) -> str | None: ...
    @property
    def help(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def is_clifford(self) -> bool: ...
    @property
    def is_diagonal(self) -> bool: ...
    @property
    def is_permutation(self) -> bool: ...
    @property
    def hermitian(self) -> bool: ...
    @property
    def num_controls(self) -> int: ...
    @property
    def base(self) -> str | None: ...

def gate_table() -> list[GateInfo]: ...
def gate_matrix(
    name: str,
    params: Sequence[float] | None = None,
    num_qubits: int | None = None,
    *,
    num_controls: int = 0,
    ctrl_state: str | None = None,
    inverse: bool = False,
    power: float = 1.0,
    matrix: Sequence[Sequence[complex]] | Sequence[complex] | NDArray[Any] | None = None,
    pauli: str | None = None,
) -> list[list[complex]]:
    """The matrix with modifiers applied, row-major; `qubits[0]` is the least significant bit of the index."""

# Observables

@final
class ObservableGroup:
    """Terms that one product basis measures together."""

    @property
    def observable(self) -> Observable: ...
    @property
    def basis(self) -> list[tuple[int, str]]:
        """(qubit, letter to measure), ascending."""
    @property
    def terms(self) -> list[tuple[str, float]]: ...

@final
class Observable:
    """A real sum of Pauli strings, merged and in canonical order."""

    @staticmethod
    def from_terms(num_qubits: int, terms: Sequence[tuple[str, float]]) -> Observable:
        """Labels are sparse (`"X0 Z3"`) or dense (`"IZXY"`, qubit 0 rightmost)."""
    @staticmethod
    def pauli(
        paulis: str, qubits: Sequence[int] | None = None, num_qubits: int | None = None, coefficient: float = 1.0
    ) -> Observable: ...
    @property
    def num_qubits(self) -> int: ...
    @property
    def num_terms(self) -> int: ...
    @property
    def terms(self) -> list[tuple[str, float]]: ...
    @property
    def is_diagonal(self) -> bool: ...
    @property
    def digest(self) -> str: ...
    def groups(self) -> list[ObservableGroup]: ...
    def matrix(self) -> NDArray[np.complex128]: ...
    def to_json(self) -> bytes: ...
    @staticmethod
    def from_json(data: bytes) -> Observable: ...
    def __add__(self, other: Observable) -> Observable: ...
    def __sub__(self, other: Observable) -> Observable: ...
    def __mul__(self, other: Observable | float) -> Observable:
        """A multiple, or the operator product, which must be Hermitian."""
    def __rmul__(self, factor: float) -> Observable: ...
    def __truediv__(self, divisor: float) -> Observable: ...
    def __neg__(self) -> Observable: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

# Noise

@final
class NoiseModel:
    """Which channels act where in a circuit, how readout errs, how long operations take. Equal models are equal."""

    @staticmethod
    def parse(text: str) -> NoiseModel:
        """Named noises joined by `+`, such as `"depolarizing(0.001, 0.01) + readout(0.02)"`, or the JSON form.

        Raises CoreError EIGEN_NOISE_INVALID.
        """
    @staticmethod
    def from_json(data: bytes) -> NoiseModel:
        """The JSON form of a model (`"kind":"noise"`), or calibration data of a device (`"kind":"calibration"`)."""
    def to_json(self) -> bytes:
        """The canonical form."""
    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal."""
    @property
    def is_readout_only(self) -> bool:
        """Whether only the record of measurements errs."""
    @property
    def is_pauli(self) -> bool:
        """Whether its channels are mixtures of Pauli strings; readout may err in any case."""
    def __add__(self, other: NoiseModel) -> NoiseModel: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

# Passes and formats

def verify(circuit: Circuit) -> None:
    """Checks every rule of the IR again."""

def decompose(circuit: Circuit, basis: Sequence[str]) -> Circuit:
    """The circuit in the named gates, exact up to a global phase (kept when GPHASE is in the basis)."""

def simplify(circuit: Circuit, level: int) -> Circuit:
    """Level 0: as it is. 1: identities dropped, neighbours merged and cancelled. 2: also across commuting gates."""

@final
class PassStep:
    """A pass that ran, and the size of the circuit after it; the first one is named `input`."""

    @property
    def name(self) -> str:
        """The pass: one of `pass_names()`, or `input`, `expand`, `translate`, `keep`."""
    @property
    def gates(self) -> int:
        """Gates; the body of a loop counts once, global phases do not count."""
    @property
    def two_qubit_gates(self) -> int:
        """Gates on two qubits or more."""
    @property
    def depth(self) -> int:
        """The longest chain of operations, as `Circuit.depth` counts it."""

def pass_names() -> list[str]:
    """The names of the passes."""

def optimise(
    circuit: Circuit, level: int = 2, basis: Sequence[str] | None = None, *, new_pairs: bool = False
) -> tuple[Circuit, list[PassStep]]:
    """The circuit with fewer gates, first on two qubits, then in all; and every pass that ran, in order.

    With a basis the result is in its gates, exact up to a global phase (kept when GPHASE is in the basis); without
    one every gate may be used. Levels: 0 translates only, 1 looks at neighbours, 2 runs every pass once, 3 repeats
    them while the circuit shrinks. Symbols stay.
    Gates on two qubits stay on pairs that have some, as behind a mapping to a device. `new_pairs` lifts that, where
    all qubits are coupled: gates under many controls borrow other qubits, and from level 2 Pauli rotations are written
    anew.
    Raises EIGEN_COMPILER_UNSUPPORTED when the basis cannot express a gate.
    """

def optimise_relabelled(
    circuit: Circuit, level: int = 2, basis: Sequence[str] | None = None
) -> tuple[Circuit, list[PassStep], list[int]]:
    """`optimise` with new pairs, where qubits may also end elsewhere.

    SWAPs outside blocks become other names of qubits, and from level 2 so do exchanges that save gates. What qubit `k`
    would hold at the end is held by qubit `places[k]`, the last of the three.
    """

def without_negligible(circuit: Circuit, tolerance: float) -> tuple[Circuit, int, float] | None:
    """The circuit without its smallest rotations, how many they were, and a bound, at most `tolerance`, on the distance
    of the two unitaries in the operator norm. None when there are none. What stands in blocks, under a condition or has
    a symbol for its angle stays. Raises EIGEN_GATE_ARGUMENTS for a tolerance that is negative or not finite.
    """

def elide_swaps(circuit: Circuit) -> tuple[Circuit, list[int]]:
    """The circuit without the SWAPs outside blocks and conditions, later operations renamed instead: what qubit `k`
    would hold at the end is held by qubit `places[k]`."""

def optimise_traced(
    circuit: Circuit, level: int, basis: Sequence[str] | None, freedom: str, keep: bool
) -> tuple[Circuit, list[PassStep], list[int], list[tuple[str, Circuit]]]:
    """`optimise`, and with `keep` the circuits on the way, each with how it differs from the one before, `rotations` or
    `runs`; the last one is the result. `freedom`: `pairs`, `coupled` (as with `new_pairs`) or `renamed` (as
    `optimise_relabelled`, with the places third; otherwise they are empty).
    """

def compare_change(
    before: Circuit, after: Circuit, change: str, borrows: bool
) -> tuple[list[int] | None, float, list[str], str]:
    """Where each qubit of a circuit is in another one as wide, which differs from it by a `change` of `rotations` (up
    to the order of those that commute) or `runs` (on pairs of qubits); None when they are not found to be the same, and
    why, last. Second a bound on the operator norm of the difference, third the gates that were too wide to be compared
    with what both were taken apart into. `borrows`: gates under many controls may use other qubits.

    Phases of outcomes do not count. Proves what it finds equal, and nothing otherwise.
    """

def woven(
    circuit: Circuit, other: Circuit, level: int, basis: Sequence[str], share: float, *, keep: bool = False
) -> tuple[Circuit, list[PassStep], list[int], list[tuple[str, Circuit]]] | None:
    """`circuit`, yet to be mapped, read as Pauli rotations and a Clifford gate and written anew, on any pairs and with
    its qubits renamed as by `optimise_traced`. None unless that takes at most `share` of the entangling gates of the
    basis that `other`, another form of the circuit, takes as it stands.
    """

def apply_pass(circuit: Circuit, name: str, basis: Sequence[str] | None = None) -> Circuit:
    """The circuit after one of `pass_names()` alone, equal to it, global phase included."""

class Mapped:
    """A circuit on a device's qubits, and where each logical qubit starts and ends."""

    @property
    def circuit(self) -> Circuit:
        """As wide as the device; every gate on two qubits is on a coupled pair, SWAPs among them."""
    @property
    def initial(self) -> list[int]:
        """Logical qubit `k` starts on physical qubit `initial[k]`."""
    @property
    def last(self) -> list[int]:
        """Logical qubit `k` ends on physical qubit `last[k]`."""
    @property
    def swaps(self) -> int:
        """SWAPs added."""
    @property
    def cost(self) -> int:
        """Entangling gates of the basis that all pairs take, SWAPs merged with their neighbours; none in blocks."""
    @property
    def steps(self) -> list[PassStep]:
        """The size of the circuit as it came (`input`), with gates on two qubits (`expand`), and mapped (`map`)."""

def map_to_device(
    circuit: Circuit,
    num_qubits: int,
    edges: Sequence[tuple[int, int]],
    *,
    level: int = 2,
    seed: int = 0,
    trials: int | None = None,
    threads: int | None = None,
    initial: Sequence[int] | None = None,
    basis: Sequence[str] | None = None,
    errors: Sequence[float] | None = None,
) -> Mapped:
    """The circuit on the qubits of a device with coupled pairs `edges`, directed or not.

    Chooses where qubits start (unless `initial` says it) and adds SWAPs until every gate on two qubits is on a coupled
    pair; gates on more qubits are first written with gates on two. Gates stay as they are, in any direction: `optimise`
    in the device's `basis` merges SWAPs with their neighbours. `errors` are the error rates of the pairs, from 0 to 1.
    Level 0 routes from one layout, 1 tries little, 3 much; `trials` initial layouts instead where given. The result
    depends on the seed and not on `threads` (all cores when `None`).
    Raises EIGEN_COMPILER_UNSUPPORTED when the circuit does not fit.
    """

def load_qasm2(data: bytes) -> Circuit:
    """The circuit of an OpenQASM 2 program; the message of an error begins with `line:column`."""

def dump_qasm2(circuit: Circuit) -> bytes:
    """The OpenQASM 2 program of a circuit."""

def load_qasm3(data: bytes, inputs: Mapping[str, float] | None = None) -> Circuit:
    """The circuit of an OpenQASM 3 program; inputs with a value are constants of it, others become parameters. The
    message of an error begins with `line:column`."""

def dump_qasm3(circuit: Circuit) -> bytes:
    """The OpenQASM 3 program of a circuit."""

def load_stim(data: bytes) -> Circuit:
    """The circuit of a Stim document; the message of an error begins with `line:column`."""

def load_quil(data: bytes) -> Circuit:
    """The circuit of a Quil program; the message of an error begins with `line:column`."""

def named_builder(line: str) -> CircuitBuilder:
    """A builder with the names, registers, parameters and metadata that a line of JSON tells."""

def canonical_json(value: Any) -> bytes:
    """Sorted keys, no white space, UTF-8, floats as `repr` writes them. NaN and infinities are refused."""

# Randomness

@final
class Philox:
    """A stream of random numbers (Philox4x32-10), the same on every host. Mutable."""

    def __init__(self, seed: int, stream: int = 0) -> None: ...
    @property
    def counter(self) -> int: ...
    def uniform(self, n: int) -> list[float]: ...
    def normal(self, n: int) -> list[float]: ...
    def integers(self, low: int, high: int, n: int) -> list[int]: ...
    def permutation(self, n: int) -> list[int]: ...

def derive_seed(seed: int, *path: str | int) -> int: ...

class math:  # noqa: N801
    """The submodule `eigen._core.math`: pure-Rust libm, the same bits on every host. Domain errors give NaN."""

    @staticmethod
    def sin(x: float, /) -> float: ...
    @staticmethod
    def cos(x: float, /) -> float: ...
    @staticmethod
    def tan(x: float, /) -> float: ...
    @staticmethod
    def asin(x: float, /) -> float: ...
    @staticmethod
    def acos(x: float, /) -> float: ...
    @staticmethod
    def atan(x: float, /) -> float: ...
    @staticmethod
    def sinh(x: float, /) -> float: ...
    @staticmethod
    def cosh(x: float, /) -> float: ...
    @staticmethod
    def tanh(x: float, /) -> float: ...
    @staticmethod
    def asinh(x: float, /) -> float: ...
    @staticmethod
    def acosh(x: float, /) -> float: ...
    @staticmethod
    def atanh(x: float, /) -> float: ...
    @staticmethod
    def exp(x: float, /) -> float: ...
    @staticmethod
    def expm1(x: float, /) -> float: ...
    @staticmethod
    def log(x: float, /) -> float: ...
    @staticmethod
    def log1p(x: float, /) -> float: ...
    @staticmethod
    def log2(x: float, /) -> float: ...
    @staticmethod
    def log10(x: float, /) -> float: ...
    @staticmethod
    def sqrt(x: float, /) -> float: ...
    @staticmethod
    def cbrt(x: float, /) -> float: ...
    @staticmethod
    def erf(x: float, /) -> float: ...
    @staticmethod
    def erfc(x: float, /) -> float: ...
    @staticmethod
    def gamma(x: float, /) -> float: ...
    @staticmethod
    def lgamma(x: float, /) -> float: ...
    @staticmethod
    def atan2(x: float, y: float, /) -> float: ...
    @staticmethod
    def pow(x: float, y: float, /) -> float: ...
    @staticmethod
    def hypot(x: float, y: float, /) -> float: ...

# Simulation (section of rust/eigen-py/src/sim)

def instruction_set() -> Literal["avx512", "avx2", "portable"]:
    """The instruction set of the state-vector engine: the best of the processor, unless it is held down."""

def limit_instruction_set(name: str) -> None:
    """Lets the state-vector engine use no better instruction set than `avx512`, `avx2` or `portable`, in this process
    and from now on. AVX2 and AVX-512 give the same bits.
    """

def pauli_growth(
    circuit: Circuit, observable: Observable, *, noise: NoiseModel | None = None, most_terms: int = 1000
) -> dict[str, int]:
    """How the number of Pauli terms grows on the way back through a circuit, for angles that are no quarter turns.

    `rotations` of the circuit that are not Clifford for all values, those `walked` from the end until there were more
    than `most_terms` terms, those among them `branching`, and the most `terms` so far. All terms when `walked` is
    `rotations`.
    """

def not_clifford(circuit: Circuit) -> str | None:
    """Why a circuit is not Clifford for all values of its parameters: its first operation that is not; None when it is.

    Angles count as Clifford within 1e-9 of a quarter turn.
    """

@final
class Counts:
    """How often each key of classical bits came: sorted distinct keys, none that never came."""

    @staticmethod
    def from_dict(counts: Mapping[str, int], num_clbits: int) -> Counts:
        """From keys `c[n-1]…c[0]`. Raises CoreError for keys of another form and numbers that add up beyond 2^64."""
    @property
    def num_clbits(self) -> int: ...
    @property
    def shots(self) -> int:
        """The sum of the values."""
    @property
    def keys_packed(self) -> bytes:
        """All keys, ascending, each in ceil(num_clbits / 8) bytes: classical bit k is bit k % 8 of byte k // 8."""
    @property
    def values(self) -> list[int]:
        """How often each key came, in the order of the keys."""
    def to_dict(self) -> dict[str, int]:
        """Keys `c[n-1]…c[0]`, ascending."""
    def marginal(self, clbits: Sequence[int]) -> Counts:
        """Counts of some bits: bit k of the new keys is bit `clbits[k]` of these."""
    def merge(self, other: Counts) -> Counts:
        """The counts of both, which have the same number of bits."""
    def __len__(self) -> int:
        """Number of distinct keys."""
    def __eq__(self, other: object) -> bool: ...

# Time evolution

@final
class Coefficient:
    """A real function of time from a closed family, over the parameters of an evolution.

    Coefficients add up and multiply, with each other and with what stands for a constant one: a number, an `Affine`,
    the name of a parameter.
    """

    @staticmethod
    def constant(value: ParameterValue) -> Coefficient:
        """The same at all times."""
    @staticmethod
    def cos(omega: ParameterValue, phase: ParameterValue | None = None) -> Coefficient:
        """`cos(omega t + phase)`."""
    @staticmethod
    def sin(omega: ParameterValue, phase: ParameterValue | None = None) -> Coefficient:
        """`sin(omega t + phase)`."""
    @staticmethod
    def gaussian(center: ParameterValue, width: ParameterValue) -> Coefficient:
        """`exp(-(t - center)^2 / (2 width^2))`."""
    @staticmethod
    def polynomial(coefficients: Sequence[float]) -> Coefficient:
        """`c[0] + c[1] t + c[2] t^2 + …`."""
    @staticmethod
    def table(times: Sequence[float], values: Sequence[float], *, linear: bool = True) -> Coefficient:
        """Values at ascending times, joined by straight lines, or each held until the next time. Before the first and
        after the last time the outer values hold."""
    def value(self, t: float) -> float | Affine:
        """The value at a time. Raises CoreError where it is not affine in its parameters."""
    @property
    def is_constant(self) -> bool: ...
    def __add__(self, other: Coefficient | ParameterValue) -> Coefficient: ...
    def __radd__(self, other: ParameterValue) -> Coefficient: ...
    def __sub__(self, other: Coefficient | ParameterValue) -> Coefficient: ...
    def __rsub__(self, other: ParameterValue) -> Coefficient: ...
    def __mul__(self, other: Coefficient | ParameterValue) -> Coefficient: ...
    def __rmul__(self, other: ParameterValue) -> Coefficient: ...
    def __neg__(self) -> Coefficient: ...
    def __eq__(self, other: object) -> bool: ...

@final
class Evolution:
    """Dynamics under a Hamiltonian of Pauli strings; hbar is 1. With collapse operators the Lindblad equation holds.

    Equal evolutions have equal canonical AQO bytes (`kind` is `evolution`); the digest is their SHA-256.
    """

    def __init__(
        self,
        hamiltonian: Observable | Sequence[tuple[str, Coefficient | ParameterValue]],
        time: float,
        *,
        times: Sequence[float] | None = None,
        initial: str | Circuit | Sequence[tuple[float, float]] | None = None,
        observables: Sequence[Observable] | None = None,
        collapse: Sequence[tuple[str, ParameterValue]] | None = None,
        num_qubits: int | None = None,
        name: str = "",
    ) -> None:
        """`hamiltonian` acts for `time`; product formulas take its terms in their order.

        `observables` are recorded at `times`, ascending from 0 to `time` (by default at the end). `initial` is a bit
        string (qubit 0 rightmost), a circuit without measurements, or one Bloch vector (polar angle, azimuth) for each
        qubit; by default |0…0>. `collapse` are (operator, rate) with `X0 Z3`, `S-0` (|0><1|), `S+0` (|1><0|) or `N0`
        (|1><1|). Raises CoreError EIGEN_EVOLUTION_INVALID, EIGEN_OBSERVABLE_INVALID, EIGEN_LIMIT_EXCEEDED.
        """
    @staticmethod
    def from_aqo(data: bytes) -> Evolution: ...
    def to_aqo(self) -> bytes:
        """Canonical bytes."""
    @property
    def num_qubits(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def time(self) -> float: ...
    @property
    def times(self) -> list[float]: ...
    @property
    def parameters(self) -> list[str]:
        """In order of first appearance: initial state, Hamiltonian, collapse operators."""
    @property
    def hamiltonian(self) -> list[tuple[str, float | Affine | Coefficient]]: ...
    @property
    def collapse(self) -> list[tuple[str, float | Affine]]: ...
    @property
    def observables(self) -> list[Observable]: ...
    @property
    def is_time_dependent(self) -> bool: ...
    @property
    def is_open(self) -> bool:
        """Whether there are collapse operators."""
    @property
    def digest(self) -> str: ...
    def preparation(self) -> Circuit:
        """A circuit that prepares the initial state."""
    def bind(self, values: Sequence[float]) -> Evolution:
        """Numbers in place of all parameters, in their order."""
    def to_circuit(self, *, order: int = 2, steps: int) -> Circuit:
        """The initial state and a product formula of order 1, 2, 4, 6, …, up to the phase of the identity's term.

        Raises CoreError EIGEN_SIM_UNSUPPORTED with collapse operators, EIGEN_CIRCUIT_PARAMETERS for coefficients that
        are not affine in their parameters.
        """
    def formula_bound(self, *, order: int = 2, steps: int) -> float | None:
        """A bound in the spectral norm on the error of `to_circuit`, from commutators (Childs et al., Phys. Rev. X 11,
        011020); None beyond order 2 and for coefficients that are not numbers."""
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Propagation:
    """An evolution with its propagator, run with many parameter values.

    `krylov` and `chebyshev` take a constant Hamiltonian, `magnus` any, `trotter` a product formula of `order` (`steps`
    0: as many as the tolerance takes); with collapse operators `density` is exact and `trajectories` a mean with
    standard errors. `auto` takes the cheapest that fits. Equal arguments give equal bits for any number of threads.
    """

    def __init__(
        self,
        evolution: Evolution,
        *,
        method: str = "auto",
        tolerance: float = 1e-10,
        order: int = 2,
        steps: int = 0,
        trajectories: int = 1000,
        threads: int = 0,
        memory_limit_bytes: int | None = None,
    ) -> None:
        """`tolerance` bounds the distance of the final state from the exact one, in the 2-norm.

        Raises CoreError EIGEN_SIM_ARGUMENTS for a method that does not fit the evolution, EIGEN_SIM_MEMORY.
        """
    def run(
        self, params: Sequence[float] | NDArray[np.float64] | None = None, *, seed: int = 0, shots: int | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None, Counts | None]:
        """Expectation values, shape (times, observables); their standard errors where trajectories were averaged; and
        counts of the final state (bit k of a key is qubit k) when shots are asked for."""
    def state(self, params: Sequence[float] | NDArray[np.float64] | None = None) -> NDArray[np.complex128]:
        """The final state, shape (2^n,). Raises CoreError EIGEN_SIM_UNSUPPORTED with collapse operators."""
    def density(self, params: Sequence[float] | NDArray[np.float64] | None = None) -> NDArray[np.complex128]:
        """The final density matrix, shape (2^n, 2^n)."""
    def facts(self) -> dict[str, str | float | int]:
        """What the last call did: method and reason, estimated error, steps, applications of the Hamiltonian."""

@final
class Search:
    """One minimisation under way, asked and told step by step: it evaluates nothing itself.

    The same answers give the same questions, bit for bit, on every host. `method` is `adam`, `cobyla`, `l-bfgs-b`,
    `nelder-mead`, `rotosolve`, `sgd` or `spsa`; `options` holds every option of it (`eigen.ir.loops.search` fills in
    the defaults). While `Plan.minimize` runs it, other threads may only `cancel`; all else raises CoreError
    EIGEN_SIM_ARGUMENTS.
    """

    def __init__(
        self,
        method: str,
        initial: Sequence[float],
        *,
        max_iter: int,
        options: Mapping[str, float | None],
        seed: int = 0,
        tolerance: float | None = None,
        bounds: Sequence[tuple[float | None, float | None]] | None = None,
        batches: tuple[int, int, int] | None = None,
        max_evaluations: int = 100_000,
        gradient_cost: int = 1,
        exact: bool = True,
    ) -> None:
        """`batches` are (samples, batch size, epochs). A gradient counts for `gradient_cost` evaluations; values that
        are not `exact` come from shots."""
    @staticmethod
    def resume(text: str, earlier: Sequence[float] | None = None) -> Search:
        """The search that `checkpoint` wrote, which goes on as if nothing had happened. `earlier` are the values of the
        iterations that it left out; without them `history` begins after these. Raises CoreError EIGEN_SIM_ARGUMENTS for
        anything else."""
    def checkpoint(self, earlier: int = 0) -> str:
        """The whole state as versioned JSON with its digest; the values of the first `earlier` iterations left out."""
    def question(self) -> tuple[Literal["value", "gradient"], list[list[float]], list[int] | None] | None:
        """What is wanted, at which points, about which samples (None: all); None when the search has ended."""
    def tell(self, values: Sequence[float], slopes: Sequence[Sequence[float]] = ()) -> None:
        """Answers the question: a value for each point, and a gradient for each where they are wanted.

        Raises CoreError EIGEN_RUN_FAILED for numbers that are not finite and for an objective that does not suit the
        method.
        """
    def cancel(self) -> None:
        """Makes a loop that runs this search stop before its next question. From any thread, for good."""
    def outcome(self) -> tuple[list[float], float, bool, str] | None:
        """Parameters, value, success and message of a search that has ended."""
    def best(self) -> tuple[float, list[float]] | None:
        """The least value so far over all samples, and its parameters."""
    def history(self, first: int = 0) -> list[float]:
        """The values at the ends of the iterations, from number `first` on."""
    @property
    def method(self) -> str: ...
    @property
    def evaluations(self) -> int:
        """Evaluations answered, those of gradients included."""
    @property
    def iterations(self) -> int: ...

class _Watch(Protocol):
    """`eigen.drivers.driver.Watch`."""

    every_seconds: float
    def look(self, done: int, of: int, size_bytes: int) -> bool: ...
    def write(self, data: bytes) -> bool: ...
    def keep(self, done: int, of: int) -> None: ...
    def open(self) -> bool: ...
    def read(self, size: int) -> bytes: ...
    def opened(self, done: int, of: int, refusal: str | None) -> None: ...

@final
class Plan:
    """A circuit prepared once for an engine, run with many parameter values.

    `pauli` takes observables back through the circuit as sums of Pauli terms: expectation values, gradients and
    probabilities of up to 12 qubits, at any width; `truncation_error_bound` of `facts` is what it dropped at most.

    `statevector` keeps all amplitudes, with the option `precision`: `f64`, or `f32` at half the memory and without
    gradients and variances; its `facts` tell precision, instruction set, passes over memory and threads. `stabilizer`
    runs Clifford circuits of any width and has no amplitudes (`state`, `amplitude`) and no gradients: those raise
    CoreError EIGEN_SIM_UNSUPPORTED, as does a gate that is not Clifford.
    `mps` keeps a matrix product state with the options `max_bond` (256) and `cutoff` (1e-12: the part of the squared
    norm that one truncation may drop); its `facts` tell the bound on the infidelity that truncations have caused. It
    has no gradients. `tn` contracts a network for each question: the options are `memory_bytes` (2 GiB), within which
    indices are sliced, and `max_operations` (42), log2 of the complex multiplications that one call may take; circuits
    measure at the end only.

    `params[k]` is the value of `circuit.parameters[k]`. Equal arguments give equal bits for any number of threads.
    Buffers are kept between calls; calls from several threads wait for each other. The GIL is released.
    """

    def __init__(
        self,
        circuit: Circuit,
        *,
        engine: Literal["statevector", "density", "stabilizer", "sparse", "pauli", "mps", "tn"] = "statevector",
        threads: int = 0,
        memory_limit_bytes: int | None = None,
        options: dict[str, str | float | int | bool | NoiseModel] | None = None,
    ) -> None:
        """`threads` 0: one for each core. The limit defaults to nine tenths of the free memory. `options` are those of
        the engine; one that it does not have is refused by name. `stabilizer` takes `noise`: a model of Pauli channels,
        or its text as in `NoiseModel.parse`. `pauli` takes `noise` (any channels), `cutoff` (Pauli terms with a smaller
        coefficient are dropped; 0), `max_weight` (terms of more letters are dropped) and `max_terms` (2^24).

        CoreError EIGEN_SIM_MEMORY, with the numbers, comes before any state is allocated: from here, or from the
        question that needs one.
        """
    @property
    def num_parameters(self) -> int: ...
    @property
    def num_qubits(self) -> int: ...
    @property
    def keeps_snapshots(self) -> bool:
        """Whether questions may have a `watch`, which keeps the state of the run now and then; see
        `eigen.drivers.driver.Watch`. Answers have the same bits with and without, interrupted or not. Questions that
        are not answered from one run of the whole circuit are not looked after. Of other engines a `watch` raises
        CoreError EIGEN_SIM_UNSUPPORTED."""
    def state(
        self, params: Sequence[float] | NDArray[np.float64] | None = None, *, watch: _Watch | None = None
    ) -> NDArray[np.complex128]:
        """The final state, shape (2^n,); bit k of the index is qubit k. Raises CoreError if the circuit measures."""
    def density_matrix(
        self, params: Sequence[float] | NDArray[np.float64] | None = None, qubits: Sequence[int] | None = None
    ) -> NDArray[np.complex128]:
        """The reduced density matrix of some qubits (all when not named), shape (2^k, 2^k); bit j of an index is
        `qubits[j]`. At most 12 qubits."""
    def amplitude(self, params: Sequence[float] | NDArray[np.float64], index: int) -> complex:
        """The amplitude of one basis state."""
    def probability(
        self, params: Sequence[float] | NDArray[np.float64], bits: str, *, watch: _Watch | None = None
    ) -> float:
        """The probability of one bit string of all qubits, qubit 0 rightmost."""
    def probabilities(
        self, params: Sequence[float] | NDArray[np.float64] | None = None, qubits: Sequence[int] | None = None
    ) -> NDArray[np.float64]:
        """Probabilities of some qubits (all by default), shape (2^k,); bit j of the index is `qubits[j]`."""
    def sample(
        self,
        params: Sequence[float] | NDArray[np.float64] | None = None,
        *,
        shots: int,
        seed: int,
        part: tuple[int, int] | None = None,
        watch: _Watch | None = None,
    ) -> Counts:
        """Runs the circuit's measurements. Classical bits that are never written are 0. With `part`, `(k, n)`, only the
        k-th of n parts of these shots, as many as come to it: the counts of all parts add up to those of the run.

        Circuits that measure on the way are simulated once for each history of outcomes that the shots take. Raises
        CoreError EIGEN_SIM_LOOP_BOUND when a WHILE wants to go on after its last round.
        """
    def sample_bits(
        self, params: Sequence[float] | NDArray[np.float64] | None = None, *, shots: int, seed: int
    ) -> NDArray[np.uint8]:
        """Runs the circuit's measurements: one packed key for each shot, shape (shots, ceil(num_clbits / 8)), in no
        particular order of shots. Classical bit k is bit k % 8 of byte k // 8: `np.unpackbits(…, bitorder="little")`.

        For thousands of bits, where hardly two keys agree; the stabilizer engine draws them without counting.
        """
    def expectation(
        self,
        params: Sequence[float] | NDArray[np.float64],
        observables: Sequence[Observable],
        *,
        watch: _Watch | None = None,
    ) -> list[float]:
        """Exact expectation values."""
    def variance(self, params: Sequence[float] | NDArray[np.float64], observables: Sequence[Observable]) -> list[float]:
        """Exact variances, `<O^2> - <O>^2`."""
    def energy(self, params: Sequence[float] | NDArray[np.float64], observable: Observable) -> float:
        """One exact expectation value: what `expectation` gives, with less to build."""
    def gradient(
        self, params: Sequence[float] | NDArray[np.float64], observable: Observable
    ) -> tuple[float, list[float]]:
        """The expectation value and its derivative by each parameter, by the adjoint method.

        Loops and branches that no measurement decides are written out first. Raises CoreError EIGEN_SIM_UNSUPPORTED
        where outcomes decide.
        """
    def energy_grad(
        self, params: Sequence[float] | NDArray[np.float64], observable: Observable
    ) -> tuple[float, NDArray[np.float64]]:
        """What `gradient` gives, the derivatives as an array."""
    def sample_expectation(
        self,
        params: Sequence[float] | NDArray[np.float64],
        observable: Observable,
        *,
        shots: int,
        seed: int,
        watch: _Watch | None = None,
    ) -> tuple[float, float]:
        """Mean and standard error from shots, shared between qubit-wise commuting groups by their weight."""
    def expectations(self, sets: NDArray[np.float64], observable: Observable) -> NDArray[np.float64]:
        """Expectation values for many sets of parameter values: shape (sets, parameters) to (sets,)."""
    def gradients(
        self, sets: NDArray[np.float64], observable: Observable
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Expectation values, shape (sets,), and their derivatives, shape (sets, parameters)."""
    def minimize(
        self,
        search: Search,
        observable: Observable,
        *,
        scale: float = 1.0,
        offset: float = 0.0,
        evaluations: int | None = None,
        seconds: float | None = None,
        callback: Callable[[int, int, float], object] | None = None,
        every: int = 1,
    ) -> bool:
        """Runs a search on `scale <observable> + offset`, wholly in the core. True when the search has ended.

        It stops early, before a question, after `evaluations` or `seconds` of this call, when the search is cancelled,
        or when `callback(iterations, evaluations, value)`, called every so many iterations, returns False or raises;
        call again to go on. The GIL is released but for the callback.
        """
    def facts(self) -> dict[str, str | float | int]:
        """What the last call did: precision, instruction set, errors of approximations."""

def engine_verdicts(
    circuit: Circuit,
    *,
    shots: int | None = None,
    observables: Sequence[Observable] = (),
    memory_limit_bytes: int = ...,
    prepared: bool = False,
) -> list[tuple[str, float | None, float | None, str]]:
    """What each native engine would take: (engine, seconds, bytes, why); None and the reason where it cannot. With
    `prepared` the seconds of one more run, with other parameters, after the first one."""

def engine_verdicts_with_noise(
    circuit: Circuit,
    noise: NoiseModel,
    *,
    method: str = "auto",
    shots: int | None = None,
    observables: Sequence[Observable] = (),
    memory_limit_bytes: int = ...,
    prepared: bool = False,
) -> list[tuple[str, float | None, float | None, str]]:
    """The same of the engines that have noise. `method` is that of the state vector: `auto`, `trajectories` or
    `density`."""
