"""The manifests of deploy/kubernetes are as the published OpenAPI says, and fit what the executor does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from doubles.kubernetes_openapi import definitions, lax, problems
from eigen.cli.serve import parser
from eigen.config import load_settings
from eigen.executors.kubernetes_manifest import COMPONENT_LABEL, NAME_LABEL, PodSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"


def manifests() -> Iterator[dict[str, Any]]:
    for path in sorted(FOLDER.glob("*.yaml")):
        yield from yaml.safe_load_all(path.read_text())


def one(kind: str, name: str = "") -> dict[str, Any]:
    return next(each for each in manifests() if each["kind"] == kind and name in {"", each["metadata"]["name"]})


@pytest.mark.parametrize("manifest", list(manifests()), ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_each_is_as_the_published_openapi_says(manifest: dict[str, Any]) -> None:
    assert problems(manifest) == []
    assert problems(manifest | {"surprise": 1}) != [], "strict: what it does not name is refused"
    if manifest["kind"] != "Namespace":
        assert manifest["metadata"]["namespace"] == one("Namespace")["metadata"]["name"]


def test_the_definitions_are_those_of_the_official_client() -> None:
    """Made from the same publication by somebody else: every object has the same fields."""
    from kubernetes.client import models

    compared = 0
    for name, schema in definitions().items():
        version, kind = name.split(".")[-2:]
        group = name.split(".")[-3]
        names = {f"{version.capitalize()}{kind}", f"{group.capitalize()}{version.capitalize()}{kind}"}
        found = [getattr(models, each) for each in sorted(names) if hasattr(models, each)]
        if found:
            assert set(found[0].attribute_map.values()) == set(schema["properties"]), name
            compared += 1
    assert compared > 150


def test_the_role_allows_what_is_asked_and_no_more() -> None:
    allowed = {
        (group, resource, verb)
        for rule in one("Role")["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    asked = {("batch", "jobs", verb) for verb in ("create", "get", "list", "delete")} | {("", "pods", "list")}
    assert allowed == asked


def test_the_policy_takes_the_network_from_tasks_and_from_nobody_else() -> None:
    spec = one("NetworkPolicy")["spec"]
    labels = PodSettings("eigen", "eigen-os", "eigen-spool", memory_bytes=1).labels
    assert spec["podSelector"]["matchLabels"] == {name: labels[name] for name in (NAME_LABEL, COMPONENT_LABEL)}
    assert (spec["ingress"], spec["egress"], set(spec["policyTypes"])) == ([], [], {"Ingress", "Egress"})
    server = one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert not spec["podSelector"]["matchLabels"].items() <= server.items()


def test_the_server_runs_with_what_there_is() -> None:
    pod = one("Deployment")["spec"]["template"]["spec"]
    assert lax(pod) == []
    container = pod["containers"][0]
    command, *words = container["args"]
    assert (command, parser().read(words).executor) == ("serve", "kubernetes")
    environment = {each["name"]: each["value"] for each in container["env"]}
    settings, _ = load_settings(environ=environment)
    pods = PodSettings(
        settings.kubernetes_namespace,
        settings.kubernetes_image,
        settings.kubernetes_spool_claim,
        memory_bytes=settings.executor_memory_bytes,
        user=settings.kubernetes_user,
    )
    assert pods.user == pod["securityContext"]["runAsUser"]
    assert pods.namespace == one("Namespace")["metadata"]["name"]
    assert one("PersistentVolumeClaim", pods.claim)["spec"]["accessModes"] == ["ReadWriteMany"]
    mounted = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    volumes = {each["name"]: each.get("persistentVolumeClaim", {}).get("claimName") for each in pod["volumes"]}
    assert mounted["spool"] == str(settings.spool_dir)
    assert volumes["spool"] == pods.claim
    assert one("PersistentVolumeClaim", volumes["data"])
