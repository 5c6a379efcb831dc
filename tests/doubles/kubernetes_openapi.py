"""What the published OpenAPI of Kubernetes says of a document, strictly: fields that it does not name are refused. And
the rules of the Pod Security Standard `restricted` (kubernetes.io, "Pod Security Standards")."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

PUBLISHED = Path(__file__).parents[1] / "executors" / "data" / "kubernetes-openapi.json"


@cache
def definitions() -> dict[str, Any]:
    """The definitions by name, as published."""
    found: dict[str, Any] = json.loads(PUBLISHED.read_text())["$defs"]
    return found


@cache
def _strict() -> dict[str, Any]:
    """The same, with no other fields than those named."""
    return {name: _closed(schema) for name, schema in definitions().items()}


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(value) for name, value in schema.items()}
    return {**closed, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else closed


def definition_of(document: dict[str, Any]) -> str:
    """The definition of a whole object, by its `apiVersion` and `kind`."""
    for name, schema in definitions().items():
        about = schema.get("properties", {})
        said = [about.get(key, {}).get("enum") for key in ("apiVersion", "kind")]
        if said == [[document.get("apiVersion")], [document.get("kind")]]:
            return name
    raise AssertionError(f"no definition of {document.get('apiVersion')} {document.get('kind')}")


def problems(document: dict[str, Any], name: str = "") -> list[str]:
    """What is wrong with a document, each with its place."""
    schema = {"$ref": f"#/$defs/{name or definition_of(document)}", "$defs": _strict()}
    return [f"{error.json_path}: {error.message}"[:300] for error in Draft202012Validator(schema).iter_errors(document)]


def lax(pod: dict[str, Any]) -> list[str]:
    """What a pod may that the standard `restricted` forbids."""
    found: list[str] = []
    context = pod.get("securityContext", {})
    if any(pod.get(name) for name in ("hostNetwork", "hostPID", "hostIPC")):
        found.append("host namespaces")
    for volume in pod.get("volumes", ()):
        kinds = set(volume) - {"name"}
        if not kinds <= {"configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"}:
            found.append(f"volume {sorted(kinds)}")
    for each in [*pod.get("initContainers", ()), *pod["containers"]]:
        own = each.get("securityContext", {})
        if own.get("allowPrivilegeEscalation") is not False:
            found.append("allowPrivilegeEscalation")
        if own.get("privileged"):
            found.append("privileged")
        if own.get("capabilities", {}).get("drop") != ["ALL"] or own["capabilities"].get("add"):
            found.append("capabilities")
        if own.get("runAsNonRoot", context.get("runAsNonRoot")) is not True:
            found.append("runAsNonRoot")
        if own.get("runAsUser", context.get("runAsUser")) == 0:
            found.append("runAsUser")
        if own.get("seccompProfile", context.get("seccompProfile", {})).get("type") != "RuntimeDefault":
            found.append("seccompProfile")
    return found
