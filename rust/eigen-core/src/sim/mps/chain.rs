//! The state: a chain of tensors with an orthogonality centre, and what its truncations have cost.
use super::operator::Link;
use super::site::Site;
use super::split::{Split, Truncation, left_orthonormal, orthonormal, right_orthonormal};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;
use crate::sim::linear::{product, view};
use crate::sim::memory::size_text;
use crate::sim::snapshot::Words;

/// Bytes of one number.
const NUMBER_BYTES: usize = 16;
/// Matrices as large as a pair of tensors that an update needs at a time.
const WORK_COPIES: u128 = 8;

/// A matrix product state of norm 1. Tensors left of the centre have orthonormal columns, those right of it rows.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub sites: Vec<Site>,
    pub centre: usize,
    /// Where each qubit lies.
    pub place: Vec<usize>,
    pub limits: Limits,
    pub loss: Loss,
}

/// What a chain may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub truncation: Truncation,
    pub memory_bytes: u64,
}

/// What truncations have cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Loss {
    /// Sum of the angles between the states before and after each truncation.
    angle: f64,
    /// Sum of the logarithms of the fidelities of each truncation.
    log_fidelity: f64,
    /// Largest bond that was kept.
    pub largest_bond: usize,
}

impl Loss {
    /// Itself as words.
    pub fn put(&self, words: &mut Vec<u64>) {
        words.extend([self.angle.to_bits(), self.log_fidelity.to_bits(), self.largest_bond as u64]);
    }

    /// What `put` wrote; `None` for what no truncations cost.
    pub fn take(words: &mut Words<'_>) -> Option<Self> {
        let (angle, log_fidelity) = (f64::from_bits(words.next()?), f64::from_bits(words.next()?));
        let largest_bond = usize::try_from(words.next()?).ok()?;
        let is_cost = angle.is_finite() && angle >= 0.0 && log_fidelity <= 0.0;
        is_cost.then_some(Loss { angle, log_fidelity, largest_bond })
    }

    fn add(&mut self, split: &Split) {
        self.largest_bond = self.largest_bond.max(split.bond);
        if split.dropped > 0.0 {
            self.angle += libm::asin(libm::sqrt(split.dropped.min(1.0)));
            self.log_fidelity += libm::log1p(-split.dropped);
        }
    }

    /// The worse of both, for a set of histories.
    pub fn merge(&mut self, other: &Loss) {
        self.angle = self.angle.max(other.angle);
        self.log_fidelity = self.log_fidelity.min(other.log_fidelity);
        self.largest_bond = self.largest_bond.max(other.largest_bond);
    }

    /// A bound on `1 - |<exact|state>|^2`: angles between rays obey the triangle inequality, and gates keep them.
    pub fn infidelity_bound(&self) -> f64 {
        let sine = libm::sin(self.angle.min(std::f64::consts::FRAC_PI_2));
        sine * sine
    }

    /// The product of the fidelities of the truncations, a good estimate of `|<exact|state>|^2` (Zhou, Stoudenmire and
    /// Waintal, PRX 10, 041038).
    pub fn fidelity_estimate(&self) -> f64 {
        libm::exp(self.log_fidelity)
    }
}

impl Chain {
    /// All qubits in |0>, qubit `q` at `place[q]`.
    pub fn zero(place: &[usize], limits: Limits) -> Self {
        let loss = Loss { largest_bond: 1, ..Loss::default() };
        Chain { sites: vec![Site::zero(); place.len()], centre: 0, place: place.to_vec(), limits, loss }
    }

    /// Bytes of all tensors.
    pub fn bytes(&self) -> usize {
        self.sites.iter().map(|site| site.data.len() * NUMBER_BYTES).sum()
    }

    /// Brings the centre to a site.
    pub fn move_to(&mut self, target: usize) {
        while self.centre < target {
            self.step_right();
        }
        while self.centre > target {
            self.step_left();
        }
    }

    /// Brings the centre to the nearest site of a range.
    pub fn move_into(&mut self, first: usize, last: usize) {
        self.move_to(self.centre.clamp(first, last));
    }

    fn step_right(&mut self) {
        let split = orthonormal(self.sites[self.centre].tall());
        self.place_right(self.centre, split);
    }

    fn step_left(&mut self) {
        let site = &self.sites[self.centre];
        let turned = crate::sim::linear::adjoint(site.wide());
        let split = orthonormal(view(&turned, 2 * site.right, site.left));
        let split = Split {
            left: crate::sim::linear::adjoint(view(&split.right, split.bond, site.left)),
            right: crate::sim::linear::adjoint(view(&split.left, 2 * site.right, split.bond)),
            ..split
        };
        self.place_left(self.centre, split);
    }

    /// Puts the factors of the tensor at `at` there and into its right neighbour, the new centre.
    fn place_right(&mut self, at: usize, split: Split) {
        let (left, inner) = (self.sites[at].left, self.sites[at].right);
        let next = &self.sites[at + 1];
        let data = product(view(&split.right, split.bond, inner), next.wide());
        self.sites[at + 1] = Site { left: split.bond, right: next.right, data };
        self.sites[at] = Site { left, right: split.bond, data: split.left };
        self.centre = at + 1;
    }

    fn place_left(&mut self, at: usize, split: Split) {
        let (inner, right) = (self.sites[at].left, self.sites[at].right);
        let next = &self.sites[at - 1];
        let data = product(next.tall(), view(&split.left, inner, split.bond));
        self.sites[at - 1] = Site { left: next.left, right: split.bond, data };
        self.sites[at] = Site { left: split.bond, right, data: split.right };
        self.centre = at - 1;
    }

    /// Moves the centre by one site, the bond between truncated.
    pub fn squeeze(&mut self, rightwards: bool) -> CoreResult<()> {
        let site = &self.sites[self.centre];
        let split = if rightwards {
            left_orthonormal(site.tall(), self.limits.truncation)?
        } else {
            right_orthonormal(site.wide(), self.limits.truncation)?
        };
        self.loss.add(&split);
        if rightwards {
            self.place_right(self.centre, split)
        } else {
            self.place_left(self.centre, split)
        }
        Ok(())
    }

    /// Applies a 4x4 matrix, row-major, to the sites `at` (the low bit) and `at + 1`. The centre ends at the right one
    /// or the left one.
    pub fn apply_pair(&mut self, at: usize, matrix: &[C64; 16], end_right: bool) -> CoreResult<()> {
        self.move_into(at, at + 1);
        let (low, high) = (&self.sites[at], &self.sites[at + 1]);
        let (left, right) = (low.left, high.right);
        self.check_room(4 * left as u128 * right as u128)?;
        let mut both = product(low.tall(), high.wide());
        turn_pair(&mut both, left, matrix);
        let m = view(&both, 2 * left, 2 * right);
        let truncation = self.limits.truncation;
        let split =
            if end_right { left_orthonormal(m, truncation)? } else { right_orthonormal(m, truncation)? };
        self.loss.add(&split);
        self.sites[at] = Site { left, right: split.bond, data: split.left };
        self.sites[at + 1] = Site { left: split.bond, right, data: split.right };
        self.centre = if end_right { at + 1 } else { at };
        Ok(())
    }

    /// Applies a matrix product operator to neighbouring sites from `first` on: the bonds are widened, made orthonormal
    /// one way, and truncated on the way back, where each truncation is the best.
    pub fn apply_links(&mut self, first: usize, links: &[Link], end_right: bool) -> CoreResult<()> {
        let last = first + links.len() - 1;
        self.move_into(first, last);
        let widened = (first..).zip(links).map(|(at, link)| {
            let site = &self.sites[at];
            2 * (site.left * link.left) as u128 * (site.right * link.right) as u128
        });
        self.check_room(widened.sum())?;
        for (at, link) in (first..).zip(links) {
            self.sites[at] = link.apply(&self.sites[at]);
        }
        if end_right {
            self.centre = last;
            (first..last).for_each(|_| self.step_left());
            (first..last).try_for_each(|_| self.squeeze(true))
        } else {
            self.centre = first;
            (first..last).for_each(|_| self.step_right());
            (first..last).try_for_each(|_| self.squeeze(false))
        }
    }

    /// Refuses to work on `numbers` numbers beyond the limit.
    fn check_room(&self, numbers: u128) -> CoreResult<()> {
        let needed = self.bytes() as u128 + WORK_COPIES * numbers * NUMBER_BYTES as u128;
        if needed <= u128::from(self.limits.memory_bytes) {
            return Ok(());
        }
        let bond = self.sites.iter().map(|site| site.right).max().unwrap_or(1);
        let (needed, limit) = (size_text(needed), size_text(u128::from(self.limits.memory_bytes)));
        let message = format!("the matrix product state needs {needed} at a bond of {bond}; limit {limit}");
        Err(CoreError::new(ErrorCode::ResourceExhausted, message)
            .with_hint("set a smaller max_bond, or a larger cutoff"))
    }
}

/// Applies a 4x4 matrix to the inner two indices of `data[l + left * (s + 2 * (t + 2 * r))]`; s is the low bit.
fn turn_pair(data: &mut [C64], left: usize, matrix: &[C64; 16]) {
    for block in data.chunks_exact_mut(4 * left) {
        for l in 0..left {
            let old = [block[l], block[left + l], block[2 * left + l], block[3 * left + l]];
            for (row, entries) in matrix.chunks_exact(4).enumerate() {
                block[row * left + l] =
                    entries[0] * old[0] + entries[1] * old[1] + entries[2] * old[2] + entries[3] * old[3];
            }
        }
    }
}
