"""Photonic programs as jobs: from source and from documents, to the end, and where they go."""

from __future__ import annotations

from math import exp, pi, sinh
from typing import TYPE_CHECKING, Any

import pytest

import eigen
from doubles.photonic_programs import teleportation
from eigen.errors import EigenError
from eigen.ir import Affine, ModeObservable, ModeOperation, Modes
from eigen.ir.program import Program
from eigen.jobspec import submission

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "from eigen_lang import *\n\n\n@hybrid_program(seed=5, shots=50)\ndef main():\n"
PAIR = "m = modes(2)\ntwo_mode_squeeze(1.0, m[0], m[1])\n"


def outputs(body: str, tmp_path: Path, **fields: Any) -> Any:
    text = HEAD + "".join(f"    {line}\n" for line in body.splitlines())
    with eigen.connect(data_dir=tmp_path / "data") as client:
        return client.run(submission(text.encode(), filename="m.eigen.py", **fields))


def test_values_and_samples_on_whatever_device_has_modes(tmp_path: Path) -> None:
    results = outputs(
        f"{PAIR}v = run_modes(m, observables=[photon_number(m[1]), quadrature_variance(m[0])])\n"
        "measure_homodyne(m[0])\nmeasure_homodyne(m[1])\ns = run_modes(m, shots=7)\n"
        "return {'values': v.values, 'shape': s.samples.shape, 'shots': s.shots, 'again': run_modes(m).samples[:, 0]}",
        tmp_path,
        target="auto",
    )
    assert results.outputs["values"] == pytest.approx([sinh(1) ** 2, (exp(2) + exp(-2)) / 2])
    assert results.outputs["shape"] == [7, 2]
    assert results.outputs["shots"] == 7
    assert len(results.outputs["again"]) == 50
    (engine,) = results.metadata["engines"]
    assert (engine["engine"], engine["precision"]) == ("gaussian", "f64")


def test_a_minimisation_finds_the_angle_that_is_squeezed_most(tmp_path: Path) -> None:
    results = outputs(
        "@cost_function\ndef spread(params):\n    k = modes(1)\n    squeeze(0.8, k[0], phi=params[0])\n"
        "    return run_modes(k, observables=quadrature_variance(k[0])).values[0]\n"
        "r = minimize(spread, [1.0], method='nelder_mead', max_iter=60)\nreturn r.optimal_value",
        tmp_path,
    )
    assert results.outputs == pytest.approx(exp(-1.6), abs=1e-4)


def test_a_document_is_a_job(tmp_path: Path) -> None:
    with eigen.connect(data_dir=tmp_path / "data") as client:
        found = client.run(teleportation(1.0, 0.5, 1.0), shots=20, seed=4)
        assert len(found.outputs["samples"]) == 20
        again = client.run(teleportation(1.0, 0.5, 1.0), shots=20, seed=4)
        assert again.outputs == found.outputs
        turned = Modes(
            1,
            [ModeOperation("DISPLACE", (0,), {"r": Affine.symbol("r")})],
            [ModeObservable("quadrature", (0,))],
        )
        assert client.run(turned, inputs={"r": 0.4}).outputs["values"] == pytest.approx([0.8])
        with pytest.raises(EigenError, match="no number bound"):
            client.run(turned)
        with pytest.raises(EigenError, match="measures nothing and has no observables"):
            client.run(Modes(1, []))


def test_a_sweep_is_over_the_parameters(tmp_path: Path) -> None:
    modes = Modes(
        1, [ModeOperation("SQUEEZE", (0,), {"r": Affine.symbol("r")})], [ModeObservable("variance", (0,), pi / 2)]
    )
    with eigen.connect(data_dir=tmp_path / "data") as client:
        table = client.run(modes, sweep={"r": [0.0, 0.5, 1.0]}).table
    assert table is not None
    assert [row[0] for row in table["values"]] == pytest.approx([1.0, exp(1.0), exp(2.0)])


@pytest.mark.parametrize(
    ("body", "target", "why"),
    [
        (f"{PAIR}return run_modes(m, observables=photon_number(m)).values", "sim:auto", "runs no photonic programs"),
        ("q = QubitRegister(1)\nh(q[0])\nreturn measure_all(q)", "modes:gaussian", "runs no circuits"),
        ("m = modes(1)\nkerr(0.1, m)\nreturn run_modes(m, observables=photon_number(m)).values", "auto", "`KERR`"),
        ("m = modes(1)\nreturn run_modes(m, observables=photon_pattern([0])).values", "auto", "`pattern`"),
        ("m = modes(500)\nreturn run_modes(m, observables=photon_number(m[0])).values", "auto", "has 128 modes"),
        (
            f"{PAIR}q = QubitRegister(1)\nh(q[0])\nb = measure_all(q)\n"
            "return [run_modes(m, observables=photon_number(m)).values, b.counts]",
            "auto",
            "asks for circuits too",
        ),
    ],
)
def test_where_no_device_can_it_is_said_of_each(body: str, target: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(EigenError) as caught:
        outputs(body, tmp_path, target=target)
    assert caught.value.code == "EIGEN_ROUTER_NO_DEVICE"
    assert why in caught.value.message


def test_what_is_measured_has_a_bound(tmp_path: Path) -> None:
    with pytest.raises(EigenError) as caught:
        outputs("m = modes(1)\nmeasure_homodyne(m)\nreturn run_modes(m, shots=1000001).shots", tmp_path)
    assert caught.value.code in {"EIGEN_LIMIT_EXCEEDED", "EIGEN_ROUTER_NO_DEVICE"}


def test_programs_with_modes_come_back_from_their_text(tmp_path: Path) -> None:
    with eigen.connect(data_dir=tmp_path / "data") as client:
        job_id = client.submit(teleportation(1.0, 0.5, 1.0), shots=5)
        client.wait(job_id)
        data = client.artifact(job_id, "compiled/program.json")
    program = Program.from_json(data)
    assert program.to_json() == data
    assert program.modes == (teleportation(1.0, 0.5, 1.0),)
    with pytest.raises(EigenError) as caught:
        Program.from_json(data.replace(b'"HETERODYNE"', b'"HETERODIN"'))
    assert (caught.value.code, caught.value.where) == ("EIGEN_MODES_INVALID", "modes[0].operations[7]")
