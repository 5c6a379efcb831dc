"""Which device runs a program, and why: `route(features, devices, …) -> Placement`. Never how; no I/O, no clock."""

from __future__ import annotations

from eigen.router.features import Features
from eigen.router.policy import POLICIES, Policy
from eigen.router.route import refusals, route
from eigen.router.target import Target, resolve

__all__ = ["POLICIES", "Features", "Policy", "Target", "refusals", "resolve", "route"]
