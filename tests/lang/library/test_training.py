"""Models and their training: scores against the oracle, gradients against finite differences, records, baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from language import codes

from eigen._core import Plan
from eigen.app import connect
from eigen.ir import Observable
from eigen.jobspec import submission
from eigen.lang.library.baselines import linear_predictions
from eigen.lang.library.samples import built_in_dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD = "import numpy as np\nfrom eigen_lang import *\n\n\n"
MODEL = """
@quantum_circuit
def encode(q, x):
    ry(x[0], q[0])
    rx(2 * x[1], q[1])
    rz(x[0] * x[1], q[0])


def build():
    ansatz = create_hea_ansatz(2, depth=2, entangler="crx")
    return QuantumModel(encode, ansatz, readout=pauli("Z0") * 0.5 + pauli("Z0 Z1"))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    with connect(data_dir=tmp_path_factory.mktemp("training")) as client:

        def go(text: str, **inputs: Any) -> Any:
            return client.run(submission((HEAD + text).encode(), inputs=inputs)).outputs

        yield go


def test_a_prediction_is_the_expectation_value_of_the_readout(run: Any) -> None:
    weights = [0.1 * k for k in range(6)]
    found = run(
        MODEL
        + """
@hybrid_program()
def main(weights):
    return build().predict([0.3, -0.8], weights)
""",
        weights=weights,
    )
    from eigen._core import CircuitBuilder
    from eigen.lang.library.ansatz_circuits import hardware_efficient

    builder = CircuitBuilder(2)
    builder.gate("ry", [0], [0.3])
    builder.gate("rx", [1], [-1.6])
    builder.gate("rz", [0], [-0.24])
    builder.append(hardware_efficient(2, 2, entangler="crx").bind(weights), [0, 1])
    readout = Observable.from_terms(2, [("Z0", 0.5), ("Z0 Z1", 1.0)])
    assert found == pytest.approx(Plan(builder.build()).expectation([], [readout])[0], abs=1e-12)


@pytest.mark.parametrize("loss", ["mse", "cross_entropy", "hinge"])
def test_training_gradients_are_exact(run: Any, loss: str) -> None:
    """One step of gradient descent from known weights gives the gradient; compare with differences of the loss."""
    program = (
        MODEL.replace('readout=pauli("Z0") * 0.5 + pauli("Z0 Z1")', 'readout=pauli("Z0") * 0.9')
        + """
@hybrid_program()
def main(start, loss: str = "mse", rate: float = 1e-3):
    task = SupervisedTask(build(), load_dataset("xor", n_samples=12), loss=loss, optimizer="sgd", epochs=1,
                          learning_rate=rate, seed=1)
    trained = task.train(start)
    return {"loss": trained.loss_history[0], "weights": trained.weights, "message": trained.message}
"""
    )
    start = [0.3, -0.5, 0.8, 0.2, -0.1, 0.6]
    rate, step = 1e-3, 1e-5
    first = run(program, start=start, loss=loss)
    assert "exact" in first["message"]
    gradient = (np.array(start) - np.array(first["weights"])) / rate
    for k in range(6):
        losses = []
        for sign in (1, -1):
            moved = list(start)
            moved[k] += sign * step
            losses.append(run(program, start=moved, loss=loss)["loss"])
        assert gradient[k] == pytest.approx((losses[0] - losses[1]) / (2 * step), abs=1e-6)


def test_training_learns_what_a_line_cannot(run: Any) -> None:
    outputs = run(
        """
@hybrid_program(seed=4)
def main():
    model = QuantumModel(
        angle_encoding(2, repetitions=3), create_hea_ansatz(2, depth=3, rotations="ryrz", final_rotation=True)
    )
    task = SupervisedTask(model, load_dataset("xor", n_samples=60), batch_size=15, epochs=12, learning_rate=0.2)
    trained = task.train()
    return {name: value for name, value in [
        ("test", trained.test_metric), ("train", trained.train_metric), ("baseline", trained.baseline_metric),
        ("history", trained.loss_history), ("predictions", trained.predictions), ("labels", trained.test_labels),
        ("metric", trained.metric),
    ]}
"""
    )
    assert outputs["metric"] == "accuracy"
    assert outputs["test"] >= 0.9 > outputs["baseline"]
    assert outputs["train"] >= 0.9
    agreement = np.mean(np.array(outputs["predictions"]) == np.array(outputs["labels"]))
    assert agreement == pytest.approx(outputs["test"])
    assert np.mean(outputs["history"][-3:]) < 0.6 * np.mean(outputs["history"][:3])


def test_regression_stands_beside_least_squares(run: Any) -> None:
    outputs = run(
        """
@hybrid_program()
def main():
    model = QuantumModel(angle_encoding(2), create_hea_ansatz(2, depth=2, final_rotation=True))
    task = SupervisedTask(model, load_dataset("blobs", n_samples=40), metric="mse", optimizer="l-bfgs-b", epochs=30)
    trained = task.train()
    return trained.test_metric, trained.baseline_metric, trained.loss_history, task.n_train, task.n_test
"""
    )
    test, baseline, history, n_train, n_test = outputs
    assert (n_train, n_test) == (30, 10)
    assert history[-1] < history[0]
    assert 0 <= test < 0.5
    assert 0 < baseline < 0.2


def test_least_squares() -> None:
    rows = [[float(x), float(y)] for x in range(4) for y in range(3)]
    targets = [1.0 + 2.0 * x - 3.0 * y for x, y in rows]
    assert linear_predictions(rows, targets, [[10.0, -1.0]]) == pytest.approx([24.0], abs=1e-6)


def test_data_of_the_job_reaches_the_program() -> None:
    from language import checked

    data = built_in_dataset("blobs", n_samples=6)
    text = (
        HEAD
        + '@hybrid_program()\ndef main():\n    d = load_dataset("mine")\n    return d.n_samples, d.digest, d.labels\n'
    )
    result = checked(text, datasets={"mine": data})
    assert result.program is not None
    assert [item.code for item in checked(text).diagnostics] == ["E0812"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("SupervisedTask(m, load_dataset('xor'), loss='msee')", "E0403"),
        ("SupervisedTask(m, load_dataset('xor'), optimizer='adamm')", "E0811"),
        ("SupervisedTask(m, load_dataset('xor'), optimizer='cobyla', batch_size=4)", "E0811"),
        ("SupervisedTask(m, load_dataset('xor'), test_fraction=1.5)", "E0403"),
        ("SupervisedTask(m, load_dataset('xor'), metric='mse', loss='hinge')", "E0403"),
        ("SupervisedTask(m, [1, 2])", "E0813"),
        ("SupervisedTask(1, load_dataset('xor'))", "E0813"),
        ("SupervisedTask(m, load_dataset('xor'), learning_rat=0.1)", "E0401"),
        ("QuantumModel(angle_encoding(2), 3)", "E0813"),
        ("QuantumModel(3, create_hea_ansatz(2))", "E0813"),
        ("m.predict([1, 2], [0.1])", "E0806"),
        ("load_dataset('moons', n_features=3)", "E0403"),
        ("SupervisedTask(m, load_dataset('xor')).train([0.1])", "E0813"),
        (
            "QuantumModel(quantum_circuit(lambda q, x: rx(Param('t'), q[0])), create_hea_ansatz(2))"
            ".predict([0.1, 0.2], [0.1, 0.2])",
            "E0806",
        ),
    ],
)
def test_mistakes_are_diagnosed(line: str, code: str) -> None:
    assert codes("m = QuantumModel(angle_encoding(2), create_hea_ansatz(2))", f"y = {line}", "return 1") == [code]
