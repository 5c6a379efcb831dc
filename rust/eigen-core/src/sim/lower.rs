//! From a circuit to a program of this engine: gates become steps, control flow becomes jumps, and measurements
//! after which nothing happens to their qubits move to the end.
use std::ops::Range;

use super::program::{Code, Program, Readout};
use super::segment::{Segment, Step, push_fused};
use super::source::{Angle, Source};
use super::step::{Controls, Shape};
use crate::circuit::{Basis, Circuit, Item, Operation};
use crate::condition::Condition;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::{Opcode, pauli};
use crate::math::C64;

/// `FOR` blocks of unitary operations are written out up to this many operations in all.
const MOST_UNROLLED: u64 = 1_000_000;
/// Pauli rotations that flip more qubits than this are rotated to the Z axis first, so that they fit into a tile.
const MOST_FLIPPED: u32 = 8;

/// Translates a circuit of at most 62 qubits.
pub(crate) fn lower(circuit: &Circuit) -> CoreResult<Program> {
    let deferred = super::defer::deferred(circuit);
    let mut lowering = Lowering {
        circuit,
        deferred: &deferred.skip,
        codes: Vec::new(),
        segments: Vec::new(),
        steps: Vec::new(),
        last_on_qubit: vec![None; circuit.num_qubits()],
        unrolled: 0,
        depth: 0,
        counters: 0,
    };
    lowering.range(0..circuit.stream_len())?;
    let mut rotated = 0u64;
    let mut readout = Vec::new();
    for index in deferred.measurements {
        let operation = circuit.operation(index);
        for (&qubit, &clbit) in operation.qubits().iter().zip(operation.clbits()) {
            if rotated >> qubit & 1 == 0 {
                lowering.rotate(qubit, operation.basis(), false);
                rotated |= 1 << qubit;
            }
            readout.push(Readout { qubit: qubit as usize, clbit: clbit as usize });
        }
    }
    lowering.flush();
    Ok(Program {
        num_qubits: circuit.num_qubits(),
        num_clbits: circuit.num_clbits(),
        num_parameters: circuit.symbols().len(),
        codes: lowering.codes,
        segments: lowering.segments,
        readout,
        num_counters: lowering.counters,
        collapses: circuit.operations().any(|op| matches!(op.opcode(), Opcode::Measure | Opcode::Reset)),
    })
}

struct Lowering<'a> {
    circuit: &'a Circuit,
    /// Operations that need no code of their own, by stream position.
    deferred: &'a [bool],
    codes: Vec<Code>,
    segments: Vec<Segment>,
    steps: Vec<Step>,
    last_on_qubit: Vec<Option<usize>>,
    /// Operations written out of `FOR` blocks so far.
    unrolled: u64,
    /// Loops around the current operation: each has the counter of its depth.
    depth: usize,
    counters: usize,
}

impl Lowering<'_> {
    fn range(&mut self, range: Range<usize>) -> CoreResult<()> {
        let circuit = self.circuit;
        circuit.items(range).try_for_each(|item| match item {
            Item::Plain(operation) => self.plain(&operation),
            Item::If { open, then, otherwise } => self.branch(open.condition(), then, otherwise),
            Item::Loop { open, body } => self.repeat(&open, body),
        })
    }

    fn plain(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        if self.deferred[operation.index()] {
            return Ok(());
        }
        let Some(condition) = operation.condition() else { return self.unconditional(operation) };
        let jump = self.jump_unless(condition);
        self.unconditional(operation)?;
        self.land(jump);
        Ok(())
    }

    fn unconditional(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        match operation.opcode() {
            Opcode::Measure => {
                for (&qubit, &clbit) in operation.qubits().iter().zip(operation.clbits()) {
                    self.rotate(qubit, operation.basis(), false);
                    self.code(Code::Measure { qubit: qubit as usize, clbit: clbit as usize });
                    self.rotate(qubit, operation.basis(), true);
                }
                Ok(())
            }
            Opcode::Reset => {
                operation.qubits().iter().for_each(|&qubit| self.code(Code::Reset { qubit: qubit as usize }));
                Ok(())
            }
            Opcode::Barrier | Opcode::Delay => Ok(()),
            opcode if opcode.is_gate() => self.gate(operation),
            opcode => Err(unknown(opcode, operation.index())),
        }
    }

    fn branch(
        &mut self,
        condition: Option<&Condition>,
        then: Range<usize>,
        other: Option<Range<usize>>,
    ) -> CoreResult<()> {
        let skip = self.jump_unless(condition.unwrap_or(&Condition::Const(true)));
        self.range(then)?;
        let Some(other) = other else {
            self.land(skip);
            return Ok(());
        };
        self.flush();
        let leave = self.codes.len();
        self.codes.push(Code::Jump { to: 0 });
        self.land(skip);
        self.range(other)?;
        self.land(leave);
        Ok(())
    }

    fn repeat(&mut self, open: &Operation<'_>, body: Range<usize>) -> CoreResult<()> {
        if body.is_empty() && open.opcode() == Opcode::For {
            return Ok(());
        }
        let unrolled = self.unrolled.saturating_add(open.bound().saturating_mul(body.len() as u64));
        if open.opcode() == Opcode::For && unrolled <= MOST_UNROLLED && self.is_unitary(body.clone()) {
            self.unrolled = unrolled;
            return (0..open.bound()).try_for_each(|_| self.range(body.clone()));
        }
        let counter = self.depth;
        self.depth += 1;
        self.counters = self.counters.max(self.depth);
        self.code(Code::Zero { counter });
        let start = self.codes.len();
        let leave = match (open.opcode(), open.condition()) {
            (Opcode::While, Some(condition)) => {
                let leave = self.jump_unless(condition);
                self.codes.push(Code::Bound { counter, most: open.bound(), place: open.index() });
                leave
            }
            _ => {
                self.codes.push(Code::Count { counter, times: open.bound(), to: 0 });
                start
            }
        };
        self.range(body)?;
        self.code(Code::Jump { to: start });
        self.land(leave);
        self.depth -= 1;
        Ok(())
    }

    /// Whether a range has unconditional gates only, so that writing it out changes nothing else.
    fn is_unitary(&self, mut range: Range<usize>) -> bool {
        range.all(|index| {
            let operation = self.circuit.operation(index);
            operation.condition().is_none()
                && (operation.opcode().is_gate() || operation.opcode() == Opcode::Barrier)
        })
    }

    fn code(&mut self, code: Code) {
        self.flush();
        self.codes.push(code);
    }

    fn jump_unless(&mut self, condition: &Condition) -> usize {
        self.code(Code::Unless { condition: condition.clone(), to: 0 });
        self.codes.len() - 1
    }

    /// Makes the jump at `jump` land on the code that comes next.
    fn land(&mut self, jump: usize) {
        self.flush();
        let next = self.codes.len();
        if let Code::Unless { to, .. } | Code::Jump { to } | Code::Count { to, .. } = &mut self.codes[jump] {
            *to = next;
        }
    }

    /// Closes the segment of steps collected so far.
    fn flush(&mut self) {
        if self.steps.is_empty() {
            return;
        }
        self.codes.push(Code::Run { segment: self.segments.len() });
        self.segments.push(Segment::new(self.circuit.num_qubits(), std::mem::take(&mut self.steps)));
        self.last_on_qubit.fill(None);
    }

    /// Turns a Pauli basis into the computational one, or back.
    fn rotate(&mut self, qubit: u32, basis: Basis, back: bool) {
        let letter = match basis {
            Basis::Z => return,
            Basis::X => b'X',
            Basis::Y => b'Y',
        };
        self.push(super::basis::to_z_axis(qubit as usize, letter, back));
    }

    fn push(&mut self, step: Step) {
        push_fused(&mut self.steps, &mut self.last_on_qubit, step);
    }

    fn gate(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        if operation.opcode() == Opcode::I {
            return Ok(());
        }
        let mut controls = Controls::default();
        for (k, &qubit) in operation.controls().iter().enumerate() {
            controls.mask |= 1 << qubit;
            controls.value |= u64::from(operation.control_bit(k)) << qubit;
        }
        let letters: Option<&[u8]> = match operation.opcode() {
            Opcode::PauliRot => Some(operation.pauli()),
            Opcode::Rxx => Some(b"XX"),
            Opcode::Ryy => Some(b"YY"),
            Opcode::Rzx => Some(b"ZX"),
            _ => None,
        };
        if let Some(letters) = letters {
            return self.pauli_rotation(operation, letters, controls);
        }
        let source = Source::of_gate(operation, self.circuit.expressions())
            .ok_or_else(|| unknown(operation.opcode(), operation.index()))?;
        let targets: Vec<usize> = operation.targets().iter().map(|&q| q as usize).collect();
        let shape = match &source {
            Source::Fixed(matrix) => fixed_shape(&targets, matrix),
            _ => symbolic_shape(operation, &targets),
        };
        if shape == Shape::Scale && targets.len() == 1 {
            controls.mask |= 1 << targets[0];
            controls.value |= 1 << targets[0];
        }
        self.push(Step { shape, controls, sources: vec![source] });
        Ok(())
    }

    fn pauli_rotation(
        &mut self,
        operation: &Operation<'_>,
        letters: &[u8],
        controls: Controls,
    ) -> CoreResult<()> {
        let Some(&param) = operation.params().first() else {
            return Err(unknown(operation.opcode(), operation.index()));
        };
        let modifier = operation.modifier();
        let factor = if modifier.inverse { -modifier.power } else { modifier.power };
        let angle = Angle::new(param, self.circuit.expressions()).scaled(factor);
        let letters: Vec<(usize, u8)> =
            operation.targets().iter().map(|&q| q as usize).zip(letters.iter().copied()).collect();
        let mask = |wanted: &[u8]| {
            letters.iter().filter(|(_, l)| wanted.contains(l)).fold(0u64, |m, (q, _)| m | 1 << q)
        };
        let (x, z) = (mask(b"XY"), mask(b"YZ"));
        let sources = vec![Source::Rotation { angle }];
        if x.count_ones() <= MOST_FLIPPED {
            let shape = if x == 0 { Shape::Parity { mask: z } } else { Shape::Pauli { x, z } };
            self.push(Step { shape, controls, sources });
            return Ok(());
        }
        let turned: Vec<_> = letters.iter().filter(|(q, _)| x >> q & 1 == 1).copied().collect();
        turned.iter().for_each(|&(q, letter)| self.push(super::basis::to_z_axis(q, letter, false)));
        self.push(Step { shape: Shape::Parity { mask: x | z }, controls, sources });
        turned.iter().for_each(|&(q, letter)| self.push(super::basis::to_z_axis(q, letter, true)));
        Ok(())
    }
}

/// The cheapest shape of a matrix that no parameter changes.
fn fixed_shape(targets: &[usize], matrix: &[C64]) -> Shape {
    let dimension = 1usize << targets.len();
    let is_diagonal =
        (0..dimension).all(|r| (0..dimension).all(|c| r == c || matrix[r * dimension + c] == C64::ZERO));
    match *targets {
        [] => Shape::Scale,
        [_] if is_diagonal && matrix[0] == C64::ONE => Shape::Scale,
        [target] if is_diagonal => Shape::Parity { mask: 1 << target },
        [target] if matrix == pauli(b'X').data() => Shape::Flip { target },
        [target] => Shape::Single { target },
        [a, b] if is_diagonal && matrix[0] == matrix[15] && matrix[5] == matrix[10] => {
            Shape::Parity { mask: 1 << a | 1 << b }
        }
        [a, b] if is_swap(matrix) => Shape::Swap { targets: [a, b] },
        [a, b] => Shape::Double { targets: [a, b] },
        _ => Shape::Dense { targets: targets.to_vec() },
    }
}

/// The shape of a gate for all values of its parameters.
fn symbolic_shape(operation: &Operation<'_>, targets: &[usize]) -> Shape {
    let is_diagonal = operation.spec().is_some_and(|spec| spec.flags.diagonal);
    let is_phase = matches!(operation.opcode(), Opcode::P | Opcode::Cp | Opcode::Mcp);
    match *targets {
        [] => Shape::Scale,
        [_] if is_phase => Shape::Scale,
        [target] if is_diagonal => Shape::Parity { mask: 1 << target },
        [target] => Shape::Single { target },
        [a, b] if operation.opcode() == Opcode::Rzz => Shape::Parity { mask: 1 << a | 1 << b },
        [a, b] => Shape::Double { targets: [a, b] },
        _ => Shape::Dense { targets: targets.to_vec() },
    }
}

fn is_swap(matrix: &[C64]) -> bool {
    let ones = [0, 6, 9, 15];
    matrix.iter().enumerate().all(|(k, m)| *m == if ones.contains(&k) { C64::ONE } else { C64::ZERO })
}

fn unknown(opcode: Opcode, place: usize) -> CoreError {
    let message = format!("operation {place}: the state-vector engine has no rule for `{}`", opcode.name());
    CoreError::new(ErrorCode::Unsupported, message)
}
