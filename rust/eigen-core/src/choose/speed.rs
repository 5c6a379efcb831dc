//! Seconds of elementary steps, fitted on one machine: the same prediction wherever a program is placed, so that a
//! placement can be explained and repeated. On other hosts all of them change together, which moves no choice.

/// Seconds that elementary steps of the engines take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    /// Preparing and starting any engine.
    pub overhead: f64,
    /// One gate on one amplitude of a state vector.
    pub amplitude: f64,
    /// One gate on one amplitude of a sparse state.
    pub entry: f64,
    /// One word of 64 bits of a tableau or a frame.
    pub word: f64,
    /// One shot from a known state.
    pub shot: f64,
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
        overhead: 4e-5,
        amplitude: 8e-11,
        entry: 2.5e-8,
        word: 1.5e-9,
        shot: 4e-8,
        tensor: 1e-8,
        product: 6e-8,
        contraction: 1e-9,
        search: 2e-2,
    };
}
