//! Circuits from circuits: inverse, control, power, composition, other bits, measurements added or removed.
use std::ops::Range;
use std::sync::Arc;

use super::{Basis, Circuit, CircuitBuilder, Instruction, Item, Modifier, Payload};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::Opcode;
use crate::param::Affine;
use crate::verify;

impl Circuit {
    /// The inverse. Fails when something measures, resets or repeats until a condition.
    pub fn inverse(&self) -> CoreResult<Circuit> {
        self.require_unitary("inverted")?;
        let mut out = self.like();
        self.inverse_into(0..self.stream_len(), &mut out)?;
        out.build()
    }

    fn inverse_into(&self, range: Range<usize>, out: &mut CircuitBuilder) -> CoreResult<()> {
        let items: Vec<Item<'_>> = self.items(range).collect();
        for item in items.into_iter().rev() {
            match item {
                Item::Plain(op) if op.opcode().is_gate() => out.push(op.to_instruction().inverse())?,
                Item::Plain(op) => out.push(op.to_instruction())?,
                Item::If { open, then, otherwise } => {
                    out.push(open.to_instruction())?;
                    self.inverse_into(then, out)?;
                    if let Some(otherwise) = otherwise {
                        out.begin_else()?;
                        self.inverse_into(otherwise, out)?;
                    }
                    out.end()?;
                }
                Item::Loop { open, body } => {
                    out.push(open.to_instruction())?;
                    self.inverse_into(body, out)?;
                    out.end()?;
                }
            }
        }
        Ok(())
    }

    /// The circuit under controls: `bits[k]` is the value that new qubit `k` must have; the circuit's own
    /// qubits follow behind them.
    pub fn controlled(&self, bits: &[bool]) -> CoreResult<Circuit> {
        self.require_unitary("controlled")?;
        self.require_no_scratch("controlled")?;
        let count = bits.len() as u32;
        let controls: Vec<u32> = (0..count).collect();
        let mut out = CircuitBuilder::new(self.num_qubits + bits.len(), self.num_clbits)?;
        out.set_name(&self.name);
        out.set_metadata(self.metadata.clone());
        self.symbols.iter().try_for_each(|name| out.declare(name).map(|_| ()))?;
        for op in self.operations() {
            let mut instruction = op.to_instruction();
            instruction.qubits.iter_mut().for_each(|qubit| *qubit += count);
            if op.opcode().is_gate() {
                instruction.qubits = controls.iter().copied().chain(instruction.qubits).collect();
                instruction.detail.modifier = op.modifier().with_controls_in_front(bits);
            }
            out.push(instruction)?;
        }
        out.build()
    }

    /// The power. A whole number repeats the circuit (or its inverse); another real number is possible for a
    /// circuit of one gate.
    pub fn power(&self, power: f64) -> CoreResult<Circuit> {
        self.require_unitary("raised to a power")?;
        if power.fract() == 0.0 && power.abs() <= 1e9 {
            let base = if power < 0.0 { self.inverse()? } else { self.clone() };
            return base.repeated(power.abs() as u64);
        }
        if self.stream_len() != 1 || !self.operation(0).opcode().is_gate() || !power.is_finite() {
            let message = format!("a circuit of several operations has no natural power `{power}`");
            return Err(CoreError::new(ErrorCode::CircuitNotUnitary, message)
                .with_hint("use a whole number, or raise the gates one by one"));
        }
        let mut instruction = self.operation(0).to_instruction();
        // pow(inv(pow(g, a)), b): a leftover inverse only flips the sign of the exponent.
        instruction.detail.modifier.power *= power;
        let mut out = self.like();
        out.push(instruction)?;
        out.build()
    }

    fn repeated(&self, rounds: u64) -> CoreResult<Circuit> {
        let total = (self.stream_len() as u64).saturating_mul(rounds);
        if total > crate::limits::MAX_OPERATIONS as u64 {
            return Err(CoreError::limit(
                "operations of a circuit",
                crate::limits::MAX_OPERATIONS,
                total as usize,
            ));
        }
        let mut out = self.like();
        for _ in 0..rounds {
            for op in self.operations() {
                out.push(op.to_instruction())?;
            }
        }
        out.build()
    }

    /// The circuit on other qubits: qubit `k` becomes `qubits[k]` of `num_qubits`. Qubit registers are dropped.
    pub fn remap(&self, qubits: &[u32], num_qubits: usize) -> CoreResult<Circuit> {
        placed(qubits, num_qubits, "qubit")?;
        let mut out = CircuitBuilder::new(num_qubits, 0)?;
        out.add_clbits(self.num_clbits, None)?;
        out.set_registers(Vec::new(), self.clbit_registers.clone());
        out.set_name(&self.name);
        out.set_metadata(self.metadata.clone());
        self.symbols.iter().try_for_each(|name| out.declare(name).map(|_| ()))?;
        let clbits: Vec<u32> = (0..self.num_clbits as u32).collect();
        out.append(self, qubits, &clbits, None)?;
        out.build()
    }

    /// This circuit, then another one on the given bits of this one.
    pub fn compose(&self, other: &Circuit, qubits: &[u32], clbits: &[u32]) -> CoreResult<Circuit> {
        placed(qubits, self.num_qubits, "qubit")?;
        placed(clbits, self.num_clbits, "classical bit")?;
        let mut out = self.like();
        for op in self.operations() {
            out.push(op.to_instruction())?;
        }
        out.append(other, qubits, clbits, None)?;
        out.build()
    }

    /// The circuit without its measurements. Conditions stay as they are.
    pub fn without_measurements(&self) -> CoreResult<Circuit> {
        let mut out = self.like();
        for op in self.operations().filter(|op| op.opcode() != Opcode::Measure) {
            out.push(op.to_instruction())?;
        }
        out.build()
    }

    /// The circuit with a measurement of every qubit into new classical bits (register `meas`) at its end.
    pub fn measure_all(&self) -> CoreResult<Circuit> {
        let mut out = self.like();
        for op in self.operations() {
            out.push(op.to_instruction())?;
        }
        let taken = self.clbit_registers.iter().any(|register| register.name == "meas");
        let first = out.add_clbits(self.num_qubits, (!taken).then_some("meas"))?;
        let scratch = self.num_clbits..self.num_clbits + self.num_scratch;
        out.move_bits(&|bit| {
            if scratch.contains(&(bit as usize)) { bit + self.num_qubits as u32 } else { bit }
        });
        let qubits: Vec<u32> = (0..self.num_qubits as u32).collect();
        let clbits: Vec<u32> = qubits.iter().map(|qubit| qubit + first).collect();
        if !qubits.is_empty() {
            out.measure(&qubits, &clbits, Basis::Z)?;
        }
        out.build()
    }

    /// Fails unless everything is a gate, a barrier, a delay, or a block of such.
    pub(crate) fn require_unitary(&self, wish: &str) -> CoreResult<()> {
        let bad = |opcode: Opcode| {
            matches!(opcode, Opcode::Measure | Opcode::Reset | Opcode::Compute | Opcode::While)
        };
        let mut place = 0;
        for op in self.operations() {
            if bad(op.opcode()) {
                let name = op.opcode().name();
                let message = format!("operation {place} (`{name}`): a circuit with {name} cannot be {wish}");
                return Err(CoreError::new(ErrorCode::CircuitNotUnitary, message)
                    .with_hint("take the measurements off with without_measurements()"));
            }
            place += usize::from(!op.opcode().is_marker());
        }
        Ok(())
    }
}

/// Checks that bits are placed on distinct bits that exist.
fn placed(indices: &[u32], count: usize, kind: &str) -> CoreResult<()> {
    verify::in_range(indices, count, kind)?;
    verify::distinct(indices, kind)
}

impl CircuitBuilder {
    /// Appends a whole circuit: its qubit `k` becomes `qubits[k]`, its classical bit `k` becomes `clbits[k]`;
    /// `replace` gives an expression for each symbol (else symbols keep their names).
    pub fn append(
        &mut self,
        circuit: &Circuit,
        qubits: &[u32],
        clbits: &[u32],
        replace: Option<&dyn Fn(&str) -> Affine>,
    ) -> CoreResult<()> {
        for (given, wanted, kind) in [
            (qubits.len(), circuit.num_qubits, "qubits"),
            (clbits.len(), circuit.num_clbits, "classical bits"),
        ] {
            if given != wanted {
                let message = format!("the appended circuit has {wanted} {kind}, but `{given}` are given");
                return Err(CoreError::new(ErrorCode::CircuitInvalid, message));
            }
        }
        let scratch = self.take_scratch(circuit);
        let place = |bit: u32| match (bit as usize).checked_sub(circuit.num_clbits) {
            Some(own) => scratch + own as u32,
            None => clbits[bit as usize],
        };
        for op in circuit.operations() {
            let mut instruction = op.to_instruction();
            instruction.qubits.iter_mut().for_each(|qubit| *qubit = qubits[*qubit as usize]);
            instruction.clbits.iter_mut().for_each(|clbit| *clbit = place(*clbit));
            instruction.detail.condition = op.condition().map(|condition| condition.map_bits(&place));
            if let Some(value) = op.computed() {
                instruction.detail.payload = Payload::Expr(Arc::new(value.map_bits(&place)));
            }
            if let Some(replace) = replace {
                instruction.params.iter_mut().for_each(|param| *param = replaced(param, replace));
            }
            self.push(instruction)?;
        }
        Ok(())
    }
}

fn replaced(param: &Affine, replace: &dyn Fn(&str) -> Affine) -> Affine {
    let constant = Affine::number(param.constant);
    param.terms.iter().fold(constant, |sum, (name, factor)| sum.add_scaled(&replace(name), *factor))
}

impl Instruction {
    /// The instruction with more controls in front.
    pub fn controlled(mut self, controls: &[u32], bits: &[bool]) -> Self {
        self.qubits = controls.iter().copied().chain(self.qubits).collect();
        self.detail.modifier = self.detail.modifier.with_controls_in_front(bits);
        self
    }
}

impl Modifier {
    /// The modifier without its controls.
    pub fn without_controls(&self) -> Self {
        Self { controls: 0, state: None, ..self.clone() }
    }
}
