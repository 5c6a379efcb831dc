//! Runs of gates on one qubit, written as the shortest word of the basis.
use std::f64::consts::TAU;

use super::decompose::{Euler, one_qubit_word};
use super::numeric::{phase, two};
use super::weyl::Two;
use crate::circuit::Instruction;
use crate::gate::{GateSpec, Opcode};
use crate::math::Matrix;

/// Entries that differ by less are the same.
const SAME: f64 = 1e-12;

/// The overlap of two matrices below which they are not the same: it is 2 where they are, up to a phase.
const NEAR: f64 = 2.0 - 1e-9;

/// Gates without parameters, the most diagonal first.
const FIXED: [Opcode; 10] = [
    Opcode::Z,
    Opcode::S,
    Opcode::Sdg,
    Opcode::T,
    Opcode::Tdg,
    Opcode::X,
    Opcode::H,
    Opcode::Sx,
    Opcode::Sxdg,
    Opcode::Y,
];

/// What words may be written with.
pub(super) struct Alphabet {
    basis: Option<Vec<Opcode>>,
    /// Gates without parameters, with their matrices.
    fixed: Vec<(Opcode, Two)>,
}

impl Alphabet {
    /// The gates of a basis, or all of them.
    pub fn new(basis: Option<&[Opcode]>) -> Self {
        let has = |gate: &Opcode| basis.is_none_or(|basis| basis.contains(gate));
        let matrix = |gate: Opcode| Two::of(&GateSpec::of(gate)?.full_matrix(&[], 1)?);
        let fixed = FIXED.into_iter().filter(has).filter_map(|gate| Some((gate, matrix(gate)?))).collect();
        Self { basis: basis.map(<[Opcode]>::to_vec), fixed }
    }

    fn has(&self, gate: Opcode) -> bool {
        self.basis.as_ref().is_none_or(|basis| basis.contains(&gate))
    }

    /// Whether nothing but a diagonal gate has a plainer form than U.
    fn is_bare(&self) -> bool {
        self.fixed.is_empty() && ![Opcode::Rx, Opcode::Ry].into_iter().any(|gate| self.has(gate))
    }

    /// The gate and angle that rotate about Z like a diagonal matrix, if the basis has one.
    fn about_z(&self, matrix: &Two) -> Option<Instruction> {
        let entry = |k: usize| libm::atan2(matrix.0[k][k].im, matrix.0[k][k].re);
        let angle = entry(1) - entry(0);
        let angle = angle - TAU * libm::round(angle / TAU);
        let gate = [Opcode::Rz, Opcode::P].into_iter().find(|gate| self.has(*gate));
        let named = gate.map(|gate| Instruction::with_numbers(gate, &[0], &[angle]));
        let whole = || Instruction::with_numbers(Opcode::U, &[0], &[0.0, 0.0, angle]);
        named.or_else(|| self.has(Opcode::U).then(whole))
    }

    /// The shortest word for a matrix, on qubit 0 and up to a phase; `None` when the basis has none.
    fn word(&self, matrix: &Two) -> Option<Vec<Instruction>> {
        let same = |other: &Two| matrix.overlap(other) > NEAR && matrix.phase_to(other).1 < SAME;
        if same(&Two::identity()) {
            return Some(Vec::new());
        }
        let plain = |gate: Opcode| Instruction::new(gate, &[0]);
        if let Some((gate, _)) = self.fixed.iter().find(|(_, known)| same(known)) {
            return Some(vec![plain(*gate)]);
        }
        if let Some(gate) = is_diagonal(matrix).then(|| self.about_z(matrix)).flatten() {
            return Some(vec![gate]);
        }
        let angles = Euler::of_matrix(&Matrix::from_entries(matrix.0.concat())?);
        for gate in [Opcode::Rx, Opcode::Ry].into_iter().filter(|gate| self.has(*gate)) {
            for sign in [1.0, -1.0] {
                let rotation = Instruction::with_numbers(gate, &[0], &[sign * angles.theta.constant]);
                if two(&rotation).is_some_and(|known| same(&known)) {
                    return Some(vec![rotation]);
                }
            }
        }
        if self.has(Opcode::U) {
            return Some(vec![Instruction::with_params(
                Opcode::U,
                &[0],
                vec![angles.theta, angles.phi, angles.lambda],
            )]);
        }
        for (gate, known) in &self.fixed {
            let back = known.dagger();
            for (rest, first) in [(back.mul(matrix), true), (matrix.mul(&back), false)] {
                if let Some(turn) = is_diagonal(&rest).then(|| self.about_z(&rest)).flatten() {
                    return Some(if first { vec![turn, plain(*gate)] } else { vec![plain(*gate), turn] });
                }
            }
        }
        let basis = self.basis.as_deref()?;
        one_qubit_word(basis, &Matrix::from_entries(matrix.0.concat())?).ok()
    }
}

fn is_diagonal(matrix: &Two) -> bool {
    matrix.0[0][1].norm() < SAME && matrix.0[1][0].norm() < SAME
}

/// Rewrites one stretch. Symbolic and conditional gates end a run and stay.
pub(super) fn merged(stretch: Vec<Instruction>, alphabet: &Alphabet) -> Vec<Instruction> {
    let mut out: Vec<Instruction> = Vec::with_capacity(stretch.len());
    let mut runs: Vec<Run> = Vec::new();
    let mut turned = 0.0;
    let mut order: Vec<u32> = Vec::new();
    for gate in stretch {
        if let (1, Some(matrix)) = (gate.qubits.len(), two(&gate)) {
            let qubit = gate.qubits[0];
            if runs.len() <= qubit as usize {
                runs.resize_with(qubit as usize + 1, Run::default);
            }
            let run = &mut runs[qubit as usize];
            if run.gates.is_empty() {
                order.push(qubit);
                run.matrix = matrix;
            } else {
                run.matrix = matrix.mul(&run.matrix);
            }
            run.gates.push(gate);
            continue;
        }
        for qubit in &gate.qubits {
            if let Some(run) = runs.get_mut(*qubit as usize) {
                turned += run.flush(*qubit, alphabet, &mut out);
            }
        }
        out.push(gate);
    }
    for qubit in order {
        turned += runs[qubit as usize].flush(qubit, alphabet, &mut out);
    }
    out.extend(phase(turned));
    out
}

/// Gates on one qubit with nothing between them, and their product.
struct Run {
    gates: Vec<Instruction>,
    matrix: Two,
}

impl Default for Run {
    fn default() -> Self {
        Self { gates: Vec::new(), matrix: Two::identity() }
    }
}

impl Run {
    /// Writes the run and empties it; gives the phase that the new word lacks.
    fn flush(&mut self, qubit: u32, alphabet: &Alphabet, out: &mut Vec<Instruction>) -> f64 {
        let run = &mut self.gates;
        let fits = run.iter().all(|gate| alphabet.has(gate.opcode) && gate.detail.modifier.is_none());
        if run.is_empty()
            || run.len() == 1 && fits && run[0].opcode != Opcode::I && run[0].opcode != Opcode::U
            || run.len() == 1 && fits && alphabet.is_bare() && !is_diagonal(&self.matrix)
        {
            out.append(run);
            return 0.0;
        }
        let word = alphabet.word(&self.matrix).filter(|word| {
            word.len() < run.len() || !fits || word.len() == run.len() && is_plainer(word, run)
        });
        let found = word.map(|word| {
            let product = word.iter().filter_map(two).fold(Two::identity(), |total, gate| gate.mul(&total));
            (self.matrix.phase_to(&product), word)
        });
        let Some(((turned, _), word)) = found.filter(|((_, rest), _)| *rest < 1e-11) else {
            out.append(run);
            return 0.0;
        };
        run.clear();
        out.extend(word.into_iter().map(|mut gate| {
            gate.qubits[0] = qubit;
            gate
        }));
        turned
    }
}

/// Whether a word has fewer numbers than a run of the same length.
fn is_plainer(word: &[Instruction], run: &[Instruction]) -> bool {
    let numbers = |gates: &[Instruction]| gates.iter().map(|gate| gate.params.len()).sum::<usize>();
    numbers(word) < numbers(run)
}
