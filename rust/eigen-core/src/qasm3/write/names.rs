//! Names that OpenQASM 3 allows, for everything that a program declares; what was called otherwise keeps its name in an
//! annotation.
use std::collections::HashSet;
use std::fmt::Write;

use super::layout::Kind;
use super::unsupported;
use crate::circuit::{Circuit, Register};
use crate::error::CoreResult;
use crate::qasm3::cursor::is_name;
use crate::qasm3::library::is_standard;

/// Names in use.
#[derive(Default)]
pub(super) struct Names(HashSet<String>);

/// A register as it is declared: its name in the program, and the bits.
pub(super) struct Declared {
    pub name: String,
    pub start: u32,
    pub size: u32,
    pub kind: Kind,
}

/// Registers of one kind, in the order of their bits.
pub(super) struct Side {
    pub registers: Vec<Declared>,
    /// For each bit, its register.
    pub home: Vec<u32>,
}

impl Names {
    /// A name like the one that is wanted.
    pub fn fresh(&mut self, wanted: &str) -> String {
        let mut base: String =
            wanted.chars().take(64).map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if !base.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            base.insert(0, 'v');
        }
        let plain = std::iter::once(if is_name(wanted) { wanted.to_string() } else { base.clone() });
        let mut wishes = plain.chain((1..).map(|k| format!("{base}_{k}")));
        let free = wishes.find(|name| is_name(name) && !is_standard(name) && !self.0.contains(name));
        let name = free.unwrap_or(base);
        self.0.insert(name.clone());
        name
    }

    /// A name for something, and the annotation that keeps what it was called.
    pub fn kept(&mut self, wanted: &str, out: &mut String) -> CoreResult<String> {
        let name = self.fresh(wanted);
        if name != wanted {
            if wanted.contains(['"', '\\', '\n']) {
                let shown: String = wanted.chars().take(40).flat_map(char::escape_debug).collect();
                return Err(unsupported(format!("the name `{shown}` cannot be kept in OpenQASM 3")));
            }
            let _ = writeln!(out, "@eigen.name \"{wanted}\"");
        }
        Ok(name)
    }
}

impl Side {
    /// Declares all qubits: those in registers under their names, the others in registers that say that they are none.
    pub fn quantum(names: &mut Names, circuit: &Circuit, out: &mut String) -> CoreResult<Self> {
        let (given, total) = (circuit.qubit_registers(), circuit.num_qubits());
        let mut ordered: Vec<&Register> = given.iter().collect();
        ordered.sort_by_key(|register| (register.start, register.start + register.size));
        let mut side = Self { registers: Vec::new(), home: Vec::new() };
        for register in ordered {
            let end = side.end();
            if register.size == 0 {
                let shown: String = register.name.chars().take(40).collect();
                return Err(unsupported(format!(
                    "register `{shown}` has no bits, which OpenQASM 3 does not allow"
                )));
            }
            side.gap(names, end, register.start, out);
            let name = names.kept(&register.name, out)?;
            let _ = writeln!(out, "qubit[{}] {name};", register.size);
            let (start, size) = (register.start, register.size);
            side.registers.push(Declared { name, start, size, kind: Kind::Bits });
        }
        let end = side.end();
        side.gap(names, end, total as u32, out);
        side.settle(total);
        Ok(side)
    }

    fn gap(&mut self, names: &mut Names, start: u32, end: u32, out: &mut String) {
        if end > start {
            let name = names.fresh("q");
            let _ = writeln!(out, "@eigen.loose\nqubit[{}] {name};", end - start);
            self.registers.push(Declared { name, start, size: end - start, kind: Kind::Bits });
        }
    }

    /// The first bit that is not declared yet.
    pub fn end(&self) -> u32 {
        self.registers.last().map_or(0, |last| last.start + last.size)
    }

    /// Finds the register of each bit, once all are declared.
    pub fn settle(&mut self, total: usize) {
        self.home = vec![0; total];
        for (index, register) in self.registers.iter().enumerate() {
            self.home[register.start as usize..(register.start + register.size) as usize].fill(index as u32);
        }
    }

    /// The variable that some bits are, where they are all of one that is a number.
    pub fn variable(&self, bits: &[u32]) -> Option<&Declared> {
        let register = self.of_bit(*bits.first()?);
        let is_whole = bits.len() == register.size as usize
            && bits.iter().zip(register.start..).all(|(bit, place)| *bit == place);
        (is_whole && register.kind != Kind::Bits).then_some(register)
    }

    pub fn of_bit(&self, bit: u32) -> &Declared {
        &self.registers[self.home[bit as usize] as usize]
    }

    /// A bit as `name[index]`.
    pub fn push_bit(&self, out: &mut String, bit: u32) {
        let register = self.of_bit(bit);
        let _ = write!(out, "{}[{}]", register.name, bit - register.start);
    }

    /// Bits of one register as it, a slice or a set of it; `None` when they lie in several.
    pub fn group(&self, bits: &[u32]) -> Option<String> {
        let register = self.of_bit(*bits.first()?);
        let range = register.start..register.start + register.size;
        if !bits.iter().all(|bit| range.contains(bit)) {
            return None;
        }
        let places: Vec<u32> = bits.iter().map(|bit| bit - register.start).collect();
        let ascends = places.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let name = &register.name;
        Some(match places.as_slice() {
            [one] => format!("{name}[{one}]"),
            all if ascends && all.len() == register.size as usize => name.clone(),
            all if ascends => format!("{name}[{}:{}]", all[0], all[all.len() - 1]),
            all => {
                let listed: Vec<String> = all.iter().map(u32::to_string).collect();
                format!("{name}[{{{}}}]", listed.join(", "))
            }
        })
    }
}

/// The parameters of a circuit, declared as inputs: their names in the program.
pub(super) fn inputs(circuit: &Circuit, names: &mut Names, out: &mut String) -> CoreResult<Vec<String>> {
    circuit
        .symbols()
        .iter()
        .map(|symbol| {
            let name = names.kept(symbol, out)?;
            let _ = writeln!(out, "input float {name};");
            Ok(name)
        })
        .collect()
}
