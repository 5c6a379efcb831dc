//! One real rotation that diagonalises two commuting real symmetric 4×4 matrices, degenerate or not.
//!
//! Jacobi rotations on both at once (Bunse-Gerstner, Byers and Mehrmann, SIAM J. Matrix Anal. 14, 1993), begun from
//! the eigenvectors of a mixture of the two, so that no stationary point of the joint sweeps holds them up.

/// A real 4×4 matrix by rows.
pub(super) type Real = [[f64; 4]; 4];

const SWEEPS: usize = 40;
/// What may be left off the diagonals.
const SMALL: f64 = 1e-14;
/// Angles of the mixtures `cos·A + sin·B` that are tried; one is enough unless eigenvalues coincide.
const MIXTURES: [f64; 5] = [0.531_7, 1.203_3, 2.117_1, 2.741_9, 0.087_3];

/// The orthogonal matrix of determinant 1 whose columns are common eigenvectors.
pub(super) fn common_eigenvectors(a: &Real, b: &Real) -> Real {
    let mut best = (f64::INFINITY, identity());
    for angle in MIXTURES {
        let (c, s) = (libm::cos(angle), libm::sin(angle));
        let mixed: Real =
            std::array::from_fn(|row| std::array::from_fn(|column| c * a[row][column] + s * b[row][column]));
        let mut vectors = identity();
        sweep(&mut [mixed], &mut vectors);
        let mut pair = [turned(a, &vectors), turned(b, &vectors)];
        sweep(&mut pair, &mut vectors);
        let rest = pair.iter().map(off_diagonal).sum();
        if rest < best.0 {
            best = (rest, vectors);
        }
        if rest < SMALL * SMALL {
            break;
        }
    }
    best.1
}

fn identity() -> Real {
    std::array::from_fn(|row| std::array::from_fn(|column| f64::from(u8::from(row == column))))
}

/// Sum of squares off the diagonal.
fn off_diagonal(m: &Real) -> f64 {
    (0..4).flat_map(|row| (0..4).filter(move |k| *k != row).map(move |k| m[row][k] * m[row][k])).sum()
}

/// `VᵀMV`.
fn turned(m: &Real, vectors: &Real) -> Real {
    let half: Real = std::array::from_fn(|row| {
        std::array::from_fn(|column| (0..4).map(|k| m[row][k] * vectors[k][column]).sum())
    });
    std::array::from_fn(|row| {
        std::array::from_fn(|column| (0..4).map(|k| vectors[k][row] * half[k][column]).sum())
    })
}

/// Sweeps of rotations until all matrices are diagonal or no sweep helps: what rounding leaves does not shrink any more.
fn sweep(matrices: &mut [Real], vectors: &mut Real) {
    let mut before = f64::INFINITY;
    for _ in 0..SWEEPS {
        let rest = matrices.iter().map(off_diagonal).sum::<f64>();
        if rest < SMALL * SMALL * 1e-4 || rest < SMALL * SMALL && rest > 0.25 * before {
            return;
        }
        before = rest;
        for p in 0..3 {
            for q in p + 1..4 {
                rotate(matrices, vectors, p, q);
            }
        }
    }
}

/// The rotation of columns `p` and `q` that leaves least of entry (p, q) in all matrices together.
fn rotate(matrices: &mut [Real], vectors: &mut Real, p: usize, q: usize) {
    let (mut on, mut mixed) = (0.0, 0.0);
    for m in matrices.iter() {
        let (difference, twice) = (m[p][p] - m[q][q], 2.0 * m[p][q]);
        on += difference * difference - twice * twice;
        mixed += 2.0 * difference * twice;
    }
    if mixed == 0.0 && on >= 0.0 {
        return;
    }
    // The angle is a quarter of that of (on, mixed).
    let scale = on.abs().max(mixed.abs());
    let (on, mixed) = (on / scale, mixed / scale);
    let size = (on * on + mixed * mixed).sqrt();
    let (c, s) = half_angle(half_angle((on / size, mixed / size)));
    for m in matrices.iter_mut() {
        turn_columns(m, p, q, c, s);
        let (upper, lower) = (m[p], m[q]);
        m[p] = std::array::from_fn(|k| c * upper[k] + s * lower[k]);
        m[q] = std::array::from_fn(|k| c * lower[k] - s * upper[k]);
    }
    turn_columns(vectors, p, q, c, s);
}

/// Cosine and sine of half an angle in (−π, π].
fn half_angle((cos, sin): (f64, f64)) -> (f64, f64) {
    let half = (0.5 * (1.0 + cos)).max(0.0).sqrt();
    if half > 0.5 {
        return (half, 0.5 * sin / half);
    }
    // Near a whole turn's half the cosine is the small one.
    let large = (0.5 * (1.0 - cos)).max(0.0).sqrt().copysign(sin);
    (0.5 * sin / large, large)
}

fn turn_columns(m: &mut Real, p: usize, q: usize, c: f64, s: f64) {
    for row in m.iter_mut() {
        let (a, b) = (row[p], row[q]);
        (row[p], row[q]) = (c * a + s * b, c * b - s * a);
    }
}
