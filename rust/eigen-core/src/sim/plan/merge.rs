//! Two-qubit operations right behind each other become one: a sum of XX, YY, ZZ and fields costs one operation.
use super::op::{Kind, Op, Ops, Pair, PairForm, Part, Term};

/// Merges pair operations that flip the same two qubits, with the diagonal terms right behind them and the one of their
/// parity right before them.
pub(super) fn merge(ops: &mut Ops) {
    let mut merged =
        Merged { ops: Vec::with_capacity(ops.list.len()), products: Vec::new(), last: [None; 64] };
    std::mem::take(&mut ops.list).into_iter().for_each(|op| merged.push(op));
    ops.list = merged.ops.into_iter().flatten().map(|(op, _)| op).collect();
    ops.products = merged.products;
}

/// The operations so far.
struct Merged {
    /// Each with the last one before it on the same qubits, if there is one; `None` for those that others took in.
    ops: Vec<Option<(Op, Option<usize>)>>,
    products: Vec<Vec<Part>>,
    /// The last operation on each qubit.
    last: [Option<usize>; 64],
}

impl Merged {
    fn push(&mut self, op: Op) {
        let qubits = op.mixed | op.diagonal;
        let before = self.last_on(qubits);
        if let Some(at) = before
            && self.joins(at, &op)
        {
            return;
        }
        for qubit in (0..64).filter(|qubit| qubits >> qubit & 1 == 1) {
            self.last[qubit] = Some(self.ops.len());
        }
        self.ops.push(Some((op, before)));
    }

    /// The operation that was the last on each of the qubits.
    fn last_on(&self, qubits: u64) -> Option<usize> {
        let at = self.last[(qubits.trailing_zeros() % 64) as usize]?;
        (0..64).all(|qubit| qubits >> qubit & 1 == 0 || self.last[qubit] == Some(at)).then_some(at)
    }

    /// Whether the operation `at`, which is the last on its qubits, has taken another in.
    fn joins(&mut self, at: usize, second: &Op) -> bool {
        let Some((Op { kind: Kind::Pair(first), .. }, before)) = &self.ops[at] else { return false };
        let (first, before) = (*first, *before);
        if !joinable(&first) {
            return false;
        }
        let part = match (&second.kind, first.form) {
            (Kind::Pair(pair), _) if joinable(pair) && pair.flips == first.flips => Part::Pair(*pair),
            (Kind::Term(term), PairForm::Product(_) | PairForm::Cross(_)) if is_inside(term, first.flips) => {
                Part::Term(*term)
            }
            _ => return false,
        };
        let product = match first.form {
            PairForm::Product(product) => product,
            _ => self.product(at, first, before),
        };
        self.products[product].push(part);
        true
    }

    /// Makes a product of a pair operation, with a term right before it.
    fn product(&mut self, at: usize, pair: Pair, before: Option<usize>) -> usize {
        let product = self.products.len();
        let mut parts = Vec::new();
        if let Some(index) = before
            && let Some((Op { kind: Kind::Term(term), .. }, _)) = self.ops[index]
            && is_inside(&term, pair.flips)
            && term.on.mask() == pair.flips
        {
            parts.push(Part::Term(term));
            self.ops[index] = None;
        }
        parts.push(Part::Pair(pair));
        self.products.push(parts);
        if let Some((op, _)) = &mut self.ops[at] {
            op.kind = Kind::Pair(Pair { form: PairForm::Product(product), ..pair });
        }
        product
    }
}

fn joinable(pair: &Pair) -> bool {
    pair.flips.count_ones() == 2 && pair.controls.mask == 0
}

/// Whether a term is told apart by nothing but the flipped qubits.
fn is_inside(term: &Term, flips: u64) -> bool {
    term.on.mask() & !flips == 0
}
