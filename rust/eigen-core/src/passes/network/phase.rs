//! The global phase of a word of Clifford gates that is the identity but for it: the word acts on |0…0⟩, kept as
//! `ω·U_C·U_H|s⟩` with its phase (Bravyi et al., "Simulation of quantum circuits by low-rank stabilizer decompositions",
//! Quantum 3, 181, 2019, section 4.1).
use super::planes::Move;

/// `ω = e^{iπ·eighths/4}` and the tables of `U_C`, in the letters of the paper.
struct State {
    n: usize,
    f: Vec<bool>,
    g: Vec<bool>,
    m: Vec<bool>,
    gamma: Vec<u8>,
    v: Vec<bool>,
    s: Vec<bool>,
    eighths: u8,
}

/// Eighths of a turn by which a word turns |0…0⟩; `None` when it does not give it back.
pub(super) fn eighths(num_qubits: usize, word: impl Iterator<Item = Move>) -> Option<u8> {
    let mut state = State::zero(num_qubits);
    for gate in word {
        match gate {
            Move::H(qubit) => state.h(qubit as usize),
            Move::S(qubit) => state.s(qubit as usize),
            Move::Sdg(qubit) => (0..3).for_each(|_| state.s(qubit as usize)),
            Move::Cx(control, to) => state.cx(control as usize, to as usize),
        }
    }
    let is_zero = !state.v.iter().chain(&state.s).any(|bit| *bit);
    is_zero.then_some(state.eighths % 8)
}

impl State {
    fn zero(n: usize) -> Self {
        let unit: Vec<bool> = (0..n * n).map(|k| k / n == k % n).collect();
        let (m, none) = (vec![false; n * n], vec![false; n]);
        Self { n, f: unit.clone(), g: unit, m, gamma: vec![0; n], v: none.clone(), s: none, eighths: 0 }
    }

    fn s(&mut self, q: usize) {
        for k in q * self.n..(q + 1) * self.n {
            self.m[k] ^= self.g[k];
        }
        self.gamma[q] = (self.gamma[q] + 3) % 4;
    }

    fn cx(&mut self, control: usize, to: usize) {
        let (c, t) = (control * self.n, to * self.n);
        let odd = (0..self.n).filter(|k| self.m[c + k] && self.f[t + k]).count() as u8 % 2;
        self.gamma[control] = (self.gamma[control] + self.gamma[to] + 2 * odd) % 4;
        for k in 0..self.n {
            self.g[t + k] ^= self.g[c + k];
            self.f[c + k] ^= self.f[t + k];
            self.m[c + k] ^= self.m[t + k];
        }
    }

    fn h(&mut self, q: usize) {
        let row = q * self.n;
        let (mut t, mut u) = (self.s.clone(), self.s.clone());
        let (mut alpha, mut beta) = (0u8, 0u8);
        for k in 0..self.n {
            let (f, g, m) = (self.f[row + k], self.g[row + k], self.m[row + k]);
            let (v, s) = (self.v[k], self.s[k]);
            t[k] ^= g && v;
            u[k] ^= (f && !v) ^ (m && v);
            alpha ^= u8::from(g && !v && s);
            beta ^= u8::from(m && !v && s) ^ u8::from(f && v && m) ^ u8::from(f && v && s);
        }
        let delta = (self.gamma[q] + 2 * (alpha + beta)) % 4;
        self.eighths += 4 * alpha;
        self.superpose(t, u, delta);
        self.eighths %= 8;
    }

    /// `U_H(|t⟩ + i^δ|u⟩)/√2` brought back to the form (Proposition 4).
    fn superpose(&mut self, t: Vec<bool>, u: Vec<bool>, delta: u8) {
        let different: Vec<usize> = (0..self.n).filter(|k| t[*k] != u[*k]).collect();
        let (plain, turned): (Vec<usize>, Vec<usize>) = different.iter().partition(|k| !self.v[**k]);
        let q = match (plain.first(), turned.first()) {
            (Some(q), _) => {
                plain[1..].iter().for_each(|k| self.cx_right(*q, *k));
                turned.iter().for_each(|k| self.cz_right(*q, *k));
                *q
            }
            (None, Some(q)) => {
                turned[1..].iter().for_each(|k| self.cx_right(*k, *q));
                *q
            }
            (None, None) => {
                // (1 + i^δ)/√2 has norm 1 only for odd δ.
                self.eighths += if delta == 3 { 7 } else { 1 };
                self.s = t;
                return;
            }
        };
        let mut y = if t[q] { u.clone() } else { t.clone() };
        if t[q] {
            y[q] ^= true;
        }
        let first = y[q];
        let (eighths, a, b, c) = halves(self.v[q], first, delta);
        self.s = y;
        self.s[q] = c;
        self.eighths += eighths;
        if a {
            self.s_right(q);
        }
        self.v[q] = b;
    }

    fn s_right(&mut self, q: usize) {
        for row in 0..self.n {
            let at = row * self.n + q;
            self.m[at] ^= self.f[at];
            self.gamma[row] = (self.gamma[row] + 4 - u8::from(self.f[at])) % 4;
        }
    }

    fn cz_right(&mut self, q: usize, r: usize) {
        for row in 0..self.n {
            let (at, to) = (row * self.n + q, row * self.n + r);
            self.m[at] ^= self.f[to];
            self.m[to] ^= self.f[at];
            self.gamma[row] = (self.gamma[row] + 2 * u8::from(self.f[at] && self.f[to])) % 4;
        }
    }

    fn cx_right(&mut self, q: usize, r: usize) {
        for row in 0..self.n {
            let (at, to) = (row * self.n + q, row * self.n + r);
            self.g[at] ^= self.g[to];
            self.f[to] ^= self.f[at];
            self.m[at] ^= self.m[to];
        }
    }
}

/// `H^v(|y⟩ + i^δ|¬y⟩)/√2 = ω·S^a·H^b|c⟩` on one qubit, δ as it stands for the pair (t, u): eighths of ω, a, b, c.
fn halves(v: bool, y: bool, delta: u8) -> (u8, bool, bool, bool) {
    if !v {
        let eighths = if y { 2 * delta } else { 0 };
        let turned = if y { (4 - delta) % 4 } else { delta };
        return (eighths % 8, turned & 1 == 1, true, turned >> 1 == 1);
    }
    if delta & 1 == 0 {
        let c = delta >> 1 == 1;
        return (if c && y { 4 } else { 0 }, false, false, c);
    }
    let c = !((delta >> 1 == 1) ^ y);
    (if delta == 3 { 7 } else { 1 }, true, true, c)
}
