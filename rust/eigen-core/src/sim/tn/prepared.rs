//! A circuit ready to be asked.
use super::TensorNetwork;
use super::evaluate::{Account, Evaluator};
use super::gates::Numeric;
use super::question;
use super::sample::sample;
use crate::circuit::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::observable::{Observable, Pauli, PauliString};
use crate::sim::counts::Counts;
use crate::sim::engine::{
    Fact, Prepared, Resources, check_basis_state, check_listed, check_shots, check_values,
};
use crate::sim::estimate::{check_widths, enough_shots, moments, share};
use crate::sim::memory;
use crate::sim::mps::gate::Gate;
use crate::sim::mps::lower::{Program, lower, to_z_axis};
use crate::sim::program::Code;
use crate::sim::tally::Tally;
use crate::sim::workers::Workers;

/// See `Prepared`.
pub(super) struct PreparedNetwork {
    program: Program,
    evaluator: Evaluator,
    memory_bytes: u64,
}

/// All gates of a program without measurements on the way.
pub(super) fn flat_gates(program: &Program) -> CoreResult<impl Iterator<Item = &Gate>> {
    check_flat(program)?;
    let segments = program.codes.iter().filter_map(|code| match code {
        Code::Run { segment } => Some(&program.segments[*segment]),
        _ => None,
    });
    Ok(segments.flatten())
}

fn check_flat(program: &Program) -> CoreResult<()> {
    if program.codes.iter().any(|code| !matches!(code, Code::Run { .. })) {
        let message = "the tensor-network engine runs circuits that measure at the end only, without branches or resets";
        return Err(
            CoreError::new(ErrorCode::Unsupported, message).with_hint("use sim:mps or sim:statevector")
        );
    }
    Ok(())
}

/// The gates with numbers.
pub(super) fn numeric<'a>(gates: impl Iterator<Item = &'a Gate>, values: &[f64]) -> CoreResult<Vec<Numeric>> {
    gates.map(|gate| Numeric::new(gate, values)).collect()
}

impl PreparedNetwork {
    pub fn new(circuit: &Circuit, engine: TensorNetwork, resources: Resources) -> CoreResult<Self> {
        let program = lower(circuit)?;
        check_flat(&program)?;
        let workers = Workers::new(resources.threads)?;
        Ok(PreparedNetwork {
            program,
            evaluator: Evaluator::new(engine, workers),
            memory_bytes: engine.memory_bytes,
        })
    }

    /// The gates for these values; begins a new account.
    fn begin(&mut self, values: &[f64]) -> CoreResult<Vec<Numeric>> {
        check_values(values, self.program.num_parameters)?;
        self.evaluator.account = Account::default();
        numeric(flat_gates(&self.program)?, values)
    }

    /// The same for questions about the final state.
    fn begin_pure(&mut self, values: &[f64]) -> CoreResult<Vec<Numeric>> {
        if self.program.collapses {
            let message = "the circuit measures or resets, so it has no single final state";
            return Err(CoreError::new(ErrorCode::CircuitNotUnitary, message)
                .with_hint("take the circuit without its measurements, or sample it"));
        }
        self.begin(values)
    }

    fn one(&mut self, network: super::network::Network) -> CoreResult<Vec<C64>> {
        Ok(self.evaluator.values(vec![network])?.pop().unwrap_or_default())
    }

    fn means(&mut self, gates: &[Numeric], observable: &Observable) -> CoreResult<f64> {
        let num_qubits = self.program.num_qubits;
        check_widths(&[observable], num_qubits)?;
        let mean = |(string, _): &(PauliString, f64)| question::mean(gates, num_qubits, string.factors());
        let networks = observable.terms().iter().map(mean).collect::<CoreResult<Vec<_>>>()?;
        let values = self.evaluator.values(networks)?;
        Ok(observable.terms().iter().zip(values).map(|((_, weight), value)| weight * value[0].re).sum())
    }
}

impl Prepared for PreparedNetwork {
    fn num_parameters(&self) -> usize {
        self.program.num_parameters
    }

    fn num_qubits(&self) -> usize {
        self.program.num_qubits
    }

    fn state(&mut self, values: &[f64]) -> CoreResult<Vec<C64>> {
        memory::check(self.program.num_qubits, 4, self.memory_bytes)?;
        let gates = self.begin_pure(values)?;
        let all: Vec<u32> = (0..self.program.num_qubits as u32).collect();
        self.one(question::amplitudes(gates.iter(), all.len(), |_| false, &all)?)
    }

    fn amplitude(&mut self, values: &[f64], index: u64) -> CoreResult<C64> {
        let num_qubits = self.program.num_qubits;
        check_basis_state(index, num_qubits)?;
        let gates = self.begin_pure(values)?;
        let bit = |qubit: usize| qubit < 64 && index >> qubit & 1 == 1;
        Ok(self.one(question::amplitudes(gates.iter(), num_qubits, bit, &[])?)?[0])
    }

    fn probability(&mut self, values: &[f64], bits: &[u64]) -> CoreResult<f64> {
        let gates = self.begin_pure(values)?;
        let bit = |qubit: usize| bits.get(qubit / 64).is_some_and(|word| word >> (qubit % 64) & 1 == 1);
        Ok(self.one(question::amplitudes(gates.iter(), self.program.num_qubits, bit, &[])?)?[0].norm_sqr())
    }

    fn probabilities(&mut self, values: &[f64], qubits: &[usize]) -> CoreResult<Vec<f64>> {
        let num_qubits = self.program.num_qubits;
        check_listed(qubits, num_qubits)?;
        let gates = self.begin_pure(values)?;
        let asked: Vec<u32> = qubits.iter().map(|qubit| *qubit as u32).collect();
        let found = if qubits.len() == num_qubits {
            let all = self.one(question::amplitudes(gates.iter(), num_qubits, |_| false, &asked)?)?;
            all.iter().map(|value| value.norm_sqr()).collect()
        } else {
            let all = self.one(question::probabilities(&gates, num_qubits, &asked)?)?;
            all.iter().map(|value| value.re.max(0.0)).collect()
        };
        Ok(found)
    }

    fn sample(&mut self, values: &[f64], shots: u64, seed: u64) -> CoreResult<Counts> {
        check_shots(shots)?;
        let gates = self.begin(values)?;
        let words = self.program.start().clbits.len();
        let mut tally = Tally::new(words);
        for (bits, count) in sample(&gates, self.program.num_qubits, (shots, seed), &mut self.evaluator)? {
            let mut cursor = self.program.start();
            for read in &self.program.readout {
                cursor.set(read.clbit, bits[read.qubit / 64] >> (read.qubit % 64) & 1 == 1);
            }
            tally.add_rows(&cursor.clbits, &[count])?;
        }
        Ok(tally.finish(self.program.num_clbits))
    }

    fn expectation(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        let gates = self.begin_pure(values)?;
        observables.iter().map(|observable| self.means(&gates, observable)).collect()
    }

    fn variance(&mut self, values: &[f64], observables: &[&Observable]) -> CoreResult<Vec<f64>> {
        let gates = self.begin_pure(values)?;
        let mut variance = |observable: &&Observable| {
            let (mean, square) =
                (self.means(&gates, observable)?, self.means(&gates, &observable.times(observable)?)?);
            Ok((square - mean * mean).max(0.0))
        };
        observables.iter().map(&mut variance).collect()
    }

    fn gradient(&mut self, values: &[f64], observable: &Observable) -> CoreResult<(f64, Vec<f64>)> {
        if self.program.num_parameters > 0 {
            let message = "the tensor-network engine has no derivatives";
            return Err(CoreError::new(ErrorCode::Unsupported, message)
                .with_hint("use the parameter-shift rule or finite differences"));
        }
        Ok((self.expectation(values, &[observable])?[0], Vec::new()))
    }

    fn sample_expectation(
        &mut self,
        values: &[f64],
        observable: &Observable,
        shots: u64,
        seed: u64,
    ) -> CoreResult<(f64, f64)> {
        check_shots(shots)?;
        let num_qubits = self.program.num_qubits;
        check_widths(&[observable], num_qubits)?;
        let gates = self.begin_pure(values)?;
        let (mut mean, mut variance) = (0.0, 0.0);
        let mut groups: Vec<(PauliString, Vec<(PauliString, f64)>)> = Vec::new();
        for group in observable.groups() {
            let terms = group.observable.terms().iter().cloned();
            let (constant, terms): (Vec<_>, Vec<_>) =
                terms.partition(|(string, _)| string.factors().is_empty());
            mean += constant.iter().map(|(_, weight)| weight).sum::<f64>();
            if !terms.is_empty() {
                groups.push((group.basis, terms));
            }
        }
        enough_shots(groups.len(), shots)?;
        let weights: Vec<f64> =
            groups.iter().map(|(_, terms)| terms.iter().map(|(_, weight)| weight.abs()).sum()).collect();
        for (index, ((basis, terms), part)) in groups.iter().zip(share(&weights, shots)).enumerate() {
            let mut turned = gates.clone();
            turned.extend(basis.factors().iter().filter(|(_, letter)| *letter != Pauli::Z).map(
                |(qubit, letter)| {
                    let matrix = to_z_axis(letter.letter() as u8, false).to_vec();
                    Numeric {
                        controls: Vec::new(),
                        targets: vec![*qubit],
                        kind: super::gates::Kind::Matrix(matrix),
                    }
                },
            ));
            let seed = seed ^ crate::sim::branch::mix(index as u64);
            let strings = sample(&turned, num_qubits, (part, seed), &mut self.evaluator)?;
            let value = |bits: &[u64]| -> f64 {
                let odd = |string: &PauliString| {
                    let bit = |qubit: u32| bits[qubit as usize / 64] >> (qubit % 64) & 1;
                    string.factors().iter().fold(0, |odd, (qubit, _)| odd ^ bit(*qubit)) == 1
                };
                terms.iter().map(|(string, weight)| if odd(string) { -weight } else { *weight }).sum()
            };
            let values: Vec<(f64, f64)> =
                strings.iter().map(|(bits, count)| (value(bits), *count as f64)).collect();
            let (group_mean, spread) = moments(&values, part, weights[index]);
            mean += group_mean;
            variance += spread / part as f64;
        }
        Ok((mean, libm::sqrt(variance)))
    }

    fn facts(&self) -> Vec<(&'static str, Fact)> {
        let account = self.evaluator.account;
        vec![
            ("precision", Fact::Text("f64".to_string())),
            ("contraction_width", Fact::Count(u64::from(account.width))),
            ("operations", Fact::Number(account.operations)),
            ("slices", Fact::Count(account.slices)),
        ]
    }
}
