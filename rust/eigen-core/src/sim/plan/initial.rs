//! The beginning of a circuit: what acts on single qubits of |0…0> becomes a product state that is written directly.
use super::group::Numbers;
use super::op::{Factor, Kind, Ops, Term};
use crate::math::C64;
use crate::sim::kernel::product::FillProduct;
use crate::sim::tile::Tiling;
use crate::sim::vector::{Dispatch, Isa};

/// The product state that a plan begins with.
#[derive(Clone, Debug)]
pub(crate) struct Initial {
    /// What acts on each qubit, in order.
    acts: Vec<Vec<Act>>,
    /// The amplitudes of each qubit, for the numbers of the last binding.
    qubits: Vec<[C64; 2]>,
    /// The qubit whose values are real and imaginary part, for a state of real amplitudes.
    packed: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    /// A step's 2x2 matrix.
    Matrix(usize),
    Term(Term),
}

impl Initial {
    /// Takes operations on qubits that nothing has touched yet out of the list; `touched` are qubits that something has.
    pub fn take(ops: &mut Ops, num_qubits: usize, mut touched: u64, packed: Option<usize>) -> Self {
        let mut acts = vec![Vec::new(); num_qubits];
        let Ops { list, rotations, .. } = ops;
        list.retain(|op| {
            let qubits = op.mixed | op.diagonal;
            if qubits & touched == 0 && qubits.is_power_of_two() {
                let own = &mut acts[qubits.ilog2() as usize];
                match op.kind {
                    Kind::Rotation { number, .. } => own.push(Act::Matrix(rotations[number].step)),
                    Kind::Term(Term { from: Factor::Before(_) | Factor::After(_), .. }) => {}
                    Kind::Term(term) => own.push(Act::Term(term)),
                    _ => {
                        touched |= qubits;
                        return true;
                    }
                }
                return false;
            }
            touched |= qubits;
            true
        });
        Initial { acts, qubits: Vec::new(), packed }
    }

    /// Computes the amplitudes for these numbers.
    pub fn bind(&mut self, numbers: &Numbers<'_>) {
        let after = |[zero, one]: [C64; 2], act: &Act| match act {
            Act::Matrix(step) => {
                let m = numbers.of(*step);
                [m[0] * zero + m[1] * one, m[2] * zero + m[3] * one]
            }
            Act::Term(term) => {
                let factors = numbers.factors(term);
                // A control may ask for 0.
                let factor = |index: u64| factors[usize::from(term.on.is_second(index))];
                [factor(0) * zero, factor(term.on.mask()) * one]
            }
        };
        self.qubits.clear();
        let state = |acts: &Vec<Act>| acts.iter().fold([C64::ONE, C64::ZERO], after);
        self.qubits.extend(self.acts.iter().map(state));
    }

    /// A qubit's amplitude for one of its values, where nothing has touched it.
    pub fn amplitude(&self, qubit: usize, value: usize) -> C64 {
        self.qubits[qubit][value]
    }

    /// Writes one tile; `outer` holds the values of the qubits outside it.
    pub fn write<R: Dispatch>(&self, tile: &mut [R], tiling: &Tiling, outer: u64, isa: Isa) {
        let mut factor = C64::ONE;
        if let Some(packed) = self.packed {
            let [zero, one] = self.qubits[packed];
            factor = C64::new(zero.re, one.re);
        }
        for qubit in tiling.outside() {
            factor *= self.qubits[*qubit][(outer >> qubit & 1) as usize];
        }
        let mut qubits = [[C64::ONE, C64::ZERO]; 64];
        for local in 0..tiling.num_local() {
            qubits[local] = self.qubits[tiling.qubit(local)];
        }
        R::dispatch(isa, FillProduct { tile, qubits: &qubits[..tiling.num_local()], factor });
    }
}
