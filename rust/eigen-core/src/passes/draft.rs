//! A body on its way through passes: what each of them does to it, and what need not be done again.
use std::cell::Cell;

use super::one_qubit::{Alphabet, merged};
use super::pairs::{Native, Places, resynthesised};
use super::pipeline::{Pass, Step};
use super::size::Size;
use super::trail::{Change, Trail};
use super::tree::Body;
use super::{fold, simplify, swaps, unobserved};
use crate::circuit::Instruction;
use crate::error::CoreResult;
use crate::gate::Opcode;

/// What passes write with.
pub(super) struct Tools {
    pub native: Native,
    pub alphabet: Alphabet,
}

impl Tools {
    /// For a basis, or for every gate.
    pub fn new(basis: Option<&[Opcode]>) -> Self {
        Self { native: Native::of(basis), alphabet: Alphabet::new(basis) }
    }
}

/// A body on its way, and where its qubits have gone when they may go.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub body: Body,
    pub places: Option<Places>,
    pub size: Size,
    /// Nothing has changed since gates were last cancelled past those that commute.
    pub settled: bool,
    pub trail: Trail,
}

impl Draft {
    /// A body of which nothing is known.
    pub fn new(body: Body, places: Option<Places>, trail: Trail) -> Self {
        let size = Size::of(&body);
        Self { body, places, size, settled: false, trail }
    }

    /// The body translated, gate by gate or run by run.
    pub fn translated(mut self, translate: impl FnOnce(Body) -> CoreResult<Body>) -> CoreResult<Self> {
        self.trail.next(Change::Runs, &self.body);
        Ok(Self { body: translate(self.body)?, ..self })
    }

    /// The draft after some passes, each of which is noted. Cancelling past what commutes is not repeated on what it has
    /// left itself.
    pub fn through(mut self, passes: &[Pass], tools: &Tools, steps: &mut Vec<Step>) -> CoreResult<Self> {
        for pass in passes {
            if *pass == Pass::Commute && self.settled {
                continue;
            }
            self = self.after(*pass, tools)?;
            steps.push(Step { pass: pass.name(), size: self.size });
        }
        Ok(self)
    }

    fn after(self, pass: Pass, tools: &Tools) -> CoreResult<Self> {
        let Self { body, places, size, settled, mut trail } = self;
        trail.next(pass.change(), &body);
        let (body, places, changed) = match places {
            Some(places) if pass == Pass::ResynthesisePairs => {
                let (body, places, anew) = swaps::exchanged(body, tools.native, places);
                // Inside blocks qubits stay where they are.
                let (body, inside) = if body.has_blocks() { on(pass, body, tools)? } else { (body, false) };
                (body, Some(places), anew || inside)
            }
            places => {
                let (body, changed) = on(pass, body, tools)?;
                (body, places, changed)
            }
        };
        // Words on one qubit may change without being fewer.
        let size = if changed || pass == Pass::MergeOneQubit { Size::of(&body) } else { size };
        let settled = pass == Pass::Commute || settled && !changed;
        Ok(Self { body, places, size, settled, trail })
    }
}

/// The body after a pass, and whether other passes may find something new in it.
pub(super) fn on(pass: Pass, body: Body, tools: &Tools) -> CoreResult<(Body, bool)> {
    let changed = Cell::new(false);
    let body = body.map(&|stretch: Vec<Instruction>| {
        let before = stretch.len();
        let fewer = |out: Vec<Instruction>| {
            let is_fewer = out.len() < before;
            (out, is_fewer)
        };
        let (out, is_new) = match pass {
            Pass::Cancel => fewer(simplify::straight(stretch, false)),
            Pass::Commute => fewer(simplify::straight(stretch, true)),
            Pass::DropUnobserved => fewer(unobserved::dropped(stretch)),
            Pass::FoldPhases => fold::folded(stretch),
            Pass::ResynthesisePairs => resynthesised(stretch, tools.native),
            Pass::MergeOneQubit => fewer(merged(stretch, &tools.alphabet)),
        };
        changed.set(changed.get() || is_new);
        Ok(out)
    })?;
    Ok((body, changed.get()))
}
