//! An observable taken back through a circuit, from the end to the beginning.
use super::program::Program;
use super::step::{Local, Step};
use super::terms::{Hashes, Terms, flip};
use super::turn::Turn;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::observable::{Observable, Pauli};

/// What may be left out, and how far it may grow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Products with a smaller coefficient are dropped.
    pub cutoff: f64,
    /// Products of more letters are dropped when they come up.
    pub max_weight: u32,
    /// Products at a time.
    pub max_terms: usize,
}

/// An observable on its way.
pub(super) struct Sweep<'a> {
    pub program: &'a Program,
    pub hashes: &'a Hashes,
    pub terms: Terms,
    bounds: Bounds,
    /// No term goes once it is there, so that the way can be walked back.
    keeps: bool,
    /// Sum of the sizes of dropped coefficients: the value is at most this far off.
    pub dropped: f64,
    /// Most products at a time.
    pub most: usize,
}

impl<'a> Sweep<'a> {
    /// The observable at the end of the circuit.
    pub fn new(
        program: &'a Program,
        hashes: &'a Hashes,
        observable: &Observable,
        bounds: Bounds,
        keeps: bool,
    ) -> CoreResult<Self> {
        let mut terms = Terms::new(program.num_qubits);
        let words = terms.words();
        let mut row = vec![0u64; 2 * words];
        for (string, weight) in observable.terms() {
            row.fill(0);
            let mut hash = 0;
            for (qubit, letter) in string.factors() {
                let local = Local { x: u16::from(*letter != Pauli::Z), z: u16::from(*letter != Pauli::X) };
                flip(&mut row, words, &[*qubit], local);
                hash ^= hashes.of_local(local, &[*qubit]);
            }
            terms.add(&row, hash, *weight);
        }
        let most = terms.len();
        let sweep = Sweep { program, hashes, terms, bounds, keeps, dropped: 0.0, most };
        sweep.check()?;
        Ok(sweep)
    }

    /// Takes one step back.
    pub fn step(&mut self, step: &Step, values: &[f64]) -> CoreResult<()> {
        match step {
            Step::Clifford { gate, qubits } => self.clifford(*gate, qubits),
            Step::Damping { damping, qubits } => self.damp(*damping, qubits),
            Step::Channel { map, qubits } => return self.channel(*map, qubits),
            Step::Rotation { pauli, angle } => {
                let turn = Turn::new(pauli, angle.value(values), self.hashes);
                if turn.cos == 0.0 && (angle.terms.is_empty() || !self.keeps) {
                    self.permute(&turn);
                    return Ok(());
                }
                return self.rotate(&turn);
            }
        }
        Ok(())
    }

    /// All of them, then the value on |0…0>.
    pub fn run(mut self, values: &[f64]) -> CoreResult<(f64, f64, usize)> {
        for step in self.program.backward() {
            self.step(step, values)?;
        }
        Ok((self.value(), self.dropped, self.most))
    }

    /// The value on |0…0>.
    pub fn value(&self) -> f64 {
        let diagonal = (0..self.terms.len()).filter(|term| self.terms.is_diagonal(*term));
        diagonal.map(|term| self.terms.coefficients[term]).sum()
    }

    fn clifford(&mut self, gate: usize, qubits: &[u32]) {
        let gate = &self.program.cliffords[gate];
        for term in 0..self.terms.len() {
            let from = self.terms.local(term, qubits);
            if from == Local::default() {
                continue;
            }
            let (to, negative) = gate.backward(from);
            if negative {
                self.terms.coefficients[term] = -self.terms.coefficients[term];
            }
            if to != from {
                self.terms.set_local(term, qubits, from, to, self.hashes);
            }
        }
    }

    fn damp(&mut self, damping: usize, qubits: &[u32]) {
        let factors = &self.program.dampings[damping].factors;
        for term in 0..self.terms.len() {
            let local = self.terms.local(term, qubits);
            self.terms.coefficients[term] *=
                factors[usize::from(local.x) | usize::from(local.z) << qubits.len()];
        }
    }

    fn channel(&mut self, map: usize, qubits: &[u32]) -> CoreResult<()> {
        let map = &self.program.maps[map];
        let before = std::mem::replace(&mut self.terms, Terms::new(self.program.num_qubits));
        let words = before.words();
        let mut row = vec![0; 2 * words];
        for term in 0..before.len() {
            let from = before.local(term, qubits);
            for (to, factor) in &map.sums[usize::from(from.x) | usize::from(from.z) << qubits.len()] {
                let changed = Local { x: from.x ^ to.x, z: from.z ^ to.z };
                row.copy_from_slice(before.row(term));
                flip(&mut row, words, qubits, changed);
                let hash = before.hashes[term] ^ self.hashes.of_local(changed, qubits);
                self.terms.add(&row, hash, factor * before.coefficients[term]);
            }
            self.check()?;
        }
        self.dropped += self.terms.prune(self.bounds.cutoff);
        Ok(())
    }

    /// A quarter turn.
    fn permute(&mut self, turn: &Turn<'_>) {
        let mut coefficients = std::mem::take(&mut self.terms.coefficients);
        turn.permute(&mut self.terms, &mut [&mut coefficients], false);
        self.terms.coefficients = coefficients;
    }

    /// Any rotation.
    pub fn rotate(&mut self, turn: &Turn<'_>) -> CoreResult<()> {
        if turn.sin == 0.0 && turn.cos == 1.0 && !self.keeps {
            return Ok(());
        }
        self.terms.index();
        let (count, words) = (self.terms.len(), self.terms.words());
        // A coefficient that would become 0 must not stay behind alone: it could not be found again on the way back.
        let may_drop = !self.keeps || turn.cos.abs() > 1e-3;
        let mut shrinks = false;
        for term in 0..count {
            let row = self.terms.row(term);
            if !turn.crosses(row, words) {
                continue;
            }
            let sign = turn.sign(row, words);
            let own = self.terms.coefficients[term];
            if let Some(partner) = turn.partner(&self.terms, term) {
                if partner > term {
                    let other = self.terms.coefficients[partner];
                    let pair =
                        (turn.cos * own - turn.sin * sign * other, turn.cos * other + turn.sin * sign * own);
                    (self.terms.coefficients[term], self.terms.coefficients[partner]) = pair;
                    shrinks |= pair.0.abs() < self.bounds.cutoff || pair.1.abs() < self.bounds.cutoff;
                    shrinks |= pair.0 == 0.0 || pair.1 == 0.0;
                }
                continue;
            }
            self.terms.coefficients[term] = turn.cos * own;
            shrinks |= (turn.cos * own).abs() < self.bounds.cutoff || turn.cos == 0.0;
            let new = turn.sin * sign * own;
            // On the way back derivatives at angle 0 need what vanishes there.
            let size = if self.keeps { own } else { new };
            if may_drop && self.is_negligible(term, turn, size) {
                self.dropped += new.abs();
                continue;
            }
            turn.push(&mut self.terms, term, new);
            self.most = self.most.max(self.terms.len());
            self.check()?;
        }
        if shrinks && !self.keeps {
            self.dropped += self.terms.prune(self.bounds.cutoff);
        }
        Ok(())
    }

    /// Whether a new product is too small or has too many letters. What vanishes at these angles still has derivatives.
    fn is_negligible(&self, term: usize, turn: &Turn<'_>, size: f64) -> bool {
        if size == 0.0 && !self.keeps || size.abs() < self.bounds.cutoff {
            return true;
        }
        if self.bounds.max_weight == u32::MAX {
            return false;
        }
        let before = self.terms.weight(self.terms.row(term));
        turn.weight(&self.terms, term, before) > self.bounds.max_weight
    }

    fn check(&self) -> CoreResult<()> {
        let most = self.bounds.max_terms;
        if self.terms.len() <= most {
            return Ok(());
        }
        let message = format!("the pauli engine would need more than {most} Pauli terms");
        Err(CoreError::new(ErrorCode::ResourceExhausted, message)
            .with_hint("allow more with max_terms, leave small ones out with cutoff or max_weight, or use another engine"))
    }
}
