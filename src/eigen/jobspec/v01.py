"""The `eigen.os/v0.1` form of job.yaml: lenient, with string maps. Unknown keys are kept and ignored with a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.jobspec.draft import API_V01, API_V1, Draft
from eigen.jobspec.parts import INPUTS, MAX_SHOTS, NAME, NOISE_OF_V01, PRIORITY, SEED, TARGET
from eigen.jobspec.shapes import Choice, Field, Integer, ListOf, MapOf, Record, Scalar, Text
from eigen.jobspec.spec import EIGEN_LANG, CompilerOptions
from eigen.jobspec.v1 import COMPILER, IDENTIFIER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.complaints import Complaints, Path
    from eigen.jobspec.shapes import Shape
    from eigen.types import Json

STRINGS = MapOf(Scalar())
DIGEST = Text(64, pattern="[0-9a-f]{64}", expected="64 hex digits")

SPEC = Record(
    {
        "program": Field(Text(256 * 1024, multiline=True), "the program text"),
        "program_path": Field(Text(1024), "the program file, relative to job.yaml; `program.eigen.py` by default"),
        "program_sha256": Field(DIGEST, "the digest the program text must have"),
        "entrypoint": Field(IDENTIFIER, "the function to run; the single `@hybrid_program`, or `main`, by default"),
        "target": Field(TARGET, "where to run: `sim:local`, `auto` or `vendor:device`", required=True),
        "priority": Field(PRIORITY, "0 to 100, higher first; 50 by default"),
        "compiler_options": Field(STRINGS, "options of the compiler, as text: `optimization_level`"),
        "metadata": Field(
            STRINGS, "text that travels with the job; `shots`, `seed`, `max_iters`, `noise_model` are read"
        ),
        "inputs": Field(INPUTS, "values for the entry point's parameters"),
        "input_refs": Field(
            MapOf(
                Record(
                    {
                        "uri": Field(Text(1024), "a CSV or JSON file, relative to job.yaml", required=True),
                        "sha256": Field(DIGEST, "the digest the file must have", required=True),
                    },
                    lenient=True,
                ),
                key="[A-Za-z_][A-Za-z0-9_-]*",
            ),
            "data sets by name, for `load_dataset`",
        ),
        "dependencies": Field(ListOf(Text(128, pattern="[A-Za-z0-9_-]+", expected="a job id"), 64), "jobs to wait for"),
    },
    lenient=True,
    at_most_one=("program", "program_path"),
)

DOCUMENT = Record(
    {
        "apiVersion": Field(Choice((API_V01,)), "the version of this format", required=True),
        "kind": Field(Choice(("QuantumJob",)), "what this document describes", required=True),
        "metadata": Field(
            Record(
                {
                    "name": Field(NAME, "the name of the job", required=True),
                    "labels": Field(STRINGS, "text to select jobs by"),
                    "annotations": Field(STRINGS, "text for people and tools"),
                },
                lenient=True,
            ),
            "who this job is",
            required=True,
        ),
        "spec": Field(SPEC, "what to run", required=True),
    },
    lenient=True,
)

_TYPED: dict[str, Shape] = {
    "shots": Integer(1, MAX_SHOTS, "shots_per_job"),
    "seed": SEED,
    "max_iters": Integer(1, 1_000_000),
    "noise_model": NOISE_OF_V01,
}


def read_v01(document: Mapping[str, Json], complaints: Complaints) -> Draft:
    """Check a v0.1 document and return what it asks for; complaints are collected, not raised."""
    checked = DOCUMENT.check(document, (), complaints)
    metadata: dict[str, Any] = checked.get("metadata", {})
    spec: dict[str, Any] = checked.get("spec", {})
    texts: dict[str, str] = dict(spec.get("metadata", {}))
    fields: dict[str, Any] = {key: spec[key] for key in ("entrypoint", "target", "priority", "inputs") if key in spec}
    fields |= {key: metadata[key] for key in ("labels", "annotations") if key in metadata}
    for key, shape in _TYPED.items():
        if key in texts:
            fields[key] = _convert(texts.pop(key), shape, ("spec", "metadata", key), complaints)
    fields |= {
        "name": metadata.get("name", ""),
        "api_version": API_V01,
        "metadata": texts,
        "compiler": _compiler(spec.get("compiler_options", {}), complaints),
        "dependencies": tuple(spec.get("dependencies", ())),
    }
    return Draft(
        fields=fields,
        program_path=spec.get("program_path"),
        program_source=spec.get("program"),
        program_format=EIGEN_LANG,
        program_sha256=spec.get("program_sha256"),
        program_field=("spec", "program_path") if "program_path" in spec else ("spec", "program"),
        input_refs={
            name: (ref.get("uri", ""), ref.get("sha256", "")) for name, ref in spec.get("input_refs", {}).items()
        },
    )


def _convert(text: str, shape: Shape, path: Path, complaints: Complaints) -> Json:
    """A value that v0.1 keeps as text, in its real type."""
    if isinstance(shape, Integer):
        try:
            return shape.check(int(text) if len(text) < 40 else text, path, complaints)
        except ValueError:
            complaints.add(path, f"expected a whole number, found `{text[:40]}`")
            return None
    return shape.check(text, path, complaints)


def _compiler(options: Mapping[str, str], complaints: Complaints) -> CompilerOptions:
    """The compiler's options: those of v1 are read or refused by name, others are ignored with a warning."""
    level: Json = None
    for key, text in options.items():
        path = ("spec", "compiler_options", key)
        if key == "optimization_level":
            level = _convert(text, Integer(0, 3), path, complaints)
        elif key in COMPILER.fields:
            complaints.add(path, f"`{key}` can only be asked for in {API_V1}", kind="unavailable")
        else:
            complaints.warn(path, "unknown compiler option, ignored")
    return CompilerOptions(level)
