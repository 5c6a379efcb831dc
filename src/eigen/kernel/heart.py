"""What keeps a lease alive while its worker is busy: something that beats until it is stopped. By default, a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Heart(Protocol):
    """What the kernel asks of whoever repeats. Tests hand in their own."""

    def start(self, name: str, beat: Callable[[], bool], seconds: float) -> Callable[[], None]:
        """Call `beat` every so many seconds until it returns False, or until what is returned is called: then it is not
        under way any more either."""
        ...


class ThreadHeart:
    """Beats in a thread of its own, which ends with the process."""

    def start(self, name: str, beat: Callable[[], bool], seconds: float) -> Callable[[], None]:
        """See `Heart.start`."""
        import threading

        ended = threading.Event()

        def live() -> None:
            while not ended.wait(seconds) and beat():
                pass

        def end() -> None:
            ended.set()
            thread.join()

        thread = threading.Thread(target=live, name=name, daemon=True)
        thread.start()
        return end
