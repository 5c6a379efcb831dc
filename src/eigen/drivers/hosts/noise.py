"""Noise models on their way to a driver: what a user wrote is checked here, travels as the model's canonical document,
and is told in the result as it was written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eigen import _core
from eigen.errors import EigenError
from eigen.types import EvolutionWork

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import Device, Json, Work

OPTION = "noise_model"


def canonical(device: Device, work: Work) -> tuple[Work, Mapping[str, Json]]:
    """Work as a driver gets it, and what its result says of noise besides. EIGEN_NOISE_INVALID, EIGEN_DEVICE_OPTION."""
    text = work.options.get(OPTION)
    if OPTION not in work.options or "noise" not in device.features or isinstance(work, EvolutionWork):
        return work, {}
    if not isinstance(text, str):
        raise EigenError("EIGEN_DEVICE_OPTION", f"`{OPTION}` is a text, not `{text!s:.40}`", where=device.id)
    try:
        model = _core.NoiseModel.parse(text)
    except _core.CoreError as refusal:
        raise EigenError.from_core(refusal) from None
    told = {**work.options, OPTION: model.to_json().decode()}
    return replace(work, options=told), {OPTION: text, f"{OPTION}_sha256": model.digest}
