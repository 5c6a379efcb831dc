"""The executor of the settings, as what brings work to it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from eigen.config import PREFIX
from eigen.errors import EigenError
from eigen.executors.dispatch import Dispatcher
from eigen.executors.spool import open_spool

if TYPE_CHECKING:
    from eigen.config import Settings
    from eigen.executors.executor import Executor
    from eigen.executors.spool import Spool

MOST_TAG = 64
PODS = 16
"""Pods at a time where nobody says how many."""


def open_dispatcher(settings: Settings) -> Dispatcher | None:
    """What brings work to the executor of the settings; None when they name none.

    Raises EIGEN_CONFIG_INVALID, EIGEN_NOT_AVAILABLE where what the executor needs is not installed, and
    EIGEN_SERVER_UNREACHABLE.
    """
    if settings.executor == "off":
        return None
    spool = open_spool(settings)
    executor = _executor(settings, spool)
    spool.sweep()
    resources = resources_of(settings.executor_resources)
    return Dispatcher(executor, spool, resources=resources, batch_shots=settings.executor_batch_shots)


def _executor(settings: Settings, spool: Spool) -> Executor:
    if settings.executor == "dask":
        from eigen.executors.dask import DaskExecutor

        return DaskExecutor(
            spool,
            settings.dask_scheduler,
            ca=settings.dask_ca,
            cert=settings.dask_cert,
            key=settings.dask_key,
            slots=settings.executor_workers,
        )
    if settings.executor == "kubernetes":
        return _kubernetes(settings, spool)
    from eigen.executors.processes import ProcessExecutor

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers = settings.executor_workers or cores
    from eigen.drivers.memory import memory_limit_bytes

    # the kernel takes a share of the memory too
    memory = settings.executor_memory_bytes or memory_limit_bytes() // (workers + 1)
    return ProcessExecutor(
        spool,
        workers=workers,
        threads=max(1, (settings.threads or cores) // workers),
        memory_bytes=memory,
        isa=settings.isa,
    )


def _kubernetes(settings: Settings, spool: Spool) -> Executor:
    from eigen.executors.kubernetes_client import Cluster
    from eigen.executors.kubernetes_jobs import KubernetesExecutor
    from eigen.executors.kubernetes_manifest import PodSettings

    pods = PodSettings(
        namespace=settings.kubernetes_namespace,
        image=settings.kubernetes_image,
        claim=settings.kubernetes_spool_claim,
        memory_bytes=settings.executor_memory_bytes,
        cpu=settings.kubernetes_cpu,
        user=settings.kubernetes_user,
        isa=settings.isa,
        environment=_environment(settings),
        secret=settings.kubernetes_spool_secret,
    )
    return KubernetesExecutor(
        spool,
        Cluster(pods.namespace, config=settings.kubernetes_config, context=settings.kubernetes_context),
        pods,
        slots=settings.executor_workers or PODS,
        pod_sec=settings.kubernetes_pod_seconds,
        pending_sec=settings.kubernetes_pending_seconds,
    )


def _environment(settings: Settings) -> dict[str, str]:
    """The settings by which a pod finds a spool in a bucket, but for the secret ones; empty where it is a folder."""
    if not settings.executor_spool.startswith("s3://"):
        return {}
    if settings.s3_ca:
        message = "a pod does not see the file `s3_ca`"
        raise EigenError("EIGEN_CONFIG_INVALID", message, hint="put the authority into `kubernetes_image`")
    names = ("executor_spool", "s3_endpoint", "s3_region", "s3_addressing", "s3_plain_http", "s3_timeout_seconds")
    found = {name: str(getattr(settings, name)) for name in names}
    return {f"{PREFIX}{name.upper()}": value for name, value in found.items() if value}


def resources_of(text: str) -> dict[str, float]:
    """Amounts by tag, from `GPU=1,FAST=0.5`; EIGEN_CONFIG_INVALID."""
    found: dict[str, float] = {}
    for item in filter(None, map(str.strip, text.split(","))):
        tag, mark, amount = item.partition("=")
        tag = tag.strip()
        try:
            value = float(amount)
        except ValueError:
            value = -1.0
        if not mark or not tag or len(tag) > MOST_TAG or not tag.isprintable() or tag in found or not 0 < value < 1e18:
            message = f"`executor_resources` is a list like `GPU=1`, and `{item[:60]}` is no entry of one"
            raise EigenError("EIGEN_CONFIG_INVALID", message)
        found[tag] = value
    return found
