//! Declarations of classical bits: registers under their names, and the variables of what is computed.
use std::fmt::Write;

use super::layout::{Kind, Layout};
use super::names::{Declared, Names, Side};
use super::unsupported;
use crate::circuit::{Circuit, Register};
use crate::error::CoreResult;

/// What is said of all bits of one part.
struct Part {
    /// What stands before those in no register.
    mark: &'static str,
    role: &'static str,
    /// What those in no register are called.
    name: &'static str,
    /// Whether they are declared with what they are in the beginning.
    has_zeros: bool,
}

impl Side {
    /// Declares all classical bits, the scratch bits last. Where a program computes, its results are outputs, so that
    /// what else it declares is none.
    pub fn classical(names: &mut Names, circuit: &Circuit, out: &mut String) -> CoreResult<Self> {
        let layout = Layout::of(circuit)?;
        let (results, total) = (circuit.num_clbits() as u32, circuit.num_bits() as u32);
        let role = if circuit.computes() { "output " } else { "" };
        let shown = Part { mark: "@eigen.loose\n", role, name: "c", has_zeros: false };
        let hidden = Part { mark: "@eigen.scratch\n", role: "", name: "value", has_zeros: true };
        let mut ordered: Vec<&Register> = circuit.clbit_registers().iter().collect();
        ordered.sort_by_key(|register| (register.start, register.start + register.size));
        let mut side = Self { registers: Vec::new(), home: Vec::new() };
        for register in ordered {
            side.run(names, &layout, register.start, &shown, out);
            if register.size == 0 {
                let name: String = register.name.chars().take(40).collect();
                return Err(unsupported(format!(
                    "register `{name}` has no bits, which OpenQASM 3 does not allow"
                )));
            }
            let whole = layout.at(register.start).filter(|(size, _)| *size == register.size);
            let kind = whole.map_or(Kind::Bits, |(_, kind)| kind);
            let name = names.kept(&register.name, out)?;
            side.say(Declared { name, start: register.start, size: register.size, kind }, &shown, out);
        }
        side.run(names, &layout, results, &shown, out);
        side.run(names, &layout, total, &hidden, out);
        side.settle(total as usize);
        for (start, _, kind) in layout.within(0, total) {
            let home = side.of_bit(start);
            if kind == Kind::Float && home.kind != Kind::Float {
                let message = format!(
                    "a fraction among other bits, those of `{}`, which OpenQASM 3 cannot say",
                    home.name
                );
                return Err(unsupported(message));
            }
        }
        Ok(side)
    }

    /// Bits in no register, up to `end`: numbers as variables, the others together.
    fn run(&mut self, names: &mut Names, layout: &Layout, end: u32, part: &Part, out: &mut String) {
        let mut declare = |side: &mut Self, end: u32, kind: Kind| {
            let start = side.end();
            if end > start {
                out.push_str(part.mark);
                side.say(
                    Declared { name: names.fresh(part.name), start, size: end - start, kind },
                    part,
                    out,
                );
            }
        };
        for (first, size, kind) in layout.within(self.end(), end) {
            if first + size <= end {
                declare(self, first, Kind::Bits);
                declare(self, first + size, kind);
            }
        }
        declare(self, end, Kind::Bits);
    }

    fn say(&mut self, declared: Declared, part: &Part, out: &mut String) {
        let Declared { name, size, kind, .. } = &declared;
        let (of, zero) = match kind {
            Kind::Bits => ("bit", format!("\"{}\"", "0".repeat(*size as usize))),
            Kind::Uint => ("uint", "0".to_string()),
            Kind::Int => ("int", "0".to_string()),
            Kind::Float => ("float", "0.0".to_string()),
        };
        let _ = write!(out, "{}{of}[{size}] {name}", part.role);
        // An output cannot be given a value where it is declared.
        let _ = if part.has_zeros { writeln!(out, " = {zero};") } else { writeln!(out, ";") };
        self.registers.push(declared);
    }
}
