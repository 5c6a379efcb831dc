"""Large results as Parquet: what is in the files, that they are sealed, and that nothing needs them."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from eigen.errors import EigenError
from eigen.jobspec.sweep import Sweep
from eigen.kernel import columnar
from eigen.kernel.columnar import COUNTS, HISTORY, SWEEP, parquet_files
from eigen.kernel.worker import Worker
from eigen.qfs.ledger import SqlLedger
from eigen.types import JobState, Verdict

if TYPE_CHECKING:
    from conftest import Bench

MANY = Sweep({"theta": {"start": 0.0, "stop": 3.0, "num": columnar.LARGE_SWEEP}})


def read(data: bytes) -> dict[str, list[Any]]:
    return parquet.read_table(io.BytesIO(data)).to_pydict()


def swept(outputs: dict[str, list[Any]], parameters: dict[str, list[Any]] | None = None) -> dict[str, Any]:
    """An outcome with a table of these columns, repeated until it is large."""
    done = len(next(iter(outputs.values())))
    times = -(-columnar.LARGE_SWEEP // done)
    table = {
        "points": done * times,
        "done": done * times,
        "parameters": {name: column * times for name, column in (parameters or {}).items()},
        "outputs": {name: column * times for name, column in outputs.items()},
    }
    return {"outputs": table, "metadata": {"sweep": {}}}


def test_a_large_sweep_is_a_file_that_the_receipt_names(bench: Bench) -> None:
    job_id = bench.submit("turned", sweep=MANY, shots=20)
    found = bench.run(job_id)
    data = bench.ports.artifacts.get(job_id, SWEEP)
    columns = read(data)
    assert columns["point"] == list(range(1000))
    assert columns["theta"] == found.outputs["parameters"]["theta"]
    assert [dict(counts) for counts in columns["counts"]] == found.outputs["outputs"]["counts"]
    receipt = json.loads(bench.ports.artifacts.get(job_id, "results/receipt.json"))
    assert receipt["results"][SWEEP] == sha256(data).hexdigest()
    checks = bench.kernel.verify(job_id).checks
    assert all(check.verdict is not Verdict.FAIL for check in checks)
    infos = {info.path: info.media_type for info in bench.kernel.artifacts(job_id)}
    assert infos[SWEEP] == "application/vnd.apache.parquet"


def test_without_the_extra_results_are_as_whole(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "find_spec", lambda name: None)
    job_id = bench.submit("turned", sweep=MANY, shots=20)
    assert bench.run(job_id).outputs["done"] == 1000
    assert SWEEP not in {info.path for info in bench.kernel.artifacts(job_id)}


def test_a_crash_between_the_file_and_the_ledger_keeps_the_file(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when pyarrow is gone, or another one, by the time that the job is sealed."""
    job_id = bench.submit("turned", sweep=MANY, shots=20)

    def die(*_: object) -> None:
        raise EigenError("EIGEN_STORE_UNAVAILABLE", "the disk is away")

    with monkeypatch.context() as patched:
        patched.setattr(SqlLedger, "enter", die)
        with pytest.raises(EigenError, match="away"):
            Worker(bench.ports).run_until(job_id)
    data = bench.ports.artifacts.get(job_id, SWEEP)
    monkeypatch.setattr(columnar, "_written", lambda columns: b"another")
    Worker(bench.ports).run_until()
    receipt = json.loads(bench.ports.artifacts.get(job_id, "results/receipt.json"))
    assert receipt["results"][SWEEP] == sha256(data).hexdigest()
    assert bench.kernel.results(job_id).state is JobState.DONE
    assert bench.kernel.verify(job_id).holds


def test_counts_and_histories() -> None:
    runs = [
        {"label": f"run{place}", "counts": {f"{key:014b}": 1 + key % 3 for key in range(5000)}} for place in range(2)
    ]
    records = [{"label": "minimize0", "history": [1.0, "NaN", "-Infinity", 0.5] * 2500}, {"label": "empty"}]
    outcome = {"circuits": runs, "metadata": {"minimizations": records}, "outputs": 1.0}
    files = parquet_files(outcome)
    assert files.keys() == {COUNTS, HISTORY}
    counts = read(files[COUNTS])
    assert counts["circuit"] == [0] * 5000 + [1] * 5000
    assert dict(zip(counts["outcome"][5000:], counts["count"][5000:], strict=True)) == runs[1]["counts"]
    history = read(files[HISTORY])
    assert history["iteration"] == list(range(10_000))
    assert history["value"][2:5] == [float("-inf"), 0.5, 1.0]
    assert set(history["label"]) == {"minimize0"}
    assert parquet_files(outcome, but=frozenset({COUNTS, HISTORY})) == {}
    small = {"circuits": runs[:1], "metadata": {"minimizations": []}}
    assert parquet_files(small) == {}
    assert parquet_files({}) == {}


cells = {
    "truth": st.booleans(),
    "whole": st.integers(-(2**63), 2**63 - 1),
    "real": st.floats(allow_nan=False),
    "text": st.text(max_size=5),
    "array": st.lists(st.floats(allow_nan=False), max_size=3),
    "counts": st.dictionaries(st.sampled_from(["00", "01", "11"]), st.integers(0, 2**40), max_size=3),
}


@given(
    st.fixed_dictionaries({name: st.lists(st.none() | cell, min_size=3, max_size=3) for name, cell in cells.items()})
)
def test_columns_come_back_as_they_were(outputs: dict[str, list[Any]]) -> None:
    outcome = swept(outputs, {"x": [0.5, 1.5, 2.5]})
    written = parquet_files(outcome)[SWEEP]
    assert parquet_files(outcome)[SWEEP] == written, "the same bytes"
    found = read(written)
    assert found["x"][:3] == [0.5, 1.5, 2.5]
    for name, column in outputs.items():
        back = [dict(value) if name == "counts" and value is not None else value for value in found[name][:3]]
        if name != "text" or any(value not in columnar.NOT_FINITE for value in column if value is not None):
            assert back == column, name


def test_what_fits_no_type_is_json() -> None:
    mixed = [{"a": [1, None]}, 2.5, 2**64 - 1]
    (found,) = (read(data)["value"] for data in parquet_files(swept({"value": mixed})).values())
    assert [json.loads(text) for text in found[:3]] == mixed
