"""A program held open: compiled once, evaluated at one parameter value after another by an optimiser of one's own."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from eigen.client.transport import AsyncTransport, Transport
    from eigen.jobspec import Submission
    from eigen.types import Evaluation, Json, Session

LOST = "EIGEN_SESSION_NOT_FOUND"


class HeldSession:
    """A program held open for evaluations. As a function of its parameters it is what `scipy.optimize` wants.

    >>> with client.session("vqe.eigen.py", parameters={"theta": 4}) as energy:   # doctest: +SKIP
    ...     best = scipy.optimize.minimize(energy, x0=[0.1] * 4, method="COBYLA")
    ...     best = scipy.optimize.minimize(energy.value_and_gradient, best.x, jac=True, method="L-BFGS-B")

    Evaluations are numbered from 0 in the order they are asked for, and the number fixes the seed: an evaluation that
    is sent again because a connection broke gives the same answer. A session that the server lost - it was restarted,
    or nobody asked for long - is opened again, and counting goes on. Safe to use from several threads.
    """

    def __init__(self, transport: Transport, job: Submission, parameters: Mapping[str, int]) -> None:
        self._transport = transport
        self._job = job
        self._layout = Layout(parameters)
        self._next = count()
        self._opening = threading.Lock()
        self.info: Session = transport.open_session(job, self._layout.lengths)

    def __enter__(self) -> HeldSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def evaluate(
        self, values: Mapping[str, Any] | None = None, /, *, gradient: bool = False, **named: Any
    ) -> Evaluation:
        """Run the program at these values, by name: numbers, and arrays as lists or NumPy arrays.

        `gradient` asks for the exact derivative of a program that returns one number.
        """
        given = self._layout.by_name({**(values or {}), **named})
        return self._evaluate(given, gradient=gradient)

    def __call__(self, x: ArrayLike) -> float:
        """The number that the program returns; `x` is every parameter in order, one after the other."""
        return number(self._evaluate(self._layout.split(x), gradient=False).outputs)

    def value_and_gradient(self, x: ArrayLike) -> tuple[float, NDArray[np.float64]]:
        """The number and its derivative, shape (n,): `gradient[i]` belongs to `x[i]`. For `jac=True` of SciPy."""
        found = self._evaluate(self._layout.split(x), gradient=True)
        return number(found.outputs), self._layout.join(found.gradient)

    def close(self) -> None:
        """Forget the session; a server that is gone has forgotten it already."""
        try:
            self._transport.close_session(self.info.session_id)
        except EigenError as error:
            if error.code not in {LOST, "EIGEN_SERVER_UNREACHABLE"}:
                raise

    def _evaluate(self, values: Mapping[str, Json], *, gradient: bool) -> Evaluation:
        index, asked = next(self._next), self.info
        try:
            return self._transport.evaluate(asked.session_id, values, index=index, gradient=gradient)
        except EigenError as error:
            if error.code != LOST:
                raise
        with self._opening:
            if self.info is asked:
                self.info = self._transport.open_session(seeded(self._job, asked), self._layout.lengths)
        return self._transport.evaluate(self.info.session_id, values, index=index, gradient=gradient)


class AsyncHeldSession:
    """The same for asyncio: it opens with `async with`; see `HeldSession`."""

    def __init__(self, transport: AsyncTransport, job: Submission, parameters: Mapping[str, int]) -> None:
        import asyncio

        self._transport = transport
        self._job = job
        self._layout = Layout(parameters)
        self._next = count()
        self._opening = asyncio.Lock()
        self._info: Session | None = None

    async def __aenter__(self) -> AsyncHeldSession:
        await self._open(None)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def info(self) -> Session:
        """What is held; EIGEN_SESSION_NOT_FOUND before it was opened."""
        if self._info is None:
            raise EigenError(LOST, "the session is not open", hint="use it in `async with`")
        return self._info

    async def evaluate(
        self, values: Mapping[str, Any] | None = None, /, *, gradient: bool = False, **named: Any
    ) -> Evaluation:
        """See `HeldSession.evaluate`."""
        given = self._layout.by_name({**(values or {}), **named})
        return await self._evaluate(given, gradient=gradient)

    async def __call__(self, x: ArrayLike) -> float:
        """See `HeldSession.__call__`."""
        return number((await self._evaluate(self._layout.split(x), gradient=False)).outputs)

    async def value_and_gradient(self, x: ArrayLike) -> tuple[float, NDArray[np.float64]]:
        """See `HeldSession.value_and_gradient`."""
        found = await self._evaluate(self._layout.split(x), gradient=True)
        return number(found.outputs), self._layout.join(found.gradient)

    async def close(self) -> None:
        """See `HeldSession.close`."""
        if self._info is None:
            return
        try:
            await self._transport.close_session(self._info.session_id)
        except EigenError as error:
            if error.code not in {LOST, "EIGEN_SERVER_UNREACHABLE"}:
                raise

    async def _evaluate(self, values: Mapping[str, Json], *, gradient: bool) -> Evaluation:
        index, asked = next(self._next), self.info
        try:
            return await self._transport.evaluate(asked.session_id, values, index=index, gradient=gradient)
        except EigenError as error:
            if error.code != LOST:
                raise
        await self._open(asked)
        return await self._transport.evaluate(self.info.session_id, values, index=index, gradient=gradient)

    async def _open(self, lost: Session | None) -> None:
        async with self._opening:
            if self._info is lost:
                job = self._job if lost is None else seeded(self._job, lost)
                self._info = await self._transport.open_session(job, self._layout.lengths)


class Layout:
    """Where each parameter lies in one flat vector: in the order given, arrays with their length, numbers with 1."""

    def __init__(self, lengths: Mapping[str, int]) -> None:
        self.lengths = dict(lengths)
        self.size = sum(max(length, 1) for length in self.lengths.values())

    def by_name(self, given: Mapping[str, Any]) -> dict[str, Json]:
        """The values as JSON; EIGEN_REQUEST_INVALID for what is no number and no list of numbers."""
        return {name: _plain(name, value) for name, value in given.items()}

    def split(self, x: ArrayLike) -> dict[str, Json]:
        """A flat vector by name; EIGEN_REQUEST_INVALID for another length."""
        given = _plain("x", x)
        flat: list[Json] = [given] if _is_number(given) else given
        if len(flat) != self.size:
            message = f"`x` has {len(flat)} numbers, the parameters of the session have {self.size}"
            raise EigenError("EIGEN_REQUEST_INVALID", message, where="x")
        values: dict[str, Json] = {}
        start = 0
        for name, length in self.lengths.items():
            values[name] = flat[start : start + length] if length else flat[start]
            start += max(length, 1)
        return values

    def join(self, gradient: Mapping[str, Json] | None) -> NDArray[np.float64]:
        """Derivatives by name as one flat vector."""
        import numpy as np

        parts = [np.atleast_1d(np.asarray((gradient or {})[name], np.float64)) for name in self.lengths]
        return np.concatenate(parts) if parts else np.zeros(0)


def lengths(parameters: Mapping[str, int] | Sequence[str]) -> dict[str, int]:
    """Open parameters with their lengths; names alone are numbers."""
    if isinstance(parameters, Mapping):
        return dict(parameters)
    return dict.fromkeys([parameters] if isinstance(parameters, str) else parameters, 0)


def seeded(job: Submission, lost: Session) -> Submission:
    """The job with the seed of a session of it, so that the next one gives the same answers."""
    return replace(job, spec=replace(job.spec, seed=lost.seed))


def number(outputs: Json) -> float:
    """The one number that a program returned; EIGEN_REQUEST_INVALID for anything else."""
    if isinstance(outputs, bool) or not isinstance(outputs, int | float):
        message = f"the program returns `{str(outputs)[:60]}`, and one number is needed here"
        raise EigenError("EIGEN_REQUEST_INVALID", message, hint="`evaluate` gives what the program returns as it is")
    return float(outputs)


def _plain(name: str, value: Any) -> Json:
    """A number or a flat list of numbers, from whatever holds them: a float, a list, an array, a list of scalars."""
    plain: Any = value.tolist() if hasattr(value, "tolist") else value
    if _is_number(plain):
        return plain
    items: list[Any] = [item.item() if hasattr(item, "item") else item for item in plain] if _is_row(plain) else [None]
    if not all(_is_number(item) for item in items):
        message = f"`{name}` must be a number or a flat list of numbers, not `{str(value)[:60]}`"
        raise EigenError("EIGEN_REQUEST_INVALID", message, where=name)
    return items


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_row(value: Any) -> bool:
    return isinstance(value, list | tuple)
