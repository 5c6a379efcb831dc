//! From a circuit to a program of this engine: gates become steps, fused and cut into passes segment by segment.
use super::flow::{Gates, Lowered, lower_flow};
use super::plan::Start;
use super::precision::Precision;
use super::program::Program;
use super::segment::{Segment, Step, push_fused};
use super::source::{Angle, Source};
use super::step::{Controls, Shape};
use crate::circuit::{Basis, Circuit, Operation};
use crate::error::{CoreError, CoreResult};
use crate::gate::{Opcode, pauli};
use crate::math::C64;

/// Pauli rotations that flip more qubits than this are rotated to the Z axis first, so that they fit into a tile.
const MOST_FLIPPED: u32 = 8;

/// Translates a circuit of at most 62 qubits for |0…0> in that precision. What runs may take `spare_bytes` of memory
/// beside the state.
pub(crate) fn lower(circuit: &Circuit, precision: Precision, spare_bytes: u64) -> CoreResult<Program> {
    lower_from(circuit, precision, Start::Zero { spare_bytes })
}

/// Translates a circuit of at most 62 qubits for any state in double precision.
pub(crate) fn lower_onto(circuit: &Circuit) -> CoreResult<Program> {
    lower_from(circuit, Precision::F64, Start::Anywhere)
}

fn lower_from(circuit: &Circuit, precision: Precision, start: Start) -> CoreResult<Program> {
    let mut steps = Steps::new(circuit);
    let Lowered { codes, readout, num_counters, num_bits, collapses } = lower_flow(circuit, &mut steps)?;
    let num_qubits = circuit.num_qubits();
    let segments = Segment::plan_all(num_qubits, steps.segments, &codes, start, precision);
    Ok(Program {
        num_qubits,
        precision,
        num_clbits: circuit.num_clbits(),
        num_bits,
        num_parameters: circuit.symbols().len(),
        codes,
        segments,
        readout,
        num_counters,
        collapses,
    })
}

/// The steps between two points where a history may stop or jump.
pub(crate) struct Steps<'a> {
    circuit: &'a Circuit,
    pub segments: Vec<Vec<Step>>,
    steps: Vec<Step>,
    last_on_qubit: Vec<Option<usize>>,
}

impl Gates for Steps<'_> {
    const ENGINE: &'static str = "state-vector";

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

    fn rotate(&mut self, qubit: u32, basis: Basis, back: bool) {
        let letter = match basis {
            Basis::Z => return,
            Basis::X => b'X',
            Basis::Y => b'Y',
        };
        self.push(super::basis::to_z_axis(qubit as usize, letter, back));
    }

    fn flush(&mut self) -> Option<usize> {
        if self.steps.is_empty() {
            return None;
        }
        self.segments.push(std::mem::take(&mut self.steps));
        self.last_on_qubit.fill(None);
        Some(self.segments.len() - 1)
    }
}

impl<'a> Steps<'a> {
    pub fn new(circuit: &'a Circuit) -> Self {
        let last_on_qubit = vec![None; circuit.num_qubits()];
        Steps { circuit, segments: Vec::new(), steps: Vec::new(), last_on_qubit }
    }

    /// The steps collected so far, without closing a segment.
    pub fn take_steps(&mut self) -> Vec<Step> {
        self.last_on_qubit.fill(None);
        std::mem::take(&mut self.steps)
    }

    pub fn push(&mut self, step: Step) {
        push_fused(&mut self.steps, &mut self.last_on_qubit, step);
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

/// A matrix that no parameter changes on some qubits, whether unitary or not.
pub(crate) fn fixed_step(targets: &[usize], matrix: &[C64]) -> Step {
    let shape = fixed_shape(targets, matrix);
    let bit = if shape == Shape::Scale && targets.len() == 1 { 1 << targets[0] } else { 0 };
    Step {
        shape,
        controls: Controls { mask: bit, value: bit },
        sources: vec![Source::Fixed(matrix.to_vec())],
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
    super::flow::unknown(Steps::ENGINE, opcode, place)
}
