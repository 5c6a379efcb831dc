//! A state as the list of its amplitudes that are not zero.
use super::gate::{Action, Gate, deposit, extract};
use super::table::Table;
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::math::C64;

/// Amplitudes below this, squared, are rounding errors of cancellations in a state of norm 1.
const ROUNDING: f64 = 1e-31;

/// Basis states and their amplitudes, in an order that depends on the circuit alone.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub keys: Vec<u128>,
    pub amplitudes: Vec<C64>,
    table: Table,
    /// Most amplitudes that the memory holds.
    most: usize,
    /// Most amplitudes that there were so far.
    pub peak: usize,
    /// Amplitudes that all gates so far went over, together.
    pub visits: u64,
}

impl State {
    /// |0…0>.
    pub fn zero(most: usize) -> Self {
        let most = most.min(Table::MOST);
        State { keys: vec![0], amplitudes: vec![C64::ONE], table: Table::default(), most, peak: 1, visits: 0 }
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Applies a gate.
    pub fn apply(&mut self, gate: &Gate) -> CoreResult<()> {
        let controls = gate.controls;
        self.visits += self.len() as u64;
        match &gate.action {
            Action::Flip { mask } => {
                self.keys.iter_mut().filter(|key| controls.admit(**key)).for_each(|key| *key ^= mask);
            }
            Action::Swap { a, b } => {
                for key in self.keys.iter_mut().filter(|key| controls.admit(**key)) {
                    let differ = (*key >> a ^ *key >> b) & 1;
                    *key ^= differ << a | differ << b;
                }
            }
            Action::Diagonal { targets, factors } => {
                self.scale(|key| controls.admit(key).then(|| factors[extract(key, targets)]));
            }
            Action::Parity { mask, factors } => {
                self.scale(|key| {
                    controls.admit(key).then(|| factors[((key & mask).count_ones() % 2) as usize])
                });
            }
            Action::Permutation { targets, to } => {
                let cleared = !deposit(usize::MAX, targets);
                for (key, amplitude) in self.keys.iter_mut().zip(&mut self.amplitudes) {
                    if controls.admit(*key) {
                        let (value, factor) = to[extract(*key, targets)];
                        *key = *key & cleared | deposit(value, targets);
                        *amplitude *= factor;
                    }
                }
            }
            Action::Mix { targets, matrix } => {
                let cleared = !deposit(usize::MAX, targets);
                let places: Vec<u128> = (0..1 << targets.len()).map(|v| deposit(v, targets)).collect();
                let dimension = places.len();
                return self.mix(
                    gate,
                    dimension,
                    |key| (key & cleared, extract(key, targets)),
                    |base, value| base | places[value],
                    |_, old, new| {
                        for (row, slot) in matrix.chunks_exact(dimension).zip(new) {
                            *slot = row.iter().zip(old).map(|(m, a)| m * a).sum();
                        }
                    },
                );
            }
            Action::Pauli { x, z, numbers: [a, b] } => {
                let low = x & x.wrapping_neg();
                let turns = (x & z).count_ones();
                let image = |key: u128| {
                    let quarter = turns + 2 * (key & z).count_ones();
                    [*b, b * C64::I, -b, -b * C64::I][(quarter % 4) as usize]
                };
                return self.mix(
                    gate,
                    2,
                    |key| if key & low == 0 { (key, 0) } else { (key ^ x, 1) },
                    |base, value| if value == 0 { base } else { base ^ x },
                    |base, old, new| {
                        new[0] = a * old[0] + image(base ^ x) * old[1];
                        new[1] = a * old[1] + image(base) * old[0];
                    },
                );
            }
        }
        Ok(())
    }

    fn scale(&mut self, factor: impl Fn(u128) -> Option<C64>) {
        for (key, amplitude) in self.keys.iter().zip(&mut self.amplitudes) {
            if let Some(factor) = factor(*key) {
                *amplitude *= factor;
            }
        }
    }

    /// Gathers the basis states that a gate mixes, `width` in a group, and puts their images in their place.
    fn mix(
        &mut self,
        gate: &Gate,
        width: usize,
        locate: impl Fn(u128) -> (u128, usize),
        place: impl Fn(u128, usize) -> u128,
        image: impl Fn(u128, &[C64], &mut [C64]),
    ) -> CoreResult<()> {
        let (mut keys, mut amplitudes) = (Vec::new(), Vec::new());
        let (mut bases, mut groups): (Vec<u128>, Vec<C64>) = (Vec::new(), Vec::new());
        self.table.clear(self.keys.len());
        for (key, amplitude) in self.keys.iter().zip(&self.amplitudes) {
            if !gate.controls.admit(*key) {
                keys.push(*key);
                amplitudes.push(*amplitude);
                continue;
            }
            let (base, value) = locate(*key);
            let group = self.table.insert(base, bases.len(), &bases).unwrap_or_else(|| {
                bases.push(base);
                groups.resize(groups.len() + width, C64::ZERO);
                bases.len() - 1
            });
            groups[group * width + value] = *amplitude;
        }
        if keys.len().saturating_add(groups.len()) > self.most {
            return Err(self.too_many(gate.place, keys.len() + groups.len()));
        }
        let mut new = vec![C64::ZERO; width];
        for (base, old) in bases.iter().zip(groups.chunks_exact(width)) {
            image(*base, old, &mut new);
            for (value, amplitude) in new.iter().enumerate() {
                if amplitude.norm_sqr() > ROUNDING {
                    keys.push(place(*base, value));
                    amplitudes.push(*amplitude);
                }
            }
        }
        (self.keys, self.amplitudes) = (keys, amplitudes);
        self.peak = self.peak.max(self.keys.len());
        Ok(())
    }

    fn too_many(&self, place: usize, count: usize) -> CoreError {
        let message = format!(
            "the sparse engine needs {count} amplitudes at operation {place}; the memory holds {}",
            self.most
        );
        CoreError::new(ErrorCode::ResourceExhausted, message)
            .with_hint("use an engine for states that spread over many basis states")
    }

    /// Probabilities of the outcomes 0 and 1 of a qubit.
    pub fn weights(&self, qubit: usize) -> [f64; 2] {
        let mut weights = [0.0; 2];
        for (key, amplitude) in self.keys.iter().zip(&self.amplitudes) {
            weights[(key >> qubit & 1) as usize] += amplitude.norm_sqr();
        }
        weights
    }

    /// Keeps the part with the qubit at `outcome`, which has probability `weight`.
    pub fn collapse(&mut self, qubit: usize, outcome: bool, weight: f64) {
        let factor = 1.0 / weight.sqrt();
        let mut kept = 0;
        for k in 0..self.keys.len() {
            if (self.keys[k] >> qubit & 1 == 1) == outcome {
                (self.keys[kept], self.amplitudes[kept]) = (self.keys[k], self.amplitudes[k] * factor);
                kept += 1;
            }
        }
        self.keys.truncate(kept);
        self.amplitudes.truncate(kept);
    }

    /// Flips a qubit.
    pub fn flip(&mut self, qubit: usize) {
        self.keys.iter_mut().for_each(|key| *key ^= 1 << qubit);
    }

    /// The amplitude of each basis state asked for, by a table made once.
    pub fn lookup(&mut self) -> impl Fn(u128) -> C64 + '_ {
        self.table.clear(self.keys.len());
        for (place, key) in self.keys.iter().enumerate() {
            self.table.insert(*key, place, &self.keys);
        }
        let (table, keys, amplitudes) = (&self.table, &self.keys, &self.amplitudes);
        move |key| table.get(key, keys).map_or(C64::ZERO, |place| amplitudes[place])
    }
}
