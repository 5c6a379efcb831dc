"""Programs as plain Python: the same source, the same outputs; names that stand for themselves until then."""

from __future__ import annotations

import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import Eigen_lang
import eigen_lang
import pytest
from eigen_lang.deferred import Deferred
from eigen_lang.programs import inputs_of

from eigen.app import connect
from eigen.errors import EigenError

PROGRAM = """
import numpy as np
from Eigen_lang import (ExpectationValue, Observable, QubitRegister, ansatz, cost_function, create_hea_ansatz,
                        create_ising_model_hamiltonian, cx, h, hybrid_program, measure_all, minimize, ry)

chain: Observable = 2 * create_ising_model_hamiltonian(3, J=-1.0, h=0.5) / 2 - 0


@ansatz(n_qubits=3, num_params=3)
def turned(q, params):
    for i in range(3):
        ry(params[i], q[i])


@hybrid_program(seed=2)
def solve(shift, n: int = 3) -> dict:
    a = create_hea_ansatz(n, depth=2, final_rotation=True)

    @cost_function
    def cost(v) -> ExpectationValue:
        return ExpectationValue(a, chain, params=v) + ExpectationValue(turned, chain, params=v[0:3])

    best = minimize(cost, np.zeros(a.num_params) + 0.1, method="l-bfgs-b", max_iter=20)
    print("after", best.iterations, "iterations")
    return {"value": best.optimal_value, "at": best.optimal_parameters, "shift": shift}


@hybrid_program(shots=64, seed=5)
def bell():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)


if __name__ == "__main__":
    print({"solve": solve(np.array([1.0, 2.5])), "bell": bell()})
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "solve.eigen.py"
    path.write_text(PROGRAM, "utf-8")
    return path


def test_a_script_gives_what_the_system_gives(program: Path) -> None:
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=True, timeout=120)
    printed, last = done.stdout.splitlines()
    found = literal_eval(last)
    with connect() as client:
        solved = client.run(program, entrypoint="solve", inputs={"shift": [1.0, 2.5]}).outputs
        assert found == {"solve": solved, "bell": client.run(program, entrypoint="bell").outputs}
    assert printed.startswith("after ")
    assert set(found["bell"]) == {"00", "11"}
    assert found["solve"]["shift"] == [1.0, 2.5]


def test_a_mistake_in_the_program_is_its_diagnostics(tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text("from eigen_lang import hybrid_program\n\n\n@hybrid_program()\ndef main():\n    return 1 / 0\n")
    names: dict[str, object] = {}
    code = compile(path.read_text(), str(path), "exec")
    exec(code, names)
    with pytest.raises(EigenError) as caught:
        names["main"]()
    assert caught.value.code == "EIGEN_LANG_REJECTED"
    assert caught.value.details["diagnostics"][0]["code"] == "E0405"
    assert caught.value.__notes__[0] == "code: EIGEN_LANG_REJECTED"
    assert caught.value.__notes__[-1] == "wrong.py:6:12: error[E0405]: division by zero"


def test_a_function_without_a_source_file_is_refused() -> None:
    names: dict[str, object] = {"hybrid_program": eigen_lang.hybrid_program}
    exec("@hybrid_program\ndef main():\n    return 1\n", names)
    with pytest.raises(EigenError, match="source"):
        names["main"]()


def test_arguments_become_inputs_by_name() -> None:
    import numpy as np

    def main(a, b=2, *, c=None) -> None: ...

    assert inputs_of(main, (np.float64(1.5),), {"c": {"x": (1, np.arange(2))}}) == {"a": 1.5, "c": {"x": [1, [0, 1]]}}
    with pytest.raises(TypeError, match="missing"):
        inputs_of(main, (), {})
    with pytest.raises(TypeError, match="`a`"):
        inputs_of(main, (object(),), {})


def test_both_spellings_have_the_same_names() -> None:
    assert dir(Eigen_lang) == dir(eigen_lang)
    assert repr(Eigen_lang.create_hea_ansatz) == repr(eigen_lang.create_hea_ansatz)
    with pytest.raises(ImportError):
        from eigen_lang import no_such_name_  # noqa: F401
    with pytest.raises(AttributeError, match="did you mean `measure_all`"):
        _ = eigen_lang.measure_al


@pytest.mark.parametrize("module", ["eigen_lang", "Eigen_lang"])
def test_a_star_import_gives_every_name(module: str) -> None:
    names: dict[str, object] = {}
    exec(f"from {module} import *", names)
    assert set(eigen_lang.names()) <= set(names)
    assert names["hybrid_program"] is eigen_lang.hybrid_program


def test_deferred_values_remember_what_they_are() -> None:
    value = -(2 * Deferred("pauli")("Z0") @ Deferred("pauli")("Z1", n_qubits=3)).terms["Z0"]
    text = "-((2 * pauli('Z0')) @ pauli('Z1', n_qubits=3)).terms['Z0']"
    assert repr(value) == f"<{text}, known when the program is compiled>"


@pytest.mark.parametrize("use", [bool, int, float, complex, len, list, "{:.3f}".format, range])
def test_deferred_values_are_no_python_values(use: object) -> None:
    with pytest.raises(TypeError, match="`pauli` has no value in plain Python"):
        use(Deferred("pauli"))
