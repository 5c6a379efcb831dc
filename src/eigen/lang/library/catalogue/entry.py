"""One row of the language's own reference: a name, how it is called, what it does, and a program that uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.context import Context
    from eigen.lang.values import Call, Object, Value


@dataclass(frozen=True, slots=True)
class Entry:
    """A name of the language. `signature` is what stands between the parentheses; `value` is what the name means.

    `example` is the body of a main function, or a whole program when it has a decorated function of its own.
    """

    name: str
    group: str
    signature: str
    doc: str
    example: str
    value: Object | Callable[[Context, Call], Value]
    result: str = "Any"

    @property
    def usage(self) -> str:
        """The call as text."""
        return f"{self.name}({self.signature})"

    def program(self) -> str:
        """The example as a whole program."""
        head = "from eigen_lang import *\n\n\n"
        if "def main" in self.example:
            return f"{head}{self.example}"
        body = "\n".join(f"    {line}" if line else "" for line in self.example.rstrip().split("\n"))
        return f"{head}@hybrid_program(shots=100, seed=1)\ndef main():\n{body}\n"
