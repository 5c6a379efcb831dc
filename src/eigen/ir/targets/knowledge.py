"""The knowledge base: circuits that were compiled and verified before, found again by what was asked.

The same question of the same version has the same answer: remembering changes no result, only the time it takes.
Where the shelf lies, and how much it holds, is the caller's: a `dict` will do.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from eigen import _core
from eigen.ir.rewriting import empty_like
from eigen.ir.targets.proposals import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from eigen.ir.targets.proposals import Question

LARGEST = 4 * 1024 * 1024
"""Bytes of an answer that is kept."""


class Shelf(Protocol):
    """Where answers are kept, by a key of 64 hexadecimal digits; it may forget."""

    def get(self, key: str, /) -> bytes | None:
        """What was kept."""
        ...

    def __setitem__(self, key: str, data: bytes, /) -> None:
        """Keep."""
        ...


class KnowledgeBase:
    """A proposer of whole circuits. What it finds on the shelf is never trusted: the compiler checks it as it does any
    proposal, and an entry that cannot be read is as good as none."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def circuits(self, question: Question) -> Iterator[Candidate]:
        """The answer to the same question."""
        data = self._shelf.get(_key(question))
        found = None if data is None else _read(data, question)
        if found is not None:
            yield found

    def layouts(self, question: Question) -> Iterable[Sequence[int]]:
        """None: a layout from elsewhere could change the result."""
        del question
        return ()

    def learn(self, question: Question, answer: Candidate) -> None:
        """Keep an answer that is not too large."""
        value = {
            "circuit": answer.circuit.to_aqo().decode(),
            "initial": list(answer.initial),
            "final": list(answer.final),
            "swaps": answer.swaps,
        }
        data = json.dumps(value).encode()
        if len(data) <= LARGEST:
            self._shelf[_key(question)] = data


def _key(question: Question) -> str:
    """Answers of another version of the compiler are other answers."""
    return sha256(f"{_core.__version__} {question.key}".encode()).hexdigest()


def _read(data: bytes, question: Question) -> Candidate | None:
    try:
        value = json.loads(data)
        kept = _core.Circuit.from_aqo(value["circuit"].encode())
        initial, final = tuple(map(int, value["initial"])), tuple(map(int, value["final"]))
        return Candidate(_named(kept, question), initial, final, int(value["swaps"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, _core.CoreError):
        return None


def _named(kept: _core.Circuit, question: Question) -> _core.Circuit:
    """With the names of this circuit, where those of the one that was compiled then stood."""
    given = question.circuit
    same = kept.num_qubits == given.num_qubits and not question.target.coupling
    builder = empty_like(given, None if same else kept.num_qubits)
    builder.append(kept, range(kept.num_qubits), range(kept.num_clbits))
    return builder.build()
