//! The builder: the only way to make a circuit. Checks each operation when it comes and indices at the end.
use std::collections::{BTreeMap, HashMap};

use smallvec::SmallVec;

use super::detail::{Basis, Detail, Payload};
use super::{Circuit, Columns, Instruction, Register};
use crate::condition::Condition;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::{GateSpec, Opcode};
use crate::limits::{
    MAX_CLBITS, MAX_ITERATIONS, MAX_NESTING, MAX_OPERANDS, MAX_OPERATIONS, MAX_QUBITS, MAX_SYMBOLS,
};
use crate::param::{Affine, Expression, Param, check_name};
use crate::verify;

/// Builds a circuit operation by operation.
#[derive(Clone, Debug, Default)]
pub struct CircuitBuilder {
    pub(super) columns: Columns,
    pub(super) expressions: Vec<Expression>,
    pub(super) known_expressions: HashMap<Vec<u64>, u32>,
    pub(super) symbols: Vec<String>,
    pub(super) known_symbols: HashMap<String, u32>,
    pub(super) qubit_registers: Vec<Register>,
    pub(super) clbit_registers: Vec<Register>,
    pub(super) num_qubits: usize,
    pub(super) num_clbits: usize,
    pub(super) num_scratch: usize,
    pub(super) name: String,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) open: Vec<u32>,
    pub(super) markers: usize,
}

impl CircuitBuilder {
    /// A builder with unnamed bits.
    pub fn new(num_qubits: usize, num_clbits: usize) -> CoreResult<Self> {
        let mut builder = Self::default();
        builder.add_qubits(num_qubits, None)?;
        builder.add_clbits(num_clbits, None)?;
        Ok(builder)
    }

    /// An empty builder with the bits, registers, symbols, name and metadata of a circuit.
    pub fn like(circuit: &Circuit) -> Self {
        Self {
            symbols: circuit.symbols.clone(),
            known_symbols: circuit.symbols.iter().cloned().zip(0..).collect(),
            qubit_registers: circuit.qubit_registers.clone(),
            clbit_registers: circuit.clbit_registers.clone(),
            num_qubits: circuit.num_qubits,
            num_clbits: circuit.num_clbits,
            num_scratch: circuit.num_scratch,
            name: circuit.name.clone(),
            metadata: circuit.metadata.clone(),
            ..Self::default()
        }
    }

    /// Number of qubits so far.
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Number of classical bits so far.
    pub fn num_clbits(&self) -> usize {
        self.num_clbits
    }

    /// Number of operations so far, `ELSE` and `END` not counted.
    pub fn num_operations(&self) -> usize {
        self.columns.len() - self.markers
    }

    /// Adds qubits, as a register when named, and gives the first index.
    pub fn add_qubits(&mut self, count: usize, name: Option<&str>) -> CoreResult<u32> {
        let total = self.num_qubits.saturating_add(count);
        if total > MAX_QUBITS {
            return Err(CoreError::limit("qubits of a circuit", MAX_QUBITS, total));
        }
        let start = std::mem::replace(&mut self.num_qubits, total) as u32;
        self.qubit_registers.extend(name.map(|name| Register {
            name: name.into(),
            start,
            size: count as u32,
        }));
        Ok(start)
    }

    /// Adds classical bits, as a register when named, and gives the first index.
    pub fn add_clbits(&mut self, count: usize, name: Option<&str>) -> CoreResult<u32> {
        let total = self.num_clbits.saturating_add(count);
        if total > MAX_CLBITS {
            return Err(CoreError::limit("classical bits of a circuit", MAX_CLBITS, total));
        }
        let start = std::mem::replace(&mut self.num_clbits, total) as u32;
        self.clbit_registers.extend(name.map(|name| Register {
            name: name.into(),
            start,
            size: count as u32,
        }));
        Ok(start)
    }

    /// Sets the registers outright (they are checked by `build`).
    pub fn set_registers(&mut self, qubits: Vec<Register>, clbits: Vec<Register>) {
        self.qubit_registers = qubits;
        self.clbit_registers = clbits;
    }

    /// Sets the name.
    pub fn set_name(&mut self, name: &str) {
        self.name = name.to_string();
    }

    /// Sets the metadata.
    pub fn set_metadata(&mut self, metadata: BTreeMap<String, String>) {
        self.metadata = metadata;
    }

    /// Sets one entry of the metadata.
    pub fn add_metadata(&mut self, key: &str, value: String) {
        self.metadata.insert(key.to_string(), value);
    }

    /// Declares a parameter; declared ones come first, in the order of declaration.
    pub fn declare(&mut self, name: &str) -> CoreResult<u32> {
        if let Some(index) = self.known_symbols.get(name) {
            return Ok(*index);
        }
        check_name(name)?;
        if self.symbols.len() >= MAX_SYMBOLS {
            return Err(CoreError::limit("parameters of a circuit", MAX_SYMBOLS, self.symbols.len() + 1));
        }
        let index = self.symbols.len() as u32;
        self.symbols.push(name.to_string());
        self.known_symbols.insert(name.to_string(), index);
        Ok(index)
    }

    /// Appends a gate with numeric parameters.
    pub fn gate(&mut self, opcode: Opcode, qubits: &[u32], params: &[f64]) -> CoreResult<()> {
        if self.push_plain(opcode, qubits, params) {
            return Ok(());
        }
        self.push(Instruction::with_numbers(opcode, qubits, params))
    }

    /// Appends a measurement.
    pub fn measure(&mut self, qubits: &[u32], clbits: &[u32], basis: Basis) -> CoreResult<()> {
        self.push(Instruction::measure(qubits, clbits, basis))
    }

    /// Opens an `IF` block.
    pub fn begin_if(&mut self, condition: Condition) -> CoreResult<()> {
        self.push(Instruction::block(Opcode::If, Some(condition), 1))
    }

    /// Goes on to the other branch of the innermost `IF`.
    pub fn begin_else(&mut self) -> CoreResult<()> {
        self.push(Instruction::new(Opcode::Else, &[]))
    }

    /// Opens a `WHILE` block that ends after `max_iterations` rounds at the latest.
    pub fn begin_while(&mut self, condition: Condition, max_iterations: u64) -> CoreResult<()> {
        self.push(Instruction::block(Opcode::While, Some(condition), max_iterations))
    }

    /// Opens a `FOR` block of `count` rounds.
    pub fn begin_for(&mut self, count: u64) -> CoreResult<()> {
        self.push(Instruction::block(Opcode::For, None, count))
    }

    /// Closes the innermost block.
    pub fn end(&mut self) -> CoreResult<()> {
        self.push(Instruction::new(Opcode::End, &[]))
    }

    /// Appends any operation, control-flow markers included. On an error the builder is unchanged.
    pub fn push(&mut self, instruction: Instruction) -> CoreResult<()> {
        if self.push_if_plain(&instruction) {
            return Ok(());
        }
        let place = self.num_operations();
        let opcode = instruction.opcode;
        self.push_checked(instruction)
            .map_err(|error| error.at(format_args!("operation {place} ({})", opcode.name())))
    }

    fn push_checked(&mut self, instruction: Instruction) -> CoreResult<()> {
        if self.columns.len() >= MAX_OPERATIONS {
            return Err(CoreError::limit("operations of a circuit", MAX_OPERATIONS, self.columns.len() + 1));
        }
        let operands = self.columns.qubits.len() + instruction.qubits.len() + self.columns.params.len();
        if operands > MAX_OPERANDS {
            return Err(CoreError::limit("operands of a circuit", MAX_OPERANDS, operands));
        }
        match instruction.opcode {
            Opcode::If | Opcode::While | Opcode::For => self.open_block(instruction),
            Opcode::Else => self.split_block(),
            Opcode::End => self.close_block(),
            opcode => {
                let instruction = match GateSpec::of(opcode) {
                    Some(spec) => {
                        verify::gate(spec, &instruction)?;
                        let normal = instruction.normalised(spec)?;
                        // A power can carry a finite angle beyond the largest float.
                        normal.params.iter().try_for_each(Affine::check)?;
                        normal
                    }
                    None => {
                        verify::instruction(&instruction)?;
                        instruction
                    }
                };
                let Instruction { opcode, qubits, clbits, params, detail } = instruction;
                let params = params
                    .into_iter()
                    .map(|param| self.store(param))
                    .collect::<CoreResult<SmallVec<[Param; 3]>>>()?;
                self.columns.push(opcode, (&qubits, &clbits, &params), detail);
                Ok(())
            }
        }
    }

    fn open_block(&mut self, mut instruction: Instruction) -> CoreResult<()> {
        if self.open.len() >= MAX_NESTING {
            return Err(CoreError::limit("nesting of blocks", MAX_NESTING, self.open.len() + 1));
        }
        let Payload::Block { bound, .. } = instruction.detail.payload else {
            return Err(CoreError::new(ErrorCode::CircuitInvalid, "a block without a number of rounds"));
        };
        if (instruction.opcode == Opcode::For) == instruction.detail.condition.is_some() {
            return Err(CoreError::new(
                ErrorCode::CircuitInvalid,
                "IF and WHILE need a condition, FOR takes none",
            ));
        }
        if bound > MAX_ITERATIONS {
            return Err(CoreError::limit("rounds of a loop", MAX_ITERATIONS as usize, bound as usize));
        }
        // Positions in a copied instruction speak of another stream.
        instruction.detail.payload = Payload::Block { bound, middle: None, end: 0 };
        self.open.push(self.columns.len() as u32);
        self.columns.push(instruction.opcode, (&[], &[], &[]), instruction.detail);
        Ok(())
    }

    fn split_block(&mut self) -> CoreResult<()> {
        let here = self.columns.len() as u32;
        let opened = self.open.last().copied();
        let begin = opened.filter(|begin| self.columns.opcodes[*begin as usize] == Opcode::If);
        match begin.and_then(|begin| self.block_mut(begin)) {
            Some(Payload::Block { middle: middle @ None, .. }) => *middle = Some(here),
            _ => {
                let message = "an else branch needs an open if block that has none yet";
                return Err(CoreError::new(ErrorCode::CircuitInvalid, message));
            }
        }
        self.push_marker(Opcode::Else, begin.unwrap_or(0));
        Ok(())
    }

    fn close_block(&mut self) -> CoreResult<()> {
        let here = self.columns.len() as u32;
        let Some(begin) = self.open.pop() else {
            return Err(CoreError::new(ErrorCode::CircuitInvalid, "no block is open"));
        };
        let mut split = None;
        if let Some(Payload::Block { end, middle, .. }) = self.block_mut(begin) {
            *end = here;
            split = *middle;
        }
        if let Some(Payload::Marker { end, .. }) = split.and_then(|split| self.block_mut(split)) {
            *end = here;
        }
        self.push_marker(Opcode::End, begin);
        Ok(())
    }

    fn push_marker(&mut self, opcode: Opcode, begin: u32) {
        let end = self.columns.len() as u32;
        self.markers += 1;
        self.columns.push(
            opcode,
            (&[], &[], &[]),
            Detail { payload: Payload::Marker { begin, end }, ..Detail::NONE }.into(),
        );
    }

    fn block_mut(&mut self, at: u32) -> Option<&mut Payload> {
        let detail = self.columns.detail[at as usize] as usize;
        self.columns.details.get_mut(detail).map(|detail| &mut detail.payload)
    }

    /// Stores a parameter: a number as it is, an expression once.
    fn store(&mut self, param: Affine) -> CoreResult<Param> {
        if param.is_constant() {
            return Ok(Param::Number(param.constant));
        }
        let mut terms = Vec::with_capacity(param.terms.len());
        for (name, coefficient) in &param.terms {
            terms.push((self.declare(name)?, *coefficient));
        }
        terms.sort_unstable_by_key(|(symbol, _)| *symbol);
        let key: Vec<u64> = std::iter::once(param.constant.to_bits())
            .chain(terms.iter().flat_map(|(symbol, factor)| [u64::from(*symbol), factor.to_bits()]))
            .collect();
        let next = self.expressions.len() as u32;
        let index = *self.known_expressions.entry(key).or_insert(next);
        if index == next {
            self.expressions.push(Expression { constant: param.constant, terms });
        }
        Ok(Param::Expression(index))
    }
}
