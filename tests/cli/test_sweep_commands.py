"""Sweeps from a terminal: `--sweep`, the head of the table, the estimate and the explanation; the guide's example."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from eigen.cli import main
from eigen.cli.sweeps import HEAD, head, swept
from eigen.client.table import Table
from eigen.errors import EigenError

GUIDE = Path(__file__).parents[2] / "docs/guides/sweeps.md"
FRINGES = """OPENQASM 3.0;
include "stdgates.inc";
input float phi;
input float theta;
qubit[2] q;
bit[2] c;
ry(theta) q[0];
rz(phi) q[0];
cx q[0], q[1];
c = measure q;
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path / "data"))
    monkeypatch.delenv("EIGEN_ENDPOINT", raising=False)
    (tmp_path / "fringes.qasm").write_text(FRINGES)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "parameters"),
    [
        (["theta=0:3.14:100"], {"theta": {"start": 0, "stop": 3.14, "num": 100}}),
        (["theta=0.1,0.2", "n=2, 3"], {"theta": [0.1, 0.2], "n": [2, 3]}),
        (["word=a,b", "flag=true,false"], {"word": ["a", "b"], "flag": [True, False]}),
        (["x=[[1, 2]]"], {"x": [[1, 2]]}),
        (['x={"start": 0, "stop": 1, "step": 0.5}'], {"x": {"start": 0, "stop": 1, "step": 0.5}}),
    ],
)
def test_how_a_sweep_is_written(words: list[str], parameters: dict[str, Any]) -> None:
    assert swept(words, zipped=False) == {"mode": "grid", "parameters": parameters}
    assert swept([], zipped=False) is None


@pytest.mark.parametrize("word", ["theta", "=1", "a b=1", "x=[1", "x=1:2", "x=1:b:3", "x=[NaN]", "x=0:NaN:3"])
def test_what_is_no_sweep(word: str) -> None:
    with pytest.raises(EigenError) as caught:
        swept([word], zipped=False)
    assert caught.value.code == "EIGEN_USAGE"


def test_a_parameter_has_one_option_and_zip_needs_a_sweep() -> None:
    with pytest.raises(EigenError, match="twice"):
        swept(["x=1", "x=2"], zipped=False)
    with pytest.raises(EigenError, match="--zip"):
        swept([], zipped=True)


def test_run_results_and_explain(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["fringes.qasm", "--shots", "50", "--seed", "7", "--sweep", "phi=0:3:12", "--set", "theta=0.4"]
    assert main(["run", *words]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split() == ["POINT", "phi", "counts"]
    assert shown[2].split()[:2] == ["1", "0.272727"]
    assert len(shown) == HEAD + 2
    assert shown[-1] == "… 2 more points; `--json` has them all"
    assert main(["list", "--json"]) == 0
    job_id = json.loads(capsys.readouterr().out)["jobs"][0]["job_id"]
    assert main(["results", job_id, "--json"]) == 0
    outputs = json.loads(capsys.readouterr().out)["outputs"]
    assert (outputs["points"], outputs["done"], len(outputs["outputs"]["counts"])) == (12, 12, 12)
    assert main(["explain", job_id]) == 0
    explained = capsys.readouterr().out
    assert "sweep      12 points, grid over phi" in explained
    assert "compiled   once for all values of phi" in explained


def test_an_estimate_counts_every_point(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["estimate", "fringes.qasm", "--shots", "50", "--json", "--set", "theta=0.4"]
    assert main([*words, "--sweep", "phi=0:3:12"]) == 0
    whole = json.loads(capsys.readouterr().out)["program"]
    assert (whole["evaluations"], whole["shots"]) == ({"usual": 12, "most": 12}, {"usual": 600, "most": 600})
    assert whole["notes"] == ["a sweep of 12 points"]


def test_a_stopped_table_says_how_far_it_came() -> None:
    kept = {"points": 5, "done": 1, "parameters": {"x": [0.5]}, "outputs": {"value": [{"a": [1, None]}]}}
    assert head(Table(kept)).splitlines() == [
        "POINT  x    value",
        '0      0.5  {"a": [1, null]}',
        "1 of 5 points were reached",
    ]


def test_the_guides_examples_run(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```(\w*)\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    (python,) = [text for language, text in blocks if language == "python"]
    exec(compile(python, str(GUIDE), "exec"), {})
    jobs = [text for language, text in blocks if language == "yaml" and "apiVersion" in text]
    (place / "job.yaml").write_text(jobs[0])
    assert main(["submit", "--job", "job.yaml", "--wait"]) == 0
    assert "… 90 more points" in capsys.readouterr().out
    commands = next(text for language, text in blocks if not language)
    for line in commands.strip().splitlines():
        assert main(line.split()[1:]) == 0, line
