"""`Slices`: one state vector over several devices of JAX. The highest qubits are the number of the device that holds a
slice; gates on them exchange slices (De Raedt et al., Comput. Phys. Commun. 176, 121, 2007)."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingImports=false, reportUnknownParameterType=false

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

AXIS = "slice"
WHOLE = PartitionSpec()
"""Of what every device has."""
STATE = PartitionSpec(AXIS)
STATES = PartitionSpec(None, AXIS)
"""Of states of shape (questions, 2^n)."""


@dataclass(frozen=True)
class Slices:
    """As many slices as devices, a power of two."""

    devices: tuple[Any, ...]

    @property
    def qubits(self) -> int:
        """How many of the highest qubits are the number of a device."""
        return len(self.devices).bit_length() - 1

    @property
    def mesh(self) -> Mesh:
        """The devices in a row."""
        return Mesh(np.array(self.devices), (AXIS,))

    def placed(self, array: Any, spec: PartitionSpec) -> Any:
        """An array with each slice where it belongs."""
        return jax.device_put(array, NamedSharding(self.mesh, spec))

    def zeros(self, rows: int, width: int, dtype: Any) -> Any:
        """States with every qubit in 0, made where they are; nobody ever has a whole one."""
        return _zeros(self, rows, width, np.dtype(dtype))()


@lru_cache(maxsize=256)
def _zeros(slices: Slices, rows: int, width: int, dtype: Any) -> Callable[[], Any]:
    def made() -> Any:
        return jnp.zeros((rows, 1 << width), dtype).at[:, 0].set(1)

    return jax.jit(made, out_shardings=NamedSharding(slices.mesh, STATES))


def over(slices: Slices | None, function: Callable[..., Any], given: Sequence[Any], found: Any) -> Callable[..., Any]:
    """A function of slices as one of whole arrays: `given` and `found` say how its arguments and results lie."""
    if slices is None:
        return function
    return jax.shard_map(function, mesh=slices.mesh, in_specs=tuple(given), out_specs=found, check_vma=False)


def summed(slices: Slices | None, value: Any) -> Any:
    """Over all slices, within such a function."""
    return value if slices is None else jax.lax.psum(value, AXIS)


@dataclass(frozen=True)
class View:
    """What one device sees of a state of `width` qubits, within such a function."""

    width: int
    slices: Slices | None

    @property
    def local(self) -> int:
        """Qubits of a slice."""
        return self.width - (self.slices.qubits if self.slices else 0)

    def index(self) -> Any:
        """Of each amplitude of the slice in the whole state."""
        low = self._low()
        return low if self.slices is None else low | (jax.lax.axis_index(AXIS).astype(jnp.uint32) << self.local)

    def at(self, state: Any, flip: Any, needed: Any = True) -> Any:
        """The amplitudes at `index ^ flip`; where they are not needed, any of those, so that nothing is exchanged."""
        if self.slices is None:
            return state[self._low() ^ flip]
        inside = state[self._low() ^ (flip & jnp.uint32((1 << self.local) - 1))]
        distance = jnp.where(needed, flip >> self.local, 0).astype(jnp.int32)
        return jax.lax.switch(distance, [_from(other, len(self.slices.devices)) for other in self._others()], inside)

    def _others(self) -> range:
        assert self.slices is not None
        return range(len(self.slices.devices))

    def _low(self) -> Any:
        return jnp.arange(1 << self.local, dtype=jnp.uint32)


def _from(flip: int, count: int) -> Callable[[Any], Any]:
    """The slice of the device whose number differs in these bits."""
    if not flip:
        return lambda held: held
    return lambda held: jax.lax.ppermute(held, AXIS, [(device, device ^ flip) for device in range(count)])
