"""`Registry`: finds drivers, proves them with the probe circuits, and knows which one owns which device.

The built-in drivers come through the same door as installed ones (entry points of the group `eigen.drivers`, value
`module:Class`); only their rows are written here, because reading installed metadata costs more than a whole run.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING

from eigen.drivers.driver import PartlyRejected
from eigen.drivers.probes import probe
from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from eigen.drivers.driver import QDriver
    from eigen.types import Device, Json

GROUP = "eigen.drivers"
BACKENDS = {"simulator": "sim", "aer": "qiskit"}
"""Other words for the part of a target before its colon."""


@dataclass(frozen=True, slots=True)
class DriverEntry:
    """One row of the door: the driver's name and where its class is.

    `backends` are the prefixes of its device ids, when known without loading it; an entry point does not say. `make`
    makes the driver where no class of this process does; one that is not `listed` is loaded for who names its backend
    only.
    """

    name: str
    value: str  # "module:Class"
    backends: tuple[str, ...] = ()
    make: Callable[[], QDriver] | None = None
    listed: bool = True


BUILT_IN = (
    DriverEntry("native", "eigen.drivers.native:NativeDriver", ("sim",)),
    DriverEntry("modes", "eigen.drivers.gaussian:GaussianDriver", ("modes",)),
    DriverEntry("null", "eigen.drivers.null:NullDriver", ("null",)),
    DriverEntry("qvm", "eigen.drivers.qvm:QvmDriver", ("qvm",)),
)


def installed_entries() -> tuple[DriverEntry, ...]:
    """The drivers that installed distributions offer, sorted by name."""
    from importlib.metadata import entry_points

    rows = {point.name: DriverEntry(point.name, point.value) for point in entry_points(group=GROUP)}
    return tuple(rows[name] for name in sorted(rows))


class Registry:
    """The drivers of one process. Each is loaded, initialised and probed on first need, and kept. Safe for threads:
    whoever needs a driver that another thread is loading waits for it.

    `config` maps driver names to what their `initialize` gets. A driver that fails to load or to pass its
    probes is never used: `rejected` says why, and asking for one of its devices raises EIGEN_DRIVER_REJECTED. Devices
    that run only when they are named are probed when they are: until then their engines need not be loaded.
    `described` may add to a snapshot what its driver cannot know, such as what its use costs here.
    """

    def __init__(
        self,
        config: Mapping[str, Mapping[str, Json]] | None = None,
        *,
        built_in: Iterable[DriverEntry] = BUILT_IN,
        installed: Callable[[], tuple[DriverEntry, ...]] = installed_entries,
        described: Callable[[Device], Device] = lambda device: device,
    ) -> None:
        self._config = dict(config or {})
        self._built_in = {entry.name: entry for entry in built_in}
        self._installed = installed
        self._described = described
        self._found: dict[str, DriverEntry] | None = None
        self._drivers: dict[str, QDriver] = {}
        self._owners: dict[str, str] = {}  # device id -> driver name
        self._rejected: dict[str, EigenError] = {}
        self._unproven: dict[str, Device] = {}
        self._loading = RLock()

    @property
    def rejected(self) -> Mapping[str, EigenError]:
        """Why drivers were refused, by driver name; and single devices of some, by their ids."""
        return self._rejected

    def load(self, name: str) -> QDriver:
        """The driver of this name; EIGEN_DEVICE_UNKNOWN when there is none, EIGEN_DRIVER_REJECTED when it failed."""
        if name in self._drivers:
            return self._drivers[name]
        with self._loading:
            return self._load(name)

    def _load(self, name: str) -> QDriver:
        if name in self._drivers:
            return self._drivers[name]
        if name in self._rejected:
            raise self._rejected[name]
        entry = self._built_in.get(name) or self._entries().get(name)
        if entry is None:
            hint = suggest(name, list(self._entries()))
            raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no driver `{name}`", hint=hint)
        try:
            return self._admit(entry)
        except EigenError as error:
            if error.code == "EIGEN_DRIVER_REJECTED":
                self._rejected[name] = error
            raise

    def names(self, target: str = "") -> tuple[str, ...]:
        """The drivers there are, listed or not and loadable or not; of a target, those of that name or with that
        backend, none where nobody says so."""
        entries = self._entries().items()
        backend = _backend(target)
        return tuple(name for name, entry in entries if not target or target == name or backend in entry.backends)

    def devices(self, target: str = "auto") -> tuple[Device, ...]:
        """Snapshots of the devices that could be meant by a target, sorted by id.

        Only the drivers that the target can mean are loaded, those behind the one that has a named device not:
        `sim:…` and its aliases never read installed metadata. Drivers that fail are left out here and named in
        `rejected`; those whose engine is not installed are left out too, but for the one the target names:
        EIGEN_NOT_AVAILABLE. A target that is a single device which was refused raises why.
        """
        found: list[Device] = []
        absent: EigenError | None = None
        candidates = self._candidates(target)
        if len(candidates) > 1:
            self._check_config()
        for name in candidates:
            try:
                found += map(self._described, self.load(name).get_devices())
            except EigenError as error:
                if error.code == "EIGEN_NOT_AVAILABLE":
                    absent = error if absent is None and self._names(target, name) else absent
                elif error.code != "EIGEN_DRIVER_REJECTED":
                    raise
            if any(device.id == target for device in found):
                break
        if absent is not None and not _could_be(target, [device.id for device in found]):
            raise absent
        if ":" in target and target in self._rejected and all(device.id != target for device in found):
            raise self._rejected[target]
        return tuple(sorted(found, key=lambda device: device.id))

    def device(self, device_id: str) -> Device:
        """A fresh snapshot of one device; EIGEN_DEVICE_UNKNOWN with a suggestion when there is none."""
        driver = self.driver_for(device_id)
        for device in driver.get_devices():
            if device.id == device_id:
                return self._described(device)
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"driver `{driver.name}` no longer has the device `{device_id}`")

    def driver_for(self, device_id: str) -> QDriver:
        """The driver that owns a device; EIGEN_DEVICE_UNKNOWN with a suggestion when nobody does."""
        if device_id not in self._owners:
            known = [device.id for device in self.devices(device_id)]
            if device_id not in self._owners:
                raise self._unknown(device_id, known)
        driver = self._drivers[self._owners[device_id]]
        if device_id in self._unproven:
            with self._loading:
                self._prove(driver, device_id)
        return driver

    def _prove(self, driver: QDriver, device_id: str) -> None:
        """Ask a device its probes; one that fails is refused each time it is named."""
        device = self._unproven.get(device_id)
        if device is not None:
            probe(driver, device)
            del self._unproven[device_id]

    def _unknown(self, device_id: str, known: list[str]) -> EigenError:
        backend = device_id.partition(":")[0]
        for name, error in list(self._rejected.items()):
            entry = self._entries().get(name)
            if name == backend or (entry is not None and backend in entry.backends):
                return error
        known = known or [device.id for device in self.devices()]
        hint = suggest(device_id, known) or f"there are {', '.join(f'`{name}`' for name in known)}"
        return EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no device `{device_id}`", hint=hint)

    def _check_config(self) -> None:
        """Refuse settings of a driver that does not exist; known only once every row of the door is."""
        for name in self._config:
            if name not in self._entries():
                hint = suggest(name, list(self._entries()))
                raise EigenError("EIGEN_CONFIG_INVALID", f"there is no driver `{name}` to configure", hint=hint)

    def _candidates(self, target: str) -> tuple[str, ...]:
        """Names of the drivers whose devices a target can mean."""
        backend = _backend(target)
        owners = tuple(name for name, entry in self._built_in.items() if backend in entry.backends)
        owners = owners or tuple(name for name, entry in self._entries().items() if backend in entry.backends)
        return owners or tuple(name for name, entry in self._entries().items() if entry.listed)

    def _names(self, target: str, driver: str) -> bool:
        """Whether a target can mean nobody else's device."""
        entry = self._entries().get(driver)
        return _backend(target) in (driver, *(() if entry is None else entry.backends))

    def _entries(self) -> dict[str, DriverEntry]:
        """Every row of the door, built-in ones first: neither their names nor their devices can be taken."""
        if self._found is None:
            others = {entry.name: entry for entry in self._installed() if entry.name not in self._built_in}
            self._found = self._built_in | others
        return self._found

    def check(self, name: str) -> None:
        """EIGEN_CONFIG_INVALID where there is no driver of this name to be named in settings."""
        if name not in self._entries():
            hint = suggest(name, list(self._entries())) or "`eigen backends` lists them"
            raise EigenError("EIGEN_CONFIG_INVALID", f"there is no driver `{name[:60]}`", hint=hint)

    def warm(self, name: str) -> None:
        """Load a driver, and start what it will need for its first work."""
        warm = getattr(self.load(name), "warm", None)
        if warm is not None:
            warm()

    def close(self) -> None:
        """End the processes of drivers that have some."""
        with self._loading:
            for driver in self._drivers.values():
                close = getattr(driver, "close", None)
                if close is not None:
                    close()

    def _admit(self, entry: DriverEntry) -> QDriver:
        driver = _instantiate(entry)
        try:
            driver.initialize(self._config.get(entry.name, {}))
            devices = driver.get_devices()
        except EigenError as error:
            if entry.make is None or error.code in {"EIGEN_NOT_AVAILABLE", "EIGEN_CONFIG_INVALID"}:
                raise
            raise _rejection(entry, error.message) from error
        for device in devices:
            owner = self._owners.get(device.id)
            if owner is not None:
                raise _rejection(entry, f"its device `{device.id}` already belongs to driver `{owner}`")
            if device.properties.get("on_request") is not True:
                probe(driver, device)
        self._unproven |= {device.id: device for device in devices if device.properties.get("on_request") is True}
        if isinstance(driver, PartlyRejected):
            self._rejected |= driver.rejected_devices
        self._drivers[entry.name] = driver  # before its devices: whoever finds an owner finds the driver
        self._owners |= {device.id: entry.name for device in devices}
        return driver


def _could_be(target: str, known: list[str]) -> bool:
    """Whether a target is a backend, or a device, or nearly the name of one, of those that are known."""
    backend, _, device = target.partition(":")
    named = f"{_backend(backend)}:{device}"
    return bool(known) and (not device or named in known or bool(suggest(named, known)))


def _backend(target: str) -> str:
    """The part of a target before its colon, in the word that drivers use."""
    backend = target.partition(":")[0]
    return BACKENDS.get(backend, backend)


def _instantiate(entry: DriverEntry) -> QDriver:
    from importlib import import_module

    from eigen.drivers.driver import QDriver

    if entry.make is not None:
        return entry.make()
    module, _, attribute = entry.value.partition(":")
    try:
        driver: object = getattr(import_module(module), attribute)()
    except Exception as error:  # foreign code: whatever it raises, this process goes on without it
        raise _rejection(entry, f"it cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(driver, QDriver):
        raise _rejection(entry, f"`{entry.value}` does not have the methods of a QDriver")
    return driver


def _rejection(entry: DriverEntry, reason: str) -> EigenError:
    return EigenError("EIGEN_DRIVER_REJECTED", f"driver `{entry.name}` was not loaded: {reason}")
