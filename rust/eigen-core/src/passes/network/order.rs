//! Which rotations may be done next: those that commute with every earlier one that is still to do. A window of the
//! list is looked at; what lies behind it waits.
use super::planes::Planes;

/// Words of rotations in the window.
pub(super) const REACH: usize = 4;

/// Bits of the rotations in the window.
pub(super) type Window = [u64; REACH];

/// The window and what stands before what.
#[derive(Clone, Debug)]
pub(super) struct Order {
    total: usize,
    /// The first word in the window.
    first: usize,
    /// How many words have been taken in.
    taken: usize,
    waiting: Window,
    /// For each rotation in the window, those before it that do not commute with it.
    before: Vec<Window>,
}

impl Order {
    pub fn new(total: usize, planes: &Planes) -> Self {
        let mut order =
            Self { total, first: 0, taken: 0, waiting: [0; REACH], before: vec![[0; REACH]; REACH * 64] };
        order.take_in(planes);
        order
    }

    /// The first word of the window.
    pub fn first(&self) -> usize {
        self.first
    }

    pub fn is_empty(&self) -> bool {
        self.waiting == [0; REACH]
    }

    /// A rotation is done.
    pub fn done(&mut self, column: usize, planes: &mut Planes) {
        self.waiting[column / 64 - self.first] &= !(1 << (column % 64));
        let mut moved = false;
        while self.waiting[0] == 0 && self.first < self.taken {
            self.waiting.rotate_left(1);
            self.before.rotate_left(64);
            self.before.iter_mut().for_each(|before| {
                before.rotate_left(1);
                before[REACH - 1] = 0;
            });
            self.first += 1;
            moved = true;
        }
        if moved {
            planes.forget_before(self.first);
            self.take_in(planes);
        }
    }

    fn take_in(&mut self, planes: &Planes) {
        while self.taken < self.first + REACH && self.taken * 64 < self.total {
            let at = self.taken - self.first;
            let count = (self.total - self.taken * 64).min(64);
            self.waiting[at] = if count == 64 { u64::MAX } else { (1 << count) - 1 };
            for bit in 0..count {
                self.before[at * 64 + bit] = self.opposed(at, bit, planes);
            }
            self.taken += 1;
        }
    }

    /// Those of the window before a rotation that do not commute with it.
    fn opposed(&self, at: usize, bit: usize, planes: &Planes) -> Window {
        let mut out = [0; REACH];
        for qubit in 0..planes.num_qubits() {
            let (x, z) = planes.at(qubit, self.first + at);
            let (x, z) = ((x >> bit & 1).wrapping_neg(), (z >> bit & 1).wrapping_neg());
            if x | z == 0 {
                continue;
            }
            for (word, mask) in out.iter_mut().enumerate().take(at + 1) {
                let other = planes.at(qubit, self.first + word);
                *mask ^= (other.0 & z) ^ (other.1 & x);
            }
        }
        out[at] &= (1 << bit) - 1;
        out
    }

    /// The rotations that may be done now, then those that may after these, and so on.
    pub fn layers(&self, most: usize) -> Vec<Window> {
        let mut waiting = self.waiting;
        let mut layers = Vec::with_capacity(most);
        while layers.len() < most && waiting != [0; REACH] {
            let mut layer = [0; REACH];
            for column in columns(&waiting) {
                let before = &self.before[column];
                let held = (0..REACH).fold(0, |held, word| held | (before[word] & waiting[word]));
                if held == 0 {
                    layer[column / 64] |= 1 << (column % 64);
                }
            }
            waiting.iter_mut().zip(&layer).for_each(|(waiting, layer)| *waiting &= !layer);
            layers.push(layer);
        }
        layers
    }
}

/// The places of the bits that are set.
pub(super) fn columns(window: &Window) -> impl Iterator<Item = usize> + '_ {
    window.iter().enumerate().flat_map(|(word, bits)| {
        let mut bits = *bits;
        std::iter::from_fn(move || {
            let bit = bits.trailing_zeros() as usize;
            bits &= bits.wrapping_sub(1);
            (bit < 64).then_some(word * 64 + bit)
        })
    })
}
