"""What was compiled before, in the memory of this process: programs by all that was asked, circuits in a device's terms
by circuit, device and options. Values of parameters that are open are no part of either.

What is found is, to the byte, what compiling again would give: compilation depends on nothing else (invariant 2). It
stands in front of the processes that compile, and is bounded; who was asked least recently goes first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from eigen.telemetry import count

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Mapping

    from eigen.compiler.documents import CompiledApart
    from eigen.ir import Circuit
    from eigen.jobspec.spec import CompilerOptions
    from eigen.types import CompiledDocument, Dataset, Device, Json


class Documented(Protocol):
    """What compiling gives."""

    def to_document(self) -> CompiledDocument:
        """As documents."""
        ...


class InTerms(Protocol):
    """What lowering gives."""

    @property
    def circuit(self) -> Circuit:
        """The circuit in the device's terms."""
        ...


T = TypeVar("T")
Low = TypeVar("Low", bound=InTerms)
LARGEST = 8
"""Nothing is kept that takes more than this part of the bound."""

READ = 12
"""What a program takes in memory once it is read, in bytes for each byte of its document, about."""

OPERATION_BYTES = 256
ENTRY_BYTES = 4096
"""What an operation of a circuit takes, and an entry with its report beside that, rounded up."""

WAIT_SECONDS = 0.1
"""How often who waits for another compilation of the same looks whether the answer is still wanted."""


class Kept(Generic[T]):
    """Values by key, within a bound on their bytes. `kind` is their name among the metrics. Safe for threads."""

    def __init__(self, kind: str, most_bytes: int) -> None:
        self._kind = kind
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._bytes = 0

    @property
    def bytes(self) -> int:
        """What is kept takes, as it was counted when it came."""
        return self._bytes

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self._entries)

    def get(self, key: Hashable) -> T | None:
        """What is kept under the key, or None; counted."""
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
        count("eigen_compiler_cache_total", kind=self._kind, outcome="miss" if found is None else "hit")
        return None if found is None else found[0]

    def put(self, key: Hashable, value: T, size: int) -> None:
        """Keep a value of so many bytes, if it is not too large."""
        if size > self._most_bytes // LARGEST:
            return
        with self._lock:
            if key in self._entries:
                return
            self._entries[key] = (value, size)
            self._bytes += size
            while self._bytes > self._most_bytes:
                _, (_, gone) = self._entries.popitem(last=False)
                self._bytes -= gone


class KeptPrograms:
    """A compile function in front of another one. The same program is compiled once, also when several ask for it at
    the same time. What does not compile is not kept.

    Tenants share it: it finds nothing but what the asking one has sent, with all its inputs.
    """

    def __init__(self, compiler: Callable[..., Documented], most_bytes: int) -> None:
        self._compile = compiler
        self.kept: Kept[CompiledApart] = Kept("program", most_bytes)
        self._lock = threading.Lock()
        self._under_way: dict[str, threading.Event] = {}

    def __call__(
        self,
        source: str | bytes,
        *,
        filename: str,
        format: str,
        entrypoint: str | None,
        inputs: Mapping[str, Json],
        datasets: Mapping[str, Dataset],
        options: Mapping[str, Json],
        parameters: Mapping[str, int] | None = None,
        check: Callable[[], object] | None = None,
    ) -> CompiledApart:
        """Compile; see `eigen.kernel.ports.Compile`."""
        from eigen.compiler.documents import CompiledApart, Request
        from eigen.lang.limits import DEFAULT_LIMITS

        if check is not None:
            check()
        asked = Request(
            source=source,
            filename=filename,
            format=format,
            entrypoint=entrypoint,
            inputs=inputs,
            datasets=datasets,
            options=options,
            parameters=parameters,
            limits=DEFAULT_LIMITS,  # they decide only what is refused
            memory_bytes=0,
            cpu_seconds=0,
        )
        key = sha256(asked.dump()).hexdigest()
        with self._turn(key, check):
            found = self.kept.get(key)
            if found is not None:
                return found
            compiled = self._compile(
                source,
                filename=filename,
                format=format,
                entrypoint=entrypoint,
                inputs=inputs,
                datasets=datasets,
                options=options,
                parameters=parameters,
                check=check,
            )
            document = compiled.to_document()
            made = CompiledApart(document.program, document.circuit, document.report)
            size = READ * (len(document.program) + len(document.circuit or b"")) + len(repr(document.report))
            self.kept.put(key, made, ENTRY_BYTES + size)
            return made

    @contextmanager
    def _turn(self, key: str, check: Callable[[], object] | None) -> Generator[None]:
        """Wait while another thread compiles the same."""
        mine = threading.Event()
        while True:
            with self._lock:
                theirs = self._under_way.setdefault(key, mine)
            if theirs is mine:
                break
            while not theirs.wait(WAIT_SECONDS):
                if check is not None:
                    check()
        try:
            yield
        finally:
            with self._lock:
                del self._under_way[key]
            mine.set()


class KeptCircuits(Generic[Low]):
    """A lowering function in front of another one: by the digests of circuit and device, the level and the options."""

    def __init__(self, lower: Callable[..., Low], most_bytes: int) -> None:
        self._lower = lower
        self.kept: Kept[Low] = Kept("circuit", most_bytes)

    def __call__(self, circuit: Circuit, device: Device, *, level: int, options: CompilerOptions | None = None) -> Low:
        """Lower; see `eigen.kernel.ports.Lower`."""
        key = (circuit.digest, device.digest, level, options)
        found = self.kept.get(key)
        if found is None:
            found = self._lower(circuit, device, level=level, options=options)
            operations = len(circuit) + len(found.circuit)
            self.kept.put(key, found, ENTRY_BYTES + OPERATION_BYTES * operations)
        return found
