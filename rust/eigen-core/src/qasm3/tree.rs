//! Statements and expressions as they are written, borrowed from the text.
use std::rc::Rc;

use crate::circuit::DurationUnit;

/// An expression and where it begins.
#[derive(Debug)]
pub(super) struct Expr<'a> {
    pub at: u32,
    pub kind: ExprKind<'a>,
}

#[derive(Debug)]
pub(super) enum ExprKind<'a> {
    Int(i128),
    Float(f64),
    Imaginary(f64),
    Bool(bool),
    /// Bits in quotes, the highest first.
    Bits(&'a str),
    Time(f64, DurationUnit),
    Name(&'a str),
    /// `$0`
    Physical(u32),
    Unary(UnaryOp, Box<Expr<'a>>),
    Binary(BinaryOp, Box<[Expr<'a>; 2]>),
    Call(&'a str, Vec<Expr<'a>>),
    Cast(Box<Type<'a>>, Box<Expr<'a>>),
    Index(Box<Expr<'a>>, Vec<Index<'a>>),
    /// An operand `name[3]`, which most are: an index that needs no room of its own.
    Element(&'a str, u32),
    Concat(Vec<Expr<'a>>),
    /// `{1, 2}`
    List(Vec<Expr<'a>>),
    Measure(Box<Expr<'a>>),
    DurationOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnaryOp {
    Negative,
    Invert,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    And,
    Or,
    Xor,
    Left,
    Right,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Both,
    Either,
}

/// What stands in square brackets, up to a comma.
#[derive(Debug)]
pub(super) enum Index<'a> {
    One(Expr<'a>),
    Range(Range<'a>),
    Set(Vec<Expr<'a>>),
}

/// `first:step:last`, the last included.
#[derive(Debug)]
pub(super) struct Range<'a> {
    pub first: Option<Expr<'a>>,
    pub step: Option<Expr<'a>>,
    pub last: Option<Expr<'a>>,
}

/// A type as it is written.
#[derive(Debug)]
pub(super) struct Type<'a> {
    pub at: u32,
    pub kind: TypeKind<'a>,
}

#[derive(Debug)]
pub(super) enum TypeKind<'a> {
    Bool,
    Bit(Option<Expr<'a>>),
    Int(Option<Expr<'a>>),
    Uint(Option<Expr<'a>>),
    Angle(Option<Expr<'a>>),
    Float(Option<Expr<'a>>),
    Complex,
    Duration,
    Stretch,
    /// The elements' type and the sizes.
    Array(Box<Type<'a>>, Vec<Expr<'a>>),
    /// Of a parameter: the elements' type and, where it is not known, how many dimensions.
    ArrayOf(Box<Type<'a>>, Box<Expr<'a>>),
    Qubit(Option<Expr<'a>>),
}

/// A modifier of a gate; controls with their number.
#[derive(Debug)]
pub(super) enum Modifier<'a> {
    Inverse,
    Power(Expr<'a>),
    Controls(bool, Option<Expr<'a>>),
}

/// A statement and where it begins.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub at: u32,
    pub kind: StatementKind<'a>,
}

/// Where a program gets a variable from, or whether it may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    Const,
    Input,
    Output,
}

#[derive(Debug)]
pub(super) enum StatementKind<'a> {
    Include(&'a str),
    Declare {
        role: Role,
        of: Type<'a>,
        name: &'a str,
        value: Option<Expr<'a>>,
    },
    Alias(&'a str, Expr<'a>),
    Gate(GateCall<'a>),
    Define(Rc<GateDefinition<'a>>),
    Subroutine(Rc<Subroutine<'a>>),
    Extern(&'a str),
    /// A calibration of a gate, or a block or grammar of calibrations.
    Calibration(Option<&'a str>),
    Assign {
        to: Expr<'a>,
        operation: Option<BinaryOp>,
        value: Expr<'a>,
    },
    Expression(Expr<'a>),
    Reset(Expr<'a>),
    Barrier(Vec<Expr<'a>>),
    Delay(Expr<'a>, Vec<Expr<'a>>),
    Box(Option<Expr<'a>>, Block<'a>),
    /// With whether the first part stands alone, without braces.
    If(Expr<'a>, Block<'a>, Block<'a>, bool),
    While(Expr<'a>, Block<'a>),
    For {
        of: Type<'a>,
        name: &'a str,
        over: Over<'a>,
        body: Block<'a>,
    },
    Switch {
        on: Expr<'a>,
        cases: Vec<(Vec<Expr<'a>>, Block<'a>)>,
        otherwise: Option<Block<'a>>,
    },
    Scope(Block<'a>),
    Break,
    Continue,
    End,
    Return(Option<Expr<'a>>),
    /// `@name text`, for the statement that follows.
    Annotation(&'a str, &'a str),
    Pragma,
}

pub(super) type Block<'a> = Vec<Statement<'a>>;

/// What a loop goes over.
#[derive(Debug)]
pub(super) enum Over<'a> {
    Range(Range<'a>),
    Values(Expr<'a>),
}

/// A gate applied.
#[derive(Debug)]
pub(super) struct GateCall<'a> {
    pub modifiers: Vec<Modifier<'a>>,
    pub name: &'a str,
    pub arguments: Vec<Expr<'a>>,
    pub operands: Vec<Expr<'a>>,
}

/// A gate's definition.
#[derive(Debug)]
pub(super) struct GateDefinition<'a> {
    pub name: &'a str,
    pub parameters: Vec<&'a str>,
    pub qubits: Vec<&'a str>,
    pub body: Block<'a>,
    /// As it is written, from `gate` to the closing brace.
    pub text: &'a str,
}

/// A parameter of a subroutine; a reference may be changed by it.
#[derive(Debug)]
pub(super) struct Parameter<'a> {
    pub name: &'a str,
    pub of: Type<'a>,
    pub is_mutable: bool,
}

/// A subroutine.
#[derive(Debug)]
pub(super) struct Subroutine<'a> {
    pub name: &'a str,
    pub parameters: Vec<Parameter<'a>>,
    pub result: Option<Type<'a>>,
    pub body: Block<'a>,
}
