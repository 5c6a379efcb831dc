//! Measurements, resets, barriers, delays and boxes.
use super::Lower;
use super::live::Flow;
use crate::circuit::{Basis, DurationUnit, Instruction};
use crate::gate::Opcode;
use crate::param::Affine;
use crate::qasm3::tree::{Expr, Statement};
use crate::qasm3::value::Data;
use crate::text::{Fault, Parse};

impl<'a> Lower<'a> {
    /// Measures qubits into as many bits.
    pub fn measure(&mut self, qubits: &[u32], bits: &[u32], at: u32) -> Parse<()> {
        if qubits.len() != bits.len() {
            let message = format!("`{}` qubits are measured into {} bits", qubits.len(), bits.len());
            return Err(Fault::invalid(at as usize, message));
        }
        self.push(Instruction::measure(qubits, bits, Basis::Z), at)
    }

    pub fn reset(&mut self, operand: &Expr<'a>, at: u32) -> Parse<()> {
        let qubits = self.qubits(operand)?;
        self.push(Instruction::new(Opcode::Reset, &qubits), at)
    }

    /// All operands one after the other; without any all qubits.
    fn all(&mut self, operands: &[Expr<'a>]) -> Parse<Vec<u32>> {
        if operands.is_empty() {
            return Ok((0..self.builder.num_qubits() as u32).collect());
        }
        let mut out = Vec::new();
        for operand in operands {
            out.extend(self.qubits(operand)?);
        }
        Ok(out)
    }

    pub fn barrier(&mut self, operands: &[Expr<'a>], at: u32) -> Parse<()> {
        let qubits = self.all(operands)?;
        self.gate_instruction(Instruction::new(Opcode::Barrier, &qubits), at)
    }

    pub fn delay(&mut self, time: &Expr<'a>, operands: &[Expr<'a>], at: u32) -> Parse<()> {
        let value = self.evaluate(time)?;
        let Data::Time(time, unit) = value.data else {
            return Err(Fault::invalid(time.at as usize, "a delay takes a time, such as `100ns`"));
        };
        let qubits = self.all(operands)?;
        self.gate_instruction(Instruction::delay(&qubits, Affine::number(time), unit), at)
    }

    /// A box: nothing moves into it or out of it, so barriers stand around it.
    pub fn boxed(&mut self, time: Option<&Expr<'a>>, body: &[Statement<'a>], at: u32) -> Parse<Flow> {
        if let Some(time) = time {
            let value = self.evaluate(time)?;
            if !matches!(
                value.data,
                Data::Time(
                    _,
                    DurationUnit::Dt
                        | DurationUnit::Ns
                        | DurationUnit::Us
                        | DurationUnit::Ms
                        | DurationUnit::S
                )
            ) {
                return Err(Fault::invalid(time.at as usize, "a box takes a time, such as `100ns`"));
            }
            let message = "a box of a given duration needs a device with a schedule";
            return Err(Fault::unsupported(at as usize, message, "leave the duration of the box out"));
        }
        let qubits: Vec<u32> = (0..self.builder.num_qubits() as u32).collect();
        self.push(Instruction::new(Opcode::Barrier, &qubits), at)?;
        let flow = self.block(body)?;
        if !flow.leaves() {
            self.push(Instruction::new(Opcode::Barrier, &qubits), at)?;
        }
        Ok(flow)
    }
}
