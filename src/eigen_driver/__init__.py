"""The driver's side of `eigen.driver.v1`: what an engine needs to be a device of Eigen OS, in a process of its own.

It imports nothing of Eigen OS, so that it runs in any environment with grpcio and a protobuf from 4.22 on. An engine is
a subclass of `Engine`; `python -m eigen_driver MODULE:CLASS --socket PATH` serves it.
"""

from eigen_driver.asks import (
    Counts,
    Estimate,
    Evolve,
    Expectation,
    Gradient,
    Probability,
    RunModes,
    Sample,
    Samples,
    Series,
)
from eigen_driver.circuit import Affine, Circuit, Condition, Operation
from eigen_driver.engine import Device, Engine
from eigen_driver.failure import RefusedError
from eigen_driver.modes import ModeObservable, ModeOperation, Modes
from eigen_driver.observable import Observable
from eigen_driver.remote import AwayError, Fetched, RemoteEngine
from eigen_driver.state_engine import StateEngine

__all__ = [
    "Affine",
    "AwayError",
    "Circuit",
    "Condition",
    "Counts",
    "Device",
    "Engine",
    "Estimate",
    "Evolve",
    "Expectation",
    "Fetched",
    "Gradient",
    "ModeObservable",
    "ModeOperation",
    "Modes",
    "Observable",
    "Operation",
    "Probability",
    "RefusedError",
    "RemoteEngine",
    "RunModes",
    "Sample",
    "Samples",
    "Series",
    "StateEngine",
]
