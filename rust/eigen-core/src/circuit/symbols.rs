//! The order of a builder's symbols, and the classical bits it has used so far.
use super::{CircuitBuilder, Payload};
use crate::error::{CoreError, CoreResult, ErrorCode};

impl CircuitBuilder {
    /// Puts the symbols into a given order, which must name every symbol in use; more may be named.
    pub(crate) fn order_symbols(&mut self, names: &[String]) -> CoreResult<()> {
        let used = std::mem::take(&mut self.symbols);
        self.known_symbols.clear();
        for name in names {
            let before = self.symbols.len();
            self.declare(name)?;
            if self.symbols.len() == before {
                let message = format!("parameter `{name}` is declared twice");
                return Err(CoreError::new(ErrorCode::ParameterInvalid, message));
            }
        }
        let mut moved = Vec::with_capacity(used.len());
        for name in &used {
            let Some(index) = self.known_symbols.get(name) else {
                let message = format!("parameter `{name}` is used but not among the declared ones");
                return Err(CoreError::new(ErrorCode::ParameterInvalid, message));
            };
            moved.push(*index);
        }
        for expression in &mut self.expressions {
            expression.terms.iter_mut().for_each(|(symbol, _)| *symbol = moved[*symbol as usize]);
            expression.terms.sort_unstable_by_key(|(symbol, _)| *symbol);
        }
        // Interned keys speak of the old order.
        self.known_expressions.clear();
        Ok(())
    }

    /// One more than the highest classical bit that is written or read.
    pub(crate) fn used_clbits(&self) -> usize {
        let written = self.columns.clbits.iter().copied().max();
        let conditions = self.columns.details.iter().filter_map(|detail| detail.condition.as_ref());
        let read = conditions.flat_map(|condition| condition.clbits()).max();
        let computed = self.columns.details.iter().filter_map(|detail| match &detail.payload {
            Payload::Expr(value) => value.clbits().last().copied(),
            _ => None,
        });
        written.max(read).max(computed.max()).map_or(0, |bit| bit as usize + 1)
    }
}
