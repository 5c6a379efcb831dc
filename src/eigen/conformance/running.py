"""Asking: the checks of the table, one after the other, of one device."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from eigen.conformance.check import BrokenError, InapplicableError, Outcome, RefusalError, Verdict
from eigen.conformance.statistics import FALSE_ALARM
from eigen.conformance.subject import LIMIT_SECONDS, Subject
from eigen.conformance.table import CHECKS, named
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eigen.conformance.check import Check
    from eigen.drivers.driver import QDriver
    from eigen.types import Device

MOST_WORDS = 600


@dataclass(frozen=True, slots=True)
class Examined:
    """What became of one device: `unavailable` says why it was not asked, else `verdicts` come in the table's order."""

    device_id: str
    driver: str
    version: str
    verdicts: tuple[Verdict, ...] = ()
    unavailable: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """What failed."""
        return tuple(verdict for verdict in self.verdicts if verdict.outcome is Outcome.FAILED)

    @property
    def false_alarm(self) -> float:
        """The probability with which a device that is right fails, by the union bound."""
        return FALSE_ALARM * sum(verdict.comparisons for verdict in self.verdicts)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "device_id": self.device_id,
            "driver": self.driver,
            "version": self.version,
            "unavailable": self.unavailable or None,
            "ok": self.ok and not self.unavailable,
            "false_alarm_probability": self.false_alarm,
            "checks": [verdict.to_json() for verdict in self.verdicts],
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Examined:
        """What `to_json` wrote; KeyError, TypeError and ValueError for anything else."""
        told = tuple(Verdict.from_json(one) for one in value["checks"])
        named = (str(value[name] or "") for name in ("device_id", "driver", "version", "unavailable"))
        device_id, driver, version, unavailable = named
        return Examined(device_id, driver, version, told, unavailable)


def verdicts(
    driver: QDriver, device: Device, names: Sequence[str] = (), *, limit_seconds: float = LIMIT_SECONDS
) -> Iterator[Verdict]:
    """Ask the checks of these names, or all; whatever a driver raises is a verdict."""
    chosen = named(list(names))
    for check in CHECKS:
        if check.name in chosen:
            yield verdict(check, Subject(driver, device, limit_seconds=limit_seconds))


def verdict(check: Check, subject: Subject) -> Verdict:
    """Ask one check."""
    started = perf_counter()
    try:
        outcome, why = _asked(check, subject)
    except BrokenError as broken:
        outcome, why = Outcome.FAILED, str(broken)
    except RefusalError as refusal:
        outcome, why = Outcome.REFUSED, str(refusal)
    except InapplicableError as reason:
        outcome, why = Outcome.NOT_APPLICABLE, str(reason)
    except EigenError as error:
        outcome, why = Outcome.FAILED, f"raised {error.code}: {error.message}"
    except Exception as error:  # foreign code: whatever it raises is a verdict
        outcome, why = Outcome.FAILED, f"raised {type(error).__name__}: {error}"
    words = " ".join(why.split())
    words = words if len(words) <= MOST_WORDS else f"{words[: MOST_WORDS - 1]}…"
    return Verdict(check.name, outcome, words, subject.comparisons, perf_counter() - started)


def _asked(check: Check, subject: Subject) -> tuple[Outcome, str]:
    if check.circuits and not subject.takes_circuits:
        raise InapplicableError("it takes no circuits of qubits")
    if check.modes and not subject.has("modes"):
        raise InapplicableError("it has no modes of light")
    lacking = sorted(check.needs - subject.device.features)
    if not lacking:
        return Outcome.OK, check.run(subject)
    words = ", ".join(f"`{name}`" for name in lacking)
    if check.refuse is None or not subject.takes_circuits:
        raise InapplicableError(f"it does not declare {words}")
    raise RefusalError(check.refuse(subject) or f"it does not declare {words}")
