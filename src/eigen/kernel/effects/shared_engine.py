"""`SharedEngine`: the face the interpreter sees of several devices that share the shots of its runs.

It runs and does nothing else: programs that ask for more are not placed on several devices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from eigen.errors import EigenError
from eigen.ir.ordered import ordered_sum
from eigen.kernel.effects.verdict import RETRYABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen._core import Counts
    from eigen.kernel.effects.station import Station
    from eigen.kernel.engine import Values
    from eigen.types import Json


class SharedEngine:
    """Runs on the `stations`; the `placement` names all of them, and says why others take no work now."""

    def __init__(self, stations: Sequence[Station], placement: Mapping[str, Any]) -> None:
        self._stations = {station.device.id: station for station in stations}
        self._placement = placement
        self._away = {share["device_id"]: share["away"] for share in placement["shares"] if "away" in share}

    def sample_on(
        self, device_id: str, circuit: int, values: Values, shots: int, seed: int, *, key: str, last: bool
    ) -> Counts | EigenError:
        """See `SharedDevices.sample_on`. A device that charges and may have taken the work is not left: it raises."""
        station = self._stations.get(device_id)
        try:
            if station is None:
                raise EigenError("EIGEN_DEVICE_FAILED", f"`{device_id}` {self._away.get(device_id, 'is not there')}")
            return station.engine.sample(circuit, values, shots, seed, key=key)
        except EigenError as error:
            paid = station is not None and station.may_have(key)
            if last or paid or error.code not in RETRYABLE:
                raise
            return error

    def has_gradient(self, circuit: int, observable: int) -> bool:
        """Nothing but runs."""
        return False

    def has_loop(self, circuit: int, observable: int) -> bool:
        """Nothing but runs."""
        return False

    def load(self, stage: str, index: int, observable: int | None, shots: int | None) -> tuple[int, int]:
        """One circuit, and its shots."""
        return 1, shots or 0

    def metadata(self) -> dict[str, Json]:
        """What all of them did, and each."""
        own: dict[str, dict[str, Any]] = {name: each.engine.metadata() for name, each in self._stations.items()}
        engines: list[Json] = []
        for each in own.values():
            engines += [engine for engine in each["engines"] if engine not in engines]
        return {
            "device_id": self._placement["device_id"],
            "device_digest": self._placement["device_digest"],
            "engines": engines,
            "execution_time_sec": ordered_sum(each["execution_time_sec"] for each in own.values()),
            "evaluations": sum(each["evaluations"] for each in own.values()),
        }

    def devices(self) -> dict[str, Json]:
        """What each of them said of itself."""
        return {name: {**each.engine.metadata(), **each.metadata()} for name, each in self._stations.items()}

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"devices that share shots have no `{name}`")


def delivered(told: Sequence[Mapping[str, Any]]) -> dict[str, Json] | None:
    """What became of work on the devices that charge, together, as `Delivery.to_json` says it of one."""
    each: list[dict[str, Any]] = [one["delivery"] for one in told if "delivery" in one]
    if not each:
        return None
    found: dict[str, Any] = {"policy": each[0]["policy"], "repeated": [row for one in each for row in one["repeated"]]}
    decided: list[Json] = []
    for one in each:
        decided += [row for row in one.get("decisions", ()) if row not in decided]
    return found | ({"decisions": decided} if decided else {})
