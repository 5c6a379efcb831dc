//! Time evolution: a Hamiltonian of Pauli strings, what it acts on, and the propagators that carry the state along.
//!
//! Units: hbar is 1, so a coefficient times a time is an angle. `psi(t) = T exp(-i ∫ H dt) psi(0)`; with collapse
//! operators the Lindblad equation holds.
#![allow(clippy::needless_range_loop, reason = "lane loops run over several arrays at once")]

mod chebyshev;
mod coefficient;
mod collapse;
mod commutators;
mod density;
mod drive;
mod initial;
mod json;
mod krylov;
mod magnus;
mod method;
mod mixed;
mod operator;
mod propagation;
mod propagator;
mod pure;
mod taylor;
mod trajectory;
mod tridiagonal;
mod trotter;
mod vector;

pub use coefficient::{Between, Coefficient, Table};
pub use collapse::{Collapse, Jump};
pub use initial::Initial;
pub use method::{Method, Settings};
pub use propagation::{Answer, Propagation};
pub use trotter::Formula;

use std::sync::OnceLock;

use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::limits::{MAX_EVOLUTION_TERMS, MAX_NAME_BYTES, MAX_SAVED, MAX_SYMBOLS};
use crate::observable::{Observable, PauliString};
use crate::param::Affine;
use coefficient::invalid;

/// Qubits of an evolution: the masks of its Pauli strings have room for them.
pub const MAX_EVOLUTION_QUBITS: usize = 64;

/// One term of the Hamiltonian.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The Pauli string.
    pub pauli: PauliString,
    /// What it is multiplied by.
    pub coefficient: Coefficient,
}

/// What an evolution is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// Number of qubits.
    pub num_qubits: usize,
    /// The Hamiltonian, in the order in which product formulas take its terms.
    pub hamiltonian: Vec<Term>,
    /// How long it acts.
    pub time: f64,
    /// When the observables are taken, ascending, from 0 to `time`.
    pub times: Vec<f64>,
    /// Where it starts.
    pub initial: Initial,
    /// Collapse operators; with any of them the state becomes mixed.
    pub collapse: Vec<Collapse>,
    /// What is recorded.
    pub observables: Vec<Observable>,
    /// A name, often empty.
    pub name: String,
}

/// A checked evolution. Immutable; its digest is the SHA-256 of its canonical JSON.
#[derive(Clone, Debug)]
pub struct Evolution {
    parts: Parts,
    symbols: Vec<String>,
    digest: OnceLock<String>,
}

impl Evolution {
    /// Checks the parts.
    pub fn new(parts: Parts) -> CoreResult<Self> {
        check(&parts)?;
        let symbols = symbols_of(&parts);
        if symbols.len() > MAX_SYMBOLS {
            return Err(CoreError::limit("parameters of an evolution", MAX_SYMBOLS, symbols.len()));
        }
        Ok(Self { parts, symbols, digest: OnceLock::new() })
    }

    /// What it is made of.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Number of qubits.
    pub fn num_qubits(&self) -> usize {
        self.parts.num_qubits
    }

    /// The parameters in order of first appearance: initial state, Hamiltonian, collapse operators.
    pub fn symbols(&self) -> &[String] {
        &self.symbols
    }

    /// Whether the Hamiltonian changes with time.
    pub fn is_time_dependent(&self) -> bool {
        self.parts.hamiltonian.iter().any(|term| !term.coefficient.is_constant())
    }

    /// Whether the state becomes mixed.
    pub fn is_open(&self) -> bool {
        !self.parts.collapse.is_empty()
    }

    /// The SHA-256 of the canonical JSON, in hexadecimal.
    pub fn digest(&self) -> &str {
        self.digest.get_or_init(|| json::digest(self))
    }

    /// The same with numbers in place of its parameters, in their order.
    pub fn bind(&self, values: &[f64]) -> CoreResult<Self> {
        crate::sim::check_values(values, self.symbols.len()).map_err(|error| error.at("evolution"))?;
        let value_of = |name: &String| {
            self.symbols.iter().position(|known| known == name).map_or(f64::NAN, |at| values[at])
        };
        let number = |affine: &Affine| {
            Affine::number(
                affine.terms.iter().fold(affine.constant, |sum, (name, c)| sum + c * value_of(name)),
            )
        };
        let mut parts = self.parts.clone();
        for term in &mut parts.hamiltonian {
            term.coefficient = term.coefficient.map(&number);
        }
        for collapse in &mut parts.collapse {
            collapse.rate = number(&collapse.rate);
        }
        if let Initial::Circuit(circuit) = &mut parts.initial {
            let given: std::collections::HashMap<String, f64> =
                circuit.symbols().iter().map(|name| (name.clone(), value_of(name))).collect();
            **circuit = circuit.bind(&given)?;
        }
        Self::new(parts)
    }
}

impl PartialEq for Evolution {
    fn eq(&self, other: &Self) -> bool {
        self.digest() == other.digest()
    }
}

impl Eq for Evolution {}

fn check(parts: &Parts) -> CoreResult<()> {
    let width = parts.num_qubits;
    if width == 0 || width > MAX_EVOLUTION_QUBITS {
        return Err(CoreError::limit("qubits of an evolution", MAX_EVOLUTION_QUBITS, width));
    }
    for (what, count) in
        [("terms of a Hamiltonian", parts.hamiltonian.len()), ("collapse operators", parts.collapse.len())]
    {
        if count > MAX_EVOLUTION_TERMS {
            return Err(CoreError::limit(what, MAX_EVOLUTION_TERMS, count));
        }
    }
    let saved = parts.times.len().saturating_mul(parts.observables.len().max(1));
    if saved > MAX_SAVED {
        return Err(CoreError::limit("recorded values of an evolution", MAX_SAVED, saved));
    }
    if parts.name.len() > MAX_NAME_BYTES {
        return Err(CoreError::limit("bytes of a name", MAX_NAME_BYTES, parts.name.len()));
    }
    check_times(parts)?;
    parts.initial.check(width)?;
    for (index, term) in parts.hamiltonian.iter().enumerate() {
        inside(term.pauli.width(), width, &term.pauli)
            .and_then(|()| term.coefficient.check())
            .map_err(|error| error.at(format_args!("term {index} of the Hamiltonian")))?;
    }
    for (index, collapse) in parts.collapse.iter().enumerate() {
        let place = format_args!("collapse operator {index}").to_string();
        inside(collapse.jump.width(), width, &collapse.jump).map_err(|error| error.at(&place))?;
        collapse.rate.check().map_err(|error| error.at(&place))?;
        if collapse.rate.is_constant() && collapse.rate.constant < 0.0 {
            return Err(invalid(format!("the rate `{}` is negative", collapse.rate.constant)).at(&place));
        }
    }
    for (index, observable) in parts.observables.iter().enumerate() {
        if observable.num_qubits() > width {
            let message = format!(
                "observable {index} acts on `{}` qubits, the evolution has {width}",
                observable.num_qubits()
            );
            return Err(CoreError::new(ErrorCode::ObservableInvalid, message));
        }
    }
    Ok(())
}

fn check_times(parts: &Parts) -> CoreResult<()> {
    if !parts.time.is_finite() || parts.time < 0.0 {
        return Err(invalid(format!(
            "the time of an evolution is finite and not negative, not `{}`",
            parts.time
        )));
    }
    if let Some(bad) = parts.times.iter().find(|t| !(0.0..=parts.time).contains(*t)) {
        return Err(invalid(format!("the time `{bad}` lies outside 0 to {}", parts.time)));
    }
    match parts.times.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => Err(invalid(format!("the times ascend, but `{}` follows {}", pair[1], pair[0]))),
        None => Ok(()),
    }
}

fn inside(needed: usize, width: usize, what: &dyn std::fmt::Display) -> CoreResult<()> {
    if needed <= width {
        return Ok(());
    }
    Err(invalid(format!("`{what}` acts on qubit {}, the evolution has {width} qubits", needed - 1)))
}

fn symbols_of(parts: &Parts) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let mut symbols: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if seen.insert(name.to_string()) {
            symbols.push(name.to_string());
        }
    };
    if let Initial::Circuit(circuit) = &parts.initial {
        circuit.symbols().iter().for_each(|name| add(name));
    }
    parts.hamiltonian.iter().for_each(|term| term.coefficient.each_symbol(&mut add));
    parts.collapse.iter().flat_map(|collapse| collapse.rate.terms.keys()).for_each(|name| add(name));
    symbols
}
