"""Names of single bits, such as `a[0]`, and the registers that they make up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

ELEMENT = re.compile(r"(.+)\[(0|[1-9]\d*)\]", re.DOTALL)


def add_named(names: Sequence[str], add: Callable[[int, str | None], object]) -> None:
    """Adds bits of these names: a run `a[0]`, `a[1]`, … is a register `a`, any other name one of a single bit."""
    for name, size in registers(names):
        add(size, name)


def registers(names: Sequence[str]) -> list[tuple[str, int]]:
    """(name, size) of the registers that bits of these names make up, in order."""
    made: list[tuple[str, int]] = []
    taken: set[str] = set()
    start = 0
    while start < len(names):
        found = ELEMENT.fullmatch(names[start])
        base, size = (found[1], 0) if found and found[2] == "0" else ("", 0)
        while base and start + size < len(names) and names[start + size] == f"{base}[{size}]":
            size += 1
        if not size or base in taken:
            base, size = names[start], 1
        taken.add(base)
        made.append((base, size))
        start += size
    return made


def of_bits(spans: Iterable[tuple[str, int, int]], total: int, loose: str) -> list[str]:
    """A name for each bit: `a[0]` in a register `a`, `loose[k]` outside registers."""
    names = [f"{loose}[{index}]" for index in range(total)]
    for name, start, size in spans:
        names[start : start + size] = [f"{name}[{index}]" for index in range(size)]
    return names


def runs(spans: Iterable[tuple[str, int, int]], total: int) -> list[tuple[str | None, int]]:
    """(name, size) of registers, and of the bits between them, which have no name."""
    found: list[tuple[str | None, int]] = []
    done = 0
    for name, start, size in sorted(spans, key=lambda span: span[1]):
        if start > done:
            found.append((None, start - done))
        found.append((name, size))
        done = start + size
    return found + ([(None, total - done)] if done < total else [])


def add_runs(found: Iterable[tuple[str | None, int]], add: Callable[[int, str | None], object]) -> None:
    """Adds the bits of `runs`."""
    for name, size in found:
        add(size, name)


def spans(found: Iterable[tuple[str | None, int]]) -> Iterator[tuple[str, int, int]]:
    """(name, first index, size) of the registers of `runs`."""
    done = 0
    for name, size in found:
        if name is not None:
            yield name, done, size
        done += size
