//! A simplex of points, the linear function through their values, and steps within a ball and the bounds.
use serde::{Deserialize, Serialize};

use super::linear::{dot, length};
use super::settings::Settings;

/// Beyond this product error the inverse is computed afresh.
const INVERSE_ERROR: f64 = 1e-8;

/// `n + 1` points: the best one and the ways from it to the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Simplex {
    /// The best point and its value.
    pub base: Vec<f64>,
    pub value: f64,
    /// The way to each other vertex, and its value.
    pub edges: Vec<Vec<f64>>,
    pub values: Vec<f64>,
    /// `normals[j] · edges[k]` is 1 for `j = k`, else 0.
    normals: Vec<Vec<f64>>,
}

impl Simplex {
    /// A simplex along the axes, none of its vertices known but the base.
    pub fn along_axes(base: Vec<f64>, value: f64, lengths: &[f64]) -> Self {
        let axis = |k: usize, x: f64| {
            let mut row = vec![0.0; lengths.len()];
            row[k] = x;
            row
        };
        Simplex {
            base,
            value,
            edges: lengths.iter().enumerate().map(|(k, x)| axis(k, *x)).collect(),
            values: vec![value; lengths.len()],
            normals: lengths.iter().enumerate().map(|(k, x)| axis(k, 1.0 / x)).collect(),
        }
    }

    /// The value of vertex `k` of a simplex along the axes whose later vertices are not known yet. A better one
    /// becomes the base, and the later vertices lie along the axes from there.
    pub fn learn(&mut self, k: usize, value: f64) {
        self.values[k] = value;
        if value >= self.value {
            return;
        }
        let way = self.edges[k][k];
        self.base[k] += way;
        std::mem::swap(&mut self.value, &mut self.values[k]);
        self.edges[k][k] = -way;
        for edge in &mut self.edges[..k] {
            edge[k] -= way;
        }
        // The base moved along one axis: only the normal of this vertex changes.
        for j in 0..=k {
            self.normals[k][j] = -self.normals.iter().take(k + 1).fold(0.0, |sum, normal| sum + normal[j]);
        }
    }

    /// The slope of the linear function through all values.
    pub fn slope(&self) -> Vec<f64> {
        let mut slope = vec![0.0; self.base.len()];
        for (normal, value) in self.normals.iter().zip(&self.values) {
            let rise = value - self.value;
            slope.iter_mut().zip(normal).for_each(|(g, v)| *g += rise * v);
        }
        slope
    }

    /// Whether no vertex is farther than `longest`.
    pub fn is_compact(&self, longest: f64) -> bool {
        self.edges.iter().all(|edge| length(edge) <= longest)
    }

    /// The vertex that is farthest away.
    pub fn farthest(&self) -> usize {
        most(self.edges.iter().map(|edge| length(edge)))
    }

    /// The longest step off the face opposite to a vertex, to the side where the slope falls where that is as far.
    pub fn off_face(&self, vertex: usize, radius: f64, slope: &[f64], settings: &Settings) -> Vec<f64> {
        let normal = &self.normals[vertex];
        let against: Vec<f64> = normal.iter().map(|x| -x).collect();
        let [up, down] = [&against, normal].map(|way| self.downhill(way, radius, settings));
        let reaches = [&up, &down].map(|step| dot(step, normal).abs());
        let is_up = if reaches[0] > 2.0 * reaches[1] || reaches[1] > 2.0 * reaches[0] {
            reaches[0] > reaches[1]
        } else {
            dot(&up, slope) <= dot(&down, slope)
        };
        if is_up { up } else { down }
    }

    /// The step from the base that lowers a linear function most, within a ball and the bounds.
    ///
    /// It is `-t slope`, cut off at the bounds, with the largest `t` that stays in the ball.
    pub fn downhill(&self, slope: &[f64], radius: f64, settings: &Settings) -> Vec<f64> {
        let mut step = vec![0.0; slope.len()];
        let mut is_held = vec![false; slope.len()];
        let mut left = radius * radius;
        loop {
            let free = || slope.iter().zip(&is_held).filter(|(_, held)| !**held).map(|(g, _)| g);
            // Divided by the largest component first, so that squares neither overflow nor vanish.
            let most = free().fold(0.0, |most: f64, g| most.max(g.abs()));
            if most == 0.0 || left <= 0.0 {
                return step;
            }
            let norm = libm::sqrt(free().fold(0.0, |sum, g| sum + (g / most) * (g / most)));
            let rate = libm::sqrt(left) / norm;
            let mut has_hit = false;
            for k in 0..slope.len() {
                if is_held[k] {
                    continue;
                }
                step[k] = -rate * (slope[k] / most);
                let room = (settings.low(k) - self.base[k], settings.high(k) - self.base[k]);
                let inside = step[k].max(room.0).min(room.1);
                if inside != step[k] {
                    (step[k], is_held[k], has_hit) = (inside, true, true);
                    left -= inside * inside;
                }
            }
            if !has_hit {
                return step;
            }
        }
    }

    /// The vertex that a new point at `step` should replace, if any; the base counts as vertex `n`, and only a better
    /// point replaces it. A vertex is worth replacing when it is more than `radius` away and the simplex keeps its volume.
    pub fn to_replace(&self, step: &[f64], value: f64, radius: f64) -> Option<usize> {
        let is_better = value < self.value;
        let shares: Vec<f64> = self.normals.iter().map(|normal| dot(normal, step)).collect();
        let base_share = 1.0 - shares.iter().fold(0.0, |sum, share| sum + share);
        let weight = |distance: f64| ((distance / radius) * (distance / radius)).max(1.0);
        let mut best =
            if is_better { (weight(length(step)) * base_share.abs(), shares.len()) } else { (0.0, 0) };
        for (j, edge) in self.edges.iter().enumerate() {
            let distance = if is_better { apart(edge, step) } else { length(edge) };
            let score = weight(distance) * shares[j].abs();
            if score > best.0 {
                best = (score, j);
            }
        }
        (best.0 > 0.0 && best.0.is_finite()).then_some(best.1)
    }

    /// Puts the point at `step` in place of a vertex (`n`: of the base), and makes the best point the base.
    pub fn replace(&mut self, vertex: usize, step: &[f64], value: f64) {
        let mut vertex = vertex;
        if vertex == self.edges.len() {
            // The base leaves: the nearest-to-best vertex takes its place first.
            vertex = most(self.normals.iter().map(|normal| dot(normal, step).abs()));
            let moved: Vec<f64> = step.iter().zip(&self.edges[vertex]).map(|(d, e)| d - e).collect();
            self.rebase(vertex);
            self.exchange(vertex, &moved, value);
        } else {
            self.exchange(vertex, step, value);
        }
        self.settle();
    }

    /// Replaces one edge; the inverse follows by a rank-one change.
    fn exchange(&mut self, vertex: usize, edge: &[f64], value: f64) {
        let pivot = dot(&self.normals[vertex], edge);
        let row: Vec<f64> = self.normals[vertex].iter().map(|x| x / pivot).collect();
        for (j, normal) in self.normals.iter_mut().enumerate() {
            if j != vertex {
                let share = dot(normal, edge);
                normal.iter_mut().zip(&row).for_each(|(x, r)| *x -= share * r);
            }
        }
        self.normals[vertex] = row;
        self.edges[vertex] = edge.to_vec();
        self.values[vertex] = value;
        if self.inverse_error(vertex) > INVERSE_ERROR {
            self.invert();
        }
    }

    /// Makes the best vertex the base.
    fn settle(&mut self) {
        let best = most(self.values.iter().map(|value| -value));
        if self.values[best] < self.value {
            self.rebase(best);
        }
    }

    /// Exchanges the base with a vertex.
    fn rebase(&mut self, vertex: usize) {
        let way = self.edges[vertex].clone();
        self.base.iter_mut().zip(&way).for_each(|(x, d)| *x += d);
        std::mem::swap(&mut self.value, &mut self.values[vertex]);
        for edge in &mut self.edges {
            edge.iter_mut().zip(&way).for_each(|(x, d)| *x -= d);
        }
        self.edges[vertex] = way.iter().map(|d| -d).collect();
        let mut sum = vec![0.0; way.len()];
        for normal in &self.normals {
            sum.iter_mut().zip(normal).for_each(|(s, x)| *s -= x);
        }
        self.normals[vertex] = sum;
    }

    /// How far the normals are from being those of one edge.
    fn inverse_error(&self, vertex: usize) -> f64 {
        let edge = &self.edges[vertex];
        let off =
            |(j, normal): (usize, &Vec<f64>)| (dot(normal, edge) - f64::from(u8::from(j == vertex))).abs();
        self.normals
            .iter()
            .enumerate()
            .map(off)
            .fold(0.0, |most, x| if x > most || x.is_nan() { x } else { most })
    }

    /// The inverse afresh, by elimination with pivots; an edge that depends on others keeps its old normal.
    fn invert(&mut self) {
        let n = self.edges.len();
        let mut left = self.edges.clone();
        let mut right: Vec<Vec<f64>> =
            (0..n).map(|k| (0..n).map(|j| f64::from(u8::from(j == k))).collect()).collect();
        for column in 0..n {
            let pivot = column + most((column..n).map(|row| left[row][column].abs()));
            if left[pivot][column] == 0.0 {
                return;
            }
            left.swap(column, pivot);
            right.swap(column, pivot);
            let scale = left[column][column];
            left[column].iter_mut().chain(&mut right[column]).for_each(|x| *x /= scale);
            let (pivot_left, pivot_right) = (left[column].clone(), right[column].clone());
            for row in (0..n).filter(|row| *row != column) {
                let factor = left[row][column];
                left[row].iter_mut().zip(&pivot_left).for_each(|(x, p)| *x -= factor * p);
                right[row].iter_mut().zip(&pivot_right).for_each(|(x, p)| *x -= factor * p);
            }
        }
        // The columns of the inverse of the matrix with the edges as rows are the normals.
        for (j, normal) in self.normals.iter_mut().enumerate() {
            normal.iter_mut().enumerate().for_each(|(k, x)| *x = right[k][j]);
        }
    }

    /// Whether a simplex that was read has `n + 1` points of `n` coordinates.
    pub fn fits(&self, n: usize) -> bool {
        let rows = |rows: &[Vec<f64>]| rows.len() == n && rows.iter().all(|row| row.len() == n);
        self.base.len() == n && self.values.len() == n && rows(&self.edges) && rows(&self.normals)
    }
}

fn apart(a: &[f64], b: &[f64]) -> f64 {
    let way: Vec<f64> = a.iter().zip(b).map(|(x, y)| x - y).collect();
    length(&way)
}

/// The first place of the largest number.
fn most(numbers: impl Iterator<Item = f64>) -> usize {
    let larger = |best: (usize, f64), (k, x): (usize, f64)| if x > best.1 { (k, x) } else { best };
    numbers.enumerate().fold((0, f64::NEG_INFINITY), larger).0
}
