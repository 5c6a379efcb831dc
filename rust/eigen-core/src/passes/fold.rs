//! Rotations about Z of the same parity, added up at the first place where it occurs.
//!
//! CX, X and SWAP only relabel basis states, so between Hadamards each qubit holds a parity of earlier values, and a Z
//! rotation is a phase on that parity wherever it stands (Amy, Maslov and Mosca, IEEE TCAD 33, 2014; the phase folding of
//! Nam et al., npj Quantum Information 4, 23, 2018). Angles may be symbolic. Nothing else moves.
use std::collections::HashMap;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI, TAU};

use smallvec::SmallVec;

use crate::circuit::Instruction;
use crate::gate::{GateSpec, Opcode};
use crate::param::Affine;

/// Longer parities are not followed: the qubit gets a new variable.
const MOST_VARIABLES: usize = 64;
/// An angle below this is none.
const NEGLIGIBLE: f64 = 1e-12;

/// Numbers of variables, ascending.
type Variables = SmallVec<[u32; 6]>;

/// The exclusive or of variables, ascending, and whether it is negated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Parity {
    variables: Variables,
    negated: bool,
}

/// A place of the output that holds a rotation: `sign·angle` is what its gate turns by.
struct Slot {
    at: usize,
    negated: bool,
    angle: Affine,
}

/// What the qubits of a stretch hold, and where rotations have been seen.
#[derive(Default)]
struct Fold {
    held: Vec<Option<Parity>>,
    next: u32,
    slots: Vec<Slot>,
    known: HashMap<Variables, usize>,
    out: Vec<Option<Instruction>>,
    turned: Affine,
    /// Whether a rotation was added to an earlier one.
    added: bool,
}

/// Folds one stretch, and says whether any rotations were added up.
pub(super) fn folded(stretch: Vec<Instruction>) -> (Vec<Instruction>, bool) {
    let mut fold = Fold::default();
    for op in stretch {
        fold.take(op);
    }
    let added = fold.added;
    (fold.finish(), added)
}

impl Fold {
    fn take(&mut self, op: Instruction) {
        let plain = op.opcode.is_gate() && op.detail.condition.is_none();
        if !plain {
            // A condition or a fence: what was held before is not spoken of afterwards.
            op.qubits.iter().for_each(|qubit| self.renew(*qubit));
            self.out.push(Some(op));
            return;
        }
        if op.detail.modifier.is_none() {
            if let Some(angle) = z_angle(&op) {
                return self.rotation(op, angle);
            }
            self.relabel(&op);
        } else {
            self.renew_targets(&op);
        }
        self.out.push(Some(op));
    }

    fn parity(&mut self, qubit: u32) -> &mut Parity {
        let next = &mut self.next;
        place(&mut self.held, qubit).get_or_insert_with(|| {
            *next += 1;
            Parity { variables: SmallVec::from_slice(&[*next]), negated: false }
        })
    }

    /// The qubit holds something new.
    fn renew(&mut self, qubit: u32) {
        *place(&mut self.held, qubit) = None;
    }

    /// What a gate that is no rotation does to the parities.
    fn relabel(&mut self, op: &Instruction) {
        match (op.opcode, op.qubits.as_slice()) {
            // Y is X and a phase that stays with it.
            (Opcode::X | Opcode::Y, [qubit]) => self.parity(*qubit).negated ^= true,
            (Opcode::Cx, [control, target]) => {
                let sum = self.sum(*control, *target);
                if sum.variables.is_empty() || sum.variables.len() > MOST_VARIABLES {
                    self.renew(*target);
                } else {
                    *place(&mut self.held, *target) = Some(sum);
                }
            }
            (Opcode::Swap, [a, b]) => {
                let (first, second) = (self.parity(*a).clone(), self.parity(*b).clone());
                *place(&mut self.held, *a) = Some(second);
                *place(&mut self.held, *b) = Some(first);
            }
            _ => self.renew_targets(op),
        }
    }

    /// Controls and the qubits of diagonal gates keep what they hold.
    fn renew_targets(&mut self, op: &Instruction) {
        let Some(spec) = GateSpec::of(op.opcode) else { return };
        if spec.flags.diagonal {
            return;
        }
        let added = op.detail.modifier.controls as usize;
        let controls = added + spec.controls_for(op.qubits.len() - added);
        op.qubits[controls..].iter().for_each(|qubit| self.renew(*qubit));
    }

    /// The exclusive or of what two qubits hold.
    fn sum(&mut self, a: u32, b: u32) -> Parity {
        let (first, second) = (self.parity(a).clone(), self.parity(b).clone());
        let (mut i, mut j) = (first.variables.iter().peekable(), second.variables.iter().peekable());
        let mut variables = Variables::new();
        loop {
            match (i.peek(), j.peek()) {
                (Some(x), Some(y)) if x == y => {
                    i.next();
                    j.next();
                }
                (Some(x), Some(y)) => variables.extend(if x < y { i.next() } else { j.next() }.copied()),
                (Some(_), None) => variables.extend(i.next().copied()),
                (None, _) => {
                    variables.extend(j.copied());
                    break;
                }
            }
        }
        Parity { variables, negated: first.negated ^ second.negated }
    }

    /// A rotation by `angle` of the parity of the gate's qubits (RZ, or RZZ and the parity of both).
    fn rotation(&mut self, op: Instruction, (angle, phase): (Affine, Affine)) {
        let parity = match *op.qubits.as_slice() {
            [a, b] => self.sum(a, b),
            _ => self.parity(op.qubits[0]).clone(),
        };
        if parity.variables.is_empty() {
            // Two qubits that hold the same, as after CX twice: the phase is known, and the gate is left to others.
            self.out.push(Some(op));
            return;
        }
        self.turned = self.turned.add_scaled(&phase, 1.0);
        if let Some(slot) = self.known.get(&parity.variables) {
            self.added = true;
            let slot = &mut self.slots[*slot];
            let sign = if slot.negated == parity.negated { 1.0 } else { -1.0 };
            slot.angle = slot.angle.add_scaled(&angle, sign);
            return;
        }
        self.known.insert(parity.variables, self.slots.len());
        self.slots.push(Slot { at: self.out.len(), negated: parity.negated, angle });
        self.out.push(Some(op));
    }

    fn finish(mut self) -> Vec<Instruction> {
        for slot in std::mem::take(&mut self.slots) {
            let Some(gate) = self.out[slot.at].take() else { continue };
            self.out[slot.at] = self.written(gate, slot.angle);
        }
        let turned = self.turned;
        let turns = libm::round(turned.constant / TAU);
        let rest = turned.add_scaled(&Affine::number(turns * TAU), -1.0);
        let needed = !rest.is_constant() || rest.constant.abs() > 1e-13;
        let phase = needed.then(|| Instruction::with_params(Opcode::Gphase, &[], vec![rest]));
        self.out.into_iter().flatten().chain(phase).collect()
    }

    /// The gate that turns by an angle, where a rotation stood; eighths of a turn by name.
    fn written(&mut self, gate: Instruction, angle: Affine) -> Option<Instruction> {
        let turns = if angle.is_constant() { libm::round(angle.constant / TAU) } else { 0.0 };
        let angle = angle.add_scaled(&Affine::number(turns * TAU), -1.0);
        self.turned.constant += turns * PI;
        if angle.is_constant() && angle.constant.abs() < NEGLIGIBLE {
            return None;
        }
        if gate.qubits.len() == 2 {
            return Some(Instruction::with_params(Opcode::Rzz, &gate.qubits, vec![angle]));
        }
        if let Some(name) = named(&angle) {
            self.turned.constant -= angle.constant / 2.0;
            return Some(Instruction::new(name, &gate.qubits));
        }
        if gate.opcode == Opcode::Rz {
            return Some(Instruction::with_params(Opcode::Rz, &gate.qubits, vec![angle]));
        }
        self.turned = self.turned.add_scaled(&angle, -0.5);
        Some(Instruction::with_params(Opcode::P, &gate.qubits, vec![angle]))
    }
}

/// What a qubit holds, made where nothing was.
fn place(held: &mut Vec<Option<Parity>>, qubit: u32) -> &mut Option<Parity> {
    let at = qubit as usize;
    if held.len() <= at {
        held.resize(at + 1, None);
    }
    &mut held[at]
}

/// The angle of a rotation about Z (or ZZ), and the global phase beside it.
fn z_angle(op: &Instruction) -> Option<(Affine, Affine)> {
    let fixed = |angle: f64| Some((Affine::number(angle), Affine::number(angle / 2.0)));
    match op.opcode {
        Opcode::Rz | Opcode::Rzz => Some((op.params.first()?.clone(), Affine::default())),
        Opcode::P => {
            let angle = op.params.first()?;
            Some((angle.clone(), angle.scale(0.5)))
        }
        Opcode::Z => fixed(PI),
        Opcode::S => fixed(FRAC_PI_2),
        Opcode::Sdg => fixed(-FRAC_PI_2),
        Opcode::T => fixed(FRAC_PI_4),
        Opcode::Tdg => fixed(-FRAC_PI_4),
        _ => None,
    }
}

/// Z, S, T or an inverse, for an angle in [−π, π].
fn named(angle: &Affine) -> Option<Opcode> {
    let eighths = libm::round(angle.constant / FRAC_PI_4);
    let is_named = angle.is_constant() && (angle.constant - eighths * FRAC_PI_4).abs() < NEGLIGIBLE;
    match eighths as i64 {
        _ if !is_named => None,
        4 | -4 => Some(Opcode::Z),
        2 => Some(Opcode::S),
        -2 => Some(Opcode::Sdg),
        1 => Some(Opcode::T),
        -1 => Some(Opcode::Tdg),
        _ => None,
    }
}
