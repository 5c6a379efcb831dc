//! A register group of a plan: the operations of one sweep, bound to numbers at each run.
use super::constants::{bind_lane, bind_pair, bind_phase, bind_top, family};
use super::exchange::Exchange;
use super::head::Head;
use super::op::{Factor, Kind, Op, Pair, PairForm, Part, Term, Top, TopForm, Where};
use super::rotation::{Form, Parts};
use super::tiles::Work;
use crate::math::C64;
use crate::sim::kernel::register::{Code, Micro, REGISTERS, RunGroup};
use crate::sim::lines::Plain;
use crate::sim::step::Controls;
use crate::sim::tile::Tiling;
use crate::sim::vector::{Dispatch, Isa, Real};

/// All lanes, as a set.
const ALL_LANES: u16 = u16::MAX;
/// Control qubits outside a group that are told apart by running over the rest once for each of their values.
pub(crate) const MOST_GUARDS: u32 = 3;

/// The numbers of a plan at one run.
pub(crate) struct Numbers<'a> {
    /// Numbers of all steps, and where those of each begin.
    pub numbers: &'a [C64],
    pub starts: &'a [usize],
    /// The rotations taken apart.
    pub parts: &'a [Parts],
    /// Operations merged into one.
    pub products: &'a [Vec<Part>],
}

impl Numbers<'_> {
    pub fn of(&self, step: usize) -> &[C64] {
        &self.numbers[self.starts[step]..self.starts[step + 1]]
    }

    /// A term's factors: for even and odd parity, or for the rest and the pattern.
    pub fn factors(&self, term: &Term) -> [C64; 2] {
        match (term.from, term.on) {
            (Factor::Before(number), _) => [C64::ONE, self.parts[number].before],
            (Factor::After(number), _) => [C64::ONE, self.parts[number].after],
            (Factor::Entry(entry), _) => [C64::ONE, self.of(term.step)[entry]],
            (Factor::Numbers, Where::Parity(_)) => [self.of(term.step)[0], self.of(term.step)[1]],
            (Factor::Numbers, Where::Controls(_)) => [C64::ONE, self.of(term.step)[0]],
        }
    }
}

/// One sweep over a tile.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// The group's qubits: those of the lanes, then one for each register bit, all by their numbers in the circuit.
    qubits: Vec<usize>,
    /// Block bits of the registers.
    bits: [usize; 3],
    /// Terms that are done before the operations.
    head: Option<Head>,
    ops: Vec<Planned>,
    /// Block bits outside the group that controls lie on.
    guards: usize,
    /// What to do for each value of the guards.
    variants: Vec<Variant>,
    /// Whether the group multiplies in what scale there is, even if that takes more arithmetic.
    scales: bool,
}

#[derive(Clone, Debug)]
struct Planned {
    what: What,
    at: u32,
    /// Controls on block bits outside the group, and on qubits outside the tile.
    guard: Controls,
    outer: Controls,
    bound: Micro,
}

#[derive(Clone, Debug)]
enum What {
    Lane {
        qubit: usize,
        rotation: usize,
    },
    Register {
        bit: usize,
        rotation: usize,
    },
    Phase(Vec<Term>),
    Pair(Pair),
    Top(Top),
    /// Moves amplitudes: nothing to bind.
    Move,
    Scale,
}

#[derive(Clone, Debug)]
struct Variant {
    value: usize,
    ops: Vec<(Micro, Controls)>,
}

impl Group {
    /// A sweep of `ops` in order on three registers, given by block bit. `next` counts the plan's constants.
    pub fn new<R: Real>(ops: &[&Op], bits: [usize; 3], local: &Tiling, next: &mut usize) -> Self {
        let mut qubits: Vec<usize> = (0..R::LANE_QUBITS).map(|k| local.qubit(k)).collect();
        qubits.extend(bits.map(|bit| local.qubit(bit + R::LANE_QUBITS)));
        let mut group = Group {
            qubits,
            bits,
            head: None,
            ops: Vec::new(),
            guards: 0,
            variants: Vec::new(),
            scales: false,
        };
        let mut terms = Vec::new();
        for op in ops {
            if let Kind::Term(term) = op.kind {
                terms.push(term);
                continue;
            }
            if terms.iter().any(|term| term.on.mask() & op.mixed != 0) {
                group.phase::<R>(std::mem::take(&mut terms), next);
            }
            group.take::<R>(op, local, next);
        }
        if !terms.is_empty() {
            group.phase::<R>(terms, next);
        }
        group
    }

    /// The group's number for a qubit: lanes first, then register bits.
    fn place(&self, qubit: usize) -> Option<usize> {
        self.qubits.iter().position(|q| *q == qubit)
    }

    fn push<R: Real>(&mut self, what: What, code: Code, lanes: [u16; 2], lines: usize, next: &mut usize) {
        let at = *next as u32;
        *next += lines * R::LANES;
        let bound = Micro { code, lanes, at };
        let (guard, outer) = (Controls::default(), Controls::default());
        self.ops.push(Planned { what, at, guard, outer, bound });
    }

    fn phase<R: Real>(&mut self, terms: Vec<Term>, next: &mut usize) {
        self.push::<R>(What::Phase(terms), Code::Phase, [0; 2], 2 * REGISTERS, next);
    }

    fn take<R: Real>(&mut self, op: &Op, local: &Tiling, next: &mut usize) {
        let first = self.ops.len();
        let controls = match &op.kind {
            Kind::Rotation { target, number } => {
                let rotation = *number;
                match self.place(*target).unwrap_or_default() {
                    lane if lane < R::LANE_QUBITS => {
                        let what = What::Lane { qubit: lane, rotation };
                        self.push::<R>(what, Code::LaneTurn, [1 << lane, 0], 2, next);
                    }
                    place => {
                        let bit = place - R::LANE_QUBITS;
                        self.push::<R>(What::Register { bit, rotation }, Code::TURN[bit], [0; 2], 1, next);
                    }
                }
                Controls::default()
            }
            Kind::Flip { target, controls, .. } => {
                self.flip::<R>(*target, *controls, next);
                *controls
            }
            Kind::Swap { targets: [a, b] } => {
                self.swap::<R>(*a, *b, next);
                Controls::default()
            }
            Kind::Pair(pair) => {
                self.pair::<R>(*pair, next);
                pair.controls
            }
            Kind::Top(top) => {
                self.top::<R>(*top, next);
                top.controls
            }
            Kind::Term(_) | Kind::Dense { .. } | Kind::Step { .. } => return,
        };
        let inside = self.qubits.iter().fold(0u64, |mask, q| mask | 1 << q);
        let (mask, outer_mask) = local.split(controls.mask & !inside);
        let (value, outer_value) = local.split(controls.value & !inside);
        let (mask, value) = (mask >> R::LANE_QUBITS, value >> R::LANE_QUBITS);
        self.guards |= mask;
        for planned in &mut self.ops[first..] {
            planned.guard = Controls { mask: mask as u64, value: value as u64 };
            planned.outer = Controls { mask: outer_mask, value: outer_value };
        }
    }

    fn flip<R: Real>(&mut self, target: usize, controls: Controls, next: &mut usize) {
        let lanes = R::LANE_QUBITS;
        let inside: Vec<(usize, bool)> = (0..self.qubits.len())
            .filter(|&k| controls.mask >> self.qubits[k] & 1 == 1)
            .map(|k| (k, controls.value >> self.qubits[k] & 1 == 1))
            .collect();
        let registers: Vec<_> =
            inside.iter().filter(|(k, _)| *k >= lanes).map(|(k, on)| (k - lanes, *on)).collect();
        let set = (0..R::LANES)
            .filter(|lane| inside.iter().all(|(k, on)| *k >= lanes || (lane >> k & 1 == 1) == *on))
            .fold(0u16, |set, lane| set | 1 << lane);
        let set = if inside.len() == registers.len() { ALL_LANES } else { set };
        let place = self.place(target).unwrap_or_default();
        if place < lanes {
            let code = match registers.as_slice() {
                [] => Code::LANE_FLIP[0],
                [(bit, true)] => Code::LANE_FLIP[1 + bit],
                _ => return self.pair::<R>(Pair::flip(target, controls), next),
            };
            return self.push::<R>(What::Move, code, [1 << place, set], 0, next);
        }
        let target_bit = place - lanes;
        match registers.as_slice() {
            [] => self.push::<R>(What::Move, Code::FLIP[target_bit], [0, set], 0, next),
            [(bit, on)] if set == ALL_LANES => {
                if !on {
                    self.push::<R>(What::Move, Code::FLIP[target_bit], [0, ALL_LANES], 0, next);
                }
                let code = Code::CONTROLLED_FLIP[2 * bit + target_bit - usize::from(target_bit > *bit)];
                self.push::<R>(What::Move, code, [0; 2], 0, next);
            }
            _ => self.pair::<R>(Pair::flip(target, controls), next),
        }
    }

    fn swap<R: Real>(&mut self, a: usize, b: usize, next: &mut usize) {
        let places = [a, b].map(|q| self.place(q).unwrap_or_default());
        let (low, high) = (places[0].min(places[1]), places[0].max(places[1]));
        if low >= R::LANE_QUBITS {
            let code = Code::SWAP[low + high - 2 * R::LANE_QUBITS - 1];
            return self.push::<R>(What::Move, code, [0; 2], 0, next);
        }
        if high < R::LANE_QUBITS {
            let differs = |lane: &usize| lane >> low & 1 != lane >> high & 1;
            let set = (0..R::LANES).filter(differs).fold(0, |set, lane| set | 1 << lane);
            return self.push::<R>(What::Move, Code::LANE_FLIP[0], [1 << low | 1 << high, set], 0, next);
        }
        for (control, target) in [(a, b), (b, a), (a, b)] {
            self.flip::<R>(target, Controls { mask: 1 << control, value: 1 << control }, next);
        }
    }

    fn pair<R: Real>(&mut self, pair: Pair, next: &mut usize) {
        let [lanes, registers] = self.flips::<R>(&pair);
        let family = if lanes == 0 { Code::PAIR } else { Code::LANE_PAIR };
        self.push::<R>(What::Pair(pair), family[registers], [lanes as u16, 0], 4 * REGISTERS, next);
    }

    fn top<R: Real>(&mut self, top: Top, next: &mut usize) {
        let mut inside = (0..self.qubits.len()).filter(|&k| top.controls.mask >> self.qubits[k] & 1 == 1);
        let code = match (top.form, inside.next(), inside.next()) {
            (TopForm::Turn, ..) => Code::PartTurn,
            (TopForm::Flip, None, _) => return self.push::<R>(What::Move, Code::PartFlip, [0; 2], 0, next),
            (TopForm::Flip, Some(place), None)
                if place >= R::LANE_QUBITS && top.controls.value >> self.qubits[place] & 1 == 1 =>
            {
                let code = Code::PART_FLIP[1 + place - R::LANE_QUBITS];
                return self.push::<R>(What::Move, code, [0; 2], 0, next);
            }
            _ => Code::PartMix,
        };
        self.push::<R>(What::Top(top), code, [0; 2], 4 * REGISTERS, next);
    }

    /// A pair's flips as lane mask and register mask.
    fn flips<R: Real>(&self, pair: &Pair) -> [usize; 2] {
        let places = self.qubits.iter().enumerate().filter(|(_, q)| pair.flips >> **q & 1 == 1);
        let mask = places.fold(0, |mask, (k, _)| mask | 1 << k);
        [mask & (R::LANES - 1), mask >> R::LANE_QUBITS]
    }

    /// Puts terms before the operations; false, and nothing changes, for a group that runs in parts.
    pub fn put_before<R: Real>(&mut self, terms: &[Term], local: &Tiling, next: &mut usize) -> bool {
        if self.guards == 0 && !terms.is_empty() {
            self.head = Some(Head::new::<R>(terms, self.bits, local, next));
        }
        self.guards == 0
    }

    /// Whether it has terms before the operations.
    pub fn has_head(&self) -> bool {
        self.head.is_some()
    }

    /// About how many instructions of arithmetic and memory it takes for each of its registers' runs.
    pub fn cost(&self) -> usize {
        let each = |op: &Planned| match op.what {
            What::Lane { .. } => 56,
            What::Register { .. } => 20,
            What::Phase(_) => 34,
            What::Pair(_) => 48,
            What::Top(_) => 36,
            What::Move => 8,
            What::Scale => 36,
        };
        50 + self.ops.iter().map(each).sum::<usize>() + if self.head.is_some() { 62 } else { 0 }
    }

    /// Whether the group has a diagonal operation, which can take a scale in.
    pub fn can_scale(&self) -> bool {
        self.ops.iter().any(|op| matches!(op.what, What::Phase(_)))
    }

    /// How many scales the group leaves to others at most.
    pub fn count_scales(&self) -> usize {
        let leaves = |op: &&Planned| match op.what {
            What::Lane { .. } | What::Register { .. } => true,
            What::Pair(pair) => can_be_exchange(&pair),
            _ => false,
        };
        self.ops.iter().filter(leaves).count()
    }

    /// Makes the group scale, by an operation of its own if need be.
    pub fn add_scale<R: Real>(&mut self, next: &mut usize) {
        if !self.can_scale() && !self.scales {
            self.push::<R>(What::Scale, Code::Scale, [0; 2], 1, next);
        }
        self.scales = true;
    }

    /// Writes the constants for these numbers. `scale` is multiplied in, and then 1, if the group has to or if it costs
    /// nothing.
    pub fn bind<R: Real>(&mut self, numbers: &Numbers<'_>, scale: &mut C64, constants: &mut [R]) {
        if let Some(head) = &mut self.head {
            head.bind(numbers, constants);
        }
        let spread: Vec<u64> = (0..R::LANES * REGISTERS)
            .map(|index| self.qubits.iter().enumerate().map(|(k, q)| ((index >> k & 1) as u64) << q).sum())
            .collect();
        for index in 0..self.ops.len() {
            let flips = match &self.ops[index].what {
                What::Pair(pair) => self.flips::<R>(pair),
                _ => [0; 2],
            };
            let op = &mut self.ops[index];
            let out = &mut constants[op.at as usize..];
            match &op.what {
                What::Register { bit, rotation } => {
                    let parts = &numbers.parts[*rotation];
                    op.bound.code = family(parts.form)[*bit];
                    (out[0], out[1]) = (R::from_f64(parts.p), R::from_f64(parts.q));
                }
                What::Lane { qubit, rotation } => {
                    op.bound.code = bind_lane(&numbers.parts[*rotation], *qubit, out);
                }
                What::Phase(terms) => {
                    op.bound.code = bind_phase(terms, numbers, scale, self.scales, &spread, out);
                }
                What::Pair(pair) => {
                    let exchange = exchange(pair, numbers).and_then(|exchange| exchange.bind(flips, out));
                    op.bound.code = exchange.unwrap_or_else(|| bind_pair(pair, flips, numbers, &spread, out));
                }
                What::Top(top) => bind_top(top, numbers, &spread, out),
                What::Scale => {
                    let scale = std::mem::replace(scale, C64::ONE);
                    (out[0], out[1]) = (R::from_f64(scale.re), R::from_f64(scale.im));
                }
                What::Move => {}
            }
        }
        self.list_variants();
    }

    fn list_variants(&mut self) {
        let values = subsets(self.guards);
        self.variants = values
            .into_iter()
            .map(|value| {
                let holds = |op: &&Planned| value as u64 & op.guard.mask == op.guard.value;
                let ops = self.ops.iter().filter(holds).map(|op| (op.bound, op.outer)).collect();
                Variant { value, ops }
            })
            .collect();
    }

    /// Sweeps over a tile; `outer` holds the values of the qubits outside it.
    pub fn run<R: Dispatch + Plain>(
        &self,
        lines: &mut [R],
        outer: u64,
        constants: &[R],
        isa: Isa,
        work: &mut Work<R>,
    ) {
        let Work { ops, head: numbers, .. } = work;
        let head = self.head.as_ref().map(|head| head.of_tile(outer, constants, numbers));
        for variant in &self.variants {
            ops.clear();
            let active = variant.ops.iter().filter(|(_, controls)| outer & controls.mask == controls.value);
            ops.extend(active.map(|(op, _)| *op));
            if ops.is_empty() && head.is_none() {
                continue;
            }
            let (fixed, value) = (self.guards, variant.value);
            let lines = &mut *lines;
            R::dispatch(isa, RunGroup { lines, bits: self.bits, fixed, value, head, ops, constants });
        }
    }
}

/// All values of the bits in a mask.
fn subsets(mask: usize) -> Vec<usize> {
    let mut out = vec![0];
    for bit in (0..usize::BITS).map(|k| 1usize << k).filter(|bit| mask & bit != 0) {
        let with: Vec<usize> = out.iter().map(|value| value | bit).collect();
        out.extend(with);
    }
    out
}

/// Whether some numbers may make a pair operation an exchange.
fn can_be_exchange(pair: &Pair) -> bool {
    matches!(pair.form, PairForm::Product(_) | PairForm::Cross(_))
}

fn exchange(pair: &Pair, numbers: &Numbers<'_>) -> Option<Exchange> {
    can_be_exchange(pair).then(|| Exchange::of(pair, numbers)).flatten()
}

/// The scale that a rotation leaves out; `in_lanes` says where its target lies.
pub(crate) fn left_out(parts: &Parts, in_lanes: bool) -> C64 {
    if in_lanes && parts.form == Form::ImaginaryFlipped { parts.scale * C64::I } else { parts.scale }
}

impl Group {
    /// The product of the scales that the group leaves out.
    pub fn left_out<R: Real>(&self, numbers: &Numbers<'_>) -> C64 {
        self.ops.iter().fold(C64::ONE, |product, op| match op.what {
            What::Lane { rotation, .. } => product * left_out(&numbers.parts[rotation], true),
            What::Register { rotation, .. } => product * left_out(&numbers.parts[rotation], false),
            What::Pair(pair) => match exchange(&pair, numbers) {
                Some(exchange) if exchange.has_code(self.flips::<R>(&pair)) => product * exchange.scale,
                _ => product,
            },
            _ => product,
        })
    }
}
