//! From a circuit to the steps that observables take back through it.
use std::collections::HashMap;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

use super::step::{Angle, Damping, Letters, Local, LocalClifford, LocalMap, Step};
use crate::circuit::{Basis, Circuit, CircuitBuilder, Operation};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::math::{C64, Matrix};
use crate::noise::{Channel, Model, Site, Sites};
use crate::observable::{Pauli, PauliString};
use crate::param::Affine;
use crate::passes::decompose;
use crate::sim::flow::{Gates, Lowered, lower_flow};
use crate::sim::program::{Cursor, Readout, Stop};
use crate::sim::stabilizer::{Gate, Recogniser};

/// What gates are written in that are neither Clifford gates nor Pauli rotations.
const BASIS: [Opcode; 6] = [Opcode::H, Opcode::Cx, Opcode::Rx, Opcode::Ry, Opcode::Rz, Opcode::X];
/// Entries of a channel's matrix that are taken for zero.
const NEGLIGIBLE: f64 = 1e-15;

/// A lowered circuit.
pub(super) struct Program {
    pub num_qubits: usize,
    pub num_parameters: usize,
    pub cliffords: Vec<LocalClifford>,
    pub dampings: Vec<Damping>,
    pub maps: Vec<LocalMap>,
    segments: Vec<Vec<Step>>,
    /// The segments as they are performed.
    order: Vec<usize>,
    /// Whether the circuit measures or resets anything.
    pub collapses: bool,
    /// What is measured at the end; `None` where something is measured or reset on the way, or noise precedes it.
    pub readout: Option<Vec<Readout>>,
    pub num_clbits: usize,
    /// Whether the record of measurements errs.
    pub misreads: bool,
    /// Whether the circuit can only be translated for given values of its parameters.
    pub needs_values: bool,
}

impl Program {
    /// Translates a circuit with its noise. Gates that are no rotations by their open parameters need `values`.
    pub fn new(circuit: &Circuit, noise: Option<&Model>, values: Option<&[f64]>) -> CoreResult<Self> {
        let sites = noise.map(|model| model.sites(circuit)).transpose()?;
        let channels = sites.as_ref().map_or(0, |sites| sites.channels().len());
        let names = circuit.symbols().iter().enumerate().map(|(k, name)| (name.clone(), k)).collect();
        let mut collected = Collected {
            names,
            values,
            needs_values: false,
            recogniser: Recogniser::strict(),
            sites,
            known: vec![None; channels],
            dampings: Vec::new(),
            maps: Vec::new(),
            segments: Vec::new(),
            steps: Vec::new(),
        };
        let Lowered { codes, readout, num_counters, collapses, .. } = lower_flow(circuit, &mut collected)?;
        let errs = |sites: &Sites| (0..circuit.num_qubits()).any(|qubit| sites.readout(qubit).is_some());
        let misreads = collected.sites.as_ref().is_some_and(errs);
        let mut order = Vec::new();
        let mut cursor = Cursor::start(circuit.num_clbits(), num_counters);
        let stop = cursor.advance(&codes, |segment| order.push(segment))?;
        let is_known = matches!(stop, Stop::End) && (collected.sites.is_none() || !collapses);
        Ok(Program {
            num_qubits: circuit.num_qubits(),
            num_parameters: circuit.symbols().len(),
            cliffords: collected.recogniser.actions.into_iter().map(LocalClifford::new).collect(),
            dampings: collected.dampings,
            maps: collected.maps,
            segments: collected.segments,
            order,
            collapses,
            readout: is_known.then_some(readout),
            num_clbits: circuit.num_clbits(),
            misreads,
            needs_values: collected.needs_values,
        })
    }

    /// The steps from the end of the circuit to its beginning.
    pub fn backward(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.order.iter().rev().flat_map(|segment| self.segments[*segment].iter().rev())
    }
}

/// What a channel became.
#[derive(Clone, Copy)]
enum Known {
    Damping(usize),
    Map(usize),
}

struct Collected<'a> {
    /// Parameters by name.
    names: HashMap<String, usize>,
    values: Option<&'a [f64]>,
    needs_values: bool,
    recogniser: Recogniser,
    sites: Option<Sites>,
    /// By channel of the sites.
    known: Vec<Option<Known>>,
    dampings: Vec<Damping>,
    maps: Vec<LocalMap>,
    segments: Vec<Vec<Step>>,
    steps: Vec<Step>,
}

impl Collected<'_> {
    fn angle(&self, affine: &Affine, factor: f64) -> Angle {
        let terms =
            affine.terms.iter().filter_map(|(name, value)| Some((*self.names.get(name)?, factor * value)));
        Angle { constant: factor * affine.constant, terms: terms.collect() }
    }

    /// A gate that is a rotation about a Pauli string by its parameter, up to its phase.
    fn rotation(&self, operation: &Operation<'_>) -> CoreResult<Option<Step>> {
        let modifier = operation.modifier();
        if modifier.controls > 0 || modifier.power != 1.0 {
            return Ok(None);
        }
        let (letters, angle): (&[u8], Option<f64>) = match operation.opcode() {
            Opcode::Rx => (b"X", None),
            Opcode::Ry => (b"Y", None),
            Opcode::Rz | Opcode::P => (b"Z", None),
            Opcode::T => (b"Z", Some(FRAC_PI_4)),
            Opcode::Tdg => (b"Z", Some(-FRAC_PI_4)),
            Opcode::Rxx => (b"XX", None),
            Opcode::Ryy => (b"YY", None),
            Opcode::Rzz => (b"ZZ", None),
            Opcode::PauliRot => (operation.pauli(), None),
            _ => return Ok(None),
        };
        let affine = match (angle, operation.params().first()) {
            (Some(angle), _) => Affine::number(angle),
            (None, Some(param)) => operation.affine(*param),
            (None, None) => return Ok(None),
        };
        let angle = self.angle(&affine, if modifier.inverse { -1.0 } else { 1.0 });
        let pauli = Letters::new(&string(operation.qubits(), letters)?);
        Ok(Some(Step::Rotation { pauli, angle }))
    }

    /// A gate without open parameters that is Clifford: its steps, or `None`.
    fn clifford(&mut self, operation: &Operation<'_>) -> CoreResult<Option<Vec<Step>>> {
        if operation.is_symbolic() {
            return Ok(None);
        }
        let mut gates = Vec::new();
        match self.recogniser.recognise(operation, &operation.values(&[]), &mut gates) {
            Err(error) if error.code == ErrorCode::Unsupported => return Ok(None),
            other => other?,
        }
        let step = |gate| match gate {
            Gate::Local { action, qubits } => Some(Step::Clifford { gate: action, qubits }),
            Gate::Rotation { pauli, quarters } => {
                let constant = f64::from(quarters) * FRAC_PI_2;
                Some(Step::Rotation {
                    pauli: Letters::new(&pauli),
                    angle: Angle { constant, terms: Vec::new() },
                })
            }
            Gate::Error { .. } => None,
        };
        Ok(Some(gates.into_iter().filter_map(step).collect()))
    }

    /// Any other gate in smaller ones.
    fn decomposed(&mut self, operation: &Operation<'_>, num_qubits: usize) -> CoreResult<()> {
        let mut whole = operation.to_instruction().when(None);
        if let (Some(values), true) = (self.values, operation.is_symbolic()) {
            whole.params = operation.values(values).into_iter().map(Affine::number).collect();
        }
        let mut builder = CircuitBuilder::new(num_qubits, 0)?;
        builder.push(whole)?;
        let place = operation.index();
        match decompose(&builder.build()?, &BASIS) {
            Ok(small) => small.operations().try_for_each(|part| self.take(&part, None)),
            Err(error) => {
                let error = error.at(format_args!("operation {place} (`{}`)", operation.opcode().name()));
                if self.values.is_some() || !operation.is_symbolic() {
                    return Err(error);
                }
                self.needs_values = true;
                Ok(())
            }
        }
    }

    fn take(&mut self, operation: &Operation<'_>, num_qubits: Option<usize>) -> CoreResult<()> {
        if let Some(steps) = self.clifford(operation)? {
            self.steps.extend(steps);
            return Ok(());
        }
        if let Some(step) = self.rotation(operation)? {
            self.steps.push(step);
            return Ok(());
        }
        match num_qubits {
            Some(num_qubits) => self.decomposed(operation, num_qubits),
            None => Err(crate::sim::flow::unknown("pauli", operation.opcode(), operation.index())),
        }
    }

    fn noise(&mut self, index: usize, is_before: bool) {
        let Some(sites) = &self.sites else { return };
        let found: Vec<Site> = if is_before { sites.before(index) } else { sites.after(index) }.to_vec();
        for site in found {
            let Some(channel) = self.sites.as_ref().map(|sites| sites.channel(site)) else { continue };
            let count = channel.num_qubits();
            let known = match self.known[site.channel as usize] {
                Some(known) => known,
                None => match channel.pauli_probabilities() {
                    Some(probabilities) => {
                        self.dampings.push(Damping::new(&probabilities));
                        Known::Damping(self.dampings.len() - 1)
                    }
                    None => {
                        self.maps.push(local_map(channel));
                        Known::Map(self.maps.len() - 1)
                    }
                },
            };
            self.known[site.channel as usize] = Some(known);
            let qubits: Box<[u32]> = site.qubits[..count].into();
            self.steps.push(match known {
                Known::Damping(damping) => Step::Damping { damping, qubits },
                Known::Map(map) => Step::Channel { map, qubits },
            });
        }
    }
}

impl Gates for Collected<'_> {
    const ENGINE: &'static str = "pauli";

    fn gate(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        let most = operation.qubits().iter().max().map_or(0, |qubit| *qubit as usize + 1);
        self.take(operation, Some(most))
    }

    fn before(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        self.noise(operation.index(), true);
        Ok(())
    }

    fn after(&mut self, operation: &Operation<'_>) -> CoreResult<()> {
        self.noise(operation.index(), false);
        Ok(())
    }

    fn rotate(&mut self, qubit: u32, basis: Basis, back: bool) {
        // A quarter turn about Y takes Z to X, one about X takes Y to Z.
        let (word, mask) = (qubit as usize / 64, 1u64 << (qubit % 64));
        let (letters, quarter) = match basis {
            Basis::Z => return,
            Basis::X => ((word, mask, mask), -FRAC_PI_2),
            Basis::Y => ((word, mask, 0), FRAC_PI_2),
        };
        let constant = if back { -quarter } else { quarter };
        let angle = Angle { constant, terms: Vec::new() };
        self.steps.push(Step::Rotation { pauli: Letters { words: vec![letters] }, angle });
    }

    fn flush(&mut self) -> Option<usize> {
        if self.steps.is_empty() {
            return None;
        }
        self.segments.push(std::mem::take(&mut self.steps));
        Some(self.segments.len() - 1)
    }
}

fn string(qubits: &[u32], letters: &[u8]) -> CoreResult<PauliString> {
    let factors = qubits.iter().zip(letters).filter_map(|(qubit, letter)| {
        let pauli = match letter {
            b'X' => Pauli::X,
            b'Y' => Pauli::Y,
            b'Z' => Pauli::Z,
            _ => return None,
        };
        Some((*qubit, pauli))
    });
    PauliString::new(factors.collect())
}

/// `P -> sum K† P K` in products of letters.
fn local_map(channel: &Channel) -> LocalMap {
    let count = channel.num_qubits();
    let operators = channel.operators();
    let product = |index: usize| -> Matrix {
        let letter = |k: usize| match (index >> k & 1, index >> (count + k) & 1) {
            (0, 0) => b'I',
            (1, 0) => b'X',
            (0, _) => b'Z',
            _ => b'Y',
        };
        let first = crate::gate::pauli(letter(0));
        (1..count).fold(first, |low, k| low.kron_above(&crate::gate::pauli(letter(k))))
    };
    let dim = 1usize << count;
    let sum = |from: usize| -> Vec<(Local, f64)> {
        let mut image = Matrix::zeros(dim);
        for operator in &operators {
            let part = operator.dagger().mul(&product(from)).mul(operator);
            for (row, column) in (0..dim * dim).map(|k| (k / dim, k % dim)) {
                image.set(row, column, image.get(row, column) + part.get(row, column));
            }
        }
        let share = |to: usize| -> f64 {
            let overlap = product(to).mul(&image);
            (0..dim).map(|k| overlap.get(k, k)).sum::<C64>().re / dim as f64
        };
        let local = |to: usize| Local { x: (to & (dim - 1)) as u16, z: (to >> count) as u16 };
        (0..dim * dim)
            .map(|to| (local(to), share(to)))
            .filter(|(_, factor)| factor.abs() > NEGLIGIBLE)
            .collect()
    };
    LocalMap { sums: (0..dim * dim).map(sum).collect() }
}

/// The error for a circuit that measures.
pub(super) fn collapsed() -> CoreError {
    let message = "the circuit measures or resets, so it has no single final state";
    CoreError::new(ErrorCode::CircuitNotUnitary, message)
        .with_hint("take the circuit without its measurements")
}
