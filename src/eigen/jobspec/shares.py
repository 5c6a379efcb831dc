"""A target that shares the shots of a job among devices: `split(sim:statevector, ion:trap*3)`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.types import Json

MOST_DEVICES = 8
MOST_WEIGHT = 1000

DEVICE = r"[A-Za-z0-9][A-Za-z0-9_.-]*(:[A-Za-z0-9_.-]+)+"
_SHARE = rf"{DEVICE}(\*[1-9][0-9]{{0,3}})?"
SPLIT = rf"split\( *{_SHARE}( *, *{_SHARE}){{1,{MOST_DEVICES - 1}}} *\)"
"""How such a target is written: two devices or more, each by its id, with a weight where they are not to have alike."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one device gets: shots in proportion to `weight`."""

    device_id: str
    weight: int = 1

    def to_json(self) -> dict[str, Json]:
        """As a JSON object."""
        return {"device_id": self.device_id, "weight": self.weight}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Share:
        """The share that `to_json` wrote."""
        return Share(str(value["device_id"]), int(value["weight"]))


def is_split(target: str) -> bool:
    """Whether a target is meant to share shots."""
    return target.startswith("split(")


def shares_of(target: str) -> tuple[Share, ...]:
    """The shares of a target; none for one that names no split. Raises EIGEN_JOBSPEC_INVALID.

    >>> shares_of("split(sim:mps, sim:statevector*3)")
    (Share(device_id='sim:mps', weight=1), Share(device_id='sim:statevector', weight=3))
    """
    if not is_split(target):
        return ()
    if len(target) > 1024 or re.fullmatch(SPLIT, target) is None:
        message = f"`{target[:120]}` does not share shots among 2 to {MOST_DEVICES} devices"
        raise _invalid(message, "write it as `split(sim:statevector, vendor:device*3)`")
    found: list[Share] = []
    for word in target.removeprefix("split(").removesuffix(")").split(","):
        device, _, weight = word.strip().partition("*")
        found.append(Share(device, int(weight or 1)))
        if found[-1].weight > MOST_WEIGHT:
            raise _invalid(f"the weight `{weight}` of `{device}` is above {MOST_WEIGHT}", "divide the weights")
    names = [share.device_id for share in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise _invalid(f"the target shares shots with `{twice}` twice", f"give it a weight: `{twice}*2`")
    return tuple(found)


def divided(shares: Sequence[Share], shots: int) -> tuple[int, ...]:
    """`shots` in proportion to the weights, by largest remainder; what remains goes to the first of equals.

    >>> divided([Share("a:a"), Share("b:b", 3)], 101)
    (25, 76)
    """
    whole = sum(share.weight for share in shares)
    given = [shots * share.weight // whole for share in shares]
    remainders = [shots * share.weight % whole for share in shares]
    order = sorted(range(len(shares)), key=lambda index: (-remainders[index], index))
    for index in order[: shots - sum(given)]:
        given[index] += 1
    return tuple(given)


def split_text(shares: Sequence[Share]) -> str:
    """The target that names these shares."""
    words = [share.device_id + (f"*{share.weight}" if share.weight > 1 else "") for share in shares]
    return f"split({', '.join(words)})"


def _invalid(message: str, hint: str) -> EigenError:
    return EigenError("EIGEN_JOBSPEC_INVALID", message, where="target", hint=hint)
