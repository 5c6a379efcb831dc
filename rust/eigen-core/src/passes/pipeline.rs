//! The pipeline: which passes run at which level, in which order, and what each one left.
use std::collections::HashMap;
use std::sync::Arc;

use super::decompose::{is_written_in, rewritten};
use super::draft::{Draft, Tools, on};
use super::mapping::entangling_gates;
use super::numeric::four;
use super::one_qubit::Alphabet;
use super::pairs::Places;
use super::simplify::simplified;
use super::size::Size;
use super::trail::{Change, Trail};
use super::tree::{Body, Node};
use super::weyl::least_cx;
use super::{network, swaps};
use crate::circuit::{Circuit, Instruction};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::{GateSpec, Opcode};
use crate::limits::MAX_OPERATIONS;

/// How often level 3 repeats its passes at most.
const MOST_ROUNDS: usize = 10;

/// A pass on the operations of a circuit. Each keeps the circuit up to rounding, global phase included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Neighbours cancelled and added up.
    Cancel,
    /// The same past gates that commute.
    Commute,
    /// Diagonal gates before measurements dropped.
    DropUnobserved,
    /// Z rotations of one parity added up.
    FoldPhases,
    /// Runs on two qubits with fewer entangling gates.
    ResynthesisePairs,
    /// Runs on one qubit as the shortest word.
    MergeOneQubit,
}

impl Pass {
    /// Every pass.
    pub const ALL: [Self; 6] = [
        Self::Cancel,
        Self::Commute,
        Self::DropUnobserved,
        Self::FoldPhases,
        Self::ResynthesisePairs,
        Self::MergeOneQubit,
    ];

    /// The name by which people ask for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Commute => "commute",
            Self::DropUnobserved => "drop-unobserved",
            Self::FoldPhases => "fold-phases",
            Self::ResynthesisePairs => "resynthesise-pairs",
            Self::MergeOneQubit => "merge-one-qubit",
        }
    }

    /// The pass of a name.
    pub fn parse(name: &str) -> CoreResult<Self> {
        Self::ALL.into_iter().find(|pass| pass.name() == name).ok_or_else(|| {
            let shown: String = name.chars().take(40).collect();
            let known = Self::ALL.map(Self::name).join(", ");
            CoreError::new(ErrorCode::GateArguments, format!("there is no pass `{shown}`"))
                .with_hint(format!("one of {known}"))
        })
    }

    /// What the pass may change.
    pub(super) fn change(self) -> Change {
        match self {
            Self::Cancel | Self::Commute | Self::DropUnobserved | Self::FoldPhases => Change::Rotations,
            Self::ResynthesisePairs | Self::MergeOneQubit => Change::Runs,
        }
    }

    /// The circuit after this pass alone. `basis` is what resynthesis and merging write with; `None` is every gate.
    pub fn apply(self, circuit: &Circuit, basis: Option<&[Opcode]>) -> CoreResult<Circuit> {
        on(self, Body::of(circuit), &Tools::new(basis))?.0.into_circuit(circuit)
    }
}

/// The passes of a level, in order; level 3 repeats its own as long as the circuit shrinks.
fn passes(level: u8) -> &'static [Pass] {
    use Pass::{Cancel, Commute, DropUnobserved, FoldPhases, MergeOneQubit, ResynthesisePairs};
    match level {
        0 => &[],
        1 => &[Cancel, MergeOneQubit],
        _ => &[DropUnobserved, Commute, FoldPhases, Commute, ResynthesisePairs, Commute, MergeOneQubit],
    }
}

/// A pass and the size of the circuit after it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The name of the pass; `input` before the first one.
    pub pass: &'static str,
    /// The size that it left.
    pub size: Size,
}

/// A circuit and how it came about.
#[derive(Clone, Debug)]
pub struct Optimised {
    /// The circuit.
    pub circuit: Circuit,
    /// Every pass that ran, in order.
    pub steps: Vec<Step>,
    /// Where each qubit ends, when qubits could be renamed.
    pub places: Option<Vec<u32>>,
    /// Circuits on the way, where they were to be kept, each with how it differs from the one before; the last one is
    /// `circuit`.
    pub trail: Vec<(Change, Circuit)>,
}

impl Optimised {
    fn of(draft: Draft, steps: Vec<Step>, like: &Circuit) -> CoreResult<Self> {
        let Draft { body, places, trail, .. } = draft;
        let circuit = body.into_circuit(like)?;
        let mut points = Vec::new();
        for (change, body) in trail.points {
            points.push((change, Arc::unwrap_or_clone(body).into_circuit(like)?));
        }
        points.extend(trail.is_kept.then(|| (trail.change, circuit.clone())));
        Ok(Self { circuit, steps, places, trail: points })
    }
}

/// What passes may do with qubits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freedom {
    /// Gates stay on pairs that have one already: right behind a mapping to a device.
    Pairs,
    /// All qubits are coupled: gates may go on any pair, and gates under many controls borrow other qubits.
    Coupled,
    /// The same, and qubits may end elsewhere: SWAPs outside blocks and conditions become other names, and from level 2 so
    /// do exchanges that save gates.
    Renamed,
}

/// The circuit with fewer gates: first fewer on two qubits, then fewer in all; never more on two
/// qubits than without the passes.
///
/// With a basis the result is in its gates, exact up to a global phase that is kept when GPHASE is in the basis;
/// without one every gate may be used. Level 0 only translates to the basis, 1 looks at neighbours, 2 runs every
/// pass once, 3 repeats them while the circuit shrinks (at most 10 rounds). Symbols stay: a gate with a symbolic angle
/// is moved and added to others of its kind, never expanded or bound.
pub fn optimise(
    circuit: &Circuit,
    level: u8,
    basis: Option<&[Opcode]>,
    freedom: Freedom,
    keep: bool,
) -> CoreResult<Optimised> {
    let (mut body, mut places) = (Body::of(circuit), None);
    if freedom == Freedom::Renamed {
        let (elided, moved) = swaps::elided(body, circuit.num_qubits());
        (body, places) = (elided, Some(moved));
    }
    let coupled = freedom != Freedom::Pairs;
    let mut work = Work { num_qubits: circuit.num_qubits(), level, coupled, keep, steps: Vec::new() };
    let draft = work.shortened(body, basis, places)?;
    Optimised::of(draft, work.steps, circuit)
}

/// A circuit that is to be mapped, read as rotations about Pauli operators and a Clifford gate and written anew in a
/// basis, on any pairs and with its qubits renamed. `None` unless that takes at most `share` of the entangling gates that
/// another form of the circuit takes as it stands: what is saved must pay for the SWAPs of new pairs.
pub fn woven(
    circuit: &Circuit,
    other: &Circuit,
    level: u8,
    basis: &[Opcode],
    share: f64,
    keep: bool,
) -> CoreResult<Option<Optimised>> {
    let within = |gates: usize| (gates as f64 * share) as usize;
    let (body, roughly) = (Body::of(circuit), within(at_most(other)));
    if least_rotations(&body) > roughly {
        return Ok(None);
    }
    // Symbols may stand in gates that have no form in CX as long as they are not numbers.
    let Ok(plain) = rewritten(body, circuit.num_qubits(), &working(&[]), true) else { return Ok(None) };
    if !network::may_gain(&plain, roughly.saturating_add(1)) {
        return Ok(None);
    }
    let most = within(entangling_gates(other, basis)? as usize);
    let wish = network::Wish {
        tries: if level < 3 { 2 } else { usize::MAX },
        limit: most.saturating_add(1),
        phase: basis.contains(&Opcode::Gphase),
    };
    let places: Places = (0..circuit.num_qubits() as u32).collect();
    let Some((body, places)) = network::rewoven(plain, wish, Some(places)) else { return Ok(None) };
    let mut work = Work { num_qubits: circuit.num_qubits(), level, coupled: true, keep, steps: Vec::new() };
    let draft = Draft::new(body, places, work.trail());
    work.note("weave-rotations", draft.size);
    let draft = work.through(draft, basis)?;
    if draft.size.two_qubit_gates > most {
        return Ok(None);
    }
    let draft = work.finished(draft, basis)?;
    Optimised::of(draft, work.steps, circuit).map(Some)
}

/// An optimisation under way.
struct Work {
    num_qubits: usize,
    level: u8,
    /// Gates may go on any pair.
    coupled: bool,
    /// What bodies go through is kept.
    keep: bool,
    steps: Vec<Step>,
}

impl Work {
    /// The body with fewer gates, in those of the basis.
    fn shortened(
        &mut self,
        body: Body,
        basis: Option<&[Opcode]>,
        places: Option<Places>,
    ) -> CoreResult<Draft> {
        if self.level > 3 {
            let message = format!("the optimisation level is 0, 1, 2 or 3, not `{}`", self.level);
            return Err(CoreError::new(ErrorCode::GateArguments, message));
        }
        self.note("input", Size::of(&body));
        let start = simplified(body, self.level.min(2));
        let Some(basis) = basis else {
            let draft = Draft::new(start, places, self.trail());
            return self.run(draft, &Tools::new(None));
        };
        if self.level < 2 {
            let draft = self.plain(start, basis, places)?;
            self.note("translate", draft.size);
            let draft = self.run(draft, &Tools::new(Some(basis)))?;
            return self.finished(draft, basis);
        }
        let least = at_least(&start, basis);
        let working = working(basis);
        let settled = is_written_in(&start, &working);
        let body = self.in_basis(start.clone(), &working)?;
        // Where every pair meets once and no way leads back, each of its gates is needed.
        let plain = (self.coupled && !is_tree(&body)).then(|| body.clone());
        let draft = Draft { settled, ..Draft::new(body, places.clone(), self.trail()) };
        if !settled {
            self.note("expand", draft.size);
        }
        let mut best = self.through(draft, basis)?;
        if let Some(plain) = plain {
            best = self.woven(plain, basis, places.clone(), best)?;
        }
        if best.size.two_qubit_gates <= least {
            return self.finished(best, basis);
        }
        // Gates that no pass knows may cost more apart than as they stand.
        let plain = self.plain(start, basis, places)?;
        if best.size.key() <= plain.size.key() {
            return self.finished(best, basis);
        }
        self.note("keep", plain.size);
        let plain = plain.through(passes(1), &Tools::new(Some(basis)), &mut self.steps)?;
        self.finished(plain, basis)
    }

    fn note(&mut self, pass: &'static str, size: Size) {
        self.steps.push(Step { pass, size });
    }

    /// The beginning of a trail.
    fn trail(&self) -> Trail {
        Trail { is_kept: self.keep, ..Trail::default() }
    }

    /// A simplified body in a basis, its gates translated one by one.
    fn plain(&self, start: Body, basis: &[Opcode], places: Option<Places>) -> CoreResult<Draft> {
        let mut trail = self.trail();
        if trail.is_kept {
            // Gates on more qubits than a run has are told apart first.
            let apart = self.in_basis(start.clone(), &working(&[]));
            trail.next(Change::Runs, apart.as_ref().unwrap_or(&start));
        }
        Ok(Draft::new(self.in_basis(start, basis)?, places, trail))
    }

    /// The gates of a body one by one in those of a basis.
    fn in_basis(&self, body: Body, basis: &[Opcode]) -> CoreResult<Body> {
        rewritten(body, self.num_qubits, basis, self.coupled && self.level > 0)
    }

    /// The best so far, or the body in working gates with its rotations woven anew, where that is smaller.
    fn woven(
        &mut self,
        plain: Body,
        basis: &[Opcode],
        places: Option<Places>,
        best: Draft,
    ) -> CoreResult<Draft> {
        let wish = network::Wish {
            tries: if self.level == 2 { 2 } else { usize::MAX },
            limit: best.size.two_qubit_gates,
            phase: basis.contains(&Opcode::Gphase),
        };
        let body = self.in_basis(plain, &working(&[]))?;
        let Some((body, places)) = network::rewoven(body, wish, places) else { return Ok(best) };
        let draft = Draft::new(body, places, self.trail());
        self.note("weave-rotations", draft.size);
        let woven = self.through(draft, basis)?;
        if woven.size.key() < best.size.key() {
            return Ok(woven);
        }
        self.note("keep", best.size);
        Ok(best)
    }

    /// A draft in working gates through the passes of the level and into a basis.
    fn through(&mut self, draft: Draft, basis: &[Opcode]) -> CoreResult<Draft> {
        let own = Tools::new(Some(basis));
        let mut draft = if self.level < 3 {
            // Pairs are translated before the last pass, so that what that leaves on one qubit is merged once.
            let pairs: Vec<Opcode> = basis.iter().copied().chain(single()).collect();
            let (others, merge) = passes(self.level).split_at(passes(self.level).len().saturating_sub(1));
            let mut draft = draft.through(others, &own, &mut self.steps)?;
            draft = draft.translated(|body| rewritten(body, self.num_qubits, &pairs, false))?;
            draft.through(merge, &own, &mut self.steps)?
        } else {
            self.run(draft, &Tools { alphabet: Alphabet::new(None), ..own })?
        };
        // Phases alone make no more passes worth while: they go at the end. Angles that are symbols may be added to numbers.
        let phased: Vec<Opcode> = basis.iter().copied().chain([Opcode::Gphase]).collect();
        if is_written_in(&draft.body, &phased) && !draft.body.has_symbols() {
            return Ok(draft);
        }
        draft = draft.translated(|body| rewritten(body, self.num_qubits, basis, false))?;
        draft = Draft::new(draft.body, draft.places, draft.trail);
        self.note("translate", draft.size);
        draft.through(passes(1), &Tools::new(Some(basis)), &mut self.steps)
    }

    /// The passes of the level; those of level 3 again as long as the circuit shrinks.
    fn run(&mut self, draft: Draft, tools: &Tools) -> CoreResult<Draft> {
        let once = passes(self.level);
        if self.level < 3 {
            return draft.through(once, tools, &mut self.steps);
        }
        let mut best = draft;
        for _ in 0..MOST_ROUNDS {
            let next = best.clone().through(once, tools, &mut self.steps)?;
            let (before, after) = (best.size.key(), next.size.key());
            if after <= before {
                best = next;
            }
            if after >= before {
                break;
            }
        }
        Ok(best)
    }

    /// The draft in the basis, without phases that the basis has no gate for.
    fn finished(&self, draft: Draft, basis: &[Opcode]) -> CoreResult<Draft> {
        draft.translated(|body| rewritten(body, self.num_qubits, basis, false))
    }
}

/// Gates that rotate two qubits, by any angle.
const ROTATIONS: [Opcode; 7] =
    [Opcode::Rxx, Opcode::Ryy, Opcode::Rzz, Opcode::Rzx, Opcode::Cp, Opcode::Crz, Opcode::Ms];
/// Gates that exchange two qubits in part.
const EXCHANGES: [Opcode; 3] = [Opcode::Iswap, Opcode::Fsim, Opcode::XxPlusYy];

/// How many CX a circuit's gates take at the most, one by one; those on more than two qubits any number.
fn at_most(circuit: &Circuit) -> usize {
    let of = |gate: Opcode, width: usize| match gate {
        _ if !gate.is_gate() || width < 2 => 0,
        _ if width > 2 => MAX_OPERATIONS,
        Opcode::Cx | Opcode::Cz | Opcode::Cy | Opcode::Ch | Opcode::Ecr => 1,
        Opcode::Rxx | Opcode::Ryy | Opcode::Rzz | Opcode::Rzx | Opcode::Cp | Opcode::Iswap => 2,
        _ => 3,
    };
    circuit.operations().map(|op| of(op.opcode(), op.qubits().len())).sum()
}

/// How many rotations on both qubits the matrices of a body hold at the least.
fn least_rotations(body: &Body) -> usize {
    let of = |gate: &Instruction| match four(gate).filter(|_| gate.opcode == Opcode::Unitary) {
        // One for each coordinate that is no quarter turn.
        Some(unitary) => [0, 0, 1, 3][least_cx(&unitary, false)],
        None => 0,
    };
    let straight = |node: &Node| match node {
        Node::Straight(stretch) => stretch.iter().filter(|gate| gate.opcode == Opcode::Unitary).map(of).sum(),
        _ => 0,
    };
    body.0.iter().map(straight).sum()
}

/// Whether every pair of qubits that meet does so in one run, and the pairs close no ring.
fn is_tree(body: &Body) -> bool {
    let mut groups: Vec<u32> = Vec::new();
    let mut partner: HashMap<u32, u32> = HashMap::new();
    fn root(groups: &mut [u32], mut qubit: u32) -> u32 {
        while groups[qubit as usize] != qubit {
            groups[qubit as usize] = groups[groups[qubit as usize] as usize];
            qubit = groups[qubit as usize];
        }
        qubit
    }
    body.0.iter().all(|node| {
        let Node::Straight(stretch) = node else { return false };
        stretch.iter().all(|gate| {
            let [a, b] = *gate.qubits.as_slice() else {
                return gate.qubits.len() < 2 || !gate.opcode.is_gate();
            };
            if partner.get(&a) == Some(&b) && partner.get(&b) == Some(&a) {
                return true;
            }
            partner.extend([(a, b), (b, a)]);
            groups.extend(groups.len() as u32..=a.max(b));
            let [first, second] = [a, b].map(|qubit| root(&mut groups, qubit));
            groups[first as usize] = second;
            first != second
        })
    })
}

/// How many gates on two qubits a body has in a basis at the least, its gates translated one by one.
fn at_least(body: &Body, basis: &[Opcode]) -> usize {
    let of = |gate: &Instruction| match gate.opcode {
        opcode if !opcode.is_gate() || gate.qubits.len() < 2 => 0,
        opcode if basis.contains(&opcode) || !gate.detail.is_plain() => 1,
        Opcode::Swap if basis.iter().any(|other| EXCHANGES.contains(other)) => 2,
        Opcode::Swap => 3,
        Opcode::Rxx | Opcode::Ryy | Opcode::Rzz | Opcode::Rzx | Opcode::Cp => {
            if basis.iter().any(|other| ROTATIONS.contains(other)) { 1 } else { 2 }
        }
        _ => 1,
    };
    let count = |body: &Body| at_least(body, basis);
    body.0
        .iter()
        .map(|node| match node {
            Node::Straight(stretch) => stretch.iter().map(of).sum(),
            Node::If(_, then, otherwise) => count(then) + otherwise.as_ref().map_or(0, count),
            Node::Loop(_, body) => count(body),
        })
        .sum()
}

/// The circuit without the SWAPs outside blocks and conditions, and the qubit on which each one ends.
pub fn elide_swaps(circuit: &Circuit) -> CoreResult<(Circuit, Vec<u32>)> {
    let (body, places) = swaps::elided(Body::of(circuit), circuit.num_qubits());
    Ok((body.into_circuit(circuit)?, places))
}

/// What the passes work in: every gate on one qubit, CX, and the basis' own gates on two.
pub(super) fn working(basis: &[Opcode]) -> Vec<Opcode> {
    let native = basis.iter().copied().filter(|gate| width(*gate) == Some(2));
    single().chain([Opcode::Cx, Opcode::Gphase]).chain(native).collect()
}

/// Every gate on one qubit.
fn single() -> impl Iterator<Item = Opcode> {
    Opcode::GATES.iter().copied().filter(|gate| width(*gate) == Some(1))
}

fn width(gate: Opcode) -> Option<usize> {
    GateSpec::of(gate).and_then(GateSpec::num_qubits)
}
