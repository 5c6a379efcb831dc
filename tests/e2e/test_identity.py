"""Identity as operators and users meet it: keys made beside a running server, TLS, and roles that trust no stranger."""

from __future__ import annotations

import signal
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import httpx
import pytest
import trustme
from sample_programs import BELL, Run, RunJson, Write
from server_processes import FourRoles, Whole

from eigen.wire.internal import pb
from eigen.wire.stubs import Stub

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def certificate(authority: trustme.CA, folder: Path, name: str) -> dict[str, str]:
    """Files of a certificate for this machine: `ca`, `cert` and `key`."""
    made = authority.issue_cert("127.0.0.1", "localhost")
    files = {part: str(folder / f"{name}.{part}.pem") for part in ("ca", "cert", "key")}
    authority.cert_pem.write_to_path(files["ca"])
    made.cert_chain_pems[0].write_to_path(files["cert"])
    made.private_key_pem.write_to_path(files["key"])
    return files


def test_a_key_closes_the_door_and_its_revocation_leaves_it_closed(
    eigen: Run, eigen_json: RunJson, write: Write, tmp_path: Path
) -> None:
    program = write("bell.eigen.py", BELL)
    with Whole(tmp_path) as server:
        to_server = {"EIGEN_ENDPOINT": f"grpc://{server.addresses['grpc_address']}"}
        web = f"http://{server.addresses['http_address']}"
        mine = eigen_json("submit", program, "--wait", env=to_server)
        assert mine["state"] == "DONE"  # nobody was asked

        key = eigen_json("auth", "create-key", "--name", "of the test", "--tenant", "acme")
        refused = eigen("list", "--json", env=to_server, expect=2)
        assert "error[EIGEN_AUTH_REQUIRED]" in refused.stderr
        assert httpx.get(f"{web}/v1/jobs").status_code == 401

        with_key = {**to_server, "EIGEN_TOKEN": key["token"]}
        assert eigen_json("list", env=with_key)["jobs"] == []  # the first job is another tenant's
        done = eigen_json("submit", program, "--wait", env=with_key)
        assert [job["job_id"] for job in eigen_json("list", env=with_key)["jobs"]] == [done["job_id"]]
        header = {"authorization": f"Bearer {key['token']}"}
        assert httpx.get(f"{web}/v1/jobs/{done['job_id']}", headers=header).json()["state"] == "DONE"
        assert httpx.get(f"{web}/v1/jobs/{mine['job_id']}", headers=header).status_code == 404

        reader = eigen_json("auth", "create-key", "--name", "reads", "--tenant", "acme", "--role", "readonly")
        as_reader = {**to_server, "EIGEN_TOKEN": reader["token"]}
        assert eigen_json("status", done["job_id"], env=as_reader)["state"] == "DONE"
        assert "error[EIGEN_AUTH_DENIED]" in eigen("submit", program, env=as_reader, expect=2).stderr

        eigen("auth", "revoke", key["key_id"])
        eigen("auth", "revoke", reader["key_id"])
        assert "error[EIGEN_AUTH_REQUIRED]" in eigen("list", env=with_key, expect=2).stderr
        server.restart(signal.SIGTERM)
        assert "error[EIGEN_AUTH_REQUIRED]" in eigen("list", env=with_key, expect=2).stderr
        assert httpx.get(f"{web}/v1/jobs").status_code == 401
        assert key["token"].split("_")[2] not in server.tail()

    entries = eigen_json("auth", "audit")["entries"]
    told = [(entry["subject"], entry["action"], entry["outcome"], entry["surface"]) for entry in reversed(entries)]
    assert told == [
        ("local", "jobs:submit", "ok", "grpc"),
        ("local", "auth:create-key", "ok", "cli"),
        (f"key:{key['key_id']}", "jobs:submit", "ok", "grpc"),
        ("local", "auth:create-key", "ok", "cli"),
        (f"key:{reader['key_id']}", "jobs:submit", "EIGEN_AUTH_DENIED", "grpc"),
        ("local", "auth:revoke", "ok", "cli"),
        ("local", "auth:revoke", "ok", "cli"),
    ]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"EIGEN_HTTP_ADDRESS": "0.0.0.0:0", "EIGEN_GRPC_ADDRESS": "127.0.0.1:0"}, "`http_address` is `0.0.0.0:0`"),
        ({"EIGEN_GRPC_ADDRESS": "0.0.0.0:0", "EIGEN_HTTP_ADDRESS": "127.0.0.1:0"}, "`grpc_address` is `0.0.0.0:0`"),
        ({"EIGEN_GRPC_ADDRESS": "[::]:0", "EIGEN_AUTH": "off"}, "`auth` is `off`"),
        ({"EIGEN_AUTH": "required", "EIGEN_TLS_CERT": "none.pem"}, "`tls_key` is not set"),
        ({"EIGEN_OIDC_ISSUER": "http://issuer.invalid"}, "`oidc_issuer` must be an https address"),
        ({"EIGEN_OIDC_ISSUER": "https://issuer.invalid"}, "`oidc_audience` is not set"),
    ],
    ids=["http", "grpc", "off", "half a certificate", "an issuer without TLS", "no audience"],
)
def test_a_server_that_would_be_open_to_all_does_not_start(eigen: Run, settings: Mapping[str, str], said: str) -> None:
    free = {"EIGEN_HTTP_ADDRESS": "127.0.0.1:0", "EIGEN_GRPC_ADDRESS": "127.0.0.1:0"}
    done = eigen("serve", env=free | dict(settings), expect=2)
    assert "error[EIGEN_CONFIG_INVALID]" in done.stderr
    assert said in done.stderr


def test_a_kernel_beyond_loopback_without_mutual_tls_does_not_start(eigen: Run) -> None:
    done = eigen("serve", "--role", "kernel", env={"EIGEN_KERNEL_ADDRESS": "0.0.0.0:0"}, expect=2)
    assert "error[EIGEN_CONFIG_INVALID]" in done.stderr
    assert "mutual TLS" in done.stderr


def test_everything_over_tls_with_four_roles(
    eigen: Run, eigen_json: RunJson, write: Write, tmp_path: Path, authority: trustme.CA
) -> None:
    """Public ports with TLS, roles with mutual TLS, and a key: the whole way of one job, and strangers at each door."""
    public, inner = trustme.CA(), certificate(authority, tmp_path, "role")
    shown = certificate(public, tmp_path, "public")
    key = eigen_json("auth", "create-key", "--name", "of the test")
    env = {
        "EIGEN_AUTH": "required",
        "EIGEN_TLS_CERT": shown["cert"],
        "EIGEN_TLS_KEY": shown["key"],
        "EIGEN_INTERNAL_CA": inner["ca"],
        "EIGEN_INTERNAL_CERT": inner["cert"],
        "EIGEN_INTERNAL_KEY": inner["key"],
    }
    with FourRoles(tmp_path, env=env) as four:
        address = four.addresses["grpc_address"]
        me = {"EIGEN_ENDPOINT": f"grpcs://{address}", "EIGEN_TLS_CA": shown["ca"], "EIGEN_TOKEN": key["token"]}
        done = eigen_json("submit", write("bell.eigen.py", BELL), "--wait", env=me)
        assert done["state"] == "DONE"
        web = f"https://{four.addresses['http_address']}/v1/jobs"
        header = {"authorization": f"Bearer {key['token']}"}
        trusting = ssl.create_default_context(cafile=shown["ca"])
        assert len(httpx.get(web, headers=header, verify=trusting).json()["jobs"]) == 1
        with pytest.raises(httpx.ConnectError):
            httpx.get(web, headers=header, verify=ssl.create_default_context(cafile=inner["ca"]))

        kernel = four.roles["kernel"].addresses["kernel_address"]
        operator = (("x-eigen-sub", "local"), ("x-eigen-roles", "admin"), ("x-eigen-tenant", ""))
        strangers = {
            "plain text": grpc.insecure_channel(kernel),
            "no certificate": grpc.secure_channel(kernel, grpc.ssl_channel_credentials(Path(inner["ca"]).read_bytes())),
            "the certificate of the public ports": grpc.secure_channel(
                kernel,
                grpc.ssl_channel_credentials(
                    Path(inner["ca"]).read_bytes(), Path(shown["key"]).read_bytes(), Path(shown["cert"]).read_bytes()
                ),
            ),
        }
        service = pb.DESCRIPTOR.services_by_name["KernelService"]
        for who, channel in strangers.items():
            with channel, pytest.raises(grpc.RpcError) as error:
                Stub(channel, service).Get(pb.JobRequest(job_id=done["job_id"]), metadata=operator, timeout=20)
            assert error.value.code() is grpc.StatusCode.UNAVAILABLE, who
