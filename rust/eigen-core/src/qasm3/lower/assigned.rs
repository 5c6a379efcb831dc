//! What a part of a program mentions, found without running it.
use std::collections::HashSet;

use crate::qasm3::tree::{Expr, ExprKind, Index, Modifier, Over, Range, Statement, StatementKind};

/// What is found in a part of a program.
#[derive(Clone, Copy)]
pub(super) enum Found<'a> {
    /// A name that is used.
    Name(&'a str),
    /// A name that may change: it is assigned to, or handed to a subroutine.
    Changed(&'a str),
    /// A statement that leaves a loop, a subroutine or the program, or declares something.
    Special,
}

/// Collects the names that statements may change.
pub(super) fn assigned<'a>(block: &[Statement<'a>], names: &mut HashSet<&'a str>) {
    in_block(block, &mut |found| {
        if let Found::Changed(name) = found {
            names.insert(name);
        }
    });
}

/// The name that an expression with indices begins with.
pub(super) fn base<'a>(expr: &Expr<'a>) -> Option<&'a str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Index(of, _) => base(of),
        _ => None,
    }
}

/// Tells of everything in a block.
pub(super) fn in_block<'a>(block: &[Statement<'a>], tell: &mut dyn FnMut(Found<'a>)) {
    block.iter().for_each(|statement| in_statement(statement, tell));
}

fn in_statement<'a>(statement: &Statement<'a>, tell: &mut dyn FnMut(Found<'a>)) {
    match &statement.kind {
        StatementKind::Assign { to, value, .. } => {
            if let Some(name) = base(to) {
                tell(Found::Changed(name));
            }
            in_expr(to, tell);
            in_expr(value, tell);
        }
        StatementKind::Expression(value) | StatementKind::Reset(value) => in_expr(value, tell),
        StatementKind::Declare { value, .. } => {
            tell(Found::Special);
            value.iter().for_each(|value| in_expr(value, tell));
        }
        StatementKind::Alias(_, value) => {
            tell(Found::Special);
            in_expr(value, tell);
        }
        StatementKind::Return(value) => {
            tell(Found::Special);
            value.iter().for_each(|value| in_expr(value, tell));
        }
        StatementKind::Gate(call) => {
            for modifier in &call.modifiers {
                match modifier {
                    Modifier::Power(value) | Modifier::Controls(_, Some(value)) => in_expr(value, tell),
                    _ => {}
                }
            }
            call.arguments.iter().chain(&call.operands).for_each(|value| in_expr(value, tell));
        }
        StatementKind::Barrier(operands) => operands.iter().for_each(|value| in_expr(value, tell)),
        StatementKind::Delay(time, operands) => {
            in_expr(time, tell);
            operands.iter().for_each(|value| in_expr(value, tell));
        }
        StatementKind::Box(_, body) | StatementKind::Scope(body) => in_block(body, tell),
        StatementKind::For { over, body, .. } => {
            match over {
                Over::Range(range) => in_range(range, tell),
                Over::Values(value) => in_expr(value, tell),
            }
            in_block(body, tell);
        }
        StatementKind::If(condition, then, otherwise, _) => {
            in_expr(condition, tell);
            in_block(then, tell);
            in_block(otherwise, tell);
        }
        StatementKind::While(condition, body) => {
            in_expr(condition, tell);
            in_block(body, tell);
        }
        StatementKind::Switch { on, cases, otherwise } => {
            in_expr(on, tell);
            for (values, body) in cases {
                values.iter().for_each(|value| in_expr(value, tell));
                in_block(body, tell);
            }
            otherwise.iter().for_each(|body| in_block(body, tell));
        }
        StatementKind::Annotation(..) | StatementKind::Pragma | StatementKind::Include(_) => {}
        _ => tell(Found::Special),
    }
}

fn in_range<'a>(range: &Range<'a>, tell: &mut dyn FnMut(Found<'a>)) {
    [&range.first, &range.step, &range.last].into_iter().flatten().for_each(|part| in_expr(part, tell));
}

fn in_expr<'a>(expr: &Expr<'a>, tell: &mut dyn FnMut(Found<'a>)) {
    match &expr.kind {
        ExprKind::Name(name) | ExprKind::Element(name, _) => tell(Found::Name(name)),
        ExprKind::Call(_, arguments) => {
            for argument in arguments {
                if let Some(name) = base(argument) {
                    tell(Found::Changed(name));
                }
                in_expr(argument, tell);
            }
        }
        ExprKind::Index(of, indices) => {
            in_expr(of, tell);
            for index in indices {
                match index {
                    Index::One(one) => in_expr(one, tell),
                    Index::Range(range) => in_range(range, tell),
                    Index::Set(values) => values.iter().for_each(|value| in_expr(value, tell)),
                }
            }
        }
        ExprKind::Unary(_, of) | ExprKind::Cast(_, of) | ExprKind::Measure(of) => in_expr(of, tell),
        ExprKind::Binary(_, sides) => sides.iter().for_each(|side| in_expr(side, tell)),
        ExprKind::Concat(parts) | ExprKind::List(parts) => parts.iter().for_each(|part| in_expr(part, tell)),
        _ => {}
    }
}
