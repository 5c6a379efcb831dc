"""The Job of one task on Kubernetes, as a document: one pod with no rights, no network name and no writable disk but
the spool and a small `/tmp`. Pure.

batch/v1 of the Kubernetes API; the pod is as the Pod Security Standard `restricted` asks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from math import ceil
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.executors.executor import lacking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import Json

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
DNS_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
IMAGE = re.compile(r"[A-Za-z0-9][-A-Za-z0-9._/:@]{0,511}")
TAG = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9._]{0,61}[A-Za-z0-9])?")
"""The name of an extended resource, such as `nvidia.com/gpu`."""

NAME_LABEL = "app.kubernetes.io/name"
COMPONENT_LABEL = "app.kubernetes.io/component"
INSTANCE_LABEL = "app.kubernetes.io/instance"
KEY_ANNOTATION = "eigen-task"

KEY_LETTERS = 40
SPOOL = "/spool"
REPORT = "/dev/termination-log"
OVERHEAD_BYTES = 512 << 20
"""Memory of a pod beside its task's: an interpreter with its engines and their threads."""

SCRATCH = "64Mi"
KEPT_SECONDS = 600
"""How long the cluster keeps a Job that has ended."""


@dataclass(frozen=True, slots=True)
class PodSettings:
    """What all pods have in common: `cpu` in cores, `memory_bytes` of a task. The spool is on the volume of `claim`, or
    where the settings in `environment` say; what of those is secret comes from the Secret `secret`.

    Raises EIGEN_CONFIG_INVALID for what Kubernetes would refuse.
    """

    namespace: str
    image: str
    claim: str
    memory_bytes: int
    cpu: float = 1.0
    user: int = 10001
    isa: str = "auto"
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    secret: str = ""

    def __post_init__(self) -> None:
        claim = (
            "kubernetes_spool_claim",
            self.claim,
            DNS_LABEL,
            "the name of a PersistentVolumeClaim, at most 63 letters",
        )
        secret = ("kubernetes_spool_secret", self.secret, DNS_NAME, "the name of a Secret")
        if self.environment and self.claim:
            message = "the spool is in a bucket, and `kubernetes_spool_claim` names a volume for it"
            raise EigenError("EIGEN_CONFIG_INVALID", message, hint="leave one of them empty")
        for name, value, form, what in (
            ("kubernetes_namespace", self.namespace, DNS_LABEL, "the name of a namespace"),
            secret if self.environment else claim,
            ("kubernetes_image", self.image, IMAGE, "the name of an image"),
        ):
            if form.fullmatch(value) is None:
                raise EigenError("EIGEN_CONFIG_INVALID", f"`{name}` is {what}, not `{value[:80]}`")
        if not self.memory_bytes:
            message = "the executor `kubernetes` needs `executor_memory_bytes`: a pod without a limit can fill its node"
            raise EigenError("EIGEN_CONFIG_INVALID", message)

    @property
    def labels(self) -> dict[str, Json]:
        """Those of every Job and pod of the installation, which is who shares the spool."""
        return {NAME_LABEL: "eigen-os", COMPONENT_LABEL: "task", INSTANCE_LABEL: self._instance}

    @property
    def _instance(self) -> str:
        """Who shares the spool."""
        if not self.environment:
            return self.claim
        return f"s3-{sha256(repr(sorted(self.environment.items())).encode()).hexdigest()[:32]}"

    @property
    def selector(self) -> str:
        """The same as a label selector."""
        return ",".join(f"{name}={value}" for name, value in self.labels.items())


def job_name(key: str, times: int) -> str:
    """The name of the Job that runs a task for the time `times`, counted from 1."""
    return f"eigen-{key[:KEY_LETTERS]}" + (f"-{times}" if times > 1 else "")


def job_manifest(
    pods: PodSettings, key: str, spec: str, *, times: int, resources: Mapping[str, float]
) -> dict[str, Any]:
    """The Job that runs the task of this key once: it is not tried again, and removed when it has ended for a while.

    `resources` are amounts by the tags of Kubernetes, beside cores and memory. Raises EIGEN_EXECUTOR_RESOURCES for tags
    and amounts that no node can have.
    """
    amounts = {"cpu": f"{ceil(pods.cpu * 1000)}m", "memory": str(pods.memory_bytes + OVERHEAD_BYTES)}
    amounts |= _extended(resources)
    about = {"labels": pods.labels, "annotations": {KEY_ANNOTATION: key}}
    spec_of_job: dict[str, Any] = {
        "backoffLimit": 0,
        "completions": 1,
        "parallelism": 1,
        "ttlSecondsAfterFinished": KEPT_SECONDS,
        "template": {"metadata": about, "spec": _pod(pods, key, spec, amounts)},
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": job_name(key, times), "namespace": pods.namespace, **about},
        "spec": spec_of_job,
    }


def _pod(pods: PodSettings, key: str, spec: str, amounts: Mapping[str, str]) -> dict[str, Any]:
    mounts = [{"name": "spool", "mountPath": SPOOL}] if pods.claim else []
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 1,  # results are written whole or not at all
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": pods.user,
            "runAsGroup": pods.user,
            "fsGroup": pods.user,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "task",
                "image": pods.image,
                "imagePullPolicy": "IfNotPresent",
                "command": ["python", "-m", "eigen.executors.worker", spec, key],
                "args": ["--memory", str(pods.memory_bytes), "--report", REPORT],
                "env": [
                    {"name": "EIGEN_CONFIG", "value": "/dev/null"},
                    *({"name": name, "value": value} for name, value in sorted(_spool(pods).items())),
                    {"name": "EIGEN_ISA", "value": pods.isa},
                    {"name": "EIGEN_THREADS", "value": str(ceil(pods.cpu))},
                    {"name": "HOME", "value": "/tmp"},
                ],
                **({"envFrom": [{"secretRef": {"name": pods.secret}}]} if pods.environment else {}),
                "resources": {"requests": dict(amounts), "limits": dict(amounts)},
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "terminationMessagePath": REPORT,
                "volumeMounts": [*mounts, {"name": "scratch", "mountPath": "/tmp"}],
            }
        ],
        "volumes": [
            *([{"name": "spool", "persistentVolumeClaim": {"claimName": pods.claim}}] if pods.claim else []),
            {"name": "scratch", "emptyDir": {"sizeLimit": SCRATCH}},
        ],
    }


def _spool(pods: PodSettings) -> Mapping[str, str]:
    """Where the spool is, as variables."""
    return pods.environment or {"EIGEN_EXECUTOR_SPOOL": SPOOL}


def _extended(resources: Mapping[str, float]) -> dict[str, str]:
    """Amounts as Kubernetes writes them: whole ones of resources whose names have a domain."""
    found: dict[str, str] = {}
    for tag, amount in sorted(resources.items()):
        if TAG.fullmatch(tag) is None:
            raise lacking(f"{tag}={amount:g}", "on Kubernetes a resource is called like `nvidia.com/gpu`")
        if amount != int(amount):
            raise lacking(f"{tag}={amount:g}", "Kubernetes shares out whole ones only")
        found[tag] = str(int(amount))
    return found
