"""A job as a document: there and back is the same job, and what a stranger sends is checked as job.yaml is."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.jobspec import (
    Budget,
    CompilerOptions,
    InputRef,
    JobSpec,
    ProgramRef,
    Retry,
    Submission,
    Timeout,
    from_document,
    load_job,
    read_dataset,
    to_document,
)
from eigen.jobspec.datasets import dump_dataset
from eigen.jobspec.sweep import Sweep
from eigen.wire.convert.submission import document_from_spec, submission_to_wire
from eigen.wire.messages import jobs as messages

ROOT = Path(__file__).parents[2]
SOURCE = b"from eigen_lang import hybrid_program\n"
AQO = b'{"operations":[],"qubits":1,"version":"1.0.0"}'

word = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], max_codepoint=0x1FFF), min_size=1, max_size=8)
name = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
texts = st.dictionaries(name, word | st.just(""), max_size=3)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | word,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(word, inner, max_size=3),
    max_leaves=8,
)
seconds = st.floats(0.001, 1e6)
targets = st.sampled_from(["auto", "sim:auto", "vendor:device", "latency"])


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def data_sets(draw: Any) -> tuple[InputRef, bytes]:
    rows = draw(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), min_size=1, max_size=3))
    csv = "\n".join(",".join(repr(cell) for cell in (*row, 1.0)) for row in rows).encode()
    dataset = read_dataset(draw(name), csv, filename="rows.csv")
    ref = InputRef(dataset.name, "data/rows.csv", sha256(csv).hexdigest(), dataset.digest)
    return ref, dump_dataset(dataset)


reals = st.floats(-1e6, 1e6)
ranges = st.builds(lambda start, stop, num: {"start": start, "stop": stop, "num": num}, reals, reals, st.integers(1, 9))
axes = st.one_of(st.lists(reals, min_size=1, max_size=5), st.lists(st.integers(-9, 9), min_size=1, max_size=5), ranges)
sweeps = st.builds(Sweep, st.dictionaries(st.from_regex(r"swept_[a-z]", fullmatch=True), axes, min_size=1, max_size=3))
"""Sweeps of names that no input has."""


@st.composite
def v1_jobs(draw: Any) -> Submission:
    """Any job that a reader of v1 can make."""
    kind = draw(st.sampled_from(["eigen-lang", "aqo", "qasm2"]))
    text = SOURCE if kind == "eigen-lang" else AQO
    program = ProgramRef(sha256(text).hexdigest(), kind, draw(word))
    data = draw(st.lists(data_sets(), max_size=2, unique_by=lambda pair: pair[0].name)) if kind == "eigen-lang" else []
    data.sort(key=lambda pair: pair[0].name)
    spec = JobSpec(
        name=draw(word),
        program=program,
        namespace=draw(st.sampled_from(["default", "team-a"])),
        labels=draw(texts),
        annotations=draw(texts),
        entrypoint=draw(_maybe(name)) if kind == "eigen-lang" else None,
        target=draw(_maybe(targets)),
        shots=draw(_maybe(st.integers(1, 10**7))),
        seed=draw(_maybe(st.integers(0, 2**64 - 1))),
        max_iters=draw(_maybe(st.integers(1, 10**6))) if kind == "eigen-lang" else None,
        inputs=draw(st.dictionaries(name, values, max_size=3)),
        input_refs=tuple(ref for ref, _ in data),
        noise_model=draw(_maybe(word)),
        priority=draw(st.integers(0, 100)),
        compiler=CompilerOptions(draw(_maybe(st.integers(0, 3)))),
        dependencies=tuple(draw(st.lists(name, max_size=2))),
        retry=Retry(draw(st.integers(1, 100)), draw(st.floats(0, 86_400))),
        timeout=Timeout(draw(_maybe(seconds)), draw(_maybe(seconds))),
        policy=draw(_maybe(st.sampled_from(["balanced", "latency"]))),
        min_qubits=draw(_maybe(st.integers(1, 10_000))),
        budget=Budget(draw(_maybe(st.integers(1, 10**12))), draw(_maybe(seconds)), draw(_maybe(seconds))),
        metadata=draw(texts),
        sweep=draw(_maybe(sweeps)),
    )
    files = {program.artifact: text} | {ref.artifact: canonical for ref, canonical in data}
    if draw(st.booleans()):
        files["input/job.yaml"] = b"# as it was written\n"
    return Submission(spec, files)


@st.composite
def v01_jobs(draw: Any) -> Submission:
    """Any job that a reader of v0.1 can make."""
    job = draw(v1_jobs())
    program = ProgramRef(sha256(SOURCE).hexdigest(), "eigen-lang", job.spec.program.filename)
    plain = JobSpec(job.spec.name, program)
    options = {"shots", "seed", "max_iters", "noise_model"}
    spec = replace(
        job.spec,
        program=program,
        api_version="eigen.os/v0.1",
        target=job.spec.target or "sim:local",
        metadata={key: text for key, text in job.spec.metadata.items() if key not in options},
        **{
            key: getattr(plain, key)
            for key in ("namespace", "retry", "timeout", "policy", "min_qubits", "budget", "sweep")
        },
    )
    files = {path: data for path, data in job.files.items() if path != job.spec.program.artifact}
    return Submission(spec, files | {program.artifact: SOURCE})


@given(v1_jobs() | v01_jobs())
def test_a_document_gives_the_job_back(job: Submission) -> None:
    document, program, files = to_document(job)
    found = from_document(document, program=program, files=files)
    assert (found.spec, dict(found.files)) == (job.spec, dict(job.files))
    assert found.spec.to_json() == job.spec.to_json()  # 1 and 1.0 are not the same input


@given(v1_jobs() | v01_jobs())
def test_the_typed_message_gives_the_job_back(job: Submission) -> None:
    request = messages.SubmitJobRequest.FromString(submission_to_wire(job).SerializeToString())
    program = request.eigen_lang.source if request.HasField("eigen_lang") else None
    found = from_document(document_from_spec(request.spec), program=program, files=dict(request.files))
    assert (found.spec, dict(found.files)) == (job.spec, dict(job.files))
    assert found.spec.to_json() == job.spec.to_json()


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/**/job.yaml")), ids=lambda path: path.parent.name)
def test_examples_go_there_and_back(path: Path) -> None:
    job = load_job(path)
    document, program, files = to_document(job)
    found = from_document(document, program=program, files=files)
    assert (found.spec, dict(found.files)) == (job.spec, dict(job.files))


def document(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "eigen.os/v1", "kind": "QuantumJob", "metadata": {"name": "x"}, "spec": spec}


def refused(value: Any, **handed: Any) -> EigenError:
    with pytest.raises(EigenError) as caught:
        from_document(value, **handed)
    return caught.value


def fields_of(error: EigenError) -> list[str]:
    return [entry["field"] for entry in error.details["field_violations"]]


def test_all_complaints_come_at_once_with_field_paths() -> None:
    error = refused(document(shots=0, seed=-1, tarjet="auto"), files={"input/other": b""})
    assert error.code == "EIGEN_JOBSPEC_INVALID"
    assert set(fields_of(error)) == {"spec.shots", "spec.seed", "spec.tarjet", "spec.program", "files"}
    assert error.where == "request"


def test_the_short_form_is_a_document_too() -> None:
    job = from_document({"on_job": {"backend": "native", "method": "bell", "ai_optimize": False}})
    assert job.spec.target == "sim:auto"
    assert b"measure_all" in job.files["input/program.eigen.py"]


def test_the_text_may_stand_in_the_document() -> None:
    job = from_document(document(program={"source": SOURCE.decode()}))
    assert job.files["input/program.eigen.py"] == SOURCE


def test_a_program_comes_once_and_is_the_one_that_is_named() -> None:
    twice = refused(document(program={"source": "x"}), program=b"x")
    assert "more than once: program and the document" in twice.message
    assert "missing" in refused(document()).message
    other = refused(document(program={"sha256": "0" * 64}), program=SOURCE)
    assert "sha256" in other.message
    large = refused(document(), program=b"x" * (256 * 1024 + 1))
    assert large.code == "EIGEN_LIMIT_EXCEEDED"
    assert "source_bytes" in large.message


def test_a_path_names_the_program_and_reads_nothing() -> None:
    job = from_document(document(program={"path": "/etc/hostname"}), program=SOURCE)
    assert job.spec.program.filename == "/etc/hostname"
    assert job.files["input/program.eigen.py"] == SOURCE


CSV = b"1,2,0\n3,4,1\n"
REF = {"input_refs": {"rows": {"uri": "rows.csv", "sha256": sha256(CSV).hexdigest()}}}
WHERE = "input/data/rows.json"


def test_a_data_set_is_the_file_itself_or_its_canonical_form() -> None:
    canonical = dump_dataset(read_dataset("rows", CSV, filename="rows.csv"))
    raw = from_document(document(**REF), program=SOURCE, files={WHERE: CSV})
    formed = from_document(document(**REF), program=SOURCE, files={WHERE: canonical})
    assert raw == formed
    assert raw.files[WHERE] == canonical
    assert raw.spec.input_refs[0].digest == sha256(canonical).hexdigest()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "is missing"),
        ({WHERE: b'{"features": [[1]], "labels": [0]}'}, "neither the file of that sha256 nor"),
        ({WHERE: b"not json"}, "not valid JSON"),
        ({WHERE: b"[" * 100_000}, "nested too deeply"),
        ({WHERE: CSV, "input/data/other.json": CSV}, "`input/data/other.json` is not a file of this job"),
    ],
)
def test_data_sets_are_checked_again(files: dict[str, bytes], said: str) -> None:
    assert said in refused(document(**REF), program=SOURCE, files=files).message


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (document(inputs={"a": _deep(5_000)}), "EIGEN_LIMIT_EXCEEDED"),
        (document(inputs={"a": [0] * 200_000}), "EIGEN_LIMIT_EXCEEDED"),
        (document(inputs={"a": 1 << 5_000}), "EIGEN_LIMIT_EXCEEDED"),
        (document(inputs={"a": float("nan")}), "EIGEN_REQUEST_INVALID"),
        (document(inputs={"a": "\ud800"}), "EIGEN_REQUEST_INVALID"),
        ({1: 2}, "EIGEN_REQUEST_INVALID"),
        ({"apiVersion": ["x"]}, "EIGEN_JOBSPEC_INVALID"),
        ({}, "EIGEN_JOBSPEC_INVALID"),
        ({"on_job": []}, "EIGEN_JOBSPEC_INVALID"),
        (document(program={"format": "quipper"}), "EIGEN_JOBSPEC_INVALID"),
        (document(program={"format": 3}), "EIGEN_JOBSPEC_INVALID"),
        (document(program=7), "EIGEN_JOBSPEC_INVALID"),
    ],
)
def test_hostile_documents(value: Any, code: str) -> None:
    assert refused(value, program=SOURCE).code == code


def test_an_unknown_key_of_v01_is_kept_as_a_warning() -> None:
    value = {
        "apiVersion": "eigen.os/v0.1",
        "kind": "QuantumJob",
        "metadata": {"name": "x"},
        "spec": {"target": "sim:local", "flavour": "strange"},
    }
    (warning,) = from_document(value, program=SOURCE).warnings
    assert "spec.flavour" in warning


keys = st.sampled_from(["apiVersion", "kind", "metadata", "spec", "name", "on_job", "program", "a"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
VERDICTS = {
    "ok",
    "EIGEN_JOBSPEC_INVALID",
    "EIGEN_REQUEST_INVALID",
    "EIGEN_LIMIT_EXCEEDED",
    "EIGEN_NOT_AVAILABLE",
}


@given(st.dictionaries(keys, anything, max_size=4))
def test_any_mapping_ends_in_a_job_or_an_error(value: dict[str, Any]) -> None:
    verdict = "ok"
    try:
        from_document({"apiVersion": "eigen.os/v1"} | value, program=SOURCE, files={"input/job.yaml": b""})
    except EigenError as error:
        verdict = error.code
    assert verdict in VERDICTS
