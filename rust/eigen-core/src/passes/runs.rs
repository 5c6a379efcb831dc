//! Whether two circuits do the same in every run of gates on one pair of qubits: what resynthesis and translation keep.
//!
//! Both are taken run by run. What the first has done so far is what the second has done, then a gate on each qubit that
//! is carried along; a run of each must leave it so, checked by its 4×4 unitary. Runs that were written with their qubits
//! exchanged, or without any gate on both, are found out.
use std::collections::VecDeque;

use super::numeric::{follow, is_numeric, two};
use super::weyl::{Four, Two};
use crate::circuit::Instruction;
use crate::gate::Opcode;
use crate::param::Affine;

/// The largest difference of an entry that a run may leave.
const SAME: f64 = 1e-8;
/// No item.
const NONE: usize = usize::MAX;

/// What was found out.
pub(super) struct Same {
    /// What the first holds on a qubit is held by this one in the second.
    pub ends: Vec<u32>,
    /// A bound on the operator norm of their difference, up to the phase.
    pub error: f64,
}

/// A run, or a gate whose matrix is not known.
struct Item {
    qubits: Vec<u32>,
    /// The product of the run, its first qubit the less significant.
    run: Option<Four>,
    gate: Option<Instruction>,
    /// What an unknown gate has before it on each of its qubits.
    before: Vec<Two>,
}

/// A circuit as items, and what stands behind the last one on each qubit.
struct Reading {
    items: Vec<Item>,
    behind: Vec<Two>,
    /// The items of each qubit, in order.
    on: Vec<VecDeque<usize>>,
}

impl Reading {
    fn of(gates: &[Instruction], num_qubits: usize) -> Option<Self> {
        let on = vec![VecDeque::new(); num_qubits];
        let mut reading = Self { items: Vec::new(), behind: vec![Two::identity(); num_qubits], on };
        gates.iter().try_for_each(|gate| reading.take(gate))?;
        Some(reading)
    }

    fn take(&mut self, gate: &Instruction) -> Option<()> {
        match *gate.qubits.as_slice() {
            [] => {}
            [qubit] if is_numeric(gate) => {
                let behind = &mut self.behind[qubit as usize];
                *behind = two(gate)?.mul(behind);
            }
            [a, b] if is_numeric(gate) => {
                let last = [a, b].map(|qubit| self.on[qubit as usize].back().copied().unwrap_or(NONE));
                let open = last[0] != NONE && last[0] == last[1] && self.items[last[0]].run.is_some();
                let at = if open { last[0] } else { self.put(&[a, b], Some(Four::identity()), None) };
                let item = &mut self.items[at];
                let run = item.run.as_mut()?;
                for (bit, qubit) in item.qubits.iter().enumerate() {
                    run.turn(&std::mem::replace(&mut self.behind[*qubit as usize], Two::identity()), bit);
                }
                follow(run, gate, item.qubits[0])?;
            }
            [qubit] if gate.opcode.is_gate() && gate.detail.is_plain() => self.symbolic(gate, qubit)?,
            _ => {
                let at = self.put(&gate.qubits, None, Some(gate.clone()));
                let behind = gate
                    .qubits
                    .iter()
                    .map(|qubit| std::mem::replace(&mut self.behind[*qubit as usize], Two::identity()));
                self.items[at].before = behind.collect();
            }
        }
        Some(())
    }

    /// A rotation with symbols: one about Z by the symbols alone, between gates with numbers.
    fn symbolic(&mut self, gate: &Instruction, qubit: u32) -> Option<()> {
        let first = gate.params.first()?;
        let half = std::f64::consts::FRAC_PI_2;
        // √X takes Z to −Y.
        let (to_x, to_y) = ((Opcode::H, Opcode::H), (Opcode::Sx, Opcode::Sxdg));
        match gate.opcode {
            Opcode::Rz | Opcode::P => self.about_z(first, qubit),
            Opcode::Rx => self.framed(to_x, first, qubit),
            Opcode::Ry => self.framed(to_y, first, qubit),
            Opcode::U => {
                let [theta, phi, lambda] = gate.params.as_slice() else { return None };
                // RY(θ) = RZ(π/2)·RX(θ)·RZ(−π/2)
                self.about_z(&lambda.add_scaled(&Affine::number(-half), 1.0), qubit)?;
                self.framed(to_x, theta, qubit)?;
                self.about_z(&phi.add_scaled(&Affine::number(half), 1.0), qubit)
            }
            _ => None,
        }
    }

    /// A rotation about the axis to which a gate takes Z, between that gate's inverse and the gate.
    fn framed(&mut self, (before, behind): (Opcode, Opcode), angle: &Affine, qubit: u32) -> Option<()> {
        self.take(&Instruction::new(before, &[qubit]))?;
        self.about_z(angle, qubit)?;
        self.take(&Instruction::new(behind, &[qubit]))
    }

    fn about_z(&mut self, angle: &Affine, qubit: u32) -> Option<()> {
        self.take(&Instruction::with_numbers(Opcode::Rz, &[qubit], &[angle.constant]))?;
        if angle.is_constant() {
            return Some(());
        }
        let symbols = Affine { constant: 0.0, terms: angle.terms.clone() };
        let at = self.put(&[qubit], None, Some(Instruction::with_params(Opcode::Rz, &[qubit], [symbols])));
        let behind = &mut self.behind[qubit as usize];
        self.items[at].before = vec![std::mem::replace(behind, Two::identity())];
        Some(())
    }

    fn put(&mut self, qubits: &[u32], run: Option<Four>, gate: Option<Instruction>) -> usize {
        let at = self.items.len();
        qubits.iter().for_each(|qubit| self.on[*qubit as usize].push_back(at));
        self.items.push(Item { qubits: qubits.to_vec(), run, gate, before: Vec::new() });
        at
    }
}

/// Compares gates; says why when they are not found equal.
pub(super) fn same_runs(
    before: &[Instruction],
    after: &[Instruction],
    num_qubits: usize,
) -> Result<Same, String> {
    let read =
        |gates: &[Instruction]| Reading::of(gates, num_qubits).ok_or("a gate has no matrix".to_string());
    let (first, second) = (read(before)?, read(after)?);
    let mut walk = Walk {
        second,
        carried: vec![Two::identity(); num_qubits],
        ends: (0..num_qubits as u32).collect(),
        error: 0.0,
    };
    first.items.iter().try_for_each(|item| walk.item(item))?;
    walk.rest()?;
    for (qubit, behind) in first.behind.iter().enumerate() {
        let there = &walk.second.behind[walk.ends[qubit] as usize];
        let left = behind.mul(&walk.carried[qubit]).mul(&there.dagger());
        walk.demand_nothing(&left)?;
    }
    Ok(Same { ends: walk.ends, error: walk.error })
}

/// The second circuit under way, and the gates by which the first is ahead of it.
struct Walk {
    second: Reading,
    carried: Vec<Two>,
    /// Where the second has each qubit of the first.
    ends: Vec<u32>,
    error: f64,
}

impl Walk {
    fn item(&mut self, item: &Item) -> Result<(), String> {
        match (&item.run, item.qubits.as_slice()) {
            (Some(run), [a, b]) => self.run(run, [*a, *b]),
            _ => self.unknown(item),
        }
    }

    /// The next item of the second on some qubits of the first, if it is the same on all of them.
    fn next(&self, qubits: &[u32]) -> Option<usize> {
        let mut heads =
            qubits.iter().map(|q| self.second.on[self.ends[*q as usize] as usize].front().copied());
        let head = heads.next().flatten()?;
        let fits =
            heads.all(|other| other == Some(head)) && self.second.items[head].qubits.len() == qubits.len();
        fits.then_some(head)
    }

    fn done(&mut self, at: usize) {
        for qubit in &self.second.items[at].qubits {
            self.second.on[*qubit as usize].pop_front();
        }
    }

    fn run(&mut self, run: &Four, [a, b]: [u32; 2]) -> Result<(), String> {
        let total = run.mul(&self.carried[a as usize].beside(&self.carried[b as usize]));
        let next = self.next(&[a, b]).and_then(|at| Some((at, self.second.items[at].run?)));
        if let Some((at, other)) = next {
            let is_turned = self.second.items[at].qubits[0] != self.ends[a as usize];
            let left = total.mul(&if is_turned { other.exchanged() } else { other }.dagger());
            let is_same = self.carry(&left, [a, b]);
            if is_same || self.carry(&left.mul(&Four::exchange()), [a, b]) {
                self.done(at);
                if !is_same {
                    self.ends.swap(a as usize, b as usize);
                }
                return Ok(());
            }
        }
        // Written without any gate on both, or as an exchange alone.
        let told = if next.is_some() { "does something else" } else { "has no counterpart" };
        if self.carry(&total, [a, b]) {
            return Ok(());
        }
        if self.carry(&total.mul(&Four::exchange()), [a, b]) {
            self.ends.swap(a as usize, b as usize);
            return Ok(());
        }
        Err(format!("a run on two qubits {told}"))
    }

    /// Takes a product of gates on one qubit each as what is carried; whether it is one.
    fn carry(&mut self, product: &Four, [a, b]: [u32; 2]) -> bool {
        let [first, second] = product.factors();
        let (_, off) = product.phase_to(&first.beside(&second));
        if off > SAME {
            return false;
        }
        // The norm of four rows of four entries is at most four times the largest.
        self.error += 4.0 * off;
        (self.carried[a as usize], self.carried[b as usize]) = (first, second);
        true
    }

    /// A gate whose matrix is not known: the same one stands in the second, with nothing carried into it.
    fn unknown(&mut self, item: &Item) -> Result<(), String> {
        let missing = || "a gate with symbols has no counterpart".to_string();
        let at = self.next(&item.qubits).ok_or_else(missing)?;
        let other = &self.second.items[at];
        let same = |first: &Instruction, second: &Instruction| {
            let there = item.qubits.iter().map(|qubit| self.ends[*qubit as usize]);
            first.opcode == second.opcode
                && first.params == second.params
                && first.detail == second.detail
                && there.eq(second.qubits.iter().copied())
        };
        if !item.gate.as_ref().zip(other.gate.as_ref()).is_some_and(|(first, second)| same(first, second)) {
            return Err(missing());
        }
        let pairs: Vec<(u32, Two)> = item
            .qubits
            .iter()
            .zip(item.before.iter().zip(&other.before))
            .map(|(qubit, (own, there))| {
                (*qubit, own.mul(&self.carried[*qubit as usize]).mul(&there.dagger()))
            })
            .collect();
        self.done(at);
        let is_about_z = item.gate.as_ref().is_some_and(|gate| gate.opcode == Opcode::Rz);
        for (qubit, left) in pairs {
            let off = left.0[0][1].norm().max(left.0[1][0].norm());
            if is_about_z && off < SAME {
                // What is diagonal may stand before or behind.
                self.error += 2.0 * off;
                self.carried[qubit as usize] = left;
                continue;
            }
            self.demand_nothing(&left)?;
            self.carried[qubit as usize] = Two::identity();
        }
        Ok(())
    }

    /// What only the second has: runs that do nothing on both qubits.
    fn rest(&mut self) -> Result<(), String> {
        let mut at_of = vec![0; self.ends.len()];
        self.ends.iter().enumerate().for_each(|(qubit, end)| at_of[*end as usize] = qubit as u32);
        for at in 0..self.second.items.len() {
            let item = &self.second.items[at];
            if self.second.on[item.qubits[0] as usize].front() != Some(&at) {
                continue;
            }
            let ([a, b], Some(run)) = (item.qubits.as_slice(), item.run) else {
                return Err("a gate with symbols has no counterpart".to_string());
            };
            let [a, b] = [*a, *b].map(|qubit| at_of[qubit as usize]);
            let carried = self.carried[a as usize].beside(&self.carried[b as usize]);
            self.done(at);
            if !self.carry(&carried.mul(&run.dagger()), [a, b]) {
                return Err("a run on two qubits has no counterpart".to_string());
            }
        }
        Ok(())
    }

    fn demand_nothing(&mut self, gate: &Two) -> Result<(), String> {
        let (_, off) = gate.phase_to(&Two::identity());
        if off > SAME {
            return Err("a run on one qubit does something else".to_string());
        }
        self.error += 2.0 * off;
        Ok(())
    }
}
