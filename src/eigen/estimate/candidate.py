"""A program on one device: its evaluations added up."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.estimate.budget import Bound, unbounded
from eigen.estimate.confidence import fitted_interval, time_interval
from eigen.estimate.pieces import Size
from eigen.estimate.success import Success
from eigen.types import Tariff
from eigen.types.cost_model import CostModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.estimate.demand import Demand
    from eigen.estimate.pieces import Piece, Pieces
    from eigen.types import Device

NO_PRICE = "no price sheet"


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long the device works: `usual`, in most cases between `low` and `high`; and `most`, when every loop takes
    all that it may and the prediction is as far off as `high`: None when nothing bounds it."""

    usual: float
    low: float
    high: float
    most: float | None

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Seconds:
        """The time that `to_json` wrote."""
        return Seconds(value["usual"], value["low"], value["high"], value["most"])


@dataclass(frozen=True, slots=True)
class Cost:
    """What the work costs by a tariff: `usual`, and at `most` (None when nothing bounds it), in a `currency`, by a
    price `sheet` `as_of` a date; these are empty where the driver says it itself."""

    usual: float
    most: float | None
    currency: str
    sheet: str
    as_of: str

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Cost:
        """The cost that `to_json` wrote."""
        return Cost(value["usual"], value["most"], value["currency"], value["sheet"], value["as_of"])


@dataclass(frozen=True, slots=True)
class Candidate:
    """The estimate of one device; `refused` says why it cannot run the program, and then the rest is empty.

    `circuits` are as the device runs them. `seconds`, `cost` and `success` (that of the least likely circuit) are None
    with the reason in `why`. `memory_bytes` is that of a simulator's state, `wait_seconds` the device's queue.
    `budget` has each limit of the job's budget beside what it would take.
    """

    device_id: str
    refused: str | None = None
    circuits: tuple[Size, ...] = ()
    seconds: Seconds | None = None
    memory_bytes: float | None = None
    tasks: tuple[float, float] = (0.0, 0.0)
    shots: tuple[float, float] = (0.0, 0.0)
    cost: Cost | None = None
    success: Success | None = None
    is_exact: bool = False
    wait_seconds: float = 0.0
    why: tuple[tuple[str, str], ...] = ()
    budget: tuple[Bound, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a JSON object; what has no bound is null."""
        if self.refused is not None:
            return {"device_id": self.device_id, "refused": self.refused}
        return {
            "device_id": self.device_id,
            "refused": None,
            "circuits": [size.to_json() for size in self.circuits],
            "seconds": None if self.seconds is None else self.seconds.to_json(),
            "memory_bytes": None if self.memory_bytes is None else round(self.memory_bytes),
            "tasks": {"usual": round(self.tasks[0]), "most": _bounded(self.tasks[1])},
            "shots": {"usual": round(self.shots[0]), "most": _bounded(self.shots[1])},
            "cost": None if self.cost is None else self.cost.to_json(),
            "success": None if self.success is None else self.success.to_json(),
            "exact": self.is_exact,
            "wait_seconds": self.wait_seconds,
            "why": dict(self.why),
            "budget": [bound.to_json() for bound in self.budget],
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Candidate:
        """The candidate that `to_json` wrote."""
        if value["refused"] is not None:
            return Candidate(value["device_id"], value["refused"])
        return Candidate(
            value["device_id"],
            None,
            tuple(Size.from_json(size) for size in value["circuits"]),
            None if value["seconds"] is None else Seconds.from_json(value["seconds"]),
            value["memory_bytes"],
            (value["tasks"]["usual"], unbounded(value["tasks"]["most"])),
            (value["shots"]["usual"], unbounded(value["shots"]["most"])),
            None if value["cost"] is None else Cost.from_json(value["cost"]),
            None if value["success"] is None else Success.from_json(value["success"]),
            value["exact"],
            value["wait_seconds"],
            tuple(value["why"].items()),
            tuple(Bound.from_json(bound) for bound in value["budget"]),
        )


def candidate(pieces: Pieces, demand: Demand, *, refused: str | None = None) -> Candidate:
    """The estimate of one device, or why it cannot run the program."""
    device = pieces.device
    if refused is not None:
        return Candidate(device.id, refused)
    try:
        known = {ask.question: pieces.piece(ask) for ask in {each.question: each for each in demand.asks}.values()}
    except EigenError as error:
        if error.code not in {"EIGEN_COMPILER_UNSUPPORTED", "EIGEN_USAGE"}:
            raise
        return Candidate(device.id, error.message)
    rows = [(ask, known[ask.question]) for ask in demand.asks]
    sizes = tuple({size.circuit: size for piece in known.values() for size in piece.sizes}.values())
    tasks = (sum(ask.usual * piece.tasks for ask, piece in rows), _most((a.most, p.tasks) for a, p in rows))
    seconds, slow = _seconds(rows, device)
    cost, dear = _cost(device, tasks, demand.shots, seconds)
    success, unlikely = _success(pieces, sizes)
    memory = max((piece.bytes for piece in known.values() if piece.bytes is not None), default=None)
    exact = device.backend_type == "simulator" and not pieces.is_noisy and not _truncates(device, seconds)
    why = {"seconds": slow, "cost": dear, "success": "" if exact else unlikely}
    return Candidate(
        device.id,
        None,
        sizes,
        seconds,
        memory,
        tasks,
        demand.shots,
        cost,
        success,
        exact,
        max(0.0, device.estimated_wait_sec),
        tuple((name, text) for name, text in why.items() if text),
    )


def _seconds(rows: list[tuple[Any, Piece]], device: Device) -> tuple[Seconds | None, str]:
    """All evaluations; with the reason when one of them is not known, else what the longest one rests on."""
    for _, piece in rows:
        if piece.seconds is None:
            return None, piece.why
    first = sum(piece.seconds or 0.0 for _, piece in rows)
    usual = first + sum(max(ask.usual - 1.0, 0.0) * piece.again for ask, piece in rows)
    most = first + _most((ask.most - 1.0, piece.again) for ask, piece in rows)
    longest = max(rows, key=lambda row: (row[1].seconds or 0.0) + row[0].usual * row[1].again, default=None)
    why = "" if longest is None else longest[1].why
    model = CostModel.of(device)
    if model is not None:
        low, high = fitted_interval(model.off, usual)
        longest_high = fitted_interval(model.off, most)[1]
        return Seconds(usual, low, high, longest_high if isfinite(longest_high) else None), why
    if device.properties.get("estimated") is not True:
        return Seconds(usual, usual, usual, most if isfinite(most) else None), why
    engine = str(device.properties.get("engine"))
    (low, high), (_, longest_high) = time_interval(engine, usual), time_interval(engine, most)
    return Seconds(usual, low, high, longest_high if isfinite(longest_high) else None), why


def _cost(
    device: Device, tasks: tuple[float, float], shots: tuple[float, float], seconds: Seconds | None
) -> tuple[Cost | None, str]:
    tariff = Tariff.of(device)
    if tariff is None:
        return None, NO_PRICE
    if tariff.per_second and seconds is None:
        return None, "it charges by the second, and nothing tells how many there are"
    usual = tariff.cost(tasks=tasks[0], shots=shots[0], seconds=seconds.usual if seconds else 0.0)
    longest = float("inf") if seconds is None or seconds.most is None else seconds.most
    most = tariff.cost(
        tasks=tasks[1] if tariff.per_task else 0.0,
        shots=shots[1] if tariff.per_shot else 0.0,
        seconds=longest if tariff.per_second else 0.0,
    )
    return Cost(usual, most if isfinite(most) else None, tariff.currency, tariff.sheet, tariff.as_of), ""


def _success(pieces: Pieces, sizes: tuple[Size, ...]) -> tuple[Success | None, str]:
    """That of the least likely circuit; of several, only when it is known of all."""
    known = [size.success for size in sizes if size.success is not None]
    if len(known) < len(sizes) or not known:
        return None, next((size.why for size in sizes if size.success is None), "there is no circuit")
    return min(known, key=lambda each: each.value), ""


def _truncates(device: Device, seconds: Seconds | None) -> bool:
    """Whether a simulator might leave something out: it can, and no cost model says that it need not."""
    return "calibration" in device.properties or (device.properties.get("approximate") is True and seconds is None)


def _most(terms: Any) -> float:
    """The sum of counts times amounts, in which nothing times infinitely often is nothing."""
    return sum(count * amount for count, amount in terms if amount)


def _bounded(count: float) -> int | None:
    return round(count) if isfinite(count) else None
