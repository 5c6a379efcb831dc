//! A gate application with its controls apart from its targets; every control is on 1.
use crate::circuit::{Instruction, Modifier, Operands, Params, Payload};
use crate::gate::{GateSpec, Opcode};
use crate::math::Matrix;
use crate::param::Affine;

/// A gate on targets under controls.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub controls: Operands,
    pub opcode: Opcode,
    pub targets: Operands,
    pub params: Params,
    /// Inverse and power; never controls.
    pub modifier: Modifier,
    pub payload: Payload,
}

impl Call {
    /// A gate; the controls inside it are taken apart.
    pub fn gate(opcode: Opcode, qubits: &[u32], params: &[Affine]) -> Self {
        let instruction = Instruction::with_params(opcode, qubits, params.iter().cloned());
        match GateSpec::of(opcode) {
            Some(spec) => Self::of(instruction, spec),
            None => Self::plain(instruction, 0, opcode),
        }
    }

    /// A gate with numeric parameters.
    pub fn numeric(opcode: Opcode, qubits: &[u32], params: &[f64]) -> Self {
        Self::gate(opcode, qubits, &params.iter().map(|value| Affine::number(*value)).collect::<Params>())
    }

    /// A matrix on targets.
    pub fn matrix(matrix: Matrix, targets: &[u32]) -> Self {
        Self::plain(Instruction::unitary(matrix, targets), 0, Opcode::Unitary)
    }

    /// An instruction as a call; CU keeps its opcode, because U has no fourth parameter.
    pub fn of(instruction: Instruction, spec: &'static GateSpec) -> Self {
        let added = instruction.detail.modifier.controls as usize;
        let controls = added + spec.controls_for(instruction.qubits.len() - added);
        Self::plain(instruction, controls, spec.base.unwrap_or(spec.opcode))
    }

    fn plain(mut instruction: Instruction, controls: usize, opcode: Opcode) -> Self {
        let targets = Operands::from_slice(&instruction.qubits[controls..]);
        instruction.qubits.truncate(controls);
        let (modifier, payload) = match instruction.detail.is_plain() {
            true => (Modifier::NONE, Payload::None),
            false => {
                let detail = instruction.detail.into_detail();
                (detail.modifier.without_controls(), detail.payload)
            }
        };
        Self { controls: instruction.qubits, opcode, targets, params: instruction.params, modifier, payload }
    }

    /// The same under more controls.
    pub fn under(mut self, controls: &[u32]) -> Self {
        self.controls = controls.iter().copied().chain(self.controls).collect();
        self
    }

    /// Controls and targets.
    pub fn qubits(&self) -> Operands {
        self.controls.iter().chain(&self.targets).copied().collect()
    }

    /// The parameters as numbers, if they all are.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        self.params.iter().map(|param| param.is_constant().then_some(param.constant)).collect()
    }

    /// The matrix on the targets, if no parameter is symbolic.
    pub fn target_matrix(&self) -> Option<Matrix> {
        let params = self.numbers()?;
        let base = match &self.payload {
            Payload::Matrix(matrix) => matrix.as_ref().clone(),
            Payload::Pauli(letters) => crate::gate::pauli_rotation(params.first().copied()?, letters),
            _ => GateSpec::of(self.opcode)?.matrix?(&params),
        };
        let Modifier { power, inverse, .. } = self.modifier;
        let powered = if power == 1.0 { base } else { crate::math::unitary_power(&base, power) };
        Some(if inverse { powered.dagger() } else { powered })
    }

    /// The gate of the table that says the same without modifiers, if there is one.
    pub fn named(&self) -> Option<Opcode> {
        if !self.modifier.is_none() {
            return None;
        }
        let controls = self.controls.len();
        if controls == 0 {
            return Some(self.opcode);
        }
        let fits = |spec: &&GateSpec| {
            spec.base == Some(self.opcode) && spec.num_qubits().is_some() && spec.controls == controls
        };
        let fixed = crate::gate::TABLE.iter().find(fits).map(|spec| spec.opcode);
        fixed.or(match self.opcode {
            Opcode::X => Some(Opcode::Mcx),
            Opcode::P => Some(Opcode::Mcp),
            Opcode::Cu if controls == 1 => Some(Opcode::Cu),
            _ => None,
        })
    }
}
