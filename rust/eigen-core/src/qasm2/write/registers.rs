//! The registers of a program: those of the circuit, and new ones around bits that lie in none.
use std::fmt::Write;

use super::unsupported;
use crate::circuit::{Circuit, Register};
use crate::error::CoreResult;
use crate::qasm2::cursor::is_name;
use crate::qasm2::library::QELIB1;

/// Registers of one kind, in the order of their bits.
pub(super) struct Side {
    registers: Vec<Register>,
    /// For each bit, its register.
    home: Vec<u32>,
}

/// Both kinds of registers.
pub(super) struct Registers {
    pub qubits: Side,
    pub clbits: Side,
}

impl Registers {
    /// The registers of a circuit. Fails when a name is none that OpenQASM 2 allows.
    pub fn of(circuit: &Circuit, has_delay: bool) -> CoreResult<Self> {
        let mut taken = std::collections::HashSet::new();
        for register in circuit.qubit_registers().iter().chain(circuit.clbit_registers()) {
            let name = register.name.as_str();
            let is_gate = QELIB1.iter().any(|gate| gate.name == name) || has_delay && name == "delay";
            if !is_name(name) || is_gate {
                let shown: String = name.chars().take(40).collect();
                let message = format!("`{shown}` cannot be the name of a register in OpenQASM 2");
                let hint = "a name begins with a small letter and is no keyword and no gate";
                return Err(unsupported(message).with_hint(hint));
            }
            if !taken.insert(name) {
                let message = format!("two registers are called `{name}`, which OpenQASM 2 does not allow");
                return Err(unsupported(message));
            }
        }
        let mut fresh = |wish: &str| {
            let mut names = std::iter::once(wish.to_string()).chain((1..).map(|k| format!("{wish}{k}")));
            let free = names.find(|name| !taken.contains(name.as_str()));
            free.unwrap_or_else(|| wish.to_string())
        };
        let qubits = Side::of(circuit.qubit_registers(), circuit.num_qubits(), &mut fresh, "q");
        let clbits = Side::of(circuit.clbit_registers(), circuit.num_clbits(), &mut fresh, "c");
        Ok(Self { qubits, clbits })
    }

    /// Writes the declarations.
    pub fn declare(&self, out: &mut String) {
        for (side, word) in [(&self.qubits, "qreg"), (&self.clbits, "creg")] {
            for register in &side.registers {
                let _ = writeln!(out, "{word} {}[{}];", register.name, register.size);
            }
        }
    }
}

impl Side {
    /// All bits in registers; those that lie in none get one of a fresh name for each gap.
    fn of(given: &[Register], total: usize, fresh: &mut impl FnMut(&str) -> String, wish: &str) -> Self {
        let mut ordered = given.to_vec();
        ordered.sort_by_key(|register| (register.start, register.start + register.size));
        let mut registers: Vec<Register> = Vec::new();
        let mut at = 0;
        let mut gaps = 0;
        let mut close = |registers: &mut Vec<Register>, at: u32, to: u32| {
            if to > at {
                let name = if gaps == 0 { fresh(wish) } else { fresh(&format!("{wish}_{gaps}_")) };
                gaps += 1;
                registers.push(Register { name, start: at, size: to - at });
            }
        };
        for register in ordered {
            close(&mut registers, at, register.start);
            at = register.start + register.size;
            registers.push(register);
        }
        close(&mut registers, at, total as u32);
        let mut home = vec![0; total];
        for (index, register) in registers.iter().enumerate() {
            let range = register.start as usize..(register.start + register.size) as usize;
            home[range].fill(index as u32);
        }
        Self { registers, home }
    }

    /// The register of a bit.
    pub fn of_bit(&self, bit: u32) -> &Register {
        &self.registers[self.home[bit as usize] as usize]
    }

    /// Writes a bit as `name[index]`.
    pub fn push_bit(&self, out: &mut String, bit: u32) {
        let register = self.of_bit(bit);
        let _ = write!(out, "{}[{}]", register.name, bit - register.start);
    }

    /// A bit as `name[index]`.
    pub fn bit(&self, bit: u32) -> String {
        let mut out = String::new();
        self.push_bit(&mut out, bit);
        out
    }

    /// The name of the register that has exactly these bits in order, when it has more than one.
    pub fn whole(&self, bits: &[u32]) -> Option<&str> {
        let register = self.leading(bits)?;
        (register.size as usize == bits.len() && bits.len() > 1).then_some(register.name.as_str())
    }

    /// Bits as operands, whole registers by their names.
    pub fn grouped(&self, bits: &[u32]) -> Vec<String> {
        let mut out = Vec::new();
        let mut rest = bits;
        while let Some(first) = rest.first() {
            match self.leading(rest).filter(|register| register.size > 1) {
                Some(register) => {
                    out.push(register.name.clone());
                    rest = &rest[register.size as usize..];
                }
                None => {
                    out.push(self.bit(*first));
                    rest = &rest[1..];
                }
            }
        }
        out
    }

    /// The register whose bits the list begins with.
    fn leading(&self, bits: &[u32]) -> Option<&Register> {
        let register = self.of_bit(*bits.first()?);
        let size = register.size as usize;
        let begins =
            bits.len() >= size && (register.start..).zip(&bits[..size]).all(|(wanted, bit)| wanted == *bit);
        begins.then_some(register)
    }
}
