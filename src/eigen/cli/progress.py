"""Following a job on stderr: one line that moves on a terminal, one line per step elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from eigen.cli.output import printable, talk

if TYPE_CHECKING:
    from types import TracebackType

    from eigen.types import JobEvent

BAR = 20


class Progress:
    """Shows events as they come; use as a context manager, so that the last line is finished."""

    def __init__(self) -> None:
        self._moves = sys.stderr.isatty()
        self._shown = ""
        self._drawn = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            talk("\n")

    def show(self, event: JobEvent) -> None:
        """Show one event: its state, how far it is, and the iteration and value where there are any."""
        text = describe(event)
        if not self._moves:
            if text != self._shown:
                talk(text + "\n")
            self._shown = text
            return
        done = round(BAR * max(0.0, min(1.0, event.progress)))
        line = f"[{'#' * done}{'.' * (BAR - done)}] {text}"[: _width() - 1]
        talk(f"\r{line}{' ' * max(0, len(self._shown) - len(line))}")
        self._shown, self._drawn = line, True


def describe(event: JobEvent) -> str:
    """An event in one line of text."""
    parts = [event.state.value]
    if event.stage and event.stage.upper() != event.state.value:
        parts.append(event.stage)
    iteration, value = event.data.get("iteration"), event.data.get("value")
    message = event.message
    if isinstance(iteration, int) and str(iteration) not in message:
        parts.append(f"iteration {iteration}")
    if isinstance(value, int | float) and not isinstance(value, bool) and "value" not in message:
        parts.append(f"value {value:.10g}")
    if message and message.lower() not in {event.state.value.lower(), event.stage.lower()}:
        parts.append(message)
    return printable(" · ".join(parts)).replace("\n", " ")


def _width() -> int:
    import shutil

    return shutil.get_terminal_size().columns
