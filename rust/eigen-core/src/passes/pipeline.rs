//! The pipeline: which passes run at which level, in which order, and what each one left.
use super::decompose::{is_written_in, rewritten};
use super::draft::{Draft, Tools, on};
use super::mapping::entangling_gates;
use super::one_qubit::Alphabet;
use super::pairs::Places;
use super::simplify::simplified;
use super::size::Size;
use super::tree::{Body, Node};
use super::{network, swaps};
use crate::circuit::{Circuit, Instruction};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::{GateSpec, Opcode};

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
) -> CoreResult<Optimised> {
    if freedom != Freedom::Renamed {
        return optimised(circuit, level, basis, None, freedom == Freedom::Coupled);
    }
    let (circuit, places) = elide_swaps(circuit)?;
    optimised(&circuit, level, basis, Some(places), true)
}

fn optimised(
    circuit: &Circuit,
    level: u8,
    basis: Option<&[Opcode]>,
    places: Option<Places>,
    coupled: bool,
) -> CoreResult<Optimised> {
    let mut work = Work { num_qubits: circuit.num_qubits(), level, coupled, steps: Vec::new() };
    let draft = work.shortened(Body::of(circuit), basis, places)?;
    Ok(Optimised { circuit: draft.body.into_circuit(circuit)?, steps: work.steps, places: draft.places })
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
) -> CoreResult<Option<Optimised>> {
    let most = (entangling_gates(other, basis)? as f64 * share) as usize;
    let wish = network::Wish {
        tries: if level < 3 { 2 } else { usize::MAX },
        limit: most.saturating_add(1),
        phase: basis.contains(&Opcode::Gphase),
    };
    // Symbols may stand in gates that have no form in CX as long as they are not numbers.
    let body = Body::of(circuit);
    let Ok(plain) = rewritten(body, circuit.num_qubits(), &working(&[]), true) else { return Ok(None) };
    let places: Places = (0..circuit.num_qubits() as u32).collect();
    let Some((body, places)) = network::rewoven(plain, wish, Some(places)) else { return Ok(None) };
    let mut work = Work { num_qubits: circuit.num_qubits(), level, coupled: true, steps: Vec::new() };
    let draft = Draft::new(body, places);
    work.note("weave-rotations", draft.size);
    let draft = work.through(draft, basis)?;
    if draft.size.two_qubit_gates > most {
        return Ok(None);
    }
    let draft = work.finished(draft, basis)?;
    let circuit = draft.body.into_circuit(circuit)?;
    Ok(Some(Optimised { circuit, steps: work.steps, places: draft.places }))
}

/// An optimisation under way.
struct Work {
    num_qubits: usize,
    level: u8,
    /// Gates may go on any pair.
    coupled: bool,
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
            let draft = Draft::new(start, places);
            return self.run(draft, &Tools::new(None));
        };
        if self.level < 2 {
            let draft = Draft::new(self.in_basis(start, basis)?, places);
            self.note("translate", draft.size);
            let draft = self.run(draft, &Tools::new(Some(basis)))?;
            return self.finished(draft, basis);
        }
        let least = at_least(&start, basis);
        let mut best = self.expanded(start.clone(), basis, places.clone())?;
        if self.coupled {
            best = self.woven(start.clone(), basis, places.clone(), best)?;
        }
        if best.size.two_qubit_gates <= least {
            return self.finished(best, basis);
        }
        // Gates that no pass knows may cost more apart than as they stand.
        let plain = Draft::new(self.in_basis(start, basis)?, places);
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

    /// The gates of a body one by one in those of a basis.
    fn in_basis(&self, body: Body, basis: &[Opcode]) -> CoreResult<Body> {
        rewritten(body, self.num_qubits, basis, self.coupled && self.level > 0)
    }

    /// A simplified body through the passes, in gates that they know, and into the basis.
    fn expanded(&mut self, start: Body, basis: &[Opcode], places: Option<Places>) -> CoreResult<Draft> {
        let working = working(basis);
        if is_written_in(&start, &working) {
            return self.through(Draft { settled: true, ..Draft::new(start, places) }, basis);
        }
        let draft = Draft::new(self.in_basis(start, &working)?, places);
        self.note("expand", draft.size);
        self.through(draft, basis)
    }

    /// The best so far, or the body with its rotations woven anew, where that is smaller.
    fn woven(
        &mut self,
        start: Body,
        basis: &[Opcode],
        places: Option<Places>,
        best: Draft,
    ) -> CoreResult<Draft> {
        let wish = network::Wish {
            tries: if self.level == 2 { 2 } else { usize::MAX },
            limit: best.size.two_qubit_gates,
            phase: basis.contains(&Opcode::Gphase),
        };
        let body = self.in_basis(start, &working(&[]))?;
        let Some((body, places)) = network::rewoven(body, wish, places) else { return Ok(best) };
        let draft = Draft::new(body, places);
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
            draft.body = rewritten(draft.body, self.num_qubits, &pairs, false)?;
            draft.through(merge, &own, &mut self.steps)?
        } else {
            self.run(draft, &Tools { alphabet: Alphabet::new(None), ..own })?
        };
        // Phases alone make no more passes worth while: they go at the end. Angles that are symbols may be added to numbers.
        let phased: Vec<Opcode> = basis.iter().copied().chain([Opcode::Gphase]).collect();
        if is_written_in(&draft.body, &phased) && !draft.body.has_symbols() {
            return Ok(draft);
        }
        draft = Draft::new(rewritten(draft.body, self.num_qubits, basis, false)?, draft.places);
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
        Ok(Draft { body: rewritten(draft.body, self.num_qubits, basis, false)?, ..draft })
    }
}

/// Gates that rotate two qubits, by any angle.
const ROTATIONS: [Opcode; 7] =
    [Opcode::Rxx, Opcode::Ryy, Opcode::Rzz, Opcode::Rzx, Opcode::Cp, Opcode::Crz, Opcode::Ms];
/// Gates that exchange two qubits in part.
const EXCHANGES: [Opcode; 3] = [Opcode::Iswap, Opcode::Fsim, Opcode::XxPlusYy];

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
fn working(basis: &[Opcode]) -> Vec<Opcode> {
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
