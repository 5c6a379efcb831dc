"""Kubernetes: a Job for each task, whoever submits it how often, and what a cluster can do to it. The API is one of the
test run, which checks what it is sent against the published OpenAPI; no cluster was ever asked."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import house, tasks
from doubles.executors import kubernetes
from doubles.kubernetes_api import CLAIM, NAMESPACE, invalid, kubeconfig
from doubles.kubernetes_openapi import lax, problems
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.executors import dispatch, kubernetes_jobs
from eigen.executors.executor import TaskState
from eigen.executors.kubernetes_client import Cluster
from eigen.executors.kubernetes_manifest import TAG, PodSettings, job_manifest
from eigen.executors.opening import open_dispatcher
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.types import Device, JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from bench.s3_server import S3Server

    from doubles.executors import Kubernetes

LONG = 120.0
DEVICE = Device("sim:statevector", "state vector", "simulator", 30, properties={"engine": "statevector"})
KEY = tasks.key_of("one")


@pytest.fixture
def rack(tmp_path: Path) -> Generator[Kubernetes]:
    with kubernetes(tmp_path, pending_sec=0.2) as rack:
        yield rack


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)


def hand_in(rack: Kubernetes, key: str = KEY, *, slow: bool = True, **resources: float) -> str:
    spec = rack.spool.put_spec(tasks.described(tasks.slow() if slow else tasks.bell()))
    return rack.executor.submit(key, spec, resources={name.replace("__", "/"): v for name, v in resources.items()})


def running(rack: Kubernetes, key: str = KEY) -> None:
    until(lambda: rack.executor.poll(key) is TaskState.RUNNING and bool(rack.workers()))


@given(
    key=st.text("0123456789abcdef", min_size=64, max_size=64),
    times=st.integers(1, 99),
    resources=st.dictionaries(
        st.one_of(st.sampled_from(["nvidia.com/gpu", "amd.com/gpu", "a.b/c-d", "cpu", "GPU", "-/x"]), st.text()),
        st.one_of(st.integers(1, 1000).map(float), st.floats(0.01, 1e17)),
        max_size=3,
    ),
    cpu=st.floats(0.1, 1024),
    memory=st.integers(1, 1 << 50),
)
def test_every_job_is_one_that_the_api_takes(
    key: str, times: int, resources: dict[str, float], cpu: float, memory: int
) -> None:
    pods = PodSettings("eigen", "registry.example/eigen-os:1.0@sha256:" + "0" * 64, CLAIM, memory, cpu)
    if not all(TAG.fullmatch(tag) and amount == int(amount) for tag, amount in resources.items()):
        with pytest.raises(EigenError) as caught:
            job_manifest(pods, key, key, times=times, resources=resources)
        assert caught.value.code == "EIGEN_EXECUTOR_RESOURCES"
        return
    job = job_manifest(pods, key, key, times=times, resources=resources)
    assert problems(job, "io.k8s.api.batch.v1.Job") == []
    assert list(invalid(job)) == []
    pod = job["spec"]["template"]["spec"]
    assert lax(pod) == []
    assert pod["automountServiceAccountToken"] is False
    assert pod["containers"][0]["resources"]["requests"] == pod["containers"][0]["resources"]["limits"]
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"namespace": "Eigen"}, "kubernetes_namespace"),
        ({"namespace": "../x"}, "kubernetes_namespace"),
        ({"claim": ""}, "kubernetes_spool_claim"),
        ({"claim": "a" * 64}, "kubernetes_spool_claim"),
        ({"image": ""}, "kubernetes_image"),
        ({"image": "x y"}, "kubernetes_image"),
        ({"memory_bytes": 0}, "executor_memory_bytes"),
    ],
)
def test_settings_that_kubernetes_would_refuse_are_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(EigenError, match=said) as caught:
        replace(PodSettings("eigen", "eigen-os", CLAIM, 1 << 30), **change)  # type: ignore[arg-type]
    assert caught.value.code == "EIGEN_CONFIG_INVALID"


def test_who_submits_at_the_same_time_makes_one_job(rack: Kubernetes) -> None:
    with rack.another() as other:
        spec = rack.spool.put_spec(tasks.described(tasks.slow()))
        both = [
            threading.Thread(target=lambda each=each: each.submit(KEY, spec, resources={}))
            for each in (rack.executor, other) * 4
        ]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert len(rack.api.jobs()) == 1
        assert other.adopt(KEY) == KEY
        assert rack.executor.result(KEY, LONG) == other.result(KEY, LONG)


def test_a_pod_goes_on_when_its_kernel_is_gone(rack: Kubernetes) -> None:
    hand_in(rack)
    rack.executor.close()
    with rack.another() as other:
        assert other.adopt(KEY) == KEY
        assert other.result(KEY, LONG).document
    assert len(rack.api.jobs()) == 1


@pytest.mark.parametrize("end", ["evict", "lose_node"])
def test_a_pod_that_is_lost_runs_again_as_another_job(rack: Kubernetes, end: str) -> None:
    hand_in(rack)
    running(rack)
    getattr(rack.api, end)()
    with pytest.raises(EigenError) as caught:
        rack.executor.result(KEY, LONG)
    assert caught.value.code == "EIGEN_EXECUTOR_LOST"
    assert ("Evicted" in caught.value.message) == (end == "evict")
    assert rack.executor.adopt(KEY) is None
    hand_in(rack)
    assert rack.executor.result(KEY, LONG).document
    first, second = sorted(job["metadata"]["name"] for job in rack.api.jobs())
    assert second == f"{first}-2"


def test_a_job_that_somebody_deletes_is_lost(rack: Kubernetes, tmp_path: Path) -> None:
    hand_in(rack)
    running(rack)
    Cluster(NAMESPACE, config=str(rack.api.config)).delete(rack.api.jobs()[0]["metadata"]["name"])
    until(lambda: rack.executor.poll(KEY) is TaskState.LOST)
    until(lambda: not rack.workers())


def test_what_no_node_has_is_refused_after_a_while(rack: Kubernetes) -> None:
    hand_in(rack, example__qpu=2.0, slow=False)
    with pytest.raises(EigenError, match="example/qpu=2") as caught:
        rack.executor.result(KEY, LONG)
    assert caught.value.code == "EIGEN_EXECUTOR_RESOURCES"
    assert "Insufficient example/qpu" in caught.value.message
    assert rack.executor.poll(KEY) is TaskState.FAILED
    assert rack.api.jobs() == [], "nothing waits for what never comes"


def test_an_image_that_cannot_be_had_is_said_so(rack: Kubernetes) -> None:
    rack.api.stuck = "ImagePullBackOff"
    hand_in(rack, slow=False)
    with pytest.raises(EigenError, match="ImagePullBackOff") as caught:
        rack.executor.result(KEY, LONG)
    assert caught.value.code == "EIGEN_EXECUTOR_RESOURCES"


def test_a_full_cluster_is_waited_for_while_ours_run(rack: Kubernetes) -> None:
    keys = [hand_in(rack, tasks.key_of(f"fills {turn}")) for turn in range(2)]
    for key in keys:
        running(rack, key)
    hand_in(rack, slow=False)
    until(lambda: rack.executor.poll(KEY) is TaskState.WAITING)
    for _ in range(8):
        time.sleep(0.1)  # longer than pods may be without a place
        assert rack.executor.poll(KEY) in {TaskState.WAITING, TaskState.RUNNING, TaskState.DONE}
    assert rack.executor.result(KEY, LONG).document


def test_a_pod_without_memory_sends_its_task_home(rack: Kubernetes) -> None:
    rack.api.ends_as = "OOMKilled"
    hand_in(rack)
    running(rack)
    rack.kill_workers()
    with pytest.raises(EigenError) as caught:
        rack.executor.result(KEY, LONG)
    assert caught.value.code in dispatch.HERE_INSTEAD


def test_an_api_that_is_away_for_a_while_loses_nothing(rack: Kubernetes) -> None:
    hand_in(rack)
    running(rack)
    rack.api.away = True
    asked = len(rack.api.requests)
    time.sleep(2 * kubernetes_jobs.LOOK_SECONDS)
    assert rack.executor.poll(KEY) in {TaskState.RUNNING, TaskState.DONE}
    with pytest.raises(EigenError) as caught:
        hand_in(rack, tasks.key_of("meanwhile"))
    assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"
    assert rack.executor.result(KEY, LONG).document, "it comes by the spool"
    assert len(rack.api.requests) == asked
    rack.api.away = False
    hand_in(rack, tasks.key_of("meanwhile"), slow=False)
    assert rack.executor.result(tasks.key_of("meanwhile"), LONG).document


def test_an_api_that_is_away_for_long_is_unreachable(rack: Kubernetes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes_jobs, "AWAY_SECONDS", 0.0)
    hand_in(rack)
    running(rack)
    rack.api.away = True
    with pytest.raises(EigenError) as caught:
        rack.executor.result(KEY, LONG)
    assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "EIGEN_CONFIG_INVALID"),
        (403, "EIGEN_CONFIG_INVALID"),
        (404, "EIGEN_CONFIG_INVALID"),
        (422, "EIGEN_CONFIG_INVALID"),
        (429, "EIGEN_SERVER_UNREACHABLE"),
        (500, "EIGEN_SERVER_UNREACHABLE"),
        (503, "EIGEN_SERVER_UNREACHABLE"),
    ],
)
def test_what_the_api_refuses_is_said(rack: Kubernetes, status: int, code: str) -> None:
    rack.api.refuses = status
    with pytest.raises(EigenError, match=str(status)) as caught:
        hand_in(rack)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "finds no cluster"),
        ("[1, 2", "kubeconfig"),
        ("a: 1", "finds no cluster"),
        (kubeconfig("http://10.0.0.1:80", "none.pem"), "beyond loopback"),
        (
            kubeconfig("https://10.0.0.1", "none.pem").replace(
                "certificate-authority: none.pem", INSECURE := "insecure-skip-tls-verify: true"
            ),
            "beyond loopback",
        ),
    ],
)
def test_a_cluster_without_checked_tls_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(EigenError, match=said) as caught:
        Cluster("eigen", config=str(path))
    assert caught.value.code == "EIGEN_CONFIG_INVALID"


def test_a_token_that_is_not_right_and_an_authority_that_is_another(rack: Kubernetes, tmp_path: Path) -> None:
    text = rack.api.config.read_text()
    path = tmp_path / "other"
    path.write_text(text.replace("the-token", "no-token"))
    with pytest.raises(EigenError, match="401") as caught:
        Cluster(NAMESPACE, config=str(path)).job("x")
    assert caught.value.code == "EIGEN_CONFIG_INVALID"
    assert "Role" in caught.value.hint
    path.write_text("\n".join(line for line in text.splitlines() if "certificate-authority" not in line))
    with pytest.raises(EigenError) as caught:
        Cluster(NAMESPACE, config=str(path)).job("x")
    assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"


def test_what_a_container_says_is_not_believed_blindly() -> None:
    for message in ("", "[]", "null", "7", "{", '{"code": ""}', '{"code": [1]}', "[" * 5000, '"code"', "\x00"):
        assert kubernetes_jobs._said({"message": message}) is None or message == '{"code": [1]}'


def test_a_job_runs_in_pods_with_the_same_results(
    rack: Kubernetes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the settings alone, as a server has them."""
    monkeypatch.setattr(dispatch, "TRIPS", 0.0)
    settings = Settings(
        qfs_root=str(tmp_path / "data"),
        executor="kubernetes",
        executor_spool=str(rack.spool.root),
        executor_memory_bytes=2 << 30,
        kubernetes_config=str(rack.api.config),
        kubernetes_context="test",
        kubernetes_image="eigen-os:test",
        kubernetes_spool_claim=CLAIM,
    )
    elsewhere = open_dispatcher(settings)
    assert elsewhere is not None
    found = []
    for ports in (house.ports(tmp_path / "plain"), house.ports(tmp_path / "spread", elsewhere=elsewhere)):
        job = house.spec("bell")
        job_id = Kernel(ports).submit(job, house.files(job))
        assert Worker(ports).run_until(job_id, wait_seconds=LONG)
        found.append(Kernel(ports).results(job_id))
    elsewhere.close()
    one, other = found
    assert one.state is other.state is JobState.DONE, (one.error, other.error)
    assert (one.outputs, one.counts) == (other.outputs, other.counts)
    assert other.metadata["executor"] == {"name": "kubernetes", "tasks": 1}
    assert len(rack.api.jobs()) == 1


def test_pods_find_a_spool_in_a_bucket_by_a_secret(
    rack: Kubernetes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3: S3Server
) -> None:
    monkeypatch.setattr(dispatch, "TRIPS", 0.0)
    given = s3.settings()
    key_id, secret = given["s3_access_key_id"], given["s3_secret_access_key"]
    rack.api.secrets["spool-keys"] = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret}
    settings = Settings(
        qfs_root=str(tmp_path / "data"),
        executor="kubernetes",
        executor_spool=given.pop("artifacts_url"),
        executor_memory_bytes=2 << 30,
        kubernetes_config=str(rack.api.config),
        kubernetes_context="test",
        kubernetes_image="eigen-os:test",
        kubernetes_spool_secret="spool-keys",
        **given,
    )
    for wrong in ({"kubernetes_spool_secret": ""}, {"kubernetes_spool_claim": CLAIM}, {"s3_ca": "ca.pem"}):
        with pytest.raises(EigenError) as caught:
            open_dispatcher(replace(settings, **wrong))  # type: ignore[arg-type]
        assert caught.value.code == "EIGEN_CONFIG_INVALID"
    elsewhere = open_dispatcher(settings)
    assert elsewhere is not None
    work = tasks.bell()
    found = elsewhere.begin("job", DEVICE, work).result(LONG, pytest.fail)  # type: ignore[arg-type]
    assert found.counts is not None
    assert found.counts.shots == work.shots
    (job,) = rack.api.jobs()
    assert secret not in str(job)
    assert [volume["name"] for volume in job["spec"]["template"]["spec"]["volumes"]] == ["scratch"]
    spool = s3.buckets / settings.executor_spool.removeprefix("s3://")

    def kept() -> list[Path]:
        return [path for path in spool.rglob("*") if path.is_file() and "/results/" in str(path)]

    assert kept()
    elsewhere.release("job")
    assert not kept()
    elsewhere.close()


def test_the_client_is_imported_when_it_is_needed() -> None:
    code = (
        "import sys, eigen.executors.kubernetes_jobs; sys.exit('kubernetes' in sys.modules or 'urllib3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
