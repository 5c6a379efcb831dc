//! Gates by angles that are known at run time only: a product of gates, one for each bit of the angle.
//!
//! A rotation by `Σ bₖ·2ᵏ·step` is the product of the rotations by `2ᵏ·step` under the conditions `bₖ`. An `angle[n]`
//! has `n` bits; a fraction is brought to 54 bits of two whole turns, 8e-16, which is less than its own rounding near π.
use std::f64::consts::TAU;

use super::Lower;
use super::convert::{live_steps, radians};
use super::gate::instruction;
use crate::compute::{Binary, Expr as Code, Number, Reading};
use crate::condition::Condition;
use crate::gate::Opcode;
use crate::param::Affine;
use crate::qasm3::library::Native;
use crate::qasm3::value::{Data, Type, Value};
use crate::text::{Fault, Parse};

/// Bits of two turns.
const BITS: u32 = 54;

/// An angle: what is known of it, or its bits and what the lowest one stands for.
enum Angle {
    Known(Affine),
    Live(Vec<u32>, f64),
}

impl<'a> Lower<'a> {
    /// A gate of the table with an angle that is known at run time.
    pub fn turn(&mut self, native: &Native, arguments: &[Value], qubits: &[u32], at: u32) -> Parse<()> {
        let angles =
            arguments.iter().map(|argument| self.angle(argument, at)).collect::<Parse<Vec<Angle>>>()?;
        let one = |opcode, qubits: usize| Native { opcode, controls: 0, qubits, letters: None };
        match (native.opcode, angles.as_slice()) {
            (_, [angle]) if is_additive(native.opcode) => self.by_bits(native, angle, qubits, None, at),
            // U(θ, φ, λ) = P(φ)·RY(θ)·P(λ), and CU has a phase of its control besides.
            (Opcode::U, [theta, phi, lambda]) => {
                self.by_bits(&one(Opcode::P, 1), lambda, qubits, None, at)?;
                self.by_bits(&one(Opcode::Ry, 1), theta, qubits, None, at)?;
                self.by_bits(&one(Opcode::P, 1), phi, qubits, None, at)
            }
            (Opcode::Cu, [theta, phi, lambda, gamma]) => {
                self.by_bits(&one(Opcode::P, 1), gamma, &qubits[..1], None, at)?;
                self.by_bits(&one(Opcode::Cp, 2), lambda, qubits, None, at)?;
                self.by_bits(&one(Opcode::Cry, 2), theta, qubits, None, at)?;
                self.by_bits(&one(Opcode::Cp, 2), phi, qubits, None, at)
            }
            _ => {
                let message =
                    format!("`{}` takes no angle that is known at run time only", native.opcode.name());
                Err(Fault::unsupported(at as usize, message, "define it in rotations"))
            }
        }
    }

    /// The gate for what is known, or once for each bit.
    fn by_bits(
        &mut self,
        native: &Native,
        angle: &Angle,
        qubits: &[u32],
        condition: Option<&Condition>,
        at: u32,
    ) -> Parse<()> {
        let (bits, step) = match angle {
            Angle::Known(affine) => {
                let gate = instruction(native, qubits, vec![affine.clone()]).when(condition.cloned());
                return self.gate_instruction(gate, at);
            }
            Angle::Live(bits, step) => (bits, step),
        };
        for (k, bit) in bits.iter().enumerate().rev() {
            self.step(at)?;
            let value = Affine::number(step * (2f64).powi(k as i32));
            let gate = instruction(native, qubits, vec![value]).when(Some(Condition::Bit(*bit)));
            self.gate_instruction(gate, at)?;
        }
        Ok(())
    }

    fn angle(&mut self, argument: &Value, at: u32) -> Parse<Angle> {
        let code = match &argument.data {
            Data::Live(code) => code,
            known => return Ok(Angle::Known(super::convert::affine(known).unwrap_or_default())),
        };
        let (code, bits, step) = match &argument.of {
            Type::Angle(width) => (code.clone(), *width, radians(1, *width)),
            _ => {
                // Two turns, for gates that change sign after one.
                let half = Code::binary(Binary::Multiply, code.clone(), Code::Number(Number::Float(0.5)));
                (live_steps(half, BITS), BITS, 2.0 * TAU / (2f64).powi(BITS as i32))
            }
        };
        if let Code::Bits(read, Reading::Unsigned) = &code
            && read.len() == bits as usize
        {
            return Ok(Angle::Live(read.clone(), step));
        }
        let home = self.scratch(bits as usize, at)?;
        self.compute(&home, code, at)?;
        self.held.extend(home.iter());
        Ok(Angle::Live(home.to_vec(), step))
    }
}

/// Whether a gate by a sum of angles is the product of the gates by each.
fn is_additive(opcode: Opcode) -> bool {
    use Opcode as Op;
    matches!(
        opcode,
        Op::P
            | Op::Rx
            | Op::Ry
            | Op::Rz
            | Op::Cp
            | Op::Crx
            | Op::Cry
            | Op::Crz
            | Op::Mcp
            | Op::Rxx
            | Op::Ryy
            | Op::Rzz
    ) || matches!(opcode, Op::Rzx | Op::PauliRot | Op::Gphase)
}
