//! The circuits between which a compilation can be followed: one wherever another kind of pass begins.
use std::sync::Arc;

use super::tree::Body;

/// How a circuit differs from the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change {
    /// The same rotations about Pauli operators, up to the order of those that commute, and the same Clifford gate: gates
    /// cancelled, added up, moved, taken apart, routed, woven anew.
    #[default]
    Rotations,
    /// The same unitary in every run of gates on one pair of qubits: resynthesis, and translation to a basis.
    Runs,
}

impl Change {
    /// The name by which it is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rotations => "rotations",
            Self::Runs => "runs",
        }
    }
}

/// What a body went through, if that is kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail {
    /// Whether bodies are kept.
    pub is_kept: bool,
    /// What has been done since the last point.
    pub change: Change,
    pub points: Vec<(Change, Arc<Body>)>,
}

impl Trail {
    /// A pass of some kind is next.
    pub fn next(&mut self, change: Change, body: &Body) {
        if self.is_kept && self.change != change {
            self.points.push((self.change, Arc::new(body.clone())));
        }
        self.change = change;
    }
}
