"""The files a job names: inside its folder, regular, limited, and of the digest it says."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from eigen.errors import EigenError
from eigen.jobspec import Submission, load_job, load_program, load_stored, parse_job, submission

HEAD = "apiVersion: eigen.os/v1\nkind: QuantumJob\nmetadata: {name: test}\n"


def with_program(path: str, base: Path) -> Submission:
    return parse_job(HEAD + f'spec: {{program: {{path: "{path}"}}}}\n', base=base)


@pytest.mark.parametrize(
    "path",
    [
        "../secret.py",
        "a/../../secret.py",
        "/etc/hostname",
        "~/x.py",
        "C:/x.py",
        "..",
        ".",
        "a\\\\..\\\\secret.py",
        "link.py",
    ],
)
def test_a_path_out_of_the_folder_is_refused(path: str, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("secret = 1")
    folder = tmp_path / "job"
    (folder / "a").mkdir(parents=True)
    (folder / "link.py").symlink_to(tmp_path / "secret.py")
    with pytest.raises(EigenError) as caught:
        with_program(path, folder)
    assert caught.value.code == "EIGEN_JOBSPEC_INVALID"
    assert caught.value.details["field_violations"][0]["field"] == "spec.program.path"
    assert "secret = 1" not in str(caught.value.to_json())


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("x = 1")
    (tmp_path / "link.py").symlink_to("real.py")
    assert with_program("link.py", tmp_path).files["input/program.eigen.py"] == b"x = 1"


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(EigenError, match="not a regular file"):
        with_program("pipe.py", tmp_path)


def test_a_program_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big.py").write_bytes(b"#" * (256 * 1024 + 1))
    with pytest.raises(EigenError) as caught:
        with_program("big.py", tmp_path)
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"
    assert "source_bytes" in caught.value.message


def test_the_digest_of_the_program_holds(tmp_path: Path) -> None:
    (tmp_path / "program.eigen.py").write_text("x = 1")
    digest = sha256(b"x = 1").hexdigest()
    text = HEAD + f"spec: {{program: {{path: program.eigen.py, sha256: {digest}}}}}\n"
    assert parse_job(text, base=tmp_path).spec.program.sha256 == digest
    (tmp_path / "program.eigen.py").write_text("x = 2")
    with pytest.raises(EigenError, match="sha256"):
        parse_job(text, base=tmp_path)


def data_job(name: str, content: bytes, folder: Path, digest: str | None = None) -> Submission:
    (folder / name).write_bytes(content)
    (folder / "program.eigen.py").write_text("x = 1")
    digest = digest or sha256(content).hexdigest()
    return parse_job(HEAD + f"spec: {{input_refs: {{d: {{uri: {name}, sha256: '{digest}'}}}}}}\n", base=folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.csv", b"x,y,label\n1,2,0\n3,4.5,1\n"),
        ("d.csv", b"label,x,y\n0,1,2\n1,3,4.5\n"),
        ("d.csv", b"1,2,0\r\n3,4.5,1\r\n"),
        ("d.json", b'{"features": [[1, 2], [3, 4.5]], "labels": [0, 1]}'),
    ],
)
def test_data_sets_mean_the_same_in_every_form(name: str, content: bytes, tmp_path: Path) -> None:
    job = data_job(name, content, tmp_path)
    (ref,) = job.spec.input_refs
    stored = load_stored("d", job.files[ref.artifact])
    assert stored.features == ((1.0, 2.0), (3.0, 4.5))
    assert stored.labels == (0.0, 1.0)
    assert stored.digest == ref.digest == sha256(job.files[ref.artifact]).hexdigest()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("d.csv", b"x,label\n1,a\n", "`a` is not a number"),
        ("d.csv", b"1,2\n1,2,3\n", "row 2"),
        ("d.csv", b"1,inf\n", "not a finite number"),
        ("d.csv", b"", "no rows"),
        ("d.csv", b"\xff\xfe", "UTF-8"),
        ("d.json", b"[1]", "expected an object"),
        ("d.json", b'{"features": [[1]], "labels": [NaN]}', "not a finite number"),
        ("d.json", b'{"features": [[1]], "labels": [1, 2]}', "2 labels"),
        ("d.json", b'{"features": [1], "labels": [1]}', "not a list"),
        ("d.json", b'{"features": [[true]], "labels": [1]}', "not a number"),
        ("d.json", b"[" * 10_000, "nested too deeply"),
    ],
)
def test_a_bad_data_set_is_named(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(EigenError) as caught:
        data_job(name, content, tmp_path)
    assert said in caught.value.message
    assert caught.value.details["field_violations"][0]["field"] == "spec.input_refs.d.uri"


def test_a_changed_data_set_is_refused_with_both_digests(tmp_path: Path) -> None:
    with pytest.raises(EigenError) as caught:
        data_job("d.csv", b"1,0\n", tmp_path, digest="a" * 64)
    assert sha256(b"1,0\n").hexdigest() in caught.value.message
    assert caught.value.details["field_violations"][0]["field"] == "spec.input_refs.d.sha256"


def test_a_job_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EigenError) as caught:
        load_job(tmp_path / "no.yaml")
    assert caught.value.code == "EIGEN_FILE_UNREADABLE"
    with pytest.raises(EigenError, match="not a regular file"):
        load_job(tmp_path)


def test_a_program_alone_is_a_job(tmp_path: Path) -> None:
    (tmp_path / "bell.eigen.py").write_text("x = 1")
    (tmp_path / "bell.aqo.json").write_text("{}")
    assert load_program(tmp_path / "bell.eigen.py").spec.name == "bell"
    assert load_program(tmp_path / "bell.aqo.json").spec.program.format == "aqo"


def test_a_circuit_is_known_by_its_text_where_its_name_says_circuit(tmp_path: Path) -> None:
    (tmp_path / "a.b.qasm").write_text("OPENQASM 2.0;")
    (tmp_path / "c.qasm").write_text('{"format":"aqo"}')
    (tmp_path / "broken.qasm").write_text("nothing")
    for name, kind, stem in (("a.b", "qasm2", "a.b"), ("c", "aqo", "c"), ("broken", "qasm2", "broken")):
        job = load_program(tmp_path / f"{name}.qasm")
        assert (job.spec.program.format, job.spec.name) == (kind, stem)
        assert job.spec.program.is_circuit


@pytest.mark.parametrize("name", ["qasm2", "openqasm2"])
def test_a_job_file_names_the_format_of_a_circuit(tmp_path: Path, name: str) -> None:
    (tmp_path / "bell.txt").write_text("OPENQASM 2.0;")
    (tmp_path / "job.yaml").write_text(HEAD + f"spec: {{program: {{path: bell.txt, format: {name}}}}}\n")
    job = load_job(tmp_path / "job.yaml")
    assert job.spec.program.format == "qasm2"
    assert job.files["input/circuit.qasm2"] == b"OPENQASM 2.0;"


def test_inputs_from_python_are_checked_like_those_of_a_file() -> None:
    deep: list[Any] = []
    for _ in range(30):
        deep = [deep]
    wrong: list[dict[str, Any]] = [
        {"inputs": {"x": float("nan")}},
        {"inputs": {"x": {1: 2}}},
        {"inputs": {"x": object()}},
        {"inputs": {"x": deep}},
        {"inputs": {"x": [0] * 200_000}},
        {"shots": 0},
        {"shuts": 1},
        {"program": {"path": "x"}},
        {"input_refs": {}},
    ]
    for fields in wrong:
        with pytest.raises(EigenError) as caught:
            submission(b"x = 1", **fields)
        assert caught.value.code in {"EIGEN_JOBSPEC_INVALID", "EIGEN_LIMIT_EXCEEDED"}
    spec = submission(b"x = 1", inputs={"a": [1, {"b": None}]}, dependencies=["job_1"], shots=5).spec
    assert (spec.inputs, spec.dependencies, spec.shots) == ({"a": [1, {"b": None}]}, ("job_1",), 5)


def test_a_circuit_takes_no_options_of_programs(tmp_path: Path) -> None:
    (tmp_path / "c.aqo.json").write_text("{}")
    text = HEAD + "spec: {program: {path: c.aqo.json, format: aqo}, entrypoint: main, max_iters: 3}\n"
    with pytest.raises(EigenError) as caught:
        parse_job(text, base=tmp_path)
    assert [entry["field"] for entry in caught.value.details["field_violations"]] == [
        "spec.entrypoint",
        "spec.max_iters",
    ]
    with pytest.raises(EigenError, match="no use"):
        load_program(tmp_path / "c.aqo.json", entrypoint="main")


def test_a_file_name_that_is_no_text_is_shown_readable(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.py"))
    try:
        path.write_text("x = 1\n")
    except OSError:
        pytest.skip("this file system takes only names that are text")
    job = load_program(path)
    assert job.spec.program.filename == "bad?.py"
    assert job.spec.to_json()


@pytest.mark.parametrize("value", ["\udcff", ["\ud800"], {"a": {"b": "\ud800"}}, {"\ud800": 1}])
def test_text_that_is_no_unicode_is_refused(value: Any) -> None:
    with pytest.raises(EigenError) as caught:
        submission(b"x = 1\n", inputs={"a": value})
    assert caught.value.code == "EIGEN_JOBSPEC_INVALID"


def test_names_that_are_no_unicode_are_refused() -> None:
    for fields in ({"metadata": {"a": "\udcff"}}, {"metadata": {"\udcff": "a"}}, {"entrypoint": "\udcff"}):
        with pytest.raises(EigenError) as caught:
            submission(b"x = 1\n", **fields)
        assert caught.value.code == "EIGEN_JOBSPEC_INVALID"
