//! From a circuit and its noise to steps on rows and columns. What happens to one qubit alone, gates and channels, is
//! gathered into one 4x4 matrix on its row and column bit.
use crate::circuit::{Basis, Circuit, Operation};
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::math::{C64, Matrix};
use crate::noise::{Channel, Site, Sites};
use crate::sim::flow::{Gates, Lowered, lower_flow};
use crate::sim::lower::{Steps, fixed_step};
use crate::sim::plan::Start;
use crate::sim::precision::Precision;
use crate::sim::program::Program;
use crate::sim::segment::{Segment, Step};
use crate::sim::source::{Source, SuperPart};
use crate::sim::step::{Controls, Shape};

/// Lowers a circuit of at most 24 qubits, to be run on |0…0> with `spare_bytes` of memory beside the matrix. Resets are
/// channels: only measurements are left to be decided.
pub(super) fn lower(circuit: &Circuit, sites: Option<&Sites>, spare_bytes: u64) -> CoreResult<Program> {
    let num_qubits = circuit.num_qubits();
    let mut gates = Doubled {
        num_qubits,
        sites,
        steps: Steps::new(circuit),
        alone: vec![Vec::new(); num_qubits],
        doubled: Vec::new(),
        segments: Vec::new(),
        is_read: vec![false; num_qubits],
    };
    let Lowered { codes, readout, num_counters, num_bits, .. } = lower_flow(circuit, &mut gates)?;
    let (start, precision) = (Start::Zero { spare_bytes }, Precision::F64);
    let segments = Segment::plan_all(2 * num_qubits, gates.segments, &codes, start, precision);
    Ok(Program {
        precision,
        num_qubits,
        num_clbits: circuit.num_clbits(),
        num_bits,
        num_parameters: circuit.symbols().len(),
        codes,
        segments,
        readout,
        num_counters,
        collapses: circuit.operations().any(|operation| operation.opcode() == Opcode::Measure),
    })
}

/// Collects steps on the 2n qubits of rows and columns.
struct Doubled<'a> {
    num_qubits: usize,
    sites: Option<&'a Sites>,
    steps: Steps<'a>,
    /// What has happened to each qubit alone since it last met another.
    alone: Vec<Vec<SuperPart>>,
    doubled: Vec<Step>,
    segments: Vec<Vec<Step>>,
    /// Qubits whose final measurement has passed: nothing more can be seen of them.
    is_read: Vec<bool>,
}

impl Gates for Doubled<'_> {
    const ENGINE: &'static str = "density-matrix";
    const IS_NOISY: bool = true;

    fn gate(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        self.steps.gate(operation)?;
        self.take_steps();
        Ok(())
    }

    fn before(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        let sites = self.sites.map_or(&[] as &[Site], |sites| sites.before(operation.index()));
        sites.iter().for_each(|site| self.site(*site));
        Ok(())
    }

    fn after(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        let sites = self.sites.map_or(&[] as &[Site], |sites| sites.after(operation.index()));
        sites.iter().for_each(|site| self.site(*site));
        Ok(())
    }

    fn waits(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        self.before(operation)?;
        operation.qubits().iter().for_each(|qubit| self.is_read[*qubit as usize] = true);
        Ok(())
    }

    fn reset(&mut self, qubit: usize) -> bool {
        self.alone[qubit].push(SuperPart::Fixed(reset_matrix()));
        true
    }

    fn rotate(&mut self, qubit: u32, basis: Basis, back: bool) {
        self.steps.rotate(qubit, basis, back);
        self.take_steps();
    }

    fn flush(&mut self) -> Option<usize> {
        (0..self.num_qubits).for_each(|qubit| self.settle(qubit));
        if self.doubled.is_empty() {
            return None;
        }
        self.segments.push(std::mem::take(&mut self.doubled));
        Some(self.segments.len() - 1)
    }
}

impl Doubled<'_> {
    /// Takes the gates that were just lowered.
    fn take_steps(&mut self) {
        for step in self.steps.take_steps() {
            if let Some(target) = step.single_target() {
                self.alone[target].extend(step.sources.into_iter().map(SuperPart::Gate));
                continue;
            }
            let qubits = step.qubits();
            (0..self.num_qubits).filter(|q| qubits >> q & 1 == 1).for_each(|qubit| self.settle(qubit));
            let column = column(&step, self.num_qubits);
            self.doubled.extend([step, column]);
        }
    }

    /// Writes out what has happened to a qubit alone.
    fn settle(&mut self, qubit: usize) {
        let parts = std::mem::take(&mut self.alone[qubit]);
        if parts.is_empty() {
            return;
        }
        let targets = [qubit, qubit + self.num_qubits];
        let sources = vec![Source::super_of(parts)];
        self.doubled.push(Step { shape: Shape::Double { targets }, controls: Controls::default(), sources });
    }

    fn site(&mut self, site: Site) {
        let Some(channel) = self.sites.map(|sites| sites.channel(site)) else { return };
        let [first, second] = site.qubits.map(|qubit| qubit as usize);
        if channel.num_qubits() == 1 {
            if !self.is_read[first] {
                self.alone[first].push(SuperPart::Fixed(entries(&channel.superoperator())));
            }
        } else if !(self.is_read[first] && self.is_read[second]) {
            self.pair(channel, first, second);
        }
    }

    /// A channel on two qubits. In the basis of Pauli strings a mixture of them only scales: seventeen numbers instead
    /// of 256, and the changes of basis join what the qubits do alone.
    fn pair(&mut self, channel: &Channel, first: usize, second: usize) {
        let columns = [first + self.num_qubits, second + self.num_qubits];
        let Some(probabilities) = channel.pauli_probabilities() else {
            [first, second].iter().for_each(|qubit| self.settle(*qubit));
            let targets = [first, second, columns[0], columns[1]];
            self.doubled.push(fixed_step(&targets, channel.superoperator().data()));
            return;
        };
        for qubit in [first, second] {
            self.alone[qubit].push(SuperPart::Fixed(entries(&to_pauli_basis())));
            self.settle(qubit);
        }
        let bits = [first, columns[0], second, columns[1]];
        let mask = bits.iter().fold(0u64, |mask, bit| mask | 1 << bit);
        for (index, factor) in pauli_factors(&probabilities).into_iter().enumerate() {
            if factor == 1.0 {
                continue;
            }
            let value = bits.iter().enumerate().map(|(k, bit)| ((index >> k & 1) as u64) << bit).sum();
            self.doubled.push(Step {
                shape: Shape::Scale,
                controls: Controls { mask, value },
                sources: vec![Source::Fixed(vec![C64::new(factor, 0.0)])],
            });
        }
        for qubit in [first, second] {
            self.alone[qubit].push(SuperPart::Fixed(entries(&to_pauli_basis().dagger())));
        }
    }
}

/// The step on the column's qubits that belongs to a step on the row's: the complex conjugate.
fn column(step: &Step, num_qubits: usize) -> Step {
    let up = |qubit: &usize| qubit + num_qubits;
    // exp(-i t P / 2) with an odd number of Y in P is its own conjugate where `a + b P` is concerned: b P* = -b P.
    let is_real = matches!(&step.shape, Shape::Pauli { x, z } if (x & z).count_ones() % 2 == 1);
    let shape = match &step.shape {
        Shape::Single { target } => Shape::Single { target: up(target) },
        Shape::Flip { target } => Shape::Flip { target: up(target) },
        Shape::Swap { targets } => Shape::Swap { targets: targets.map(|target| up(&target)) },
        Shape::Double { targets } => Shape::Double { targets: targets.map(|target| up(&target)) },
        Shape::Dense { targets } => Shape::Dense { targets: targets.iter().map(up).collect() },
        Shape::Scale => Shape::Scale,
        Shape::Parity { mask } => Shape::Parity { mask: mask << num_qubits },
        Shape::Pauli { x, z } => Shape::Pauli { x: x << num_qubits, z: z << num_qubits },
    };
    let controls =
        Controls { mask: step.controls.mask << num_qubits, value: step.controls.value << num_qubits };
    let conjugate = |source: &Source| if is_real { source.clone() } else { source.clone().conjugate() };
    Step { shape, controls, sources: step.sources.iter().map(conjugate).collect() }
}

/// `|rho>` to its components along I, X, Y, Z over the square root of 2: a unitary matrix.
fn to_pauli_basis() -> Matrix {
    let half = std::f64::consts::FRAC_1_SQRT_2;
    let (one, i) = (C64::new(half, 0.0), C64::new(0.0, half));
    let none = C64::ZERO;
    // Columns: entries 00, 10, 01, 11 of the density matrix (row index, column index).
    let rows = [[one, none, none, one], [none, one, one, none], [none, -i, i, none], [one, none, none, -one]];
    Matrix::from_entries(rows.concat()).unwrap_or_else(|| Matrix::identity(4))
}

/// By what a Pauli channel on two qubits multiplies the components along Pauli strings `a + 4 b`.
fn pauli_factors(probabilities: &[f64]) -> Vec<f64> {
    // Letters 0 to 3 are I, X, Y, Z: different letters other than I anticommute.
    let anticommute = |a: usize, b: usize| a != 0 && b != 0 && a != b;
    let sign = |string: usize, other: usize| {
        anticommute(string & 3, other & 3) != anticommute(string >> 2, other >> 2)
    };
    (0..16)
        .map(|string| {
            let terms = probabilities.iter().enumerate();
            terms.map(|(other, p)| if sign(string, other) { -p } else { *p }).sum()
        })
        .collect()
}

fn reset_matrix() -> [C64; 16] {
    let mut out = [C64::ZERO; 16];
    (out[0], out[3]) = (C64::ONE, C64::ONE);
    out
}

fn entries(matrix: &Matrix) -> [C64; 16] {
    std::array::from_fn(|k| matrix.data()[k])
}
