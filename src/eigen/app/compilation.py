"""Compilers under the limits of the settings: sources to programs, circuits to the terms of a device."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.compiler import Compiled
    from eigen.compiler.compiler_pool import CompilerPool
    from eigen.config import Settings
    from eigen.ir.targets import Proposer
    from eigen.jobspec.spec import CompilerOptions
    from eigen.kernel.ports import Ports
    from eigen.lang.limits import Limits
    from eigen.types import Device


def make_compile(settings: Settings) -> Callable[..., Compiled]:
    """Compile in this process, under the limits of the settings, with the parser in a process of its own. A server
    uses `make_compiler_pool` instead."""

    def compile_source(source: str, *, check: Callable[[], object] | None = None, **request: Any) -> Compiled:
        from eigen.compiler import compile_program

        if check is not None:
            check()  # from here on it cannot be ended; the limits of the language bound it
        return compile_program(source, limits=_limits(settings), **request)

    return compile_source


def make_compiler_pool(settings: Settings, *, spare: int) -> CompilerPool:
    """Compile in processes of their own, under the limits of the settings; `spare` of them wait for work."""
    from eigen.compiler.compiler_pool import CompilerPool

    return CompilerPool(spare, limits=_limits(settings))


def keep_compiled(settings: Settings, ports: Ports) -> Ports:
    """The same ports, with what they compile kept in memory, programs and circuits in one half of the room each."""
    ports = ports.anew()
    if not settings.compiled_cache_bytes:
        return ports
    from eigen.compiler.kept import KeptCircuits, KeptPrograms

    half = settings.compiled_cache_bytes // 2
    kept, lowered = KeptPrograms(ports.compile, half), KeptCircuits(ports.lower, half)
    return replace(ports, compile=kept, lower=lowered, compile_anew=ports.compile, lower_anew=ports.lower)


def _limits(settings: Settings) -> Limits:
    from eigen.lang.limits import Limits

    return Limits(
        source_bytes=settings.limit_source_bytes,
        nesting_depth=settings.limit_nesting_depth,
        syntax_nodes=settings.limit_syntax_nodes,
        steps=settings.limit_steps,
        operations=settings.limit_operations,
        call_depth=settings.limit_call_depth,
    )


def lower_circuit(
    circuit: Any,
    device: Device,
    *,
    level: int,
    options: CompilerOptions | None = None,
    proposers: Sequence[Proposer] = (),
) -> Any:
    """See `eigen.compiler.lower.lower`."""
    from eigen.compiler.lower import lower

    return lower(circuit, device, level=level, options=options, proposers=proposers)


def proposers(settings: Settings) -> tuple[Proposer, ...]:
    """What may offer compilations something: the knowledge base of the data directory, where it has room."""
    if not settings.knowledge_bytes:
        return ()
    from eigen.ir.targets.knowledge import KnowledgeBase
    from eigen.qfs.shelf import FileShelf

    return (KnowledgeBase(FileShelf(settings.data_dir / "knowledge", settings.knowledge_bytes)),)
