"""The v0.1 form: string maps become values, unknown keys are kept out with a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from eigen.errors import EigenError
from eigen.jobspec import parse_job

HEAD = "apiVersion: eigen.os/v0.1\nkind: QuantumJob\nmetadata: {name: old}\n"


def test_the_string_maps_are_read_in_their_types(tmp_path: Path) -> None:
    text = HEAD + (
        "spec:\n  program: |\n    def main():\n        return 1\n  target: sim:local\n  priority: 10\n"
        '  compiler_options: {optimization_level: "1"}\n'
        '  metadata: {shots: "200", seed: 3, max_iters: "9", noise_model: thermal, owner: me}\n'
    )
    spec = parse_job(text, base=tmp_path).spec
    assert (spec.shots, spec.seed, spec.max_iters, spec.noise_model) == (200, 3, 9, "thermal")
    assert spec.compiler.optimization_level == 1
    assert spec.metadata == {"owner": "me"}
    assert (spec.target, spec.priority, spec.api_version) == ("sim:local", 10, "eigen.os/v0.1")


def test_unknown_keys_are_warned_about_with_a_suggestion(tmp_path: Path) -> None:
    text = HEAD + "spec: {program: 'x = 1', target: auto, entrypont: f, compiler_options: {colour: red}}\nextra: 1\n"
    warnings = parse_job(text, base=tmp_path).warnings
    assert any("spec.entrypont" in warning and "`entrypoint`" in warning for warning in warnings)
    assert any("spec.compiler_options.colour" in warning for warning in warnings)
    assert any(warning.startswith("extra") for warning in warnings)


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ("{program: x}", "spec.target"),
        ("{program: x, target: auto, metadata: {shots: many}}", "spec.metadata.shots"),
        ("{program: x, target: auto, metadata: {shots: '0'}}", "spec.metadata.shots"),
        ("{program: x, target: auto, compiler_options: {optimization_level: '7'}}", "spec.compiler_options"),
        ("{program: x, program_path: y, target: auto}", "spec.program_path"),
        ("{program_path: ../x, target: auto}", "spec.program_path"),
        ("{program: x, program_sha256: '" + "0" * 64 + "', target: auto}", "spec.program"),
        ("{target: auto}", "spec.program"),
    ],
)
def test_mistakes_are_named(spec: str, field: str, tmp_path: Path) -> None:
    with pytest.raises(EigenError) as caught:
        parse_job(HEAD + f"spec: {spec}\n", base=tmp_path)
    assert caught.value.code == "EIGEN_JOBSPEC_INVALID"
    assert any(entry["field"].startswith(field) for entry in caught.value.details["field_violations"])


def test_what_v1_has_and_this_version_has_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EigenError) as caught:
        parse_job(HEAD + "spec: {program: x, target: auto, compiler_options: {verify: 'true'}}\n", base=tmp_path)
    assert caught.value.code == "EIGEN_NOT_AVAILABLE"


def test_the_program_lies_beside_the_job_by_default(tmp_path: Path) -> None:
    (tmp_path / "program.eigen.py").write_text("y = 2\n")
    job = parse_job(HEAD + "spec: {target: auto}\n", base=tmp_path)
    assert job.files["input/program.eigen.py"] == b"y = 2\n"
