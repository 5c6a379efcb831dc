"""The names of Eigen-Lang for Python: a program that imports them runs as a script too, through the embedded system.

Only functions decorated with `@hybrid_program` do something when Python calls them: their file is compiled and run
as a job. Every other name stands for itself until then. The names come from the language's own reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen_lang.deferred import Deferred
from eigen_lang.programs import hybrid_program as hybrid_program

if TYPE_CHECKING:
    from collections.abc import Sequence


def names() -> Sequence[str]:
    """Every name that a program may import."""
    from eigen.lang.prelude import PRELUDE

    return tuple(PRELUDE)


def __getattr__(name: str) -> Any:
    """A name of the language, as something inert; AttributeError with a did-you-mean for other names."""
    if name == "__all__":  # `from eigen_lang import *`
        return list(names())
    if name.startswith("__"):
        raise AttributeError(name)
    known = names()
    if name in known:
        return Deferred(name)
    from eigen.errors import suggest

    hint = suggest(name, known)
    raise AttributeError(f"`{name}` is not a name of Eigen-Lang" + (f"; {hint}" if hint else ""))


def __dir__() -> list[str]:
    return sorted(names())
