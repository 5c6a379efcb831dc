//! Runs of gates on two qubits, written anew with fewer entangling gates where their product needs fewer.
use std::collections::HashMap;
use std::f64::consts::FRAC_PI_2;

use super::decompose::Euler;
use super::numeric::{follow, four, is_numeric, phase};
use super::weyl::{Entangler, Four, Link, Two, Word, clifford_word, least_cx};
use crate::circuit::Instruction;
use crate::gate::Opcode;
use crate::math::Matrix;

/// The largest difference of an entry that a new word may have; a worse one is not taken.
const EXACT: f64 = 1e-10;

/// Words that are kept at most.
const MOST_KNOWN: usize = 4096;

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

/// The shortest word of a product.
struct Known {
    word: Word,
    /// Whether it leaves the qubits exchanged.
    exchanged: bool,
    /// The phase that it lacks.
    turned: f64,
    /// Whether it is the product, but for rounding.
    is_exact: bool,
    /// Its gates on qubits 0 and 1, once they were asked for, and the phase that they lack.
    written: Option<(Vec<Instruction>, f64)>,
}

/// Collects runs and writes the stretch they come from, each run at the place of its last gate.
struct Collector {
    out: Vec<Instruction>,
    runs: Vec<Option<Run>>,
    /// The open run of each qubit, or `NONE`.
    owner: Vec<usize>,
    native: Native,
    turned: f64,
    /// Words that were found for a product: Trotter steps and layers ask for the same ones again and again.
    known: HashMap<[u64; 32], Known>,
    /// Whether a run was written anew.
    changed: bool,
    /// Where each qubit is, when runs may exchange theirs.
    places: Option<Places>,
}

/// No run.
const NONE: usize = usize::MAX;

/// Where each qubit is.
pub(super) type Places = Vec<u32>;

/// Rewrites one stretch.
pub(super) fn resynthesised(stretch: Vec<Instruction>, native: Native) -> (Vec<Instruction>, bool) {
    let mut collector = Collector::new(native, None);
    collector.rewrite(stretch);
    (collector.out, collector.changed)
}

/// Rewrites one stretch whose qubits are at `places`, and says where they are afterwards: a run that needs fewer gates
/// with its qubits exchanged is written so (the mirror of Cross et al., PRA 100, 032328, 2019).
pub(super) fn mirrored(
    stretch: Vec<Instruction>,
    native: Native,
    places: Places,
) -> (Vec<Instruction>, Places, bool) {
    let mut collector = Collector::new(native, Some(places));
    collector.rewrite(stretch);
    (collector.out, collector.places.unwrap_or_default(), collector.changed)
}

impl Collector {
    fn new(native: Native, places: Option<Places>) -> Self {
        let (owner, known) = (Vec::new(), HashMap::new());
        Self { out: Vec::new(), runs: Vec::new(), owner, native, turned: 0.0, known, changed: false, places }
    }

    fn rewrite(&mut self, stretch: Vec<Instruction>) {
        self.out.reserve(stretch.len());
        for gate in stretch {
            self.take(gate);
        }
        for at in 0..self.runs.len() {
            self.close(at);
        }
        self.out.extend(phase(self.turned));
    }

    /// The open run of a qubit.
    fn owner(&self, qubit: u32) -> Option<usize> {
        self.owner.get(qubit as usize).copied().filter(|at| *at != NONE)
    }

    fn own(&mut self, qubit: u32, at: usize) {
        let place = qubit as usize;
        if self.owner.len() <= place {
            self.owner.resize(place + 1, NONE);
        }
        self.owner[place] = at;
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
                let at = match self.owner(qubit) {
                    Some(at) => at,
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
                    if let Some(at) = self.owner(*qubit) {
                        self.close(at);
                    }
                }
                self.put(gate);
            }
        }
    }

    fn open(&mut self, run: Run) -> usize {
        let at = self.runs.len();
        self.own(run.first, at);
        if let Some(second) = run.second {
            self.own(second, at);
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
        let owners = [first, second].map(|qubit| self.owner(qubit));
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
        self.own(run.first, NONE);
        if let Some(second) = run.second {
            self.own(second, NONE);
        }
        match self.shorter(&run) {
            Some(Shorter { gates, turned, exchanged }) => {
                self.changed = true;
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
    fn shorter(&mut self, run: &Run) -> Option<Shorter> {
        let second = run.second?;
        let entangling: Vec<&Instruction> = run.gates.iter().filter(|gate| gate.qubits.len() == 2).collect();
        let entangler = self.native.entangler();
        if entangling.len() < 2 && entangling.iter().all(|gate| gate.opcode == self.native.gate) {
            return None;
        }
        if let [only] = entangling.as_slice()
            && is_shortest(only, entangler)
        {
            return None;
        }
        let cost = self.cost(&entangling);
        let plain = product(run)?;
        if entangler == Entangler::Cz && least_cx(&plain, self.places.is_some()) >= cost {
            return None;
        }
        let key = bits(&plain);
        if !self.known.contains_key(&key) {
            let found = self.known_of(entangler, &plain);
            if self.known.len() >= MOST_KNOWN {
                self.known.clear();
            }
            self.known.insert(key, found);
        }
        let native = self.native.gate;
        let known =
            self.known.get_mut(&key).filter(|known| known.word.links.len() < cost && known.is_exact)?;
        let (gates, turned) = known.written.get_or_insert_with(|| written(&known.word, [0, 1], native));
        let place = |mut gate: Instruction| {
            gate.qubits.iter_mut().for_each(|qubit| *qubit = if *qubit == 0 { run.first } else { second });
            gate
        };
        let gates = gates.iter().cloned().map(place).collect();
        Some(Shorter { gates, turned: known.turned + *turned, exchanged: known.exchanged })
    }

    /// The word for a product, or a shorter one for it with its qubits exchanged, where they may be.
    fn known_of(&self, entangler: Entangler, plain: &Four) -> Known {
        let (mut word, mut unitary, mut exchanged) = (entangler.word(plain), *plain, false);
        if self.places.is_some() && word.links.len() > 1 {
            let turned = Four::exchange().mul(plain);
            if entangler.count(&turned) < word.links.len() {
                (word, unitary, exchanged) = (entangler.word(&turned), turned, true);
            }
        }
        if entangler == Entangler::Cz {
            // What is in the Clifford group is written within it.
            word = clifford_word(&unitary, word.links.len()).unwrap_or(word);
        }
        let (turned, rest) = unitary.phase_to(&word.unitary());
        Known { word, exchanged, turned, is_exact: rest <= EXACT, written: None }
    }

    /// How many of the native gate the run takes as it stands.
    fn cost(&self, gates: &[&Instruction]) -> usize {
        let entangler = self.native.entangler();
        let one = |gate: &&Instruction| match gate.opcode {
            _ if self.native.any => 1,
            opcode if opcode == self.native.gate && gate.detail.modifier.is_none() => 1,
            _ => known_cost(gate, entangler)
                .or_else(|| four(gate).map(|unitary| entangler.count(&unitary)))
                .unwrap_or(1),
        };
        gates.iter().map(one).sum()
    }
}

/// What a gate takes that is known without its matrix: all are CZ between local gates, or a rotation about one axis.
fn known_cost(gate: &Instruction, entangler: Entangler) -> Option<usize> {
    if entangler != Entangler::Cz || !gate.detail.is_plain() {
        return None;
    }
    match gate.opcode {
        Opcode::Cx | Opcode::Cy | Opcode::Cz | Opcode::Ch | Opcode::Ecr => Some(1),
        Opcode::Swap => Some(3),
        Opcode::Iswap => Some(2),
        Opcode::Rxx | Opcode::Ryy | Opcode::Rzz | Opcode::Rzx => {
            // Two, unless the angle is a multiple of a quarter turn.
            let quarters = gate.params.first()?.constant / FRAC_PI_2;
            ((quarters - libm::round(quarters)).abs() > 1e-9).then_some(2)
        }
        _ => None,
    }
}

/// Whether nothing is shorter than a gate by itself, its qubits exchanged or not.
fn is_shortest(gate: &Instruction, entangler: Entangler) -> bool {
    !matches!(gate.opcode, Opcode::Swap | Opcode::Iswap) && known_cost(gate, entangler).is_some()
}

/// The entries of a matrix as they stand.
fn bits(matrix: &Four) -> [u64; 32] {
    std::array::from_fn(|k| {
        let value = matrix.0[k / 8][k / 2 % 4];
        // A negative zero is a zero.
        (if k % 2 == 0 { value.re } else { value.im } + 0.0).to_bits()
    })
}

/// The product of a run's gates; the run's first qubit is the less significant.
fn product(run: &Run) -> Option<Four> {
    let mut total = Four::identity();
    run.gates.iter().try_for_each(|gate| follow(&mut total, gate, run.first))?;
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
