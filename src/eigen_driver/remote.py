"""`RemoteEngine`: an engine whose machines are at a service, where work waits, runs and is paid for.

What was submitted is found again by whoever asks later: handles are JSON, mean the same to the next process, and name
the service's own jobs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen_driver.asks import Counts
from eigen_driver.engine import Engine
from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from eigen_driver.asks import Answer, Ask
    from eigen_driver.engine import Device

REHEARSAL = "rehearsal"
"""The option of work that is not submitted: the same circuit and the same way of reading results, on a simulator here.
It charges nothing; a device whose engine has it says so in the property of this name, and is proved by it."""
ENDED = frozenset({"DONE", "FAILED", "CANCELLED"})
LEAST_SECRET = 4
"""Characters of a secret; fewer would be found in every word."""

Handle = dict[str, Any]
"""What names submitted work at its service, as JSON values. It must be enough to read its results."""


class AwayError(Exception):
    """The service cannot be asked just now. Of work that is being submitted nobody knows then whether it arrived."""


@dataclass(frozen=True)
class Fetched:
    """The answers to the questions of one submission, in their order; Counts say how many bits they have (`width`).
    `seconds` is what the service charges by, or how long the machine was busy."""

    answers: Sequence[Answer]
    seconds: float = 0.0


class RemoteEngine(Engine):
    """Implement `devices`, `submit`, `poll`, `fetch`, and what else the service can do. Calls come one at a time.

    Whatever fails for a while is an AwayError: it is asked again. A RefusedError of `submit` with another code than
    EIGEN_DEVICE_FAILED says that the service did not take the work. `hidden` are the secrets of the settings: nothing
    that this engine raises shows them.
    """

    poll_seconds = 2.0
    """How long between two looks at work that is waited for; longer ones follow, up to ten times that."""
    hidden: Collection[str] = ()

    def submit(self, device: Device, key: str, asks: Sequence[Ask]) -> Handle:
        """Hand over work. On a device that `deduplicates` a key that the service has seen gives the work that it has,
        whatever became of the process that submitted it. `token_of(key)` is a name for it."""
        raise NotImplementedError

    def poll(self, handle: Handle) -> str:
        """QUEUED, RUNNING, DONE, FAILED, CANCELLED, or UNKNOWN where the service has no such work."""
        raise NotImplementedError

    def fetch(self, handle: Handle) -> Fetched:
        """The results of work that is DONE; of other work a RefusedError with the service's words."""
        raise NotImplementedError

    def cancel(self, handle: Handle) -> bool:
        """Ask to stop work; False when it had ended."""
        return False

    def adopt(self, key: str) -> Handle | None:
        """Work of a key, asked of the service; None where it has none, or cannot be asked by key. Then a device
        `deduplicates` only if `submit` again under the key is safe."""
        return None

    def rehearse(self, device: Device, asks: Sequence[Ask]) -> list[Answer]:
        """The answers of a simulator here; see REHEARSAL."""
        raise RefusedError("EIGEN_DEVICE_OPTION", f"`{device.id}` has no rehearsals", where=REHEARSAL)

    def run(self, device: Device, asks: Sequence[Ask]) -> list[Answer]:
        """Rehearsals."""
        return self.rehearse(device, [_without(ask) for ask in asks])

    def concealed(self, text: str) -> str:
        """A text without the secrets of the settings."""
        for secret in self.hidden:
            if len(secret) >= LEAST_SECRET:
                text = text.replace(secret, "(hidden)")
        return text


def token_of(key: str, part: int = 0) -> str:
    """A name for the work of a key, and of which part of it: 64 hexadecimal digits, the same at each try."""
    return sha256(f"{key}\n{part}".encode()).hexdigest()


def is_rehearsal(asks: Sequence[Ask]) -> bool:
    """Whether work is to be simulated here; RefusedError for what is neither yes nor no."""
    wanted = {ask.options.get(REHEARSAL, False) for ask in asks}
    if not wanted <= {True, False} or len(wanted) > 1 or any(not isinstance(each, bool) for each in wanted):
        message = f"option `{REHEARSAL}` is true or false, the same for all that is asked together"
        raise RefusedError("EIGEN_DEVICE_OPTION", message, where=REHEARSAL)
    return wanted == {True}


def read_settings(
    engine: Engine, config: Mapping[str, Any], known: Mapping[str, type], needed: Sequence[str] = ()
) -> dict[str, Any]:
    """The settings of a driver, each of its type; RefusedError naming one that is unknown or of another type, and
    EIGEN_NOT_AVAILABLE for one that is needed. No value is ever told."""
    for name, value in config.items():
        if name not in known:
            listed = ", ".join(f"`{each}`" for each in known)
            message = f"driver `{engine.name}` has no setting `{name}`"
            raise RefusedError("EIGEN_CONFIG_INVALID", message, where=name, hint=f"there are: {listed}")
        if known[name] is str and isinstance(value, int | float) and not isinstance(value, bool):
            continue  # a token of digits, of which who read it made a number
        fits = isinstance(value, (int, float) if known[name] is float else known[name])
        if not fits or (isinstance(value, bool) and known[name] is not bool):
            message = f"setting `{name}` of driver `{engine.name}` is of another type than {known[name].__name__}"
            raise RefusedError("EIGEN_CONFIG_INVALID", message, where=name)
    for name in needed:
        if not config.get(name):
            message = f"driver `{engine.name}` needs the setting `{name}`"
            raise RefusedError("EIGEN_NOT_AVAILABLE", message, where=name, hint="see the guide on cloud services")
    return {name: str(value) if known[name] is str else value for name, value in config.items()}


def _without(ask: Ask) -> Ask:
    return replace(ask, options={name: value for name, value in ask.options.items() if name != REHEARSAL})


def widths(answers: Sequence[Answer]) -> bool:
    """Whether every Counts says how many bits it has."""
    return all(answer.width is not None for answer in answers if isinstance(answer, Counts))
