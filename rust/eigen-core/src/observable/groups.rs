//! Qubit-wise commuting groups: terms that one product basis measures together.
use super::{Observable, PauliString};

/// Terms that can be measured together, and the basis that measures them.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The letter to measure on each qubit that matters.
    pub basis: PauliString,
    /// The terms.
    pub observable: Observable,
}

impl Observable {
    /// The terms in qubit-wise commuting groups: each term, from the largest coefficient down, joins the first
    /// group that it fits. The identity alone makes no group of its own if another group exists.
    pub fn groups(&self) -> Vec<Group> {
        let mut order: Vec<usize> = (0..self.terms.len()).collect();
        order.sort_by(|a, b| self.terms[*b].1.abs().total_cmp(&self.terms[*a].1.abs()).then(a.cmp(b)));
        // The identity fits everywhere; last, it joins an existing group.
        order.sort_by_key(|index| self.terms[*index].0.factors().is_empty());
        let mut groups: Vec<(PauliString, Vec<usize>)> = Vec::new();
        for index in order {
            let string = &self.terms[index].0;
            match groups.iter_mut().find(|(basis, _)| string.commutes_qubit_wise(basis)) {
                Some((basis, members)) => {
                    *basis = union(basis, string);
                    members.push(index);
                }
                None => groups.push((string.clone(), vec![index])),
            }
        }
        let group = |(basis, mut members): (PauliString, Vec<usize>)| {
            members.sort_unstable();
            let terms = members.into_iter().map(|index| self.terms[index].clone()).collect();
            Group { basis, observable: Observable { num_qubits: self.num_qubits, terms } }
        };
        groups.into_iter().map(group).collect()
    }
}

/// The factors of both of two strings that commute qubit by qubit.
fn union(a: &PauliString, b: &PauliString) -> PauliString {
    let mut factors = [a.factors(), b.factors()].concat();
    factors.sort_unstable();
    factors.dedup();
    PauliString::from_sorted(factors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_partition_and_commute() {
        let labels = [("X0 X1", 1.0), ("Z0", 0.5), ("Z0 Z1", 3.0), ("X1", -2.0), ("", 7.0), ("Y2", 0.1)];
        let terms: Vec<(String, f64)> =
            labels.iter().map(|(label, value)| (label.to_string(), *value)).collect();
        let observable = Observable::from_labels(3, &terms).expect("valid");
        let groups = observable.groups();
        assert_eq!(groups.len(), 2);
        assert_eq!(groups.iter().map(|group| group.observable.terms().len()).sum::<usize>(), 6);
        for group in &groups {
            for (string, _) in group.observable.terms() {
                assert!(
                    string
                        .factors()
                        .iter()
                        .all(|(qubit, letter)| group.basis.letter(*qubit) == Some(*letter))
                );
            }
        }
    }
}
