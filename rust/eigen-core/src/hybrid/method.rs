//! The methods by name.
use serde::{Deserialize, Serialize};

use super::cobyla::Cobyla;
use super::descent::Descent;
use super::lbfgs::Lbfgs;
use super::nelder_mead::NelderMead;
use super::question::Method;
use super::rotosolve::Rotosolve;
use super::settings::{Settings, invalid};
use super::spsa::Spsa;
use crate::error::CoreResult;

/// Names of the methods, as the language spells them.
pub const METHODS: [&str; 7] = ["adam", "cobyla", "l-bfgs-b", "nelder-mead", "rotosolve", "sgd", "spsa"];

/// A method under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Machine {
    Adam(Descent),
    Cobyla(Cobyla),
    LBfgsB(Lbfgs),
    NelderMead(NelderMead),
    Rotosolve(Rotosolve),
    Sgd(Descent),
    Spsa(Spsa),
}

impl Machine {
    /// The method of a name at its start.
    pub fn new(name: &str, start: &[f64], settings: &Settings) -> CoreResult<Self> {
        let machine = match name {
            "adam" => Machine::Adam(Descent::adam(start)),
            "cobyla" => Machine::Cobyla(Cobyla::new()),
            "l-bfgs-b" => Machine::LBfgsB(Lbfgs::new(start)),
            "nelder-mead" => Machine::NelderMead(NelderMead::new()),
            "rotosolve" => Machine::Rotosolve(Rotosolve::new(start)),
            "sgd" => Machine::Sgd(Descent::sgd(start)),
            "spsa" => Machine::Spsa(Spsa::new(start)),
            other => {
                let shown: String = other.chars().take(40).collect();
                let hint = format!("the methods here are {}", METHODS.join(", "));
                return Err(invalid(format!("there is no method `{shown}`")).with_hint(hint));
            }
        };
        let takes_batches = matches!(machine, Machine::Adam(_) | Machine::Sgd(_) | Machine::Spsa(_));
        if settings.batches.is_some() && !takes_batches {
            return Err(invalid(format!("`{name}` does not take mini-batches")));
        }
        if settings.bounds.is_some() && name == "rotosolve" {
            return Err(invalid(format!("`{name}` does not take bounds")));
        }
        Ok(machine)
    }

    pub fn method(&mut self) -> &mut dyn Method {
        match self {
            Machine::Adam(method) | Machine::Sgd(method) => method,
            Machine::Cobyla(method) => method,
            Machine::LBfgsB(method) => method,
            Machine::NelderMead(method) => method,
            Machine::Rotosolve(method) => method,
            Machine::Spsa(method) => method,
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Machine::Adam(_) => "adam",
            Machine::Cobyla(_) => "cobyla",
            Machine::LBfgsB(_) => "l-bfgs-b",
            Machine::NelderMead(_) => "nelder-mead",
            Machine::Rotosolve(_) => "rotosolve",
            Machine::Sgd(_) => "sgd",
            Machine::Spsa(_) => "spsa",
        }
    }
}
