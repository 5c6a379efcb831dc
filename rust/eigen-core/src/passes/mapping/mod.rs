//! Mapping: a circuit onto the qubits of a device, SWAPs where qubits that meet are not coupled.
//!
//! It leaves gates as they are and directions to others; `optimise` merges the SWAPs with their neighbours afterwards.
mod blocks;
mod collect;
mod detours;
mod embedding;
mod emit;
mod front;
mod layout;
mod paths;
mod placement;
mod problem;
mod readout;
mod router;
mod search;
mod topology;

pub use topology::Topology;

use super::decompose;
use super::pairs::Native;
use super::pipeline::Step;
use super::size::Size;
use super::tree::{Body, Node};
use crate::circuit::{Circuit, CircuitBuilder};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::{GateSpec, Opcode};
use crate::limits::MAX_TRIALS;
use crate::rng::Philox;
use emit::Inside;
use layout::Layout;
use problem::Problem;
use router::Weights;
use search::{Effort, Search};

/// The stream of random numbers for what lies in blocks of control flow.
const INSIDE: u64 = u64::MAX;

/// How a circuit is mapped.
#[derive(Clone, Debug, Default)]
pub struct MapOptions {
    /// 0 routes from one layout, 1 tries little, 2 is usual, 3 tries much.
    pub level: u8,
    /// Where ties and trials draw from.
    pub seed: u64,
    /// How many initial layouts are tried; `None` leaves it to the level.
    pub trials: Option<u32>,
    /// Threads, 0 for one a core; the result does not depend on them.
    pub threads: usize,
    /// The physical qubit of each logical one, when it is given.
    pub initial: Option<Vec<u32>>,
    /// The gates that the circuit will be written in: what SWAPs cost depends on them. `None` counts CX.
    pub basis: Option<Vec<Opcode>>,
}

/// A circuit on a device's qubits.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// As wide as the device; every gate on two qubits is on a coupled pair, SWAPs among them.
    pub circuit: Circuit,
    /// Logical qubit `k` starts on physical qubit `initial[k]`.
    pub initial: Vec<u32>,
    /// It ends on `last[k]`.
    pub last: Vec<u32>,
    /// SWAPs added.
    pub swaps: usize,
    /// Entangling gates of the basis that the pairs take, SWAPs merged with their neighbours; what lies in blocks of
    /// control flow is not counted.
    pub cost: u64,
    /// What each step left.
    pub steps: Vec<Step>,
}

/// Maps a circuit to a device: chooses where each qubit starts and adds SWAPs until every gate on two qubits is on a
/// coupled pair. Gates on more qubits are first written with gates on two.
///
/// Gates that commute may change their order; everything else keeps it, conditions, barriers and control flow
/// included, and every qubit is back in place at the end of a block. Measurements that nothing follows come last. Fails
/// with `EIGEN_COMPILER_UNSUPPORTED` when the device is too small or the qubits that meet do not fit into its largest
/// connected part.
pub fn map(circuit: &Circuit, topology: &Topology, options: &MapOptions) -> CoreResult<Mapped> {
    check(circuit, topology, options)?;
    let mut steps = vec![Step { pass: "input", size: Size::of(&Body::of(circuit)) }];
    let mut body = narrow(circuit, &mut steps)?;
    let readout = readout::take(&mut body);
    let meeting = meeting(&body, circuit.num_qubits());
    let allowed = topology.largest_part();
    let native = Native::of(options.basis.as_deref());
    let problem = Problem::of(body, topology.num_qubits(), circuit.num_clbits(), native);
    let weights = [
        Weights::falling(0.2, 0.7, 0.5).deep(),
        Weights::falling(0.3, 0.5, 0.3),
        Weights::falling(0.15, 0.85, 0.8).deep(),
    ];
    let search = Search {
        problem: &problem,
        topology,
        weights: &weights,
        allowed: &allowed,
        num_qubits: circuit.num_qubits(),
        seed: options.seed,
    };
    let found = match &options.initial {
        Some(places) => {
            connected(places, &meeting, topology)?;
            search.fixed(Layout::of(places, topology.num_qubits()))
        }
        None => {
            fits(&meeting, &allowed)?;
            search.best(Effort::of(options.level, options.trials, problem.pairs.len()), options.threads)?
        }
    };
    let Some(found) = found else {
        return Err(CoreError::new(ErrorCode::Internal, "no trial of the mapping came to an end"));
    };
    let places = |layout: &Layout| layout.place[..circuit.num_qubits()].to_vec();
    let (initial, last) = (places(&found.initial), places(&found.routing.last));
    let mut inside = Inside {
        topology,
        weights: &weights[0],
        native,
        num_clbits: circuit.num_clbits(),
        random: Philox::new(options.seed, INSIDE),
        swaps: 0,
    };
    let mut body = emit::written(problem, &found.routing.moves, found.initial, &mut inside)?;
    body.append(readout.into_iter().map(|op| emit::placed(op, &found.routing.last)));
    steps.push(Step { pass: "map", size: Size::of(&body) });
    let mut builder = physical(circuit, topology.num_qubits())?;
    body.write(&mut builder)?;
    let (swaps, cost) = (found.routing.swaps + inside.swaps, found.routing.cost);
    Ok(Mapped { circuit: builder.build()?, initial, last, swaps, cost, steps })
}

/// The entangling gates of a basis that a circuit takes where it stands, each run on a pair written as short as it can be.
pub(super) fn entangling_gates(circuit: &Circuit, basis: &[Opcode]) -> CoreResult<u64> {
    let body = narrow(circuit, &mut Vec::new())?;
    let native = Native::of(Some(basis));
    Ok(Problem::of(body, circuit.num_qubits(), circuit.num_clbits(), native).cost())
}

fn check(circuit: &Circuit, topology: &Topology, options: &MapOptions) -> CoreResult<()> {
    if options.level > 3 {
        let message = format!("the level of a mapping is 0, 1, 2 or 3, not `{}`", options.level);
        return Err(CoreError::new(ErrorCode::GateArguments, message));
    }
    if options.trials.is_some_and(|trials| trials as usize > MAX_TRIALS) {
        let trials = options.trials.unwrap_or_default() as usize;
        return Err(CoreError::limit("trials of a mapping", MAX_TRIALS, trials));
    }
    let (wanted, there) = (circuit.num_qubits(), topology.num_qubits());
    if wanted > there {
        let message = format!("the circuit has `{wanted}` qubits, the device {there}");
        return Err(CoreError::new(ErrorCode::BasisUnreachable, message));
    }
    let Some(places) = &options.initial else { return Ok(()) };
    if places.len() != wanted {
        let message = format!("an initial layout of `{}` places for {wanted} qubits", places.len());
        return Err(CoreError::new(ErrorCode::CircuitInvalid, message));
    }
    let mut seen = vec![false; there];
    for place in places {
        let is_new = seen.get_mut(*place as usize).is_some_and(|seen| !std::mem::replace(seen, true));
        if !is_new {
            let message =
                format!("place `{place}` of the initial layout is taken twice or not on the device");
            return Err(CoreError::new(ErrorCode::CircuitInvalid, message));
        }
    }
    Ok(())
}

/// The body with gates on at most two qubits.
fn narrow(circuit: &Circuit, steps: &mut Vec<Step>) -> CoreResult<Body> {
    let is_wide = circuit.operations().any(|op| op.opcode().is_gate() && op.qubits().len() > 2);
    if !is_wide {
        return Ok(Body::of(circuit));
    }
    let narrow = |gate: &Opcode| {
        let width = GateSpec::of(*gate).and_then(GateSpec::num_qubits);
        width.is_some_and(|width| width < 3)
    };
    let basis: Vec<Opcode> = Opcode::GATES.iter().copied().filter(narrow).chain([Opcode::Gphase]).collect();
    let body = Body::of(&decompose(circuit, &basis)?);
    steps.push(Step { pass: "expand", size: Size::of(&body) });
    Ok(body)
}

/// The qubits that meet another one in a gate, ascending.
fn meeting(body: &Body, num_qubits: usize) -> Vec<u32> {
    fn mark(body: &Body, meets: &mut [bool]) {
        for node in &body.0 {
            match node {
                Node::Straight(stretch) => {
                    let wide = stretch.iter().filter(|op| op.opcode.is_gate() && op.qubits.len() > 1);
                    wide.flat_map(|op| &op.qubits).for_each(|qubit| meets[*qubit as usize] = true);
                }
                Node::If(_, then, otherwise) => {
                    mark(then, meets);
                    otherwise.iter().for_each(|body| mark(body, meets));
                }
                Node::Loop(_, body) => mark(body, meets),
            }
        }
    }
    let mut meets = vec![false; num_qubits];
    mark(body, &mut meets);
    (0..num_qubits as u32).filter(|qubit| meets[*qubit as usize]).collect()
}

fn fits(meeting: &[u32], allowed: &[u32]) -> CoreResult<()> {
    if meeting.len() <= allowed.len() {
        return Ok(());
    }
    let message = format!(
        "`{}` qubits meet others, and the largest connected part of the device has {}",
        meeting.len(),
        allowed.len()
    );
    Err(CoreError::new(ErrorCode::BasisUnreachable, message))
}

fn connected(places: &[u32], meeting: &[u32], topology: &Topology) -> CoreResult<()> {
    let mut at = meeting.iter().map(|logical| places[*logical as usize]);
    let Some(first) = at.next() else { return Ok(()) };
    match at.find(|other| topology.distance(first, *other) == topology::UNREACHABLE) {
        Some(other) => {
            let message = format!(
                "the initial layout uses qubits {first} and `{other}`, between which there is no way"
            );
            Err(CoreError::new(ErrorCode::BasisUnreachable, message))
        }
        None => Ok(()),
    }
}

/// A builder of the device's width with everything else of the circuit.
fn physical(circuit: &Circuit, width: usize) -> CoreResult<CircuitBuilder> {
    let mut builder = CircuitBuilder::new(width, circuit.num_clbits())?;
    builder.set_registers(Vec::new(), circuit.clbit_registers().to_vec());
    builder.set_name(circuit.name());
    builder.set_metadata(circuit.metadata().clone());
    circuit.symbols().iter().try_for_each(|name| builder.declare(name).map(|_| ()))?;
    Ok(builder)
}

#[cfg(test)]
mod tests;
