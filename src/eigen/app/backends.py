"""The engines of other makers of an installation: which there are, and their coming and going."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eigen.app.devices import make_registry
from eigen.app.driver_settings import driver_settings
from eigen.drivers.hosts.backends import AVAILABLE, INSTALLED, OUTDATED, UNAVAILABLE, Backend, backends, chosen
from eigen.drivers.hosts.entries import KEPT, devices_of, manifests_of
from eigen.drivers.hosts.environments import Environments
from eigen.drivers.hosts.installing import Installer, check
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from eigen.config import Settings
    from eigen.drivers.hosts.manifest import Manifest

__all__ = [
    "AVAILABLE",
    "INSTALLED",
    "OUTDATED",
    "UNAVAILABLE",
    "Backend",
    "install_backends",
    "list_backends",
    "remove_backends",
]


def list_backends(settings: Settings) -> tuple[Backend, ...]:
    """How each backend stands, by name; starts nothing."""
    config = driver_settings(settings)
    return backends(settings.data_dir, Environments(settings.environments_dir), settings.threads, config)


def install_backends(
    settings: Settings,
    names: Sequence[str] | None,
    *,
    but: Sequence[str] = (),
    wheels: str | None = None,
    again: bool = False,
    tell: Callable[[str], object],
) -> tuple[tuple[Backend, ...], dict[str, EigenError]]:
    """Install backends (None: every one that can be, but those of `but`), and ask each for its devices, which are kept.
    Returns how those that were meant stand, and why some do not come up. EIGEN_USAGE, EIGEN_NOT_AVAILABLE,
    EIGEN_BACKEND_INSTALL."""
    folder = None if wheels is None else Path(wheels)
    if folder is not None and not folder.is_dir():
        raise EigenError("EIGEN_USAGE", f"there is no folder `{wheels}`", hint="`--wheels` names a folder of packages")
    environments, known = Environments(settings.environments_dir), manifests_of(settings.data_dir)
    left = chosen(but, known)
    rows = (
        _those_that_can_be(row for row in known.values() if row not in left) if names is None else chosen(names, known)
    )
    changed = Installer(environments, known, wheels=folder, tell=tell).install(rows, again=again)
    meant = {row.name for row in rows}
    failed = _ask(settings, environments, [known[name] for name in sorted(meant | set(changed)) if name in known], tell)
    shown = tuple(found for found in list_backends(settings) if found.name in meant or names is None)
    return shown, failed


def remove_backends(settings: Settings, names: Sequence[str], *, tell: Callable[[str], object]) -> tuple[str, ...]:
    """Take backends out of their environments; returns those that were there."""
    known = manifests_of(settings.data_dir)
    return Installer(Environments(settings.environments_dir), known, tell=tell).remove(chosen(names, known))


def _those_that_can_be(rows: Iterable[Manifest]) -> list[Manifest]:
    found: list[Manifest] = []
    for row in rows:
        try:
            check(row)
        except EigenError:
            continue
        found.append(row)
    return found


def _ask(
    settings: Settings, environments: Environments, rows: Sequence[Manifest], tell: Callable[[str], object]
) -> dict[str, EigenError]:
    """Ask drivers for their devices, where that was not done since they were installed."""
    failed: dict[str, EigenError] = {}
    config = driver_settings(settings)
    registry = make_registry(settings)
    try:
        for row in rows:
            if row.lacks(config):
                tell(f"backend `{row.name}` {row.lacks(config)}")
                continue
            kept, mine = settings.data_dir / KEPT, config.get(row.name, {})
            if devices_of(row, kept, settings.threads, environments, mine, current=True) is not None:
                continue
            tell(f"backend `{row.name}`: asking for its devices")
            try:
                registry.load(row.name)
            except EigenError as error:
                failed[row.name] = error
    finally:
        registry.close()
    return failed
