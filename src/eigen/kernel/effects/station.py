"""`Station`: one device within one attempt at a program, and all that its work goes through."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from eigen.drivers.driver import BatchDriver
from eigen.jobspec.spec import OFF
from eigen.kernel.effects.batching import Batching
from eigen.kernel.effects.delivery import Delivery, origin_of
from eigen.kernel.effects.device_engine import DeviceEngine
from eigen.kernel.effects.recall import Recall
from eigen.kernel.effects.region import lowering
from eigen.kernel.effects.submission import Submission
from eigen.kernel.resolved import level_of, work_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from eigen.ir.program import Program
    from eigen.jobspec import JobSpec
    from eigen.kernel.effects.control import Account
    from eigen.kernel.effects.snapshots import Snapshots
    from eigen.kernel.lease import Lease
    from eigen.kernel.lookahead import Coming
    from eigen.kernel.ports import Elsewhere, LoweredCircuit, Ports
    from eigen.types import Device, Json


class Station:
    """The engine of a program on one device. `drawn`: the seed of the run was; `alone`: the run has no other device;
    `position` is the number of the evaluation that is being made."""

    def __init__(
        self,
        ports: Ports,
        lease: Lease,
        program: Program,
        spec: JobSpec,
        device: Device,
        lowered: Sequence[LoweredCircuit],
        *,
        spending: Account,
        snapshots: Snapshots | None,
        position: Callable[[], int],
        drawn: bool,
        alone: bool = True,
    ) -> None:
        self.device = device
        self._ports = ports
        self._origin = origin_of(ports, lease.job)
        self._delivery = None
        if "metered" in device.features:
            policy = spec.delivery or ports.default_delivery
            self._delivery = Delivery(
                ports, lease, device, origin=self._origin, policy=policy, spending=spending, alone=alone
            )
        driver = ports.devices.driver_for(device.id)
        self._batching = None
        if device.properties.get("hosted") is True and isinstance(driver, BatchDriver):
            self._batching = Batching(driver, driver, device, ports.clock.monotonic)
        self._recall = None if drawn else self._recalled(lease, spec, position)
        submission = Submission(
            driver,
            device,
            lease,
            name=self._origin,
            delivery=self._delivery,
            elsewhere=elsewhere_of(self._ports, self.device) or self._batching,
            recall=self._recall,
            snapshots=snapshots,
        )
        self.repeatable = submission.repeatable
        self.spread = submission.spread
        self.engine = DeviceEngine(
            program,
            device,
            lowered,
            submission,
            lower=partial(lowering(ports.lower, lease.workspace.region), options=spec.compiler),
            level=level_of(spec, program),
            options=work_options(spec, program),
        )

    def foresee(self, coming: Iterator[Coming]) -> Callable[[], int]:
        """Have the work of evaluations that are to come begun early."""
        assert self.spread is not None
        works = (work for each in coming for work in self.engine.works(each.node, *each.question()))
        if self._recall is None:
            return self.spread.foresee(works)
        known = [0]
        begun = self.spread.foresee(self._recall.unknown(works, known))
        return lambda: begun() + known[0]

    def may_have(self, key: str) -> bool:
        """Whether the device charges and may have taken the work of an evaluation of this key."""
        return self._delivery is not None and self._delivery.may_have(f"{self._origin}:{key}")

    def flush(self) -> None:
        """Keep what may be found again."""
        if self._recall is not None:
            self._recall.flush()

    def end(self, *, for_good: bool) -> None:
        """The attempt is over; `for_good`: so is the job."""
        if self.spread is not None:
            self.spread.end(for_good=for_good)
        if self._batching is not None:
            self._batching.close()

    def metadata(self) -> dict[str, Json]:
        """What its work went through, for the results."""
        found: dict[str, Any] = {}
        if self._delivery is not None and (delivery := self._delivery.to_json()) is not None:
            found["delivery"] = delivery
        if self._recall is not None and (recalled := self._recall.to_json()) is not None:
            found["cache"] = recalled
        if self._batching is not None and self._batching.requests and self.spread is not None:
            found["batches"] = {"requests": self._batching.requests, "evaluations": self.spread.tasks}
        elif self.spread is not None and self.spread.tasks:
            found["executor"] = {"name": self.spread.executor, "tasks": self.spread.tasks}
        return found

    def _recalled(self, lease: Lease, spec: JobSpec, position: Callable[[], int]) -> Recall | None:
        """The cache as this run sees it; a replay does all again."""
        ports = self._ports
        if ports.cache is None or spec.replay_of is not None or spec.cache == OFF:
            return None
        parts = 0  # what comes of parts of one run is what comes of the run
        elsewhere = elsewhere_of(self._ports, self.device)
        if elsewhere is not None and "parts" not in self.device.features:
            parts = elsewhere.batch_shots
        return Recall(ports, ports.cache, lease, self.device, position=position, parts=parts)


def elsewhere_of(ports: Ports, device: Device) -> Elsewhere | None:
    """Who does work of a device in other processes; not where it is shared by regions or has processes of its own."""
    here = "regions" in device.features or device.properties.get("hosted") is True
    return None if here else ports.elsewhere
