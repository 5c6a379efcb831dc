"""Calls from the library into pure functions and the core: their complaints become diagnostics at the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.lang.library.arguments import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span


def guarded(ctx: Context, span: Span, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The function's result; ArgumentError and errors of the core become E0403 at `span`."""
    from eigen._core import CoreError

    try:
        return function(*args, **kwargs)
    except (ArgumentError, EigenError, CoreError) as error:
        ctx.fail("E0403", error.message, span, hint=error.hint or "")
    except OverflowError:
        ctx.fail("E0403", "a number is too large here", span)
