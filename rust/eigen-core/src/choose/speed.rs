//! Seconds of elementary steps, fitted on one machine. What another host makes of them, engine by engine, is measured
//! there and belongs to its devices.

/// Seconds that elementary steps of the engines take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Preparing and starting any engine.
    pub overhead: f64,
    /// One gate on one amplitude of a state vector.
    pub amplitude: f64,
    /// One operation of a plan for a state vector, which is made before it runs.
    pub planned: f64,
    /// One operation of a circuit that is lowered with its noise.
    pub lowered: f64,
    /// One gate of a history of a noisy circuit, however small its state.
    pub step: f64,
    /// One gate on one amplitude of a history.
    pub history: f64,
    /// One amplitude of each history, which is copied and read.
    pub branch: f64,
    /// One gate on one entry of a density matrix.
    pub mixed: f64,
    /// One term of an observable on one amplitude of a state vector.
    pub term: f64,
    /// Each state vector of several: of an independent part, of a light cone.
    pub piece: f64,
    /// One gate on one amplitude of a sparse state.
    pub entry: f64,
    /// One word of 64 bits of a tableau or a frame.
    pub word: f64,
    /// One shot from a known state, and one qubit of a shot from a matrix product state.
    pub shot: f64,
    /// See `shot`.
    pub drawn: f64,
    /// One unit of work on a matrix product state: a cube of its bond.
    pub tensor: f64,
    /// One Pauli product in one step of a propagation.
    pub product: f64,
    /// One complex multiplication of a contraction, and the search for one contraction's path.
    pub contraction: f64,
    /// See `contraction`.
    pub search: f64,
}

impl Speed {
    /// Two cores of a server of 2024 with AVX-512: what the models were fitted to.
    pub const REFERENCE: Speed = Speed {
        overhead: 1e-4,
        amplitude: 8e-11,
        lowered: 1.4e-6,
        step: 2.4e-7,
        history: 1.4e-10,
        branch: 3e-9,
        mixed: 1.7e-10,
        planned: 3e-6,
        term: 1e-10,
        piece: 5e-5,
        entry: 2.5e-8,
        word: 1.5e-9,
        shot: 2e-8,
        drawn: 5e-9,
        tensor: 1e-8,
        product: 6e-9,
        contraction: 1e-9,
        search: 2e-2,
    };

    /// The same once the circuit is prepared: what comes to it when only parameters and shots are new.
    pub const PREPARED: Speed =
        Speed { overhead: 0.0, planned: 0.0, lowered: 0.0, piece: 0.0, search: 0.0, ..Speed::REFERENCE };
}
