"""What a job asks for, as quotas count it."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec import JobSpec
    from eigen.qfs.store import JobRow

MICROS = 10**6
DEAREST = 10**15


def asking(row: JobRow, spec: JobSpec, files: Mapping[str, bytes], *, default_shots: int) -> JobRow:
    """The row with the bytes of its inputs, the shots that it asks for, and what it may cost at most, in millionths.

    Of a workflow the steps ask for shots, and it answers for what they cost.
    """
    shots = spec.budget.max_shots
    if shots is None:
        shots = (spec.shots or default_shots) * (spec.sweep.points if spec.sweep else 1)
    most = spec.budget.max_cost
    cost = None if most is None else int(min(_micros(most), DEAREST))
    return replace(
        row,
        input_bytes=sum(map(len, files.values())),
        shots=0 if spec.workflow is not None else shots,
        cost=0 if row.workflow else cost,
    )


def _micros(amount: float) -> Decimal:
    """An amount of money in millionths, as it is written in decimals, rounded up."""
    return (Decimal(repr(float(amount))) * MICROS).to_integral_value(ROUND_CEILING)
