//! Numbers for symbols, and other names for symbols.
use std::collections::HashMap;

use super::Circuit;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::param::Affine;

impl Circuit {
    /// The circuit with numbers in place of some symbols; the others stay, in their order.
    pub fn bind(&self, values: &HashMap<String, f64>) -> CoreResult<Circuit> {
        self.check_known(values.keys())?;
        if let Some((name, value)) = values.iter().find(|(_, value)| !value.is_finite()) {
            let message = format!("value `{value}` of parameter `{name}` is not finite");
            return Err(CoreError::new(ErrorCode::ParameterInvalid, message));
        }
        self.substitute(&|name| match values.get(name) {
            Some(value) => Affine::number(*value),
            None => Affine::symbol(name),
        })
    }

    /// The circuit with a number for every symbol, in the order of `symbols()`.
    pub fn bind_all(&self, values: &[f64]) -> CoreResult<Circuit> {
        if values.len() != self.symbols.len() {
            let message = format!("`{}` values for {} parameters", values.len(), self.symbols.len());
            return Err(CoreError::new(ErrorCode::ParameterInvalid, message));
        }
        self.bind(&self.symbols.iter().cloned().zip(values.iter().copied()).collect())
    }

    /// The circuit with other symbol names; two symbols may become one.
    pub fn rename_parameters(&self, names: &HashMap<String, String>) -> CoreResult<Circuit> {
        self.check_known(names.keys())?;
        self.substitute(&|name| Affine::symbol(names.get(name).map_or(name, String::as_str)))
    }

    fn check_known<'a>(&self, mut names: impl Iterator<Item = &'a String>) -> CoreResult<()> {
        let index = self.index_of_symbols();
        let Some(name) = names.find(|name| !index.contains_key(name.as_str())) else { return Ok(()) };
        let known: Vec<&str> = self.symbols.iter().take(8).map(String::as_str).collect();
        let hint = if known.is_empty() {
            "the circuit has no parameters".to_string()
        } else {
            format!(
                "its parameters are {}{}",
                known.join(", "),
                if self.symbols.len() > 8 { ", …" } else { "" }
            )
        };
        let message = format!("the circuit has no parameter `{name}`");
        Err(CoreError::new(ErrorCode::ParameterInvalid, message).with_hint(hint))
    }

    /// The circuit with every symbol replaced.
    fn substitute(&self, replace: &dyn Fn(&str) -> Affine) -> CoreResult<Circuit> {
        let replacements: Vec<Affine> = self.symbols.iter().map(|name| replace(name)).collect();
        let mut out = self.like();
        out.symbols.clear();
        out.known_symbols.clear();
        for name in replacements.iter().flat_map(|affine| affine.terms.keys()) {
            out.declare(name)?;
        }
        let index = self.index_of_symbols();
        for op in self.operations() {
            let mut instruction = op.to_instruction();
            for param in &mut instruction.params {
                *param = substituted(param, &index, &replacements);
            }
            out.push(instruction)?;
        }
        out.build()
    }

    fn index_of_symbols(&self) -> HashMap<&str, usize> {
        self.symbols.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect()
    }
}

/// An expression with its symbols replaced.
fn substituted(param: &Affine, index: &HashMap<&str, usize>, replacements: &[Affine]) -> Affine {
    let constant = Affine::number(param.constant);
    param.terms.iter().fold(constant, |sum, (name, factor)| match index.get(name.as_str()) {
        Some(index) => sum.add_scaled(&replacements[*index], *factor),
        None => sum,
    })
}
