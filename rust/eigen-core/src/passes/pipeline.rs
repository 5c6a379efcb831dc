//! The pipeline: which passes run at which level, in which order, and what each one left.
use super::decompose::decompose_borrowing;
use super::mapping::entangling_gates;
use super::one_qubit::{Alphabet, merged};
use super::pairs::{Native, Places, resynthesised};
use super::size::Size;
use super::tree::Body;
use super::{decompose, fold, network, simplify, swaps, unobserved};
use crate::circuit::Circuit;
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
        self.on(Body::of(circuit), &Tools::new(basis)?)?.into_circuit(circuit)
    }

    fn on(self, body: Body, tools: &Tools) -> CoreResult<Body> {
        match self {
            Self::Cancel => body.map(&|stretch| Ok(simplify::straight(stretch, false))),
            Self::Commute => body.map(&|stretch| Ok(simplify::straight(stretch, true))),
            Self::DropUnobserved => body.map(&|stretch| Ok(unobserved::dropped(stretch))),
            Self::FoldPhases => body.map(&|stretch| Ok(fold::folded(stretch))),
            Self::ResynthesisePairs => body.map(&|stretch| resynthesised(stretch, tools.native)),
            Self::MergeOneQubit => body.map(&|stretch| Ok(merged(stretch, &tools.alphabet))),
        }
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

/// What passes write with.
struct Tools {
    native: Native,
    alphabet: Alphabet,
}

impl Tools {
    fn new(basis: Option<&[Opcode]>) -> CoreResult<Self> {
        Ok(Self { native: Native::of(basis), alphabet: Alphabet::new(basis)? })
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

/// A body on its way, and where its qubits have gone when they may go.
#[derive(Clone, Debug)]
struct Draft {
    body: Body,
    places: Option<Places>,
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
    let expand = if coupled { decompose_borrowing } else { decompose };
    if level > 3 {
        let message = format!("the optimisation level is 0, 1, 2 or 3, not `{level}`");
        return Err(CoreError::new(ErrorCode::GateArguments, message));
    }
    let mut steps = vec![Step { pass: "input", size: Size::of(&Body::of(circuit)) }];
    let start = simplify(circuit, level.min(2))?;
    let plain = match basis {
        Some(basis) if level > 0 => expand(&start, basis)?,
        Some(basis) => decompose(&start, basis)?,
        None => start.clone(),
    };
    let plain = Draft { body: Body::of(&plain), places: places.clone() };
    let plain_size = Size::of(&plain.body);
    if level < 2 {
        if basis.is_some() {
            steps.push(Step { pass: "translate", size: plain_size });
        }
        let draft = run(plain, level, &Tools::new(basis)?, &mut steps)?;
        return finished(circuit, draft, basis, steps);
    }
    let mut best = match basis {
        Some(basis) => {
            let body = Body::of(&expand(&start, &working(basis))?);
            steps.push(Step { pass: "expand", size: Size::of(&body) });
            through(Draft { body, places: places.clone() }, circuit, level, basis, &mut steps)?
        }
        None => run(plain.clone(), level, &Tools::new(None)?, &mut steps)?,
    };
    if let Some(basis) = basis.filter(|_| coupled) {
        let wish = network::Wish {
            tries: if level == 2 { 2 } else { usize::MAX },
            limit: Size::of(&best.body).two_qubit_gates,
            phase: basis.contains(&Opcode::Gphase),
        };
        let body = Body::of(&decompose_borrowing(&start, &working(&[]))?);
        if let Some((body, places)) = network::rewoven(body, wish, places) {
            steps.push(Step { pass: "weave-rotations", size: Size::of(&body) });
            let woven = through(Draft { body, places }, circuit, level, basis, &mut steps)?;
            if Size::of(&woven.body).key() < Size::of(&best.body).key() {
                best = woven;
            } else {
                steps.push(Step { pass: "keep", size: Size::of(&best.body) });
            }
        }
    }
    // Gates that no pass knows may cost more apart than as they stand.
    if Size::of(&best.body).key() <= plain_size.key() {
        return finished(circuit, best, basis, steps);
    }
    steps.push(Step { pass: "keep", size: plain_size });
    let draft = run(plain, 1, &Tools::new(basis)?, &mut steps)?;
    finished(circuit, draft, basis, steps)
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
    let Ok(plain) = decompose_borrowing(circuit, &working(&[])) else { return Ok(None) };
    let places: Places = (0..circuit.num_qubits() as u32).collect();
    let Some((body, places)) = network::rewoven(Body::of(&plain), wish, Some(places)) else {
        return Ok(None);
    };
    let mut steps = vec![Step { pass: "weave-rotations", size: Size::of(&body) }];
    let draft = through(Draft { body, places }, circuit, level, basis, &mut steps)?;
    if Size::of(&draft.body).two_qubit_gates > most {
        return Ok(None);
    }
    finished(circuit, draft, Some(basis), steps).map(Some)
}

/// A draft in working gates through the passes of a level and into a basis.
fn through(
    draft: Draft,
    like: &Circuit,
    level: u8,
    basis: &[Opcode],
    steps: &mut Vec<Step>,
) -> CoreResult<Draft> {
    let tools = Tools { native: Native::of(Some(basis)), alphabet: Alphabet::new(None)? };
    let draft = run(draft, level, &tools, steps)?;
    let body = Body::of(&decompose(&draft.body.into_circuit(like)?, basis)?);
    steps.push(Step { pass: "translate", size: Size::of(&body) });
    run(Draft { body, places: draft.places }, 1, &Tools::new(Some(basis))?, steps)
}

/// The circuit without the SWAPs outside blocks and conditions, and the qubit on which each one ends.
pub fn elide_swaps(circuit: &Circuit) -> CoreResult<(Circuit, Vec<u32>)> {
    let (body, places) = swaps::elided(Body::of(circuit), circuit.num_qubits());
    Ok((body.into_circuit(circuit)?, places))
}

/// Runs the passes of a level.
fn run(draft: Draft, level: u8, tools: &Tools, steps: &mut Vec<Step>) -> CoreResult<Draft> {
    let mut best = draft;
    for _ in 0..if level == 3 { MOST_ROUNDS } else { 1 } {
        let before = Size::of(&best.body).key();
        let mut draft = best.clone();
        for pass in passes(level) {
            draft = draft.after(*pass, tools)?;
            steps.push(Step { pass: pass.name(), size: Size::of(&draft.body) });
        }
        let after = Size::of(&draft.body).key();
        if after <= before {
            best = draft;
        }
        if after >= before {
            break;
        }
    }
    Ok(best)
}

impl Draft {
    fn after(self, pass: Pass, tools: &Tools) -> CoreResult<Self> {
        match self {
            Self { body, places: Some(places) } if pass == Pass::ResynthesisePairs => {
                let (mut body, places) = swaps::exchanged(body, tools.native, places);
                if body.has_blocks() {
                    // Inside them qubits stay where they are.
                    body = pass.on(body, tools)?;
                }
                Ok(Self { body, places: Some(places) })
            }
            Self { body, places } => Ok(Self { body: pass.on(body, tools)?, places }),
        }
    }
}

fn finished(
    circuit: &Circuit,
    draft: Draft,
    basis: Option<&[Opcode]>,
    steps: Vec<Step>,
) -> CoreResult<Optimised> {
    let mut out = draft.body.into_circuit(circuit)?;
    if let Some(basis) = basis {
        // Phases that passes leave, where the basis has no gate for them.
        out = decompose(&out, basis)?;
    }
    Ok(Optimised { circuit: out, steps, places: draft.places })
}

/// What the passes work in: every gate on one qubit, CX, and the basis' own gates on two.
fn working(basis: &[Opcode]) -> Vec<Opcode> {
    let width = |gate: &Opcode| GateSpec::of(*gate).and_then(GateSpec::num_qubits);
    let single = Opcode::GATES.iter().copied().filter(|gate| width(gate) == Some(1));
    let native = basis.iter().copied().filter(|gate| width(gate) == Some(2));
    single.chain([Opcode::Cx, Opcode::Gphase]).chain(native).collect()
}
