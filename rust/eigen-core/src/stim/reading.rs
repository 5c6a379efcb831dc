//! Lines written into a builder, after they have been counted.
use std::ops::Range;

use super::gates::{Act, Note, feedback, turned, turned_back};
use super::lines::{Document, Line};
use super::notes::Notes;
use super::targets::{Target, What, factors};
use crate::circuit::{Basis, Circuit, CircuitBuilder, Instruction, Payload};
use crate::condition::Condition;
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::text::{self, Fault, Parse, shown};

/// The circuit of a Stim document; measurement k of the record is classical bit k.
///
/// A `REPEAT` without measurements and feedback is a `FOR`, any other is written out. Detectors, observables and
/// coordinates are kept as metadata; `TICK` is a barrier on all qubits. Fails with `line:column` in front of the
/// message: `EIGEN_FORMAT_INVALID`, `EIGEN_FORMAT_UNSUPPORTED` for noise, sweep bits and `MPAD`, by name, and
/// `EIGEN_LIMIT_EXCEEDED`.
pub fn load(data: &[u8]) -> CoreResult<Circuit> {
    let text = text::document(data)?;
    circuit(text).map_err(|fault| fault.located(text))
}

fn circuit(text: &str) -> Parse<Circuit> {
    let mut document = Document::read(text)?;
    let count = document.counted()?;
    let builder = match &document.told {
        Some((line, at)) => text::opened(line).map_err(|error| Fault::new(*at, error))?,
        None => CircuitBuilder::new(count.qubits as usize, count.measured as usize)
            .map_err(|error| Fault::new(0, error))?,
    };
    let mut reader = Reader { document: &document, builder, measured: 0, notes: Notes::default() };
    reader.block(0..document.lines.len())?;
    for (key, value) in reader.notes.metadata() {
        reader.builder.add_metadata(key, value);
    }
    reader.builder.build().map_err(|error| Fault::new(text.len(), error))
}

struct Reader<'a> {
    document: &'a Document<'a>,
    builder: CircuitBuilder,
    measured: u32,
    notes: Notes,
}

impl Reader<'_> {
    /// The lines of the document or of a block.
    fn block(&mut self, lines: Range<usize>) -> Parse<()> {
        let document = self.document;
        let mut index = lines.start;
        while index < lines.end {
            let line = &document.lines[index];
            if line.row.act != Act::Repeat {
                self.line(line)?;
                index += 1;
                continue;
            }
            let body = index + 1..line.end;
            if line.unrolls {
                for _ in 0..line.rounds {
                    self.block(body.clone())?;
                }
            } else {
                self.builder.begin_for(line.rounds).map_err(|error| Fault::new(line.at, error))?;
                self.block(body)?;
                self.builder.end().map_err(|error| Fault::new(line.at, error))?;
            }
            index = line.end;
        }
        Ok(())
    }

    fn line(&mut self, line: &Line) -> Parse<()> {
        let document = self.document;
        let (targets, arguments) = (document.targets_of(line), document.arguments_of(line));
        let name = line.row.name;
        match line.row.act {
            Act::Noise => {
                let message = format!("`{name}` is noise, which is no part of a circuit here");
                let hint = "leave it out and give the device a noise model";
                return Err(Fault::unsupported(line.at, message, hint));
            }
            Act::Measure { .. } | Act::Parity(_) | Act::Parities | Act::Reset(_) if !arguments.is_empty() => {
                let message = format!("`{name}` with a probability is noise");
                let hint = "leave the argument out and give the device a noise model";
                return Err(Fault::unsupported(line.at, message, hint));
            }
            Act::Pad => {
                let message = "`MPAD` has no counterpart here: classical bits come from measurements";
                return Err(Fault::unsupported(line.at, message, "leave it out and count the bits anew"));
            }
            Act::Note(note) => return self.note(line, note, targets, arguments),
            Act::Shift => self.notes.shift(arguments),
            _ if !arguments.is_empty() => {
                return Err(Fault::invalid(line.at, format!("`{name}` takes no argument")));
            }
            Act::One(gates) => {
                for target in targets {
                    let qubit = self.qubit(line, target)?;
                    self.gates(line, gates, qubit)?;
                }
            }
            Act::Pair(_) | Act::InversePair(_) | Act::Turn(..) => return self.pairs(line, targets),
            Act::Products(angle) => {
                for target in targets {
                    let (letters, qubits, inverted) = self.product(line, target)?;
                    self.turn(line, &qubits, letters, if inverted { -angle } else { angle })?;
                }
            }
            Act::Measure { basis, resets } => {
                for target in targets {
                    let (qubit, inverted) = self.signed(line, target)?;
                    self.measure(line, basis, qubit, inverted, resets)?;
                    if resets {
                        self.reset(line, basis, qubit)?;
                    }
                }
            }
            Act::Reset(basis) => {
                for target in targets {
                    let qubit = self.qubit(line, target)?;
                    self.reset(line, basis, qubit)?;
                }
            }
            Act::Parity(letter) => {
                for [a, b] in paired(line, targets)? {
                    let ((a, not_a), (b, not_b)) = (self.signed(line, a)?, self.signed(line, b)?);
                    self.parity(line, &[letter, letter], &[a, b], not_a != not_b)?;
                }
            }
            Act::Parities => {
                for target in targets {
                    let (letters, qubits, inverted) = self.product(line, target)?;
                    self.parity(line, &letters, &qubits, inverted)?;
                }
            }
            Act::Tick if !targets.is_empty() => {
                return Err(Fault::invalid(line.at, "`TICK` takes no targets"));
            }
            Act::Tick => {
                let qubits: Vec<u32> = (0..self.builder.num_qubits() as u32).collect();
                if !qubits.is_empty() {
                    self.push(line, Instruction::new(Opcode::Barrier, &qubits))?;
                }
            }
            Act::Repeat => {}
        }
        Ok(())
    }

    // ---- gates ---------------------------------------------------------------------------------------------------

    #[inline]
    fn gate(&mut self, line: &Line, opcode: Opcode, qubits: &[u32]) -> Parse<()> {
        self.builder.gate(opcode, qubits, &[]).map_err(|error| Fault::new(line.at, error))
    }

    #[inline]
    fn gates(&mut self, line: &Line, gates: &[Opcode], qubit: u32) -> Parse<()> {
        gates.iter().try_for_each(|gate| self.gate(line, *gate, &[qubit]))
    }

    fn push(&mut self, line: &Line, instruction: Instruction) -> Parse<()> {
        self.builder.push(instruction).map_err(|error| Fault::new(line.at, error))
    }

    fn turn(&mut self, line: &Line, qubits: &[u32], letters: Vec<u8>, angle: f64) -> Parse<()> {
        let instruction = Instruction::with_numbers(Opcode::PauliRot, qubits, &[angle]);
        self.push(line, instruction.payload(Payload::Pauli(letters.into())))
    }

    fn pairs(&mut self, line: &Line, targets: &[Target]) -> Parse<()> {
        for [first, second] in paired(line, targets)? {
            if is_classical(first.what) || is_classical(second.what) {
                self.feedback(line, first, second)?;
                continue;
            }
            let both = [self.qubit(line, first)?, self.qubit(line, second)?];
            match line.row.act {
                Act::Pair(parts) => {
                    for (gate, places) in parts {
                        match places {
                            [a, b] => self.gate(line, *gate, &[both[*a], both[*b]])?,
                            places => self.gate(line, *gate, &[both[places[0]]])?,
                        }
                    }
                }
                Act::InversePair(gate) => self.push(line, Instruction::new(gate, &both).inverse())?,
                Act::Turn(letters, angle) => self.turn(line, &both, letters.to_vec(), angle)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A Pauli under an outcome.
    fn feedback(&mut self, line: &Line, first: &Target, second: &Target) -> Parse<()> {
        let unsupported =
            |message: &str| Fault::unsupported(line.at, message, "write the circuit without it");
        if first.what == What::Sweep || second.what == What::Sweep {
            return Err(unsupported("sweep bits have no counterpart here"));
        }
        let Some((pauli, may_be_first, may_be_second)) = feedback(line.row.name) else {
            let message = format!("`{}` does not take outcomes as targets", line.row.name);
            return Err(Fault::invalid(line.at, message));
        };
        let is_first = may_be_first && (is_classical(first.what) || !may_be_second);
        let (record, target) = if is_first { (first, second) } else { (second, first) };
        let bit = self.record(line, record)?;
        if is_classical(target.what) {
            return Err(unsupported("a gate between two outcomes does nothing that a circuit here can say"));
        }
        let qubit = self.qubit(line, target)?;
        self.push(line, Instruction::new(pauli, &[qubit]).when(Some(Condition::Bit(bit))))
    }

    // ---- measurements --------------------------------------------------------------------------------------------

    /// A measurement into the next bit; the outcome of an inverted one is flipped, the state that stays is not.
    fn measure(&mut self, line: &Line, basis: Basis, qubit: u32, inverted: bool, resets: bool) -> Parse<()> {
        let flip = if basis == Basis::X { Opcode::Z } else { Opcode::X };
        if inverted {
            self.gate(line, flip, &[qubit])?;
        }
        let bit = self.measured;
        self.measured += 1;
        self.push(line, Instruction::measure(&[qubit], &[bit], basis))?;
        if inverted && !resets {
            self.gate(line, flip, &[qubit])?;
        }
        Ok(())
    }

    fn reset(&mut self, line: &Line, basis: Basis, qubit: u32) -> Parse<()> {
        self.push(line, Instruction::new(Opcode::Reset, &[qubit]))?;
        self.gates(line, turned_back(basis.as_str().as_bytes()[0]), qubit)
    }

    /// The parity of Paulis, gathered on the last qubit and given back.
    fn parity(&mut self, line: &Line, letters: &[u8], qubits: &[u32], inverted: bool) -> Parse<()> {
        let Some((last, others)) = qubits.split_last() else { return Ok(()) };
        for (letter, qubit) in letters.iter().zip(qubits) {
            self.gates(line, turned(*letter), *qubit)?;
        }
        others.iter().try_for_each(|qubit| self.gate(line, Opcode::Cx, &[*qubit, *last]))?;
        self.measure(line, Basis::Z, *last, inverted, false)?;
        others.iter().rev().try_for_each(|qubit| self.gate(line, Opcode::Cx, &[*qubit, *last]))?;
        for (letter, qubit) in letters.iter().zip(qubits) {
            self.gates(line, turned_back(*letter), *qubit)?;
        }
        Ok(())
    }

    fn note(&mut self, line: &Line, note: Note, targets: &[Target], numbers: &[f64]) -> Parse<()> {
        let mut about = Vec::with_capacity(targets.len());
        for target in targets {
            about.push(match note {
                Note::Coordinates => self.qubit(line, target)?,
                _ => self.record(line, target)?,
            });
        }
        if note == Note::Observable && numbers.iter().any(|number| !(0.0..1e15).contains(number)) {
            return Err(Fault::invalid(line.at, "the number of an observable is a whole number"));
        }
        self.notes.keep(note, numbers, &about);
        Ok(())
    }

    // ---- targets -------------------------------------------------------------------------------------------------

    /// A qubit and whether a `!` stands before it.
    #[inline]
    fn signed(&self, line: &Line, target: &Target) -> Parse<(u32, bool)> {
        match target.what {
            What::Qubit { index, inverted } => Ok((self.known(target, index)?, inverted)),
            _ => Err(self.no_target(line, target)),
        }
    }

    /// A qubit without a sign.
    #[inline]
    fn qubit(&self, line: &Line, target: &Target) -> Parse<u32> {
        match target.what {
            What::Qubit { index, inverted: false } => self.known(target, index),
            _ => Err(self.no_target(line, target)),
        }
    }

    fn no_target(&self, line: &Line, target: &Target) -> Box<Fault> {
        let message = format!("`{}` is no target of `{}`", shown(self.document.word(target)), line.row.name);
        Fault::invalid(target.at as usize, message)
    }

    #[inline]
    fn known(&self, target: &Target, index: u32) -> Parse<u32> {
        let count = self.builder.num_qubits();
        if (index as usize) < count {
            return Ok(index);
        }
        let message = format!("qubit `{index}` is beyond the `{count}` that are told");
        Err(Fault::invalid(target.at as usize, message))
    }

    /// Letters, qubits and sign of a product.
    fn product(&self, line: &Line, target: &Target) -> Parse<(Vec<u8>, Vec<u32>, bool)> {
        let word = self.document.word(target);
        if !matches!(target.what, What::Product(_)) {
            let message = format!("`{}` is no product of Paulis", shown(word));
            return Err(Fault::invalid(target.at as usize, message));
        }
        let (mut letters, mut qubits, mut inverted) = (Vec::new(), Vec::new(), false);
        for factor in factors(word).flatten() {
            letters.push(factor.letter);
            qubits.push(self.known(target, factor.index)?);
            inverted ^= factor.inverted;
        }
        let mut sorted = qubits.clone();
        sorted.sort_unstable();
        if sorted.windows(2).any(|two| two[0] == two[1]) {
            let message = format!("`{}` names a qubit twice", shown(word));
            return Err(Fault::unsupported(line.at, message, "multiply the Paulis of a qubit"));
        }
        Ok((letters, qubits, inverted))
    }

    /// The classical bit of `rec[-k]`.
    fn record(&self, line: &Line, target: &Target) -> Parse<u32> {
        match target.what {
            What::Record(back) if back <= u64::from(self.measured) => Ok(self.measured - back as u32),
            What::Record(back) => {
                let message = format!("`rec[-{back}]` lies before the first of `{}` outcomes", self.measured);
                Err(Fault::invalid(line.at, message))
            }
            _ => {
                let word = shown(self.document.word(target));
                let message = format!("`{word}` is no outcome such as `rec[-1]`");
                Err(Fault::invalid(target.at as usize, message))
            }
        }
    }
}

fn is_classical(what: What) -> bool {
    matches!(what, What::Record(_) | What::Sweep)
}

/// Targets two by two.
fn paired<'a>(line: &Line, targets: &'a [Target]) -> Parse<impl Iterator<Item = [&'a Target; 2]>> {
    if targets.len() % 2 == 1 {
        return Err(Fault::invalid(line.at, format!("`{}` takes pairs of targets", line.row.name)));
    }
    Ok(targets.chunks_exact(2).map(|two| [&two[0], &two[1]]))
}
