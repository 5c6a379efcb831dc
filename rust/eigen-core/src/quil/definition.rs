//! What a document defines before it is used: gates by matrices, permutations and Pauli sums, and circuits.
use std::cell::OnceCell;
use std::sync::Arc;

use super::expression::{Formals, Scope, Value};
use super::lexer::{Cursor, Kind};
use super::number::real;
use super::statement::Statement;
use crate::circuit::{Instruction, Payload};
use crate::gate::Opcode;
use crate::math::Matrix;
use crate::param::Affine;
use crate::text::{Fault, Parse, shown};

/// Qubits of a gate that is a matrix.
const MAX_QUBITS: usize = 6;

/// How something is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Circuit,
    Matrix,
    Permutation,
    PauliSum,
}

/// A `DEFGATE` or `DEFCIRCUIT`: its formal parameters and qubits, and the lines of its body.
pub(super) struct Definition<'a> {
    pub form: Form,
    pub name: &'a str,
    pub formals: Vec<&'a str>,
    pub qubits: Vec<&'a str>,
    pub body: Vec<Statement>,
    at: usize,
    /// The matrix of a gate without parameters.
    matrix: OnceCell<Arc<Matrix>>,
}

impl<'a> Definition<'a> {
    /// The definition of a head and its body.
    pub fn read(cursor: &mut Cursor<'a>, body: &[Statement]) -> Parse<Self> {
        let head = cursor.advance()?;
        let name = cursor.name()?;
        let mut formals = Vec::new();
        if cursor.takes(b'(')? && !cursor.takes(b')')? {
            loop {
                if cursor.token.kind != Kind::Formal {
                    return Err(cursor.wanted("a parameter such as `%a`"));
                }
                formals.push(cursor.advance()?.text);
                if !cursor.takes(b',')? {
                    cursor.mark(b')')?;
                    break;
                }
            }
        }
        let mut qubits = Vec::new();
        let mut form = if head.text == "DEFGATE" { Form::Matrix } else { Form::Circuit };
        while cursor.token.kind == Kind::Name {
            let token = cursor.advance()?;
            if head.text != "DEFGATE" || token.text != "AS" {
                qubits.push(token.text);
                continue;
            }
            let kind = cursor.name()?;
            form = match kind.text {
                "MATRIX" => Form::Matrix,
                "PERMUTATION" => Form::Permutation,
                "PAULI-SUM" => Form::PauliSum,
                other => {
                    let message =
                        format!("`{}` is a gate `AS {}`, which is not read", shown(name.text), shown(other));
                    return Err(Fault::unsupported(kind.at, message, "define it by a matrix"));
                }
            };
            break;
        }
        if !cursor.takes(b':')? || !cursor.is_over() {
            let message = format!("the head of `{}` does not end in `:`", shown(name.text));
            return Err(Fault::invalid(cursor.token.at, message));
        }
        let body = body.to_vec();
        Ok(Self { form, name: name.text, formals, qubits, body, at: name.at, matrix: OnceCell::new() })
    }

    /// A gate on qubits; `scope` has its formal parameters.
    pub fn gate(&self, text: &'a str, scope: &mut Scope<'_, 'a>, qubits: &[u32]) -> Parse<Instruction> {
        if self.form == Form::PauliSum {
            return self.rotation(text, scope, qubits);
        }
        let matrix = match self.matrix.get() {
            Some(matrix) => matrix.clone(),
            None => {
                let made = Arc::new(self.evaluated(text, scope)?);
                if self.formals.is_empty() { self.matrix.get_or_init(|| made).clone() } else { made }
            }
        };
        // It is checked to be unitary wherever it is used.
        let dim = matrix.dim() as u64;
        scope.meter.spend(dim * dim * dim / 16, self.at)?;
        self.check_width(matrix.num_qubits().unwrap_or(0), qubits)?;
        let backwards: Vec<u32> = qubits.iter().rev().copied().collect();
        Ok(Instruction::new(Opcode::Unitary, &backwards).payload(Payload::Matrix(matrix)))
    }

    fn check_width(&self, width: usize, qubits: &[u32]) -> Parse<()> {
        if width == qubits.len() {
            return Ok(());
        }
        let message =
            format!("`{}` acts on `{width}` qubits here, not on `{}`", shown(self.name), qubits.len());
        Err(Fault::invalid(self.at, message))
    }

    fn evaluated(&self, text: &'a str, scope: &mut Scope<'_, 'a>) -> Parse<Matrix> {
        if self.body.len() > 1 << MAX_QUBITS {
            return Err(self.no_matrix());
        }
        let mut rows = Vec::new();
        for line in &self.body {
            rows.push(self.row(text, line, scope)?);
        }
        if self.form == Form::Permutation {
            let places = if rows.len() == 1 { rows.remove(0) } else { Vec::new() };
            let row = |place: &crate::math::C64| {
                (0..places.len()).map(|column| real(f64::from(place.re == column as f64))).collect()
            };
            rows = places.iter().map(row).collect();
        }
        let dim = rows.len();
        let fits = dim.is_power_of_two() && (2..=1 << MAX_QUBITS).contains(&dim);
        if !fits || rows.iter().any(|row| row.len() != dim) {
            return Err(self.no_matrix());
        }
        Matrix::from_entries(rows.concat()).ok_or_else(|| self.no_matrix())
    }

    fn no_matrix(&self) -> Box<Fault> {
        let message = format!("`{}` is no matrix on 1 to {MAX_QUBITS} qubits", shown(self.name));
        Fault::invalid(self.at, message)
    }

    fn row(
        &self,
        text: &'a str,
        line: &Statement,
        scope: &mut Scope<'_, 'a>,
    ) -> Parse<Vec<crate::math::C64>> {
        // Numbers are read and functions evaluated, which takes longer than other statements of that length.
        scope.meter.spend(8 * line.cost(), line.at as usize)?;
        let mut cursor = Cursor::of(text, line)?;
        let mut row = Vec::new();
        while !cursor.is_over() {
            let at = cursor.token.at;
            if row.len() == 1 << MAX_QUBITS {
                return Err(self.no_matrix());
            }
            match scope.value(&mut cursor)? {
                Value::Number(number) => row.push(number),
                Value::Open(_) => {
                    let message = format!("`{}` with an open parameter is no matrix", shown(self.name));
                    return Err(Fault::unsupported(at, message, "bind the parameter first"));
                }
            }
            if !cursor.takes(b',')? && !cursor.is_over() {
                let message = format!("a row of `{}` is no list of numbers", shown(self.name));
                return Err(Fault::invalid(cursor.token.at, message));
            }
        }
        Ok(row)
    }

    /// exp(−iP) of a sum of one product; of more, only a product formula could make gates.
    fn rotation(&self, text: &'a str, scope: &mut Scope<'_, 'a>, qubits: &[u32]) -> Parse<Instruction> {
        let [line] = self.body[..] else {
            let (name, count) = (shown(self.name), self.body.len());
            let message =
                format!("`{name}` is the exponential of a sum of `{count}` products; only one is read");
            return Err(Fault::unsupported(self.at, message, "define a gate for each product"));
        };
        self.check_width(self.qubits.len(), qubits)?;
        scope.meter.spend(line.cost(), line.at as usize)?;
        let wrong = |what: &str| Fault::invalid(line.at as usize, what.replace('~', shown(self.name)));
        let mut cursor = Cursor::of(text, &line)?;
        let letters = cursor.name()?.text;
        cursor.mark(b'(')?;
        let angle = match scope.value(&mut cursor)? {
            Value::Number(number) if number.im == 0.0 => Affine::number(2.0 * number.re),
            Value::Number(_) => return Err(wrong("the weight of a product in `~` is no real number")),
            Value::Open(affine) => affine.scale(2.0),
        };
        cursor.mark(b')')?;
        let mut places = Vec::new();
        while !cursor.is_over() {
            let place = cursor.name()?.text;
            match self.qubits.iter().position(|known| *known == place) {
                Some(place) if !places.contains(&qubits[place]) => places.push(qubits[place]),
                _ => return Err(wrong("`~` names qubits that are not its own")),
            }
        }
        if letters.len() != places.len() || letters.bytes().any(|letter| !b"IXYZ".contains(&letter)) {
            return Err(wrong("`~` is no sum of products of Paulis"));
        }
        let base = Instruction::with_params(Opcode::PauliRot, &places, vec![angle]);
        Ok(base.payload(Payload::Pauli(letters.as_bytes().into())))
    }

    /// Values bound to the formal parameters.
    pub fn bound(&self, values: Vec<Value>, at: usize) -> Parse<Formals<'a>> {
        if values.len() != self.formals.len() {
            let (name, wanted) = (shown(self.name), self.formals.len());
            let message = format!("`{name}` takes `{wanted}` parameters, not `{}`", values.len());
            return Err(Fault::invalid(at, message));
        }
        Ok(self.formals.iter().copied().zip(values).collect())
    }
}
