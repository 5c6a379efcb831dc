//! Conditions as expressions.
use std::fmt::Write;

use super::Text;
use super::layout::Kind;
use crate::condition::Condition;
use crate::error::CoreResult;

impl Text<'_> {
    /// A condition as an expression that is true or false.
    pub(super) fn condition(&mut self, condition: &Condition) -> CoreResult<String> {
        Ok(match condition {
            Condition::Const(value) => value.to_string(),
            Condition::Bit(bit) => {
                let mut out = String::new();
                self.clbits.push_bit(&mut out, *bit);
                out
            }
            Condition::Not(inner) => format!("!({})", self.condition(inner)?),
            Condition::And(parts) => self.joined(parts, " && ")?,
            Condition::Or(parts) => self.joined(parts, " || ")?,
            Condition::Xor(parts) => self.joined(parts, " ^ ")?,
            Condition::Compare { bits, op, value } => {
                let is_signed = self.clbits.variable(bits).is_some_and(|variable| variable.kind == Kind::Int);
                let text = self.bits(bits);
                let text = if is_signed { format!("uint[{}]({text})", bits.len()) } else { text };
                format!("{text} {} {value}", op.as_str())
            }
        })
    }

    fn joined(&mut self, parts: &[Condition], operator: &str) -> CoreResult<String> {
        let parts = parts.iter().map(|part| self.condition(part).map(|text| format!("({text})")));
        Ok(parts.collect::<CoreResult<Vec<String>>>()?.join(operator))
    }

    /// Bits as one value, under an alias where they lie in several registers.
    pub(super) fn bits(&mut self, bits: &[u32]) -> String {
        if let Some(group) = self.clbits.group(bits) {
            return group;
        }
        if let Some((_, name)) = self.known_aliases.iter().find(|(known, _)| known == bits) {
            return name.clone();
        }
        let name = self.names.fresh("joined");
        let mut value = String::new();
        for (k, bit) in bits.iter().enumerate() {
            value.push_str(if k == 0 { "" } else { " ++ " });
            self.clbits.push_bit(&mut value, *bit);
        }
        let _ = writeln!(self.aliases, "let {name} = {value};");
        self.known_aliases.push((bits.to_vec(), name.clone()));
        name
    }
}
