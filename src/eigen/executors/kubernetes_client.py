"""`Cluster`: the five calls of the Kubernetes API that tasks need, in one namespace. Nothing else is ever asked.

Where the cluster is and who asks is read by the official client; answers are plain JSON, so that fields of servers
that are newer than the client do no harm.
"""

from __future__ import annotations

import json
import os
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urllib3 import PoolManager

    Json = dict[str, Any]

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 30.0
CONNECTIONS = 8
PAGE = 500
"""Objects of one answer."""

IN_CLUSTER = "KUBERNETES_SERVICE_HOST"


class Cluster:
    """The cluster of a kubeconfig file (`config`, empty: the usual place) and one of its contexts (empty: the current
    one); without either, in a pod, the cluster that it runs in.

    Raises EIGEN_CONFIG_INVALID, also for an address beyond loopback without verified TLS, and EIGEN_NOT_AVAILABLE
    without the extra `kubernetes`.
    """

    def __init__(self, namespace: str, *, config: str = "", context: str = "") -> None:
        try:
            from kubernetes.client import Configuration
        except ImportError:
            message = "the executor `kubernetes` needs the extra `kubernetes`"
            raise EigenError("EIGEN_NOT_AVAILABLE", message, hint="pip install 'eigen-os[kubernetes]'") from None
        self._configuration: Any = Configuration()
        _load(self._configuration, config, context)
        self.address = str(self._configuration.host).rstrip("/")
        self._jobs = f"/apis/batch/v1/namespaces/{namespace}/jobs"
        self._pods = f"/api/v1/namespaces/{namespace}/pods"
        self._pool = _pool(self._configuration)

    def create(self, job: Mapping[str, Any]) -> bool:
        """Make a Job; False when one of this name is there."""
        return self._call("POST", self._jobs, body=job, instead=409) is not None

    def job(self, name: str) -> Json | None:
        """A Job, or None."""
        return self._call("GET", f"{self._jobs}/{name}", instead=404)

    def jobs(self, selector: str) -> list[Json]:
        """The Jobs with these labels."""
        return self._listed(self._jobs, selector)

    def pods(self, selector: str) -> list[Json]:
        """The pods with these labels."""
        return self._listed(self._pods, selector)

    def delete(self, name: str) -> None:
        """Remove a Job, and its pods after it; one that is not there does not matter."""
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        self._call("DELETE", f"{self._jobs}/{name}", body=body, instead=404)

    def close(self) -> None:
        """Close its connections."""
        self._pool.clear()

    def _listed(self, path: str, selector: str) -> list[Json]:
        found: list[Json] = []
        query = {"labelSelector": selector, "limit": str(PAGE)}
        while True:
            page = self._call("GET", path, query=query) or {}
            items: list[Json] = page.get("items") or []
            about: Json = page.get("metadata") or {}
            found += items
            if not about.get("continue"):
                return found
            query["continue"] = str(about["continue"])

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        instead: int = 0,
    ) -> Json | None:
        """One request; None where the answer has the status `instead`."""
        from urllib3.exceptions import HTTPError

        address = f"{self.address}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            response = self._pool.request(
                method,
                address,
                body=None if body is None else json.dumps(body).encode(),
                headers={**self._credentials(), "Accept": "application/json", "Content-Type": "application/json"},
                redirect=False,
                retries=False,
            )
            status, data = response.status, response.data
        except (HTTPError, OSError) as error:
            message = f"the Kubernetes API at `{self.address}` does not answer: {type(error).__name__}"
            raise EigenError("EIGEN_SERVER_UNREACHABLE", message, hint="check `kubernetes_context`") from None
        if status == instead:
            return None
        answer = _document(data)
        if 200 <= status < 300 and answer is not None:
            return answer
        raise self._refusal(status, answer)

    def _credentials(self) -> dict[str, str]:
        """The headers that say who asks; a token is read again before it is out of date."""
        found: Any = self._configuration.auth_settings()
        return {str(each["key"]): str(each["value"]) for each in found.values() if each["in"] == "header"}

    def _refusal(self, status: int, answer: Json | None) -> EigenError:
        said = f"{status} {(answer or {}).get('message') or 'with an answer that is no object'}"[:500]
        if status == 429 or status >= 500 or 200 <= status < 400:
            message = f"the Kubernetes API at `{self.address}` cannot answer: {said}"
            return EigenError("EIGEN_SERVER_UNREACHABLE", message)
        hint = "deploy/kubernetes/ has a Role with what is needed" if status in {401, 403} else ""
        message = f"the Kubernetes API at `{self.address}` refused a request: {said}"
        return EigenError("EIGEN_CONFIG_INVALID", message, hint=hint)


def _document(data: bytes) -> Json | None:
    """An answer, where it is a JSON object."""
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None  # pyright: ignore[reportUnknownVariableType]


def _pool(configuration: Any) -> PoolManager:
    """Connections as the kubeconfig asks for them."""
    from urllib3 import PoolManager, Timeout

    tls: dict[str, Any] = {}
    if urlsplit(str(configuration.host)).scheme == "https":
        tls = {
            "cert_reqs": "CERT_REQUIRED" if configuration.verify_ssl else "CERT_NONE",
            "ca_certs": configuration.ssl_ca_cert,
            "cert_file": configuration.cert_file,
            "key_file": configuration.key_file,
        }
        server_name = getattr(configuration, "tls_server_name", None)
        if server_name:
            tls["server_hostname"] = tls["assert_hostname"] = server_name
    return PoolManager(maxsize=CONNECTIONS, timeout=Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS), **tls)


def _load(configuration: Any, config: str, context: str) -> None:
    """Address and credentials."""
    from kubernetes import config as kubernetes_config

    source: Any = kubernetes_config
    try:
        if os.environ.get(IN_CLUSTER) and not config and not context:
            source.load_incluster_config(client_configuration=configuration)
        else:
            source.load_kube_config(
                config_file=config or None, context=context or None, client_configuration=configuration
            )
    except source.ConfigException as error:
        message = f"the executor `kubernetes` finds no cluster: {error}"[:500]
        raise EigenError(
            "EIGEN_CONFIG_INVALID", message, hint="set `kubernetes_config`, `kubernetes_context`"
        ) from None
    except Exception as error:  # a file that is no kubeconfig
        message = f"the kubeconfig cannot be read: {type(error).__name__}: {error}"[:500]
        raise EigenError("EIGEN_CONFIG_INVALID", message, where=config) from None
    parts = urlsplit(str(configuration.host))
    if not _is_loopback(parts.hostname or "") and (parts.scheme != "https" or not configuration.verify_ssl):
        message = f"`{configuration.host}` is beyond loopback and its certificate is not checked"
        raise EigenError("EIGEN_CONFIG_INVALID", message, hint="use an `https` server with its authority's certificate")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
