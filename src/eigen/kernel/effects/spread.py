"""`Spread`: work of one attempt that is done elsewhere, begun before it is asked for, so that it runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.kernel.work_identity import identity_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eigen.kernel.ports import Elsewhere, Errand
    from eigen.types import Device, Work, WorkResult

WAIT_SECONDS = 0.25
"""How long one waits before looking whether the job goes on."""

TRIES = 16
"""Pieces that are not worth the way, one after the other, before one stops looking further."""


class Spread:
    """The work of a job (named by `name`) on one device that another process does. What is not worth the way is done
    here. `tasks` counts what was done elsewhere."""

    def __init__(self, elsewhere: Elsewhere, device: Device, name: str) -> None:
        self._elsewhere = elsewhere
        self._device = device
        self._name = name
        self._under_way: dict[str, Errand] = {}
        self._coming: list[tuple[Iterator[Work], list[int]]] = []
        self.tasks = 0

    @property
    def executor(self) -> str:
        """Its name, for the record."""
        return self._elsewhere.name

    def foresee(self, coming: Iterator[Work], *, nested: bool = False) -> Callable[[], int]:
        """Hear of work that will be asked for, in this order, in place of what one has heard; `nested`: before the
        rest of that. As much of it is begun as may be under way; returns what tells how much that was so far."""
        begun = [0]
        del self._coming[1 if nested else 0 :]
        self._coming.append((coming, begun))
        return lambda: begun[0]

    def has_begun(self, work: Work) -> bool:
        """Whether this work is under way elsewhere."""
        return bool(self._under_way) and identity_of(work) in self._under_way

    def run(self, work: Work, here: Callable[[Work], WorkResult], check: Callable[[], object]) -> WorkResult:
        """The result of work, from where it is under way, else by `here`. `check` is called now and then and may
        raise."""
        self._begin_more()
        errand = self._under_way.pop(identity_of(work), None)
        if errand is None and self._elsewhere.takes(self._device, work, alone=not self._under_way):
            errand = self._elsewhere.begin(self._name, self._device, work)
        if errand is None:
            result = here(work)
            self._elsewhere.observe(self._device, work, result.execution_time_sec)
            return result
        while True:
            try:
                result = errand.result(WAIT_SECONDS, here)
            except EigenError as error:
                if error.code != "EIGEN_RUN_TIMEOUT":
                    raise
            else:
                self.tasks += 1
                return result
            check()

    def end(self, *, for_good: bool) -> None:
        """The attempt is over. `for_good`: so is the job; else what is under way is found again by the next attempt."""
        self._coming.clear()
        self._under_way.clear()
        if for_good:
            self._elsewhere.release(self._name)

    def _begin_more(self) -> None:
        room = self._elsewhere.ahead - len(self._under_way)
        chosen: dict[str, tuple[Work, list[int]]] = {}
        while self._coming and len(chosen) < room:
            coming, begun = self._coming[-1]
            if not self._choose(coming, begun, chosen, room):
                self._coming.pop()
        if len(chosen) == 1 and not self._under_way:
            return  # nothing runs beside it: whether it goes is decided when it is asked for
        for identity, (work, begun) in chosen.items():
            self._under_way[identity] = self._elsewhere.begin(self._name, self._device, work)
            begun[0] += 1

    def _choose(
        self, coming: Iterator[Work], begun: list[int], chosen: dict[str, tuple[Work, list[int]]], room: int
    ) -> bool:
        """Choose of what is coming until there is no more room; False when there is no more of it."""
        vain = 0
        for work in coming:
            identity = identity_of(work)
            if identity in self._under_way or identity in chosen:
                continue
            if self._elsewhere.takes(self._device, work, alone=False):
                chosen[identity] = (work, begun)
                vain = 0
            elif (vain := vain + 1) >= TRIES:
                return False
            if len(chosen) >= room:
                return True
        return False
