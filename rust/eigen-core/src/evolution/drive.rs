//! What generates an evolution at a time, as a sum of Pauli strings: H itself, the Lindblad superoperator on twice the
//! qubits, or the generator of a trajectory between its jumps.
use super::collapse::Masked;
use super::{Evolution, Jump};
use crate::math::C64;

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// H itself, of `exp(-i t H)`.
    Hamiltonian,
    /// `-i H`.
    Unitary,
    /// `L` of `d rho / dt = L rho`; rows are the low qubits, columns the high ones.
    Density,
    /// `-i H - 1/2 Σ rate L† L`.
    Trajectory,
}

/// The generator of an evolution without open parameters.
pub(super) struct Drive {
    kind: Kind,
    num_qubits: usize,
    hamiltonian: Vec<(u64, u64, super::Coefficient)>,
    /// What does not change with time.
    dissipator: Vec<Masked>,
    pub is_time_dependent: bool,
    /// Where coefficients are not smooth, ascending.
    pub kinks: Vec<f64>,
    /// The shortest time in which a coefficient may change by much.
    pub shortest_scale: f64,
}

impl Drive {
    pub fn new(evolution: &Evolution, kind: Kind) -> Self {
        let parts = evolution.parts();
        let (mut kinks, mut shortest_scale) = (Vec::new(), f64::INFINITY);
        for term in &parts.hamiltonian {
            term.coefficient.add_kinks(&mut kinks);
            shortest_scale = shortest_scale.min(term.coefficient.shortest_scale());
        }
        kinks.sort_by(f64::total_cmp);
        kinks.dedup();
        let masks = |term: &super::Term| {
            let (x, z) = term.pauli.masks().unwrap_or_default();
            (x, z, term.coefficient.clone())
        };
        let mut drive = Drive {
            kind,
            num_qubits: parts.num_qubits,
            hamiltonian: parts.hamiltonian.iter().map(masks).collect(),
            dissipator: Vec::new(),
            is_time_dependent: evolution.is_time_dependent(),
            kinks,
            shortest_scale,
        };
        for collapse in &parts.collapse {
            drive.add_collapse(&collapse.jump, collapse.rate.constant);
        }
        drive
    }

    /// Qubits of the vectors that it acts on.
    pub fn width(&self) -> usize {
        if self.kind == Kind::Density { 2 * self.num_qubits } else { self.num_qubits }
    }

    fn add_collapse(&mut self, jump: &Jump, rate: f64) {
        let half = |term: &Masked| Masked { coefficient: -0.5 * rate * term.coefficient, ..*term };
        let n = self.num_qubits;
        match self.kind {
            Kind::Hamiltonian | Kind::Unitary => {}
            Kind::Trajectory => self.dissipator.extend(jump.weight().iter().map(half)),
            Kind::Density => {
                for a in jump.terms() {
                    for b in jump.terms() {
                        let coefficient = rate * a.coefficient * b.coefficient.conj() * transposed(b.x, b.z);
                        self.dissipator.push(Masked::new(a.x | b.x << n, a.z | b.z << n, coefficient));
                    }
                }
                for term in jump.weight().iter().map(half) {
                    self.dissipator.push(term);
                    self.dissipator.push(Masked { z: term.z << n, ..term });
                }
            }
        }
    }

    /// The generator `Σ weight G(time)` over some `(time, weight)`.
    pub fn terms(&self, samples: &[(f64, f64)]) -> Vec<Masked> {
        let n = self.num_qubits;
        let total: f64 = samples.iter().map(|(_, weight)| weight).sum();
        let mut out: Vec<Masked> = self
            .dissipator
            .iter()
            .map(|term| Masked { coefficient: term.coefficient * total, ..*term })
            .collect();
        for (x, z, coefficient) in &self.hamiltonian {
            let value: f64 = samples.iter().map(|(time, weight)| weight * coefficient.value(*time)).sum();
            match self.kind {
                Kind::Hamiltonian => out.push(Masked::new(*x, *z, C64::new(value, 0.0))),
                Kind::Unitary | Kind::Trajectory => out.push(Masked::new(*x, *z, C64::new(0.0, -value))),
                Kind::Density => {
                    out.push(Masked::new(*x, *z, C64::new(0.0, -value)));
                    out.push(Masked::new(x << n, z << n, C64::new(0.0, value) * transposed(*x, *z)));
                }
            }
        }
        out
    }
}

/// The sign by which the transpose of a Pauli string differs from it: -1 for each Y. Also that of its conjugate.
fn transposed(x: u64, z: u64) -> f64 {
    if (x & z).count_ones() % 2 == 1 { -1.0 } else { 1.0 }
}
