"""Reference rows of data sets, feature maps, models and training."""

from __future__ import annotations

from eigen.lang.library import datasets, feature_maps, models, training
from eigen.lang.library.catalogue.entry import Entry

_MODEL = (
    "model = QuantumModel(angle_encoding(2), create_hea_ansatz(2, depth=2, final_rotation=True), readout=pauli('Z0'))\n"
)

LEARNING_ENTRIES: tuple[Entry, ...] = (
    Entry(
        "load_dataset",
        "learning",
        "name, n_samples=None, noise=None, seed=0, n_features=None",
        "A data set with `features`, `labels`, `n_samples`, `n_features`, `classes`: one that the job brings in "
        "`spec.input_refs` by its sha256, or a built-in one. Built in are moons, circles, xor and blobs (two features; "
        "`n_samples`, `noise`) and parity (all strings of `n_features` bits); `seed` fixes noise and order.",
        "data = load_dataset('moons', n_samples=20)\nreturn data.features.shape",
        datasets.load_dataset,
        "Dataset",
    ),
    Entry(
        "angle_encoding",
        "learning",
        'n_qubits, rotation="ry", repetitions=1, scale=1.0',
        "A feature map: feature k times `scale` is the angle of a rotation of qubit k (after a Hadamard for rz and p). "
        "Repetitions (data re-uploading) are separated by CZ gates on a ring.",
        "@quantum_circuit\ndef encoded(x):\n    q = QubitRegister(2)\n    angle_encoding(2)(q, x)\n\n"
        "return ExpectationValue(encoded([0.1, 0.2]), pauli('Z0'))",
        feature_maps.angle_encoding,
        "FeatureMap",
    ),
    Entry(
        "zz_feature_map",
        "learning",
        'n_qubits, repetitions=2, entanglement="full"',
        "A feature map: Hadamards, P(2 x_k), and CX P(2 (pi - x_i)(pi - x_j)) CX for each entangled pair "
        "(Havlicek et al., Nature 567, 209 (2019)).",
        "@quantum_circuit\ndef encoded(x):\n    q = QubitRegister(2)\n    zz_feature_map(2)(q, x)\n\n"
        "return overlap(encoded([0.1, 0.2]), encoded([0.3, 0.1]))",
        feature_maps.zz_feature_map,
        "FeatureMap",
    ),
    Entry(
        "QuantumModel",
        "learning",
        "feature_map, ansatz, readout=None",
        "f(x; w): the expectation value of `readout` (Z of qubit 0) after the feature map of x and the ansatz with "
        "weights w. The feature map may also be a `@quantum_circuit` function (q, x). `predict(x, weights)` is f.",
        _MODEL + "return model.predict([0.1, 0.2], [0.0] * model.num_params)",
        models.quantum_model,
        "QuantumModel",
    ),
    Entry(
        "SupervisedTask",
        "learning",
        'model, dataset, loss="mse", optimizer="adam", metric="accuracy", batch_size=None, epochs=10, *, '
        "learning_rate=None, test_fraction=0.25, seed=0, shots=None, options=None",
        "Training of a model: `train()` minimises the loss (mse, cross_entropy, hinge) on the training rows and gives "
        "`weights`, `loss_history`, `train_metric`, `test_metric`, `predictions` of the held-out rows, and "
        "`baseline_metric`, the same metric of a classical baseline on the same split (logistic regression; least "
        "squares for the metrics mse and r2). The class of the smaller label is where f is positive.",
        _MODEL + "task = SupervisedTask(model, load_dataset('blobs', n_samples=16), batch_size=4, epochs=1)\n"
        "return task.train().test_metric",
        training.supervised_task,
        "SupervisedTask",
    ),
)
