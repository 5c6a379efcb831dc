//! Gates of this engine, and what they are once the parameters have values.
use super::operator::{IDENTITY, Link, factorised, plus_identity};
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::gate::pauli;
use crate::math::C64;
use crate::sim::source::Source;

/// A gate of the program.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    pub action: Action,
    /// Qubits with the values that they must have.
    pub controls: Vec<(u32, bool)>,
    pub targets: Vec<u32>,
}

/// What a gate does to its targets.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// A matrix.
    Matrix(Source),
    /// `exp(-i angle/2 P)` for a product P of Pauli letters.
    Rotation { letters: Vec<u8>, source: Source },
    /// SWAP.
    Swap,
}

/// A gate with numbers. Matrices are row-major; bit 0 of an index of a pair is its first qubit.
#[derive(Clone, Debug)]
pub(crate) enum Bound {
    /// A factor of the whole state.
    Phase(C64),
    /// A matrix on one qubit.
    Single { qubit: u32, matrix: [C64; 4] },
    /// A matrix on two.
    Pair { qubits: [u32; 2], matrix: [C64; 16] },
    /// Two qubits change their names.
    Swap { qubits: [u32; 2] },
    /// Anything wider.
    Wide(Wide),
}

/// A gate on three qubits or more.
#[derive(Clone, Debug)]
pub(crate) struct Wide {
    controls: Vec<(u32, bool)>,
    targets: Vec<u32>,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    Matrix(Vec<C64>),
    Rotation { letters: Vec<u8>, numbers: [C64; 2] },
}

impl Gate {
    /// All qubits.
    pub fn qubits(&self) -> impl Iterator<Item = u32> {
        self.controls.iter().map(|(qubit, _)| *qubit).chain(self.targets.iter().copied())
    }

    /// A bound on log2 of the operator-Schmidt rank of the gate across any cut, at generic angles.
    pub fn rank_bits(&self, num_parameters: usize) -> u32 {
        let controlled = u32::from(!self.controls.is_empty());
        match (&self.action, self.targets.len()) {
            (Action::Rotation { letters, .. }, _) => 1 + u32::from(controlled > 0 && letters.len() > 1),
            (Action::Swap, _) => 2,
            (Action::Matrix(_), 0 | 1) => 1,
            (Action::Matrix(source), 2) => {
                let generic: Vec<f64> = (0..num_parameters).map(|k| 0.37 + 0.61 * (k % 7) as f64).collect();
                let mut matrix = vec![C64::ZERO; source.size()];
                source.write(&generic, &mut matrix);
                let rank = factorised(&matrix, 2).map_or(4, |links| links[0].right);
                (rank + controlled as usize).next_power_of_two().ilog2()
            }
            (Action::Matrix(_), targets) => targets as u32 / 2 * 2 + controlled,
        }
    }

    /// The numbers of a source for these parameter values.
    pub fn numbers(source: &Source, values: &[f64]) -> CoreResult<Vec<C64>> {
        let mut numbers = vec![C64::ZERO; source.size()];
        source.write(values, &mut numbers);
        let finite = numbers.iter().all(|value| value.re.is_finite() && value.im.is_finite());
        let message = "an angle overflows for these values of the parameters";
        finite.then_some(numbers).ok_or_else(|| CoreError::new(ErrorCode::ParameterInvalid, message))
    }

    /// The gate for these parameter values.
    pub fn bind(&self, values: &[f64]) -> CoreResult<Bound> {
        let write = |source: &Source| Gate::numbers(source, values);
        let body = match &self.action {
            Action::Swap => return Ok(Bound::Swap { qubits: [self.targets[0], self.targets[1]] }),
            Action::Matrix(source) => Body::Matrix(write(source)?),
            Action::Rotation { letters, source } => {
                let numbers = write(source)?;
                Body::Rotation { letters: letters.clone(), numbers: [numbers[0], numbers[1]] }
            }
        };
        let mut wide = Wide { controls: self.controls.clone(), targets: self.targets.clone(), body };
        wide.take_phase();
        Ok(match wide.controls.len() + wide.targets.len() {
            0 => Bound::Phase(wide.dense()[0]),
            1 => Bound::Single { qubit: wide.targets[0], matrix: array(&wide.dense()) },
            2 => {
                let others = wide.controls.iter().map(|(qubit, _)| *qubit);
                let qubits: Vec<u32> = others.chain(wide.targets.iter().copied()).collect();
                Bound::Pair { qubits: [qubits[0], qubits[1]], matrix: array(&wide.dense()) }
            }
            _ => Bound::Wide(wide),
        })
    }
}

fn array<const N: usize>(numbers: &[C64]) -> [C64; N] {
    std::array::from_fn(|k| numbers[k])
}

impl Wide {
    /// All qubits.
    pub fn qubits(&self) -> impl Iterator<Item = u32> {
        self.controls.iter().map(|(qubit, _)| *qubit).chain(self.targets.iter().copied())
    }

    /// A factor under controls becomes a diagonal matrix on the last of them.
    fn take_phase(&mut self) {
        let Body::Matrix(matrix) = &mut self.body else { return };
        if let ([], Some((qubit, bit))) = (self.targets.as_slice(), self.controls.last().copied()) {
            let (off, on) = (C64::ONE, matrix[0]);
            let [low, high] = if bit { [off, on] } else { [on, off] };
            *matrix = vec![low, C64::ZERO, C64::ZERO, high];
            self.controls.pop();
            self.targets.push(qubit);
        }
    }

    /// The matrix on controls and targets, in that order. For few qubits.
    fn dense(&self) -> Vec<C64> {
        let body = match &self.body {
            Body::Matrix(matrix) => matrix.clone(),
            Body::Rotation { letters, numbers } => {
                let product = letters
                    .iter()
                    .fold(crate::math::Matrix::identity(1), |low, letter| low.kron_above(&pauli(*letter)));
                let identity = crate::math::Matrix::identity(product.dim());
                let pairs = identity.data().iter().zip(product.data());
                pairs.map(|(one, p)| one * numbers[0] + p * numbers[1]).collect()
            }
        };
        let bits: Vec<bool> = self.controls.iter().map(|(_, bit)| *bit).collect();
        match crate::math::Matrix::from_entries(body.clone()) {
            Some(matrix) if !bits.is_empty() => matrix.controlled(&bits).data().to_vec(),
            _ => body,
        }
    }

    /// The gate as links over the sites from the first to the last it touches: (first site, links).
    pub fn links(&self, place: &[usize]) -> CoreResult<(usize, Vec<Link>)> {
        let site = |qubit: u32| place[qubit as usize];
        let mut order: Vec<usize> = (0..self.targets.len()).collect();
        order.sort_by_key(|k| site(self.targets[*k]));
        let mut body = match &self.body {
            Body::Matrix(matrix) => {
                let mut sorted = reordered(matrix, &order);
                if !self.controls.is_empty() {
                    let dimension = 1 << order.len();
                    (0..dimension).for_each(|k| sorted[k * dimension + k] -= C64::ONE);
                }
                factorised(&sorted, order.len())?
            }
            Body::Rotation { letters, numbers } => {
                rotation(letters, *numbers, &order, !self.controls.is_empty())
            }
        };
        let mut sites: Vec<usize> = order.iter().map(|k| site(self.targets[*k])).collect();
        let mut controls: Vec<(usize, bool)> =
            self.controls.iter().map(|(q, bit)| (site(*q), *bit)).collect();
        controls.sort_unstable();
        for (control, bit) in controls.iter().copied() {
            let at = sites.partition_point(|site| *site < control);
            let bond = body.get(at).map_or(1, |link| link.left);
            let mut projector = [C64::ZERO; 4];
            projector[if bit { 3 } else { 0 }] = C64::ONE;
            sites.insert(at, control);
            body.insert(at, Link::repeated(bond, projector));
        }
        if !controls.is_empty() {
            body = plus_identity(C64::ONE, body);
        }
        Ok(stretched(&sites, body))
    }
}

/// The links of a gate on some sites with those that hand through between them.
fn stretched(sites: &[usize], links: Vec<Link>) -> (usize, Vec<Link>) {
    let mut out: Vec<Link> = Vec::new();
    for (site, link) in sites.iter().zip(links) {
        while sites[0] + out.len() < *site {
            out.push(Link::through(link.left));
        }
        out.push(link);
    }
    (sites[0], out)
}

/// A pair's matrix as links over the sites between its qubits.
pub(super) fn pair_links(sites: [usize; 2], matrix: &[C64; 16]) -> CoreResult<(usize, Vec<Link>)> {
    let order: Vec<usize> = if sites[0] < sites[1] { vec![0, 1] } else { vec![1, 0] };
    let links = factorised(&reordered(matrix, &order), 2)?;
    Ok(stretched(&[sites[order[0]], sites[order[1]]], links))
}

/// The matrix with its qubits in another order: the new qubit `k` is the old `order[k]`.
pub(super) fn reordered(matrix: &[C64], order: &[usize]) -> Vec<C64> {
    let dimension = 1usize << order.len();
    let old = |index: usize| -> usize { order.iter().enumerate().map(|(k, q)| (index >> k & 1) << q).sum() };
    let mut out = Vec::with_capacity(matrix.len());
    for row in 0..dimension {
        out.extend((0..dimension).map(|column| matrix[old(row) * dimension + old(column)]));
    }
    out
}

/// `a + b P` as links, less the identity where it acts under controls.
fn rotation(letters: &[u8], numbers: [C64; 2], order: &[usize], controlled: bool) -> Vec<Link> {
    let product = order.iter().enumerate().map(|(k, position)| {
        let letter = pauli(letters[*position]);
        let factor = if k == 0 { numbers[1] } else { C64::ONE };
        let matrix = std::array::from_fn(|entry| letter.data()[entry] * factor);
        Link { left: 1, right: 1, blocks: vec![(0, 0, matrix)] }
    });
    let identity = if controlled { numbers[0] - C64::ONE } else { numbers[0] };
    plus_identity(identity, product.collect())
}

/// The 4x4 matrix of a 2x2 matrix on one of two qubits.
pub(super) fn lifted(matrix: &[C64; 4], high: bool) -> [C64; 16] {
    let (low, high) = if high { (&IDENTITY, matrix) } else { (matrix, &IDENTITY) };
    std::array::from_fn(|k| {
        let (row, column) = (k / 4, k % 4);
        low[(row & 1) * 2 + (column & 1)] * high[(row >> 1) * 2 + (column >> 1)]
    })
}
