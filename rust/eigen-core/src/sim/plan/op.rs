//! Operations as the planner sees them: steps taken apart into rotations, diagonal terms, flips and pairs.
use super::group::Numbers;
use super::growth::Listed;
use super::merge::merge;
use super::names::swapped;
use super::rotation::{Core, Rotation};
use crate::math::C64;
use crate::sim::segment::Step;
use crate::sim::step::{Controls, Shape};

/// One operation. It commutes with another where both are diagonal on every qubit that they share.
#[derive(Clone, Debug)]
pub(crate) struct Op {
    /// Qubits that it mixes.
    pub mixed: u64,
    /// Qubits on which it is diagonal.
    pub diagonal: u64,
    pub kind: Kind,
}

/// What an operation does; numbers are those of its step.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A diagonal term.
    Term(Term),
    /// A real or imaginary 2x2 matrix: `Ops::rotations[number]`.
    Rotation { target: usize, number: usize },
    /// Pauli X with controls.
    Flip { target: usize, controls: Controls, step: usize },
    /// SWAP.
    Swap { targets: [usize; 2] },
    /// Each amplitude mixed with one other.
    Pair(Pair),
    /// On the highest qubit of a state of real amplitudes, whose values are real and imaginary part.
    Top(Top),
    /// A 4x4 matrix.
    Dense { targets: [usize; 2], step: usize },
    /// Anything else, by the general kernels.
    Step { step: usize },
}

/// A diagonal factor for each value of some qubits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    pub on: Where,
    pub from: Factor,
    /// The step that it comes from.
    pub step: usize,
}

/// Which amplitudes a term tells apart.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Where {
    /// Even and odd parity of the qubits.
    Parity(u64),
    /// The control pattern against everything else.
    Controls(Controls),
}

/// Where a term's factors come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Factor {
    /// The step's own numbers: one for each parity, or one for the pattern.
    Numbers,
    /// One of the step's numbers, for the pattern.
    Entry(usize),
    /// The phase before or after the core of `Ops::rotations[number]`.
    Before(usize),
    After(usize),
}

/// An operation on pairs of amplitudes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    /// Qubits that differ within a pair.
    pub flips: u64,
    pub controls: Controls,
    pub form: PairForm,
    pub step: usize,
}

/// An operation on real and imaginary parts, for a state of real amplitudes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Top {
    pub form: TopForm,
    /// Controls on other qubits.
    pub controls: Controls,
    pub step: usize,
}

/// What it does to them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TopForm {
    /// The step's 2x2 matrix.
    Turn,
    /// Pauli X.
    Flip,
    /// A term that the qubit is part of.
    Sign(Term),
}

/// How a pair's coefficients follow from its step's numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PairForm {
    /// Pauli X, without numbers.
    Flip,
    /// A 2x2 matrix on a target.
    Single(usize),
    /// `a + b P` with Z on these qubits.
    Pauli(u64),
    /// A 4x4 matrix whose entries lie on its diagonal and its antidiagonal.
    Cross([usize; 2]),
    /// `Ops::products[number]`, one after the other.
    Product(usize),
}

/// A part of a product of operations that flip the same qubits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Pair(Pair),
    /// A term inside the flipped qubits.
    Term(Term),
}

impl Where {
    /// Qubits that matter.
    pub fn mask(self) -> u64 {
        match self {
            Where::Parity(mask) => mask,
            Where::Controls(controls) => controls.mask,
        }
    }

    /// Whether a basis state takes the second factor.
    #[inline]
    pub fn is_second(self, index: u64) -> bool {
        match self {
            Where::Parity(mask) => (index & mask).count_ones() % 2 == 1,
            Where::Controls(controls) => index & controls.mask == controls.value,
        }
    }
}

impl Pair {
    /// Pauli X with controls.
    pub fn flip(target: usize, controls: Controls) -> Self {
        Pair { flips: 1 << target, controls, form: PairForm::Flip, step: 0 }
    }

    /// The coefficients of amplitude `index` and of its partner.
    pub fn coefficients(&self, all: &Numbers<'_>, index: u64) -> (C64, C64) {
        let numbers = all.of(self.step);
        if index & self.controls.mask != self.controls.value {
            return (C64::ONE, C64::ZERO);
        }
        let bit = |qubit: usize| (index >> qubit & 1) as usize;
        match self.form {
            PairForm::Flip => (C64::ZERO, C64::ONE),
            PairForm::Single(target) => {
                let row = bit(target);
                (numbers[row * 3], numbers[1 + row])
            }
            PairForm::Pauli(z) => {
                let phase = crate::sim::amplitude::times_i_power(numbers[1], (self.flips & z).count_ones());
                let odd = ((index ^ self.flips) & z).count_ones() % 2 == 1;
                (numbers[0], if odd { -phase } else { phase })
            }
            PairForm::Cross([a, b]) => {
                let row = bit(a) | bit(b) << 1;
                (numbers[row * 5], numbers[row * 4 + 3 - row])
            }
            PairForm::Product(product) => {
                let partner = index ^ self.flips;
                let start = [(C64::ONE, C64::ZERO), (C64::ONE, C64::ZERO)];
                all.products[product]
                    .iter()
                    .fold(start, |[own, other], part| part.after(all, index, partner, [own, other]))[0]
            }
        }
    }
}

impl Part {
    /// The coefficients of two partners after the part, from those before it.
    fn after(&self, all: &Numbers<'_>, index: u64, partner: u64, before: [(C64, C64); 2]) -> [(C64, C64); 2] {
        let of = |index: u64| match self {
            Part::Pair(pair) => pair.coefficients(all, index),
            Part::Term(term) => (all.factors(term)[usize::from(term.on.is_second(index))], C64::ZERO),
        };
        let [own, other] = before;
        let mix = |(keep, mix): (C64, C64), own: (C64, C64), other: (C64, C64)| {
            (keep * own.0 + mix * other.1, keep * own.1 + mix * other.0)
        };
        [mix(of(index), own, other), mix(of(partner), other, own)]
    }
}

/// The operations of a segment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ops {
    pub list: Vec<Op>,
    pub rotations: Vec<Rotation>,
    /// Operations merged into one, the first applied first.
    pub products: Vec<Vec<Part>>,
}

impl Ops {
    /// Takes steps apart. `fixed` gives the numbers of a step that no parameter changes; `swaps_are_done` says that the
    /// qubits are named as if SWAPs came first (see `renamed`).
    pub fn new<'a>(
        steps: &[Listed<'_>],
        swaps_are_done: bool,
        fixed: impl Fn(usize) -> Option<&'a [C64]>,
    ) -> Self {
        let mut ops = Ops::default();
        for &(id, step) in steps {
            match swapped(step, fixed(id)) {
                Some(targets) if swaps_are_done => ops.rest_of_swap(id, targets, fixed(id)),
                _ => ops.take_apart(id, step, fixed(id)),
            }
        }
        merge(&mut ops);
        ops
    }

    /// The diagonal matrix that follows a SWAP.
    fn rest_of_swap(&mut self, step: usize, [a, b]: [usize; 2], fixed: Option<&[C64]>) {
        let mask = 1 << a | 1 << b;
        let entries = [(0, 0), (6, 1 << a), (9, 1 << b), (15, mask)];
        for (entry, value) in entries.into_iter().filter(|(entry, _)| {
            fixed.and_then(|matrix| matrix.get(*entry)).is_some_and(|factor| *factor != C64::ONE)
        }) {
            let on = Where::Controls(Controls { mask, value });
            self.push(0, mask, Kind::Term(Term { on, from: Factor::Entry(entry), step }));
        }
    }

    fn push(&mut self, mixed: u64, diagonal: u64, kind: Kind) {
        self.list.push(Op { mixed, diagonal: diagonal & !mixed, kind });
    }

    fn take_apart(&mut self, index: usize, step: &Step, fixed: Option<&[C64]>) {
        let controls = step.controls;
        let numbers = |on| Kind::Term(Term { on, from: Factor::Numbers, step: index });
        match step.shape {
            Shape::Single { target } if controls.mask == 0 && step.is_unitary() => {
                self.rotation(target, Core::of(step, fixed), index);
            }
            Shape::Single { target } => self.pair(1 << target, controls, PairForm::Single(target), index),
            Shape::Flip { target } => {
                self.push(1 << target, controls.mask, Kind::Flip { target, controls, step: index });
            }
            Shape::Swap { targets } if controls.mask == 0 => {
                self.push(step.shape.mixed(), 0, Kind::Swap { targets });
            }
            Shape::Double { targets } if controls.mask == 0 => match fixed {
                Some(matrix) if is_cross(matrix) => {
                    self.pair(step.shape.mixed(), controls, PairForm::Cross(targets), index);
                }
                _ => self.push(step.shape.mixed(), 0, Kind::Dense { targets, step: index }),
            },
            Shape::Scale => self.push(0, controls.mask, numbers(Where::Controls(controls))),
            Shape::Parity { mask } if controls.mask == 0 => self.push(0, mask, numbers(Where::Parity(mask))),
            Shape::Pauli { x, z } if z & !x == 0 => self.pair(x, controls, PairForm::Pauli(z), index),
            _ => {
                let diagonal = step.shape.diagonal() | controls.mask;
                self.push(step.shape.mixed(), diagonal, Kind::Step { step: index });
            }
        }
    }

    fn pair(&mut self, flips: u64, controls: Controls, form: PairForm, step: usize) {
        self.push(flips, controls.mask, Kind::Pair(Pair { flips, controls, form, step }));
    }

    fn rotation(&mut self, target: usize, core: Core, step: usize) {
        let number = self.rotations.len();
        let bit = Controls { mask: 1 << target, value: 1 << target };
        let term = |from| Kind::Term(Term { on: Where::Controls(bit), from, step });
        if core.before {
            self.push(0, bit.mask, term(Factor::Before(number)));
        }
        self.push(bit.mask, 0, Kind::Rotation { target, number });
        if core.after {
            self.push(0, bit.mask, term(Factor::After(number)));
        }
        self.rotations.push(Rotation { step, core });
    }
}

/// Whether a 4x4 matrix has entries on its diagonal and antidiagonal only.
fn is_cross(matrix: &[C64]) -> bool {
    (0..16).all(|k| k / 4 == k % 4 || k / 4 + k % 4 == 3 || matrix[k] == C64::ZERO)
}
