//! Two neighbouring circuits of a compilation compared at any width, by what the passes between them may change.
use std::collections::{BTreeSet, HashMap};

use super::decompose::{is_written_in, rewritten};
use super::network::same_rotations;
use super::numeric::{dense, is_numeric, two};
use super::pipeline::working;
use super::runs::same_runs;
use super::trail::Change;
use super::tree::{Body, Node};
use crate::circuit::{Basis, Circuit, Instruction, Payload};
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::math::{C64, Matrix};

/// What a gate and what it is taken apart into may differ by.
const SAME: f64 = 1e-9;

/// Gates on more qubits are not written out.
const MOST_QUBITS: usize = 6;

/// Two circuits that are the same.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// What qubit `k` of the first holds at the end is held by qubit `ends[k]` of the second.
    pub ends: Vec<u32>,
    /// A bound on the operator norm of their difference, up to the phase (and up to those of outcomes).
    pub error: f64,
    /// Gates too wide to be compared with what both sides were taken apart into by the same rules.
    pub taken_apart: Vec<&'static str>,
}

/// Whether two circuits without control flow, as wide as each other, are the same but for what `change` allows and for
/// the places of their qubits at the end; says why when they are not found to be. `borrows` as in the pass that wrote the
/// second: gates under many controls may use other qubits.
///
/// Measurements at the end must be of the same qubits; phases of their outcomes do not count. Costs little more than
/// reading both: rotations are compared in their order, runs by 4×4 unitaries.
pub fn compare(
    before: &Circuit,
    after: &Circuit,
    change: Change,
    borrows: bool,
) -> CoreResult<Result<Agreement, String>> {
    if before.num_qubits() != after.num_qubits() {
        return Ok(Err("they have different numbers of qubits".to_string()));
    }
    let (Some(first), Some(second)) = (Plain::of(before), Plain::of(after)) else {
        return Ok(Err("they branch, reset or measure on the way".to_string()));
    };
    let found =
        match change {
            Change::Runs => same_runs(&first.gates, &second.gates, before.num_qubits())
                .map(|same| Agreement { ends: same.ends, error: same.error, taken_apart: Vec::new() }),
            Change::Rotations => by_rotations(&first, &second, before.num_qubits(), borrows)?,
        };
    Ok(found.and_then(|agreement| {
        let moved = first.measured.iter().map(|(qubit, bit)| (agreement.ends[*qubit as usize], *bit));
        if moved.collect::<BTreeSet<_>>() == second.measured.iter().copied().collect() {
            Ok(agreement)
        } else {
            Err("other qubits are measured".to_string())
        }
    }))
}

fn by_rotations(
    first: &Plain,
    second: &Plain,
    num_qubits: usize,
    borrows: bool,
) -> CoreResult<Result<Agreement, String>> {
    let mut apart = Apart { words: working(&[]), num_qubits, borrows, ..Apart::default() };
    let [before, after] = [apart.all(&first.gates)?, apart.all(&second.gates)?];
    let mut measured = vec![false; num_qubits];
    first.measured.iter().for_each(|(qubit, _)| measured[*qubit as usize] = true);
    if let Some(name) = apart.wrong {
        return Ok(Err(format!("{name} is not what it is taken apart into")));
    }
    let taken_apart = apart.wide.into_iter().collect();
    Ok(same_rotations(&before, &after, &measured).map(|same| Agreement {
        ends: same.ends,
        error: same.error,
        taken_apart,
    }))
}

/// Gates, and what is measured in Z behind them: qubit and bit.
struct Plain {
    gates: Vec<Instruction>,
    measured: Vec<(u32, u32)>,
}

impl Plain {
    fn of(circuit: &Circuit) -> Option<Self> {
        let mut plain = Self { gates: Vec::new(), measured: Vec::new() };
        let mut is_measured = vec![false; circuit.num_qubits()];
        for node in Body::of(circuit).0 {
            let Node::Straight(stretch) = node else { return None };
            for op in stretch {
                if matches!(op.opcode, Opcode::Barrier | Opcode::Delay) {
                    continue;
                }
                let is_free = op.detail.condition.is_none();
                if !is_free || op.qubits.iter().any(|qubit| is_measured[*qubit as usize]) {
                    return None;
                }
                if op.opcode.is_gate() {
                    plain.gates.push(op);
                    continue;
                }
                let in_z = matches!(op.detail.payload, Payload::None | Payload::Basis(Basis::Z));
                if op.opcode != Opcode::Measure || !in_z {
                    return None;
                }
                op.qubits.iter().for_each(|qubit| is_measured[*qubit as usize] = true);
                plain.measured.extend(op.qubits.iter().copied().zip(op.clbits.iter().copied()));
            }
        }
        Some(plain)
    }
}

/// Gates as CX and gates on one qubit. What a gate is taken apart into is checked against its matrix, if it is not too wide.
#[derive(Default)]
struct Apart {
    words: Vec<Opcode>,
    num_qubits: usize,
    borrows: bool,
    /// Plain gates on two qubits that were met, on qubits 0 and 1: by name and angles.
    known: HashMap<(Opcode, Vec<u64>), Vec<Instruction>>,
    wide: BTreeSet<&'static str>,
    wrong: Option<&'static str>,
}

impl Apart {
    fn all(&mut self, gates: &[Instruction]) -> CoreResult<Vec<Instruction>> {
        let mut out = Vec::with_capacity(gates.len());
        for gate in gates {
            if self.words.contains(&gate.opcode) && gate.detail.modifier.is_none() {
                out.push(gate.clone());
            } else {
                self.one(gate, &mut out)?;
            }
        }
        Ok(out)
    }

    fn one(&mut self, gate: &Instruction, out: &mut Vec<Instruction>) -> CoreResult<()> {
        let is_plain = gate.detail.is_plain() && gate.qubits.len() == 2 && is_numeric(gate);
        if !is_plain {
            let parts = self.parts(gate)?;
            self.check(gate, &parts);
            out.extend(parts);
            return Ok(());
        }
        let key = (gate.opcode, gate.params.iter().map(|param| param.constant.to_bits()).collect());
        if !self.known.contains_key(&key) {
            let named = Instruction { qubits: [0, 1].into_iter().collect(), ..gate.clone() };
            let parts = self.parts(&named)?;
            self.check(&named, &parts);
            self.known.insert(key.clone(), parts);
        }
        out.extend(self.known[&key].iter().cloned().map(|mut part| {
            part.qubits.iter_mut().for_each(|qubit| *qubit = gate.qubits[*qubit as usize]);
            part
        }));
        Ok(())
    }

    fn parts(&self, gate: &Instruction) -> CoreResult<Vec<Instruction>> {
        let body = Body(vec![Node::Straight(vec![gate.clone()])]);
        debug_assert!(!is_written_in(&body, &self.words));
        let out = rewritten(body, self.num_qubits, &self.words, self.borrows)?;
        Ok(out
            .0
            .into_iter()
            .flat_map(|node| if let Node::Straight(gates) = node { gates } else { vec![] })
            .collect())
    }

    fn check(&mut self, gate: &Instruction, parts: &[Instruction]) {
        if gate.qubits.len() < 2 {
            return;
        }
        let own = |part: &Instruction| part.qubits.iter().all(|qubit| gate.qubits.contains(qubit));
        let whole = dense(gate).filter(|_| gate.qubits.len() <= MOST_QUBITS && parts.iter().all(own));
        let Some(whole) = whole else {
            self.wide.insert(gate.opcode.name());
            return;
        };
        if product(parts, &gate.qubits).is_none_or(|product| !are_same(&whole, &product)) {
            self.wrong = Some(gate.opcode.name());
        }
    }
}

/// The product of CX and gates on one qubit, column by column.
fn product(parts: &[Instruction], qubits: &[u32]) -> Option<Matrix> {
    let mut out = Matrix::identity(1 << qubits.len());
    let bit = |qubit: u32| qubits.iter().position(|own| *own == qubit);
    for part in parts.iter().filter(|part| !part.qubits.is_empty()) {
        let rows = 0..out.dim();
        match *part.qubits.as_slice() {
            [qubit] => {
                let ([[a, b], [c, d]], mask) = (two(part)?.0, 1 << bit(qubit)?);
                for low in rows.filter(|row| row & mask == 0) {
                    mix(&mut out, [low, low | mask], [[a, b], [c, d]]);
                }
            }
            [control, to] if part.opcode == Opcode::Cx => {
                let (mask, to) = (1 << bit(control)?, 1 << bit(to)?);
                for low in rows.filter(|row| row & mask != 0 && row & to == 0) {
                    mix(&mut out, [low, low | to], [[C64::ZERO, C64::ONE], [C64::ONE, C64::ZERO]]);
                }
            }
            _ => return None,
        }
    }
    Some(out)
}

/// Two rows mixed by a gate.
fn mix(matrix: &mut Matrix, [low, high]: [usize; 2], [[a, b], [c, d]]: [[C64; 2]; 2]) {
    for column in 0..matrix.dim() {
        let (upper, lower) = (matrix.get(low, column), matrix.get(high, column));
        matrix.set(low, column, a * upper + b * lower);
        matrix.set(high, column, c * upper + d * lower);
    }
}

/// Whether two unitaries are the same up to a phase.
fn are_same(first: &Matrix, second: &Matrix) -> bool {
    let overlap: C64 = first.data().iter().zip(second.data()).map(|(a, b)| a * b.conj()).sum();
    let phase = overlap / overlap.norm();
    let off = |(a, b): (&C64, &C64)| (a - b * phase).norm_sqr();
    first.dim() == second.dim()
        && first.data().iter().zip(second.data()).map(off).all(|square| square < SAME * SAME)
}

#[cfg(test)]
mod tests {
    use super::super::pipeline::{Freedom, Optimised, optimise};
    use super::*;
    use crate::circuit::CircuitBuilder;
    use crate::testing::random_circuit;

    const BASIS: [Opcode; 5] = [Opcode::Rz, Opcode::Sx, Opcode::X, Opcode::Cz, Opcode::Gphase];

    fn agree(before: &Circuit, after: &Circuit, change: Change) -> Result<Agreement, String> {
        compare(before, after, change, false).expect("a basis that reaches everything")
    }

    fn traced(circuit: &Circuit, level: u8, freedom: Freedom) -> Optimised {
        optimise(circuit, level, Some(&BASIS), freedom, true).expect("valid")
    }

    #[test]
    fn circuits_on_the_way_agree_with_the_one_before() {
        let (mut proven, mut open) = ([0; 2], 0);
        for seed in 0..30 {
            let circuit = random_circuit(4, 30, 300 + seed);
            for (level, freedom) in [
                (0, Freedom::Pairs),
                (1, Freedom::Pairs),
                (2, Freedom::Pairs),
                (3, Freedom::Pairs),
                (2, Freedom::Renamed),
            ] {
                let done = traced(&circuit, level, freedom);
                let (mut at, mut ends) = (&circuit, Some(vec![0, 1, 2, 3]));
                for (change, next) in &done.trail {
                    let borrows = freedom != Freedom::Pairs;
                    let found = compare(at, next, *change, borrows).expect("reachable").ok();
                    assert!(found.as_ref().is_none_or(|same| same.error < 1e-9));
                    proven[usize::from(*change == Change::Runs)] += usize::from(found.is_some());
                    open += usize::from(found.is_none());
                    let moved = |ends: Vec<u32>, same: Agreement| {
                        ends.iter().map(|end| same.ends[*end as usize]).collect()
                    };
                    ends = ends.zip(found).map(|(ends, same)| moved(ends, same));
                    at = next;
                }
                assert!(ends.is_none_or(|ends| ends == done.places.unwrap_or(vec![0, 1, 2, 3])));
                assert_eq!(*at, done.circuit);
            }
        }
        // Gates of every kind on four qubits: in few of them a run is taken for another one.
        assert!(
            proven.iter().all(|times| *times > 100) && open * 20 < proven[0] + proven[1],
            "{proven:?} {open}"
        );
    }

    /// The circuit with one operation left out, or one angle changed.
    fn spoilt(circuit: &Circuit, at: usize, by: Option<f64>) -> Circuit {
        let mut builder = circuit.like();
        for (place, op) in circuit.operations().enumerate() {
            let mut op = op.to_instruction();
            if place == at {
                match (by, op.params.first_mut()) {
                    (Some(by), Some(angle)) => angle.constant += by,
                    _ => continue,
                }
            }
            builder.push(op).expect("valid");
        }
        builder.build().expect("valid")
    }

    #[test]
    fn a_gate_that_is_missing_or_turned_is_noticed() {
        let circuit = random_circuit(4, 24, 77);
        let done = traced(&circuit, 2, Freedom::Pairs);
        let (mut at, mut noticed) = (&circuit, 0);
        for (change, next) in &done.trail {
            assert!(agree(at, next, *change).is_ok());
            for place in 0..next.num_operations() {
                if next.operation(place).opcode() == Opcode::Gphase {
                    continue;
                }
                for by in [None, Some(1e-5)] {
                    assert!(
                        agree(at, &spoilt(next, place, by), *change).is_err(),
                        "{change:?} {place} {by:?}"
                    );
                    noticed += 1;
                }
            }
            at = next;
        }
        assert!(noticed > 100, "{noticed}");
    }

    fn circuit(gates: &[(Opcode, &[u32], &[f64])], measured: &[u32]) -> Circuit {
        let mut builder = CircuitBuilder::new(3, 3).expect("small");
        for (opcode, qubits, params) in gates {
            builder.gate(*opcode, qubits, params).expect("valid");
        }
        for qubit in measured {
            builder.measure(&[*qubit], &[*qubit], Basis::Z).expect("valid");
        }
        builder.build().expect("valid")
    }

    #[test]
    fn phases_of_outcomes_do_not_count_and_others_do() {
        use Opcode::{Cp, Cx, H, Rz, S};
        let with: [(Opcode, &[u32], &[f64]); 5] =
            [(H, &[0], &[]), (Cx, &[0, 1], &[]), (Rz, &[1], &[0.3]), (S, &[0], &[]), (Cp, &[0, 1], &[0.7])];
        let same = |measured: &[u32]| {
            agree(&circuit(&with, measured), &circuit(&with[..2], measured), Change::Rotations).is_ok()
        };
        assert!(same(&[0, 1]) && same(&[0, 1, 2]));
        assert!(!same(&[]) && !same(&[0]) && !same(&[1]));
        let swapped = circuit(&with[..2], &[1, 0]);
        assert!(agree(&circuit(&with[..2], &[0]), &swapped, Change::Rotations).is_err());
    }

    #[test]
    fn rotations_in_another_order_agree_only_where_they_commute() {
        use Opcode::{Rx, Rz, Rzz, Swap};
        let gates: [(Opcode, &[u32], &[f64]); 3] =
            [(Rzz, &[0, 1], &[0.3]), (Rzz, &[1, 2], &[0.4]), (Rx, &[1], &[0.5])];
        let [a, b, c] = gates;
        let first = circuit(&gates, &[]);
        assert!(agree(&first, &circuit(&[b, a, c], &[]), Change::Rotations).is_ok());
        assert!(agree(&first, &circuit(&[a, c, b], &[]), Change::Rotations).is_err());
        let moved = circuit(&[a, (Swap, &[1, 2], &[]), (Rzz, &[2, 1], &[0.4]), (Rx, &[2], &[0.5])], &[]);
        assert_eq!(agree(&first, &moved, Change::Rotations).expect("the same").ends, [0, 2, 1]);
        let turn: (Opcode, &[u32], &[f64]) = (Rz, &[0], &[std::f64::consts::FRAC_PI_2 + 0.2]);
        let apart = [(Rz, &[0][..], &[0.2][..]), c, (Opcode::S, &[0], &[])];
        assert!(agree(&circuit(&[turn, c], &[]), &circuit(&apart, &[]), Change::Rotations).is_ok());
    }
}
