//! Runs of gates on two qubits, written anew with fewer entangling gates where their product needs fewer.
use super::decompose::Euler;
use super::numeric::{four, is_numeric, phase, two};
use super::weyl::{Entangler, Four, Link, Two, Word};
use crate::circuit::Instruction;
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::math::Matrix;

/// The largest difference of an entry that a new word may have; a worse one is not taken.
const EXACT: f64 = 1e-10;

/// The entangling gate that pairs are written with, and what the others cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Native {
    gate: Opcode,
    /// No basis: every gate of two qubits costs one, whatever it is.
    any: bool,
}

impl Native {
    /// The first gate of a basis that words are known for; CX for no basis, and for ECR and the like, which are CX
    /// between local gates.
    pub fn of(basis: Option<&[Opcode]>) -> Self {
        let Some(basis) = basis else { return Self { gate: Opcode::Cx, any: true } };
        let known = [Opcode::Rzz, Opcode::Cx, Opcode::Cz, Opcode::Ecr, Opcode::Iswap];
        let found = known.into_iter().find(|gate| basis.contains(gate));
        let gate = found.filter(|gate| *gate != Opcode::Ecr).unwrap_or(Opcode::Cx);
        Self { gate, any: false }
    }

    /// The class of words that it stands for.
    pub fn entangler(self) -> Entangler {
        match self.gate {
            Opcode::Rzz => Entangler::Rzz,
            Opcode::Iswap => Entangler::Iswap,
            _ => Entangler::Cz,
        }
    }
}

/// A run of gates on at most two qubits.
struct Run {
    first: u32,
    second: Option<u32>,
    gates: Vec<Instruction>,
}

/// A run written anew.
struct Shorter {
    gates: Vec<Instruction>,
    /// The phase that is left.
    turned: f64,
    /// Whether its qubits are exchanged afterwards.
    exchanged: bool,
}

/// Collects runs and writes the stretch they come from, each run at the place of its last gate.
struct Collector {
    out: Vec<Instruction>,
    runs: Vec<Option<Run>>,
    owner: std::collections::HashMap<u32, usize>,
    native: Native,
    turned: f64,
    /// Where each qubit is, when runs may exchange theirs.
    places: Option<Places>,
}

/// Where each qubit is.
pub(super) type Places = Vec<u32>;

/// Rewrites one stretch.
pub(super) fn resynthesised(stretch: Vec<Instruction>, native: Native) -> CoreResult<Vec<Instruction>> {
    Ok(Collector::new(native, None).rewritten(stretch).0)
}

/// Rewrites one stretch whose qubits are at `places`, and says where they are afterwards: a run that needs fewer gates
/// with its qubits exchanged is written so (the mirror of Cross et al., PRA 100, 032328, 2019).
pub(super) fn mirrored(
    stretch: Vec<Instruction>,
    native: Native,
    places: Places,
) -> (Vec<Instruction>, Places) {
    let (out, places) = Collector::new(native, Some(places)).rewritten(stretch);
    (out, places.unwrap_or_default())
}

impl Collector {
    fn new(native: Native, places: Option<Places>) -> Self {
        let owner = std::collections::HashMap::new();
        Self { out: Vec::new(), runs: Vec::new(), owner, native, turned: 0.0, places }
    }

    fn rewritten(mut self, stretch: Vec<Instruction>) -> (Vec<Instruction>, Option<Places>) {
        self.out.reserve(stretch.len());
        for gate in stretch {
            self.take(gate);
        }
        for at in 0..self.runs.len() {
            self.close(at);
        }
        self.out.extend(phase(self.turned));
        (self.out, self.places)
    }

    /// Writes a gate where its qubits are.
    fn put(&mut self, mut gate: Instruction) {
        if let Some(places) = &self.places {
            gate.qubits.iter_mut().for_each(|qubit| *qubit = places[*qubit as usize]);
        }
        self.out.push(gate);
    }

    fn take(&mut self, gate: Instruction) {
        match *gate.qubits.as_slice() {
            [qubit] if is_numeric(&gate) => {
                let at = match self.owner.get(&qubit) {
                    Some(at) => *at,
                    None => self.open(Run { first: qubit, second: None, gates: Vec::new() }),
                };
                self.add(at, gate);
            }
            [first, second] if is_numeric(&gate) => {
                let at = self.pair(first, second);
                self.add(at, gate);
            }
            [] if gate.opcode.is_gate() => self.put(gate),
            _ => {
                for qubit in &gate.qubits {
                    if let Some(at) = self.owner.get(qubit) {
                        self.close(*at);
                    }
                }
                self.put(gate);
            }
        }
    }

    fn open(&mut self, run: Run) -> usize {
        let at = self.runs.len();
        self.owner.insert(run.first, at);
        if let Some(second) = run.second {
            self.owner.insert(second, at);
        }
        self.runs.push(Some(run));
        at
    }

    fn add(&mut self, at: usize, gate: Instruction) {
        if let Some(run) = self.runs[at].as_mut() {
            run.gates.push(gate);
        }
    }

    /// The open run on exactly these two qubits, or a new one that takes over what single qubits had.
    fn pair(&mut self, first: u32, second: u32) -> usize {
        let owners = [first, second].map(|qubit| self.owner.get(&qubit).copied());
        if let [Some(a), Some(b)] = owners
            && a == b
        {
            return a;
        }
        let mut gates = Vec::new();
        for at in owners.into_iter().flatten() {
            let single = self.runs[at].as_ref().is_some_and(|run| run.second.is_none());
            if single {
                gates.extend(self.runs[at].take().into_iter().flat_map(|run| run.gates));
            } else {
                self.close(at);
            }
        }
        self.open(Run { first, second: Some(second), gates })
    }

    /// Writes a run.
    fn close(&mut self, at: usize) {
        let Some(run) = self.runs[at].take() else { return };
        self.owner.remove(&run.first);
        if let Some(second) = run.second {
            self.owner.remove(&second);
        }
        match self.shorter(&run) {
            Some(Shorter { gates, turned, exchanged }) => {
                self.turned += turned;
                gates.into_iter().for_each(|gate| self.put(gate));
                if let (Some(places), Some(second), true) = (&mut self.places, run.second, exchanged) {
                    places.swap(run.first as usize, second as usize);
                }
            }
            None => run.gates.into_iter().for_each(|gate| self.put(gate)),
        }
    }

    /// The run with fewer entangling gates.
    fn shorter(&self, run: &Run) -> Option<Shorter> {
        let second = run.second?;
        let entangling: Vec<&Instruction> = run.gates.iter().filter(|gate| gate.qubits.len() == 2).collect();
        let entangler = self.native.entangler();
        if entangling.len() < 2 && entangling.iter().all(|gate| gate.opcode == self.native.gate) {
            return None;
        }
        let plain = product(run, second)?;
        let mut best = (entangler.word(&plain), plain, false);
        if self.places.is_some() && best.0.links.len() > 1 {
            let turned = Four::exchange().mul(&plain);
            if entangler.count(&turned) < best.0.links.len() {
                best = (entangler.word(&turned), turned, true);
            }
        }
        let (word, unitary, exchanged) = best;
        if word.links.len() >= self.cost(&entangling) {
            return None;
        }
        let (turned, rest) = unitary.phase_to(&word.unitary());
        if rest > EXACT {
            return None;
        }
        let (gates, more) = written(&word, [run.first, second], self.native.gate);
        Some(Shorter { gates, turned: turned + more, exchanged })
    }

    /// How many of the native gate the run takes as it stands.
    fn cost(&self, gates: &[&Instruction]) -> usize {
        let entangler = self.native.entangler();
        let one = |gate: &&Instruction| match gate.opcode {
            _ if self.native.any => 1,
            opcode if opcode == self.native.gate && gate.detail.modifier.is_none() => 1,
            _ => four(gate).map_or(1, |unitary| entangler.count(&unitary)),
        };
        gates.iter().map(one).sum()
    }
}

/// The product of a run's gates; the run's first qubit is the less significant.
fn product(run: &Run, second: u32) -> Option<Four> {
    let mut total = Four::identity();
    let none = Two::identity();
    for gate in &run.gates {
        let next = match *gate.qubits.as_slice() {
            [qubit] if qubit == second => none.beside(&two(gate)?),
            [_] => two(gate)?.beside(&none),
            [first, _] if first == run.first => four(gate)?,
            _ => four(gate)?.exchanged(),
        };
        total = next.mul(&total);
    }
    Some(total)
}

/// A word as gates of the table, U for what is local, and the phase that U leaves.
fn written(word: &Word, qubits: [u32; 2], native: Opcode) -> (Vec<Instruction>, f64) {
    let mut out = Vec::new();
    let mut turned = 0.0;
    let hadamard = Instruction::new(Opcode::H, &qubits[1..]);
    for (k, layer) in word.layers.iter().enumerate() {
        for (gate, qubit) in layer.iter().zip(qubits) {
            let (instruction, more) = local(gate, qubit);
            turned += more;
            out.extend(instruction);
        }
        match word.links.get(k) {
            Some(Link::Cz) if native == Opcode::Cz => out.push(Instruction::new(Opcode::Cz, &qubits)),
            Some(Link::Cz) => {
                out.push(hadamard.clone());
                out.push(Instruction::new(Opcode::Cx, &qubits));
                out.push(hadamard.clone());
            }
            Some(Link::Rzz(angle)) => out.push(Instruction::with_numbers(Opcode::Rzz, &qubits, &[*angle])),
            Some(Link::Iswap) => out.push(Instruction::new(Opcode::Iswap, &qubits)),
            None => {}
        }
    }
    (out, turned)
}

/// A local gate as U, unless it is the identity; the phase is that of the gate against what is written.
pub(super) fn local(gate: &Two, qubit: u32) -> (Option<Instruction>, f64) {
    let (phase, rest) = gate.phase_to(&Two::identity());
    if rest < 1e-13 {
        return (None, phase);
    }
    let rows = gate.0;
    let angles = Euler::of_matrix(&Matrix::two(rows[0][0], rows[0][1], rows[1][0], rows[1][1]));
    let turned = angles.gamma.constant;
    let params = vec![angles.theta, angles.phi, angles.lambda];
    (Some(Instruction::with_params(Opcode::U, &[qubit], params)), turned)
}
