//! `for` and `while`, and the ways out of them.
use super::Lower;
use super::assigned::{Found, in_block};
use super::convert::convert;
use super::index::count;
use super::live::{Flow, Truth};
use super::scope::{Entity, Variable};
use crate::circuit::Instruction;
use crate::condition::Condition;
use crate::gate::Opcode;
use crate::qasm3::tree::{self, BinaryOp, Expr, Over, Range, Statement};
use crate::qasm3::value::{Bit, Data, Type, Value};
use crate::text::{Fault, Parse};

/// Rounds of a `while` when no annotation `@eigen.max_rounds` says how many there may be.
const MOST_ROUNDS: u64 = 1_000_000;

/// A loop in evaluation.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Undecided parts around it: a way out from deeper inside is one that may have been taken.
    live: usize,
    /// Subroutines around it.
    frames: usize,
    broken: Option<u32>,
    continued: Option<u32>,
}

impl<'a> Lower<'a> {
    /// `break`, `continue` and `end`: taken now, or at run time by a bit that says so.
    pub fn leave(&mut self, flow: Flow, at: u32) -> Parse<Flow> {
        let frames = self.frames.len();
        let inside = match (&flow, self.loops.last()) {
            (Flow::End, _) => self.live > 0,
            (_, Some(round)) if round.frames == frames => self.live > round.live,
            _ => return Err(Fault::invalid(at as usize, "there is no loop to leave here")),
        };
        if inside {
            for flag in self.flags_of(&flow, at)? {
                self.raise(flag, at)?;
            }
        }
        Ok(flow)
    }

    /// The bits that say that a way out has been taken.
    pub fn flags_of(&mut self, flow: &Flow, at: u32) -> Parse<Vec<u32>> {
        let known = match flow {
            Flow::Next => return Ok(Vec::new()),
            Flow::Maybe(flags) => return Ok(flags.clone()),
            Flow::End => self.ended,
            Flow::Return => self.frames.last().and_then(|frame| frame.returned),
            Flow::Break => self.loops.last().and_then(|round| round.broken),
            Flow::Continue => self.loops.last().and_then(|round| round.continued),
        };
        if let Some(flag) = known {
            return Ok(vec![flag]);
        }
        let flag = self.scratch(1, at)?[0];
        match flow {
            Flow::End => self.ended = Some(flag),
            Flow::Return => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.returned = Some(flag);
                }
            }
            Flow::Break => {
                if let Some(round) = self.loops.last_mut() {
                    round.broken = Some(flag);
                }
            }
            _ => {
                if let Some(round) = self.loops.last_mut() {
                    round.continued = Some(flag);
                }
            }
        }
        Ok(vec![flag])
    }

    /// A statement that is run only where nothing has been left.
    pub fn guarded_statement(&mut self, flags: &[u32], alone: &[Statement<'a>], at: u32) -> Parse<Flow> {
        let Some(statement) = alone.first() else { return Ok(Flow::Next) };
        let condition = Self::none_of(flags, at)?;
        self.region(&[alone], at, |lower| {
            lower.push(Instruction::block(Opcode::If, Some(condition), 1), at)?;
            let flow = lower.statement(statement)?;
            lower.push(Instruction::new(Opcode::End, &[]), at)?;
            Ok(flow)
        })
    }

    /// One round of a loop: what goes on behind it, `continue` done with.
    fn round(&mut self, body: &[Statement<'a>], at: u32) -> Parse<Flow> {
        let flow = self.block(body)?;
        let continued = self.loops.last_mut().and_then(|round| round.continued.take());
        let Some(flag) = continued else {
            return Ok(if flow == Flow::Continue { Flow::Next } else { flow });
        };
        // The next round begins without it.
        self.taken(flag, flow, Flow::Continue, at)
    }

    /// A loop with its ways out: what goes on behind it.
    fn looped(&mut self, at: u32, run: impl FnOnce(&mut Self) -> Parse<Flow>) -> Parse<Flow> {
        self.loops.push(Round { live: self.live, frames: self.frames.len(), ..Round::default() });
        let out = run(self);
        let round = self.loops.pop().unwrap_or_default();
        let flow = out?;
        let Some(flag) = round.broken else {
            return Ok(if flow == Flow::Break { Flow::Next } else { flow });
        };
        self.taken(flag, flow, Flow::Break, at)
    }

    /// What goes on behind the way out that a flag stands for: the flag is cleared and given back.
    fn taken(&mut self, flag: u32, flow: Flow, way: Flow, at: u32) -> Parse<Flow> {
        self.compute(&[flag], crate::compute::Expr::int(0), at)?;
        self.scratch.give_back(&[flag]);
        Ok(match flow {
            Flow::Maybe(flags) => {
                let flags: Vec<u32> = flags.into_iter().filter(|other| *other != flag).collect();
                if flags.is_empty() { Flow::Next } else { Flow::Maybe(flags) }
            }
            other if other == way => Flow::Next,
            other => other,
        })
    }

    /// `while (condition) …`: rounds are run now as long as the condition is known.
    pub fn repeat(&mut self, condition: &Expr<'a>, body: &[Statement<'a>], at: u32) -> Parse<Flow> {
        let most = self.max_rounds(at)?;
        self.looped(at, |lower| {
            loop {
                lower.step(at)?;
                let value = lower.evaluate(condition)?;
                if !value.data.is_known() {
                    return lower.repeat_live(condition, body, most, at);
                }
                match lower.truth(value, at)? {
                    Truth::Known(false) => return Ok(Flow::Next),
                    // Nothing in the body can end it.
                    Truth::Known(true) if lower.is_plain("", body) => {
                        return lower.region(&[body], at, |lower| {
                            lower.while_block(Condition::Const(true), most, at, |lower| lower.round(body, at))
                        });
                    }
                    Truth::Known(true) => {}
                    Truth::Live(_) => return lower.repeat_live(condition, body, most, at),
                }
                match lower.round(body, at)? {
                    Flow::Next => {}
                    Flow::Maybe(flags) => {
                        // Further rounds wait for the run.
                        let flow = lower.region(&[body], at, |lower| {
                            let condition_block = Self::none_of(&flags, at)?;
                            lower.push(Instruction::block(Opcode::If, Some(condition_block), 1), at)?;
                            let flow = lower.repeat_live(condition, body, most, at)?;
                            lower.push(Instruction::new(Opcode::End, &[]), at)?;
                            Ok(flow)
                        })?;
                        let mut all = flags;
                        all.extend(lower.flags_of(&flow, at)?);
                        return Ok(Flow::Maybe(all));
                    }
                    other => return Ok(other),
                }
            }
        })
    }

    fn max_rounds(&self, at: u32) -> Parse<u64> {
        let Some(text) = self.annotation("eigen.max_rounds") else { return Ok(MOST_ROUNDS) };
        text.parse().map_err(|_| Fault::invalid(at as usize, "`@eigen.max_rounds` takes a whole number"))
    }

    /// A loop whose condition is known at run time.
    fn repeat_live(
        &mut self,
        condition: &Expr<'a>,
        body: &[Statement<'a>],
        most: u64,
        at: u32,
    ) -> Parse<Flow> {
        self.region(&[body], at, |lower| {
            let home = lower.scratch(1, at)?;
            lower.held.push(home[0]);
            let first = lower.evaluate(condition)?;
            let first = convert(first, &Type::Bool, at)?;
            let plain = match &first.data {
                Data::Live(code) => {
                    super::live::plain_condition(code).map_err(|error| Fault::new(at as usize, error))?
                }
                _ => None,
            };
            let repeated = |lower: &mut Self| {
                let value = lower.evaluate(condition)?;
                let value = convert(value, &Type::Bool, at)?;
                lower.store(&home, &value.data, &value.of, at)
            };
            let waits = match &plain {
                Some(condition) => condition.clone(),
                None => {
                    lower.store(&home, &first.data, &first.of, at)?;
                    Condition::Bit(home[0])
                }
            };
            lower.while_block(waits, most, at, |lower| {
                let flow = lower.round(body, at)?;
                if plain.is_none() && !flow.leaves() {
                    repeated(lower)?;
                }
                Ok(flow)
            })
        })
    }

    /// A `WHILE` that also ends when its body has been left.
    fn while_block(
        &mut self,
        condition: Condition,
        most: u64,
        at: u32,
        body: impl FnOnce(&mut Self) -> Parse<Flow>,
    ) -> Parse<Flow> {
        let fault = |error| Fault::new(at as usize, error);
        // Ways out are known only when the body has been read: a bit that is 1 then ends the loop.
        let stop = self.scratch(1, at)?;
        self.held.push(stop[0]);
        let place = self.builder.stream_position();
        let both = condition.clone().and(Condition::Bit(stop[0]).negate().map_err(fault)?).map_err(fault)?;
        self.push(Instruction::block(Opcode::While, Some(both), most), at)?;
        let flow = body(self)?;
        let flags = self.flags_of(&flow, at)?;
        if flags.is_empty() {
            self.builder.replace_condition(place, condition);
        } else {
            let left = flags.iter().map(|flag| crate::compute::Expr::bit(*flag)).collect();
            let any = crate::qasm3::value::balanced(crate::compute::Binary::Or, left);
            self.compute(&stop, any.unwrap_or(crate::compute::Expr::int(0)), at)?;
        }
        self.push(Instruction::new(Opcode::End, &[]), at)?;
        if !flags.is_empty() {
            self.compute(&stop, crate::compute::Expr::int(0), at)?;
        }
        Ok(if flags.is_empty() { Flow::Next } else { Flow::Maybe(flags) })
    }

    /// `for type name in range …`
    pub fn each(
        &mut self,
        of: &tree::Type<'a>,
        name: &'a str,
        over: &Over<'a>,
        body: &[Statement<'a>],
        at: u32,
    ) -> Parse<Flow> {
        let of = self.type_of(of)?;
        match over {
            Over::Range(range) => {
                let bounds = self.bounds(range, at)?;
                let [Data::Int(first), Data::Int(step), Data::Int(last)] =
                    bounds.each_ref().map(|value| value.data.clone())
                else {
                    return self.each_live(&of, name, bounds, body, at);
                };
                let rounds = count(first, step, last, at)?;
                if self.is_plain(name, body) && rounds > 1 {
                    return self.for_block(rounds, body, at);
                }
                let value =
                    move |k: usize| Value { of: Type::Literal, data: Data::Int(first + k as i128 * step) };
                self.unrolled(&of, name, rounds, &value, body, at)
            }
            Over::Values(values) => {
                let all = self.evaluate(values)?;
                let (inner, data): (Type, Vec<Data>) = match (all.of, all.data) {
                    (Type::Array(inner, sizes), Data::Array(parts)) if sizes.len() == 1 => (*inner, parts),
                    (Type::Bit(_), Data::Bits(bits)) => {
                        (Type::Bit(None), bits.into_iter().map(|bit: Bit| Data::Bits(vec![bit])).collect())
                    }
                    _ => {
                        return Err(Fault::invalid(
                            at as usize,
                            "a loop goes over a range, a set, bits or an array",
                        ));
                    }
                };
                let value = |k: usize| Value { of: inner.clone(), data: data[k].clone() };
                self.unrolled(&of, name, data.len(), &value, body, at)
            }
        }
    }

    fn bounds(&mut self, range: &Range<'a>, at: u32) -> Parse<[Value; 3]> {
        let mut part = |part: &Option<Expr<'a>>, default: Option<i128>| match (part, default) {
            (Some(part), _) => {
                let value = self.evaluate(part)?;
                match &value.data {
                    Data::Bits(bits) => Ok(Value {
                        of: Type::Uint(bits.len().clamp(1, 64) as u32),
                        data: crate::qasm3::value::word(bits),
                    }),
                    Data::Float(_) => convert(value, &Type::Int(64), part.at),
                    _ if value.of.is_whole() => Ok(value),
                    _ => Err(Fault::invalid(part.at as usize, "a bound is a whole number")),
                }
            }
            (None, Some(default)) => Ok(Value { of: Type::Literal, data: Data::Int(default) }),
            (None, None) => {
                Err(Fault::invalid(at as usize, "the range of a loop has a beginning and an end"))
            }
        };
        Ok([part(&range.first, None)?, part(&range.step, Some(1))?, part(&range.last, None)?])
    }

    /// Whether all rounds of a body are the same and nothing that is known changes in it.
    fn is_plain(&self, name: &str, body: &[Statement<'a>]) -> bool {
        let mut is_plain = self.in_gate == 0 && self.sinks.is_empty();
        in_block(body, &mut |found| match found {
            Found::Special => is_plain = false,
            Found::Name(other) if other == name => is_plain = false,
            Found::Changed(other) => {
                let is_known = match self.find(other) {
                    Some(Entity::Variable(index)) => self.variables[*index].known.is_some(),
                    Some(Entity::Bits(_)) => false,
                    _ => true,
                };
                is_plain &= other != name && !is_known;
            }
            Found::Name(_) => {}
        });
        is_plain
    }

    /// A body that is written once and run several times.
    fn for_block(&mut self, rounds: usize, body: &[Statement<'a>], at: u32) -> Parse<Flow> {
        self.looped(at, |lower| {
            lower.region(&[body], at, |lower| {
                lower.push(Instruction::block(Opcode::For, None, rounds as u64), at)?;
                let flow = lower.round(body, at)?;
                lower.push(Instruction::new(Opcode::End, &[]), at)?;
                Ok(flow)
            })
        })
    }

    /// A body that is written for each value.
    fn unrolled(
        &mut self,
        of: &Type,
        name: &'a str,
        rounds: usize,
        value: &dyn Fn(usize) -> Value,
        body: &[Statement<'a>],
        at: u32,
    ) -> Parse<Flow> {
        self.looped(at, |lower| {
            let mut left: Vec<u32> = Vec::new();
            for k in 0..rounds {
                lower.steps += 1;
                lower.step(at)?;
                let value = convert(value(k), of, at)?;
                let round = |lower: &mut Self| {
                    lower.scoped(false, |lower| {
                        lower.declare_value(name, value, at)?;
                        lower.round(body, at)
                    })
                };
                let flow = if left.is_empty() {
                    round(lower)?
                } else {
                    let flow = lower.guarded(&left, &[body], at, round)?;
                    Flow::Maybe(lower.flags_of(&flow, at)?)
                };
                match flow {
                    Flow::Next => {}
                    Flow::Maybe(flags) => flags.into_iter().for_each(|flag| {
                        if !left.contains(&flag) {
                            left.push(flag);
                        }
                    }),
                    other => return Ok(other),
                }
            }
            Ok(if left.is_empty() { Flow::Next } else { Flow::Maybe(left) })
        })
    }

    /// A loop whose range is known at run time: a counter in bits.
    fn each_live(
        &mut self,
        of: &Type,
        name: &'a str,
        bounds: [Value; 3],
        body: &[Statement<'a>],
        at: u32,
    ) -> Parse<Flow> {
        let Data::Int(step) = bounds[1].data else {
            let message = "the step of a loop must be known before the program runs";
            return Err(Fault::unsupported(at as usize, message, "use a constant"));
        };
        if step == 0 {
            return Err(Fault::invalid(at as usize, "a range has a step of zero"));
        }
        let wide = Type::Int(64);
        self.scoped(false, |lower| {
            let last = lower.scratch(64, at)?;
            let counter = lower.scratch(64, at)?;
            lower.held.extend(last.iter().chain(counter.iter()));
            let [first_value, _, last_value] = bounds;
            let last_value = convert(last_value, &wide, at)?;
            let first_value = convert(first_value, &wide, at)?;
            lower.store(&last, &last_value.data, &wide, at)?;
            lower.store(&counter, &first_value.data, &wide, at)?;
            let here = Value { data: wide.read(&counter), of: wide.clone() };
            let end = Value { data: wide.read(&last), of: wide.clone() };
            let comparison = if step > 0 { BinaryOp::LessEqual } else { BinaryOp::GreaterEqual };
            let more = super::arithmetic::binary(comparison, here.clone(), end, at)?;
            let waits = lower.scratch(1, at)?;
            lower.held.push(waits[0]);
            lower.store(&waits, &more.data, &more.of, at)?;
            let seen = convert(here.clone(), of, at)?;
            lower.looped(at, |lower| {
                lower.region(&[body], at, |lower| {
                    let condition = Condition::Bit(waits[0]);
                    lower.while_block(condition, MOST_ROUNDS, at, |lower| {
                        let flow = lower.scoped(false, |lower| {
                            let variable = Variable {
                                of: of.clone(),
                                known: None,
                                bits: None,
                                pinned: 1,
                                is_output: false,
                            };
                            let index = lower.variable(variable);
                            let bits = lower.own(index, at)?;
                            lower.store(&bits, &seen.data, of, at)?;
                            lower.declare(name, Entity::Variable(index), at)?;
                            lower.round(body, at)
                        })?;
                        if !flow.leaves() {
                            let by = Value { of: wide.clone(), data: Data::Int(step) };
                            let next = super::arithmetic::binary(BinaryOp::Add, here.clone(), by, at)?;
                            lower.store(&counter, &next.data, &wide, at)?;
                            lower.store(&waits, &more.data, &more.of, at)?;
                        }
                        Ok(flow)
                    })
                })
            })
        })
    }
}
