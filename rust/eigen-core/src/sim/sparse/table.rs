//! A hash table from basis states to places in a list: open addressing, emptied and filled again by every gate that
//! mixes.
use super::super::branch::mix;

const EMPTY: u32 = u32::MAX;

/// Places of keys. The keys themselves lie in the list that the places point into.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    slots: Vec<u32>,
}

impl Table {
    /// Most keys that a table holds.
    pub const MOST: usize = 1 << 30;

    /// Empties the table and makes room for `count` keys.
    pub fn clear(&mut self, count: usize) {
        let size = (2 * count.max(8)).next_power_of_two();
        self.slots.clear();
        self.slots.resize(size, EMPTY);
    }

    /// The place of a key, or of the empty slot where `place` was put instead.
    pub fn insert(&mut self, key: u128, place: usize, keys: &[u128]) -> Option<usize> {
        let slot = self.find(key, keys);
        match self.slots[slot] {
            EMPTY => {
                self.slots[slot] = place as u32;
                None
            }
            known => Some(known as usize),
        }
    }

    /// The place of a key.
    pub fn get(&self, key: u128, keys: &[u128]) -> Option<usize> {
        match self.slots[self.find(key, keys)] {
            EMPTY => None,
            place => Some(place as usize),
        }
    }

    /// The slot that holds the key, or the empty one where it belongs.
    fn find(&self, key: u128, keys: &[u128]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = mix(key as u64 ^ mix((key >> 64) as u64)) as usize & mask;
        while self.slots[slot] != EMPTY && keys[self.slots[slot] as usize] != key {
            slot = (slot + 1) & mask;
        }
        slot
    }
}
