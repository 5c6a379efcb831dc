"""Modes of light in the language: what is written is what was meant, and what makes no sense has its place."""

from __future__ import annotations

import pytest
from language import checked

from eigen.ir import Affine, ModeObservable, ModeOperation, Modes

ASK = "return run_modes(m, observables=photon_number(m)).values"
HEAD = "from eigen_lang import *\n\n\n@hybrid_program(shots=10, seed=1)\ndef main():\n"


def program(body: str) -> Modes:
    result = checked(HEAD + "".join(f"    {line}\n" for line in body.splitlines()))
    assert result.program is not None, result.diagnostics
    result.program.verify()
    (modes,) = result.program.modes
    return modes


def codes(body: str) -> list[str]:
    return [item.code for item in checked(HEAD + "".join(f"    {line}\n" for line in body.splitlines())).errors]


def test_each_function_writes_its_operation() -> None:
    modes = program(
        "m = modes(3)\nsqueeze(0.5, m[0], phi=0.1)\ndisplace(0.2, m[1:])\nbeamsplitter(0.3, m[0], m[2])\n"
        "loss(0.9, m)\nprepare_fock(2, m[1])\nkerr(0.4, m[2])\n"
        "asked = [photon_number(m), quadrature_variance(m[1], 0.7), photon_pattern([0, 2, 0])]\n"
        "return run_modes(m, observables=asked).values"
    )
    assert modes == Modes(
        3,
        [
            ModeOperation("SQUEEZE", (0,), {"r": 0.5, "phi": 0.1}),
            ModeOperation("DISPLACE", (1,), {"r": 0.2, "phi": 0.0}),
            ModeOperation("DISPLACE", (2,), {"r": 0.2, "phi": 0.0}),
            ModeOperation("BEAMSPLITTER", (0, 2), {"theta": 0.3, "phi": 0.0}),
            *(ModeOperation("LOSS", (mode,), {"transmissivity": 0.9}) for mode in range(3)),
            ModeOperation("FOCK", (1,), {"n": 2.0}),
            ModeOperation("KERR", (2,), {"kappa": 0.4}),
        ],
        [
            *(ModeObservable("photons", (mode,)) for mode in range(3)),
            ModeObservable("variance", (1,), 0.7),
            ModeObservable("pattern", pattern=(0, 2, 0)),
        ],
    )


def test_outcomes_are_named_by_their_columns() -> None:
    modes = program(
        "m = modes(4)\nx = measure_homodyne(m[0], 0.3)\nre, im = measure_heterodyne(m[1])\nn = measure_photons(m[2])\n"
        "displace(2 * x - im / 4 + 1, m[3])\nrotate(0.5 * n, m[3])\nmeasure_threshold(m[3])\n"
        "return run_modes(m).samples"
    )
    assert modes.columns == ("homodyne 0", "heterodyne 1 real", "heterodyne 1 imag", "photons 2", "threshold 3")
    assert modes.operations[3].params["r"] == Affine(1.0, {"#0": 2.0, "#2": -0.25})
    assert modes.operations[4].params["phi"] == Affine(0.0, {"#3": 0.5})


def test_parameters_and_run_time_numbers_stay_open() -> None:
    modes = program(
        "k = modes(1)\nsqueeze(Param('s'), k)\n"
        "g = run_modes(k, observables=[photon_number(k)], params=[0.3]).values[0]\n"
        "displace(g, k)\nsqueeze(2 * Param('t'), k)\nreturn g"
    )
    assert modes.parameters == ("s",)


def test_a_register_may_be_run_as_it_grows() -> None:
    result = checked(
        HEAD + "    m = modes(1)\n    seen = []\n    for k in range(3):\n        squeeze(0.1, m)\n"
        "        seen.append(run_modes(m, observables=photon_number(m)).values[0])\n    return seen\n"
    )
    assert result.program is not None
    assert [len(modes.operations) for modes in result.program.modes] == [1, 2, 3]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("m = modes(0)\nreturn 1", "E0403"),
        ("m = modes(2000)\nreturn 1", "E0403"),
        ("m = modes(2)\nsqueeze(0.1, m[2])\nreturn 1", "E0404"),
        ("m = modes(2)\nsqueeze('a', m[0])\nreturn 1", "E0802"),
        ("squeeze(0.1, 3)\nreturn 1", "E0801"),
        ("q = QubitRegister(2)\nsqueeze(0.1, q[0])\nreturn 1", "E0801"),
        ("m = modes(2)\nh(m[0])\nreturn 1", "E0801"),
        ("m = modes(2)\nbeamsplitter(0.1, m[0], m)\nreturn 1", "E0802"),
        (f"m = modes(2)\nbeamsplitter(0.1, m[0], m[0])\n{ASK}", "E0403"),
        ("m = modes(2)\nk = modes(2)\nbeamsplitter(0.1, m[0], k[0])\nreturn 1", "E0803"),
        ("m = modes(2)\nk = modes(2)\nx = measure_homodyne(k[0])\ndisplace(x, m[0])\nreturn 1", "E0803"),
        ("m = modes(2)\nreturn run_modes(m).values", "E0403"),
        ("m = modes(2)\nreturn run_modes(m, observables=photon_number(m), shots=5).values", "E0403"),
        ("m = modes(2)\nmeasure_photons(m)\nreturn run_modes(m, observables=photon_number(m)).values", "E0403"),
        ("m = modes(2)\nmeasure_photons(m[0])\nrotate(0.1, m[0])\nreturn run_modes(m).counts", "E0403"),
        ("m = modes(2)\nloss(1.5, m[0])\nreturn run_modes(m, observables=photon_number(m)).values", "E0403"),
        (f"m = modes(2)\nprepare_fock(Param('n'), m[0])\n{ASK}", "E0403"),
        ("m = modes(1)\nrotate(Param('a'), m)\nreturn run_modes(m, observables=photon_number(m)).values", "E0806"),
        ("m = modes(1)\nx = measure_homodyne(m[0])\nreturn x", "E0506"),
        ("m = modes(1)\nreturn m", "E0506"),
    ],
)  # fmt: skip
def test_mistakes_have_their_codes(body: str, code: str) -> None:
    assert codes(body)[:1] == [code]


def test_a_block_at_run_time_writes_into_its_own_modes_only() -> None:
    body = (
        "m = modes(1)\nk = modes(1)\nsqueeze(0.3, k)\ng = run_modes(k, observables=photon_number(k)).values[0]\n"
        "if g > 0.1:\n    squeeze(0.1, m)\nreturn run_modes(m, observables=photon_number(m)).values"
    )
    assert codes(body)[:1] == ["E0803"]
