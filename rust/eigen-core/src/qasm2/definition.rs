//! Gates and their definitions, kept flat, each with what it costs to expand before anything is expanded.
use super::expression::{Binary, Function, Meaning};
use super::library::Native;
use crate::limits::{MAX_EXPANSION_STEPS, MAX_OPERATIONS};

/// What a name applied to qubits is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gate {
    /// A gate of the table.
    Native(&'static Native),
    /// `definitions[index]`.
    Defined(u32),
    /// A barrier on so many qubits, inside a definition.
    Barrier(u32),
    /// A delay in samples of the device: `opaque delay(t) q;` as Qiskit writes it.
    Delay,
    /// Declared and never defined, with its parameters and qubits.
    Opaque(u32, u32),
}

/// What a call expands to: operations, and steps on the way to them. Both saturate.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    pub operations: u64,
    pub steps: u64,
}

impl Cost {
    pub const ONE: Self = Self { operations: 1, steps: 1 };

    pub fn plus(self, other: Self) -> Self {
        Self {
            operations: self.operations.saturating_add(other.operations),
            steps: self.steps.saturating_add(other.steps),
        }
    }

    pub fn times(self, count: u64) -> Self {
        Self { operations: self.operations.saturating_mul(count), steps: self.steps.saturating_mul(count) }
    }

    /// What is over a limit: its name, the limit and the number.
    pub fn excess(self) -> Option<(&'static str, usize, usize)> {
        if self.operations > MAX_OPERATIONS as u64 {
            return Some(("operations of a circuit", MAX_OPERATIONS, self.operations as usize));
        }
        let over = self.steps > MAX_EXPANSION_STEPS as u64;
        over.then_some(("steps of expanding gates", MAX_EXPANSION_STEPS, self.steps as usize))
    }
}

/// A gate's definition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Definition {
    pub params: u32,
    pub qubits: u32,
    first: u32,
    last: u32,
    pub cost: Cost,
    pub depth: usize,
}

/// A call in a definition; its operands and codes end where those of the next call begin.
#[derive(Clone, Copy, Debug)]
struct Call {
    gate: Gate,
    operand: u32,
    code: u32,
}

/// One operation of postfix code.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    Number(f64),
    Parameter(u32),
    Negative,
    Call(Function),
    Binary(Binary),
}

/// A call as the expansion sees it.
pub(super) struct Step<'a> {
    pub gate: Gate,
    /// Positions among the qubits of the definition.
    pub operands: &'a [u32],
    /// Its arguments, one after the other.
    pub code: &'a [Op],
}

/// All definitions of a program, in flat lists.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    definitions: Vec<Definition>,
    calls: Vec<Call>,
    operands: Vec<u32>,
    code: Vec<Op>,
    open: Cost,
    depth: usize,
}

impl Definitions {
    pub fn get(&self, index: u32) -> Option<&Definition> {
        self.definitions.get(index as usize)
    }

    /// Number of calls in all definitions so far.
    pub fn num_calls(&self) -> usize {
        self.calls.len()
    }

    /// Number of parameters and qubits of a gate.
    pub fn shape(&self, gate: Gate) -> (usize, usize) {
        match gate {
            Gate::Native(native) => (native.params(), native.qubits),
            Gate::Defined(index) => {
                self.get(index).map_or((0, 0), |found| (found.params as usize, found.qubits as usize))
            }
            Gate::Barrier(count) => (0, count as usize),
            Gate::Delay => (1, 1),
            Gate::Opaque(params, qubits) => (params as usize, qubits as usize),
        }
    }

    /// What a call of a gate costs.
    pub fn cost(&self, gate: Gate) -> Cost {
        match gate {
            Gate::Defined(index) => self.get(index).map_or(Cost::ONE, |found| found.cost),
            _ => Cost::ONE,
        }
    }

    fn depth_of(&self, gate: Gate) -> usize {
        match gate {
            Gate::Defined(index) => self.get(index).map_or(0, |found| found.depth),
            _ => 0,
        }
    }

    /// Begins a definition; its calls follow.
    pub fn begin(&mut self) -> u32 {
        // The call itself is a step, so that a gate without operations is not free.
        self.open = Cost { operations: 0, steps: 1 };
        self.depth = 0;
        self.calls.len() as u32
    }

    /// Adds an operand of the call that `call` will close.
    pub fn operand(&mut self, position: u32) {
        self.operands.push(position);
    }

    /// Where the operands and codes of the next call begin.
    pub fn marks(&self) -> (usize, usize) {
        (self.operands.len(), self.code.len())
    }

    /// The operands since a mark.
    pub fn operands_since(&self, mark: usize) -> &[u32] {
        &self.operands[mark..]
    }

    /// Closes a call whose operands and codes began at `marks`.
    pub fn call(&mut self, gate: Gate, marks: (usize, usize)) {
        let arithmetic = (self.code.len() - marks.1) as u64;
        let cost = self.cost(gate);
        self.open = self.open.plus(cost).plus(Cost { operations: 0, steps: arithmetic });
        self.depth = self.depth.max(self.depth_of(gate));
        self.calls.push(Call { gate, operand: marks.0 as u32, code: marks.1 as u32 });
    }

    /// Ends a definition that began at call `first`.
    pub fn end(&mut self, first: u32, params: usize, qubits: usize) -> Definition {
        let definition = Definition {
            params: params as u32,
            qubits: qubits as u32,
            first,
            last: self.calls.len() as u32,
            cost: self.open,
            depth: self.depth + 1,
        };
        self.definitions.push(definition);
        definition
    }

    /// The index of the definition that ended last.
    pub fn newest(&self) -> u32 {
        (self.definitions.len() as u32).wrapping_sub(1)
    }

    /// The calls of a definition, in order.
    pub fn steps(&self, index: u32) -> impl Iterator<Item = Step<'_>> {
        let range = self.get(index).map_or(0..0, |found| found.first as usize..found.last as usize);
        range.map(|at| {
            let call = self.calls[at];
            let next = self.calls.get(at + 1);
            let operands = next.map_or(self.operands.len(), |next| next.operand as usize);
            let code = next.map_or(self.code.len(), |next| next.code as usize);
            Step {
                gate: call.gate,
                operands: &self.operands[call.operand as usize..operands],
                code: &self.code[call.code as usize..code],
            }
        })
    }

    /// The meaning of an expression in a definition with these parameters.
    pub fn compiler<'a>(&'a mut self, names: &'a dyn Fn(&str) -> Option<u32>) -> Compiler<'a> {
        Compiler { code: &mut self.code, names }
    }
}

/// Turns an expression into postfix code; numbers are folded at once.
pub(super) struct Compiler<'a> {
    code: &'a mut Vec<Op>,
    names: &'a dyn Fn(&str) -> Option<u32>,
}

impl Meaning for Compiler<'_> {
    type Value = ();

    fn number(&mut self, value: f64) {
        self.code.push(Op::Number(value));
    }

    fn parameter(&mut self, name: &str) -> Option<()> {
        let index = (self.names)(name)?;
        self.code.push(Op::Parameter(index));
        Some(())
    }

    fn negative(&mut self, (): ()) {
        match self.code.last_mut() {
            Some(Op::Number(value)) => *value = -*value,
            _ => self.code.push(Op::Negative),
        }
    }

    fn call(&mut self, function: Function, (): ()) {
        match self.code.last_mut() {
            Some(Op::Number(value)) => *value = function(*value),
            _ => self.code.push(Op::Call(function)),
        }
    }

    fn binary(&mut self, operation: Binary, (): (), (): ()) {
        // Code that ends in a number is that number: the two operands are the last two codes.
        let length = self.code.len();
        if let [.., Op::Number(left), Op::Number(right)] = self.code[..] {
            self.code.truncate(length - 1);
            self.code[length - 2] = Op::Number(operation.of(left, right));
        } else {
            self.code.push(Op::Binary(operation));
        }
    }
}

/// Runs postfix code: the values of its expressions are pushed behind `values`, whose parameters begin at `base`.
pub(super) fn evaluate(code: &[Op], values: &mut Vec<f64>, base: usize) {
    for op in code {
        match *op {
            Op::Number(value) => values.push(value),
            Op::Parameter(index) => {
                let value = values.get(base + index as usize).copied().unwrap_or(f64::NAN);
                values.push(value);
            }
            Op::Negative => change(values, |value| -value),
            Op::Call(function) => change(values, function),
            Op::Binary(operation) => {
                let right = values.pop().unwrap_or(f64::NAN);
                change(values, |left| operation.of(left, right));
            }
        }
    }
}

/// Changes the value that was pushed last.
fn change(values: &mut [f64], to: impl Fn(f64) -> f64) {
    if let Some(value) = values.last_mut() {
        *value = to(*value);
    }
}
