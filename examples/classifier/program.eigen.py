"""A variational classifier trained on two interleaved half moons, beside a classical baseline on the same split."""

from eigen_lang import (
    QuantumModel,
    SupervisedTask,
    angle_encoding,
    create_hea_ansatz,
    hybrid_program,
    load_dataset,
    pauli,
)


@hybrid_program(target="sim:auto", seed=4)
def main(epochs: int = 12):
    dataset = load_dataset("moons", n_samples=80, noise=0.1)
    model = QuantumModel(
        feature_map=angle_encoding(n_qubits=2, repetitions=3),
        ansatz=create_hea_ansatz(2, depth=3, rotations="ryrz", final_rotation=True),
        readout=pauli("Z0", 2),
    )
    task = SupervisedTask(
        model,
        dataset,
        loss="mse",
        optimizer="adam",
        metric="accuracy",
        batch_size=16,
        epochs=epochs,
        learning_rate=0.2,
    )
    trained = task.train()
    return {
        "test_accuracy": trained.test_metric,
        "train_accuracy": trained.train_metric,
        "baseline_accuracy": trained.baseline_metric,
        "first_loss": trained.loss_history[0],
        "last_loss": trained.loss_history[-1],
    }
