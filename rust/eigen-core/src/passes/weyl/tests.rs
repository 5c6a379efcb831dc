use super::decomposition::Weyl;
use super::{Entangler, Four, Two};
use crate::gate::{GateSpec, Opcode};
use crate::math::{C64, Matrix};
use crate::rng::Philox;
use crate::testing::random_unitary;

const ALL: [Entangler; 3] = [Entangler::Cz, Entangler::Rzz, Entangler::Iswap];

fn gate(opcode: Opcode, params: &[f64]) -> Four {
    Four::of(&GateSpec::of(opcode).expect("gate").full_matrix(params, 2).expect("matrix")).expect("4x4")
}

fn local(rng: &mut Philox) -> Four {
    let mut two = || Two::of(&random_unitary(1, rng)).expect("2x2");
    two().beside(&two())
}

fn check(unitary: &Four, what: &str) {
    for entangler in ALL {
        let word = entangler.word(unitary);
        assert_eq!(word.links.len(), entangler.count(unitary), "{what}");
        let (_, rest) = unitary.phase_to(&word.unitary());
        assert!(rest < 1e-12, "{what} in {entangler:?}: {rest:e}");
    }
    let [a, b, c] = Weyl::of(unitary).coordinates;
    assert!(a <= std::f64::consts::FRAC_PI_4 + 1e-12 && a >= b && b >= c.abs() - 1e-12, "{what}");
}

#[test]
fn words_write_their_unitary_degenerate_or_not() {
    let mut rng = Philox::new(7, 0);
    let fixed: Vec<Four> =
        [Opcode::Cx, Opcode::Cz, Opcode::Swap, Opcode::Iswap, Opcode::Ecr, Opcode::Ch, Opcode::Cy]
            .map(|opcode| gate(opcode, &[]))
            .into_iter()
            .chain([Four::identity(), Four::identity().scale(C64::I)])
            .collect();
    for (k, one) in fixed.iter().enumerate() {
        check(one, &format!("fixed {k}"));
        for (j, other) in fixed.iter().enumerate() {
            check(&one.mul(other), &format!("fixed {k}, {j}"));
            check(&one.mul(&local(&mut rng)).mul(other), &format!("fixed {k}, local, {j}"));
        }
    }
    for k in 0..300 {
        check(&Four::of(&random_unitary(2, &mut rng)).expect("4x4"), &format!("random {k}"));
        check(&local(&mut rng), &format!("local {k}"));
    }
}

#[test]
fn small_angles_survive_or_are_rounding() {
    let mut rng = Philox::new(9, 0);
    for exponent in -17..1 {
        let angle = libm::pow(10.0, f64::from(exponent));
        for base in
            [Four::identity(), gate(Opcode::Cx, &[]), gate(Opcode::Swap, &[]), gate(Opcode::Iswap, &[])]
        {
            for opcode in [Opcode::Rzz, Opcode::Cp, Opcode::Rxx, Opcode::Crx] {
                let near = gate(opcode, &[angle]).mul(&base);
                let turned = local(&mut rng).mul(&near).mul(&local(&mut rng));
                for unitary in [near, turned] {
                    for entangler in ALL {
                        let (_, rest) = unitary.phase_to(&entangler.word(&unitary).unitary());
                        assert!(rest < 5e-11, "{opcode:?}({angle}): {rest:e}");
                    }
                }
            }
        }
    }
    assert_eq!(Entangler::Cz.count(&gate(Opcode::Cp, &[1e-9])), 2);
    assert_eq!(Entangler::Cz.count(&gate(Opcode::Cp, &[1e-15])), 0);
}

#[test]
fn the_counts_are_the_known_ones() {
    let counts = |unitary: &Four| ALL.map(|entangler| entangler.count(unitary));
    assert_eq!(counts(&gate(Opcode::Cx, &[])), [1, 1, 2]);
    assert_eq!(counts(&gate(Opcode::Ecr, &[])), [1, 1, 2]);
    assert_eq!(counts(&gate(Opcode::Swap, &[])), [3, 3, 3]);
    assert_eq!(counts(&gate(Opcode::Iswap, &[])), [2, 2, 1]);
    assert_eq!(counts(&gate(Opcode::Cp, &[0.4])), [2, 1, 2]);
    assert_eq!(counts(&gate(Opcode::Fsim, &[0.4, 0.0])), [2, 2, 2]);
    assert_eq!(counts(&gate(Opcode::Fsim, &[0.4, 0.3])), [3, 3, 3]);
    assert_eq!(counts(&Four::identity()), [0, 0, 0]);
}

#[test]
fn factors_are_found() {
    let mut rng = Philox::new(3, 0);
    for _ in 0..50 {
        let both = local(&mut rng);
        let [first, second] = both.factors();
        assert!(both.phase_to(&first.beside(&second)).1 < 1e-14);
    }
    assert_eq!(Four::of(&Matrix::identity(2)), None);
}

#[test]
fn what_is_no_number_is_infinitely_far() {
    let mut broken = Four::identity();
    broken.0[1][2] = crate::math::C64::new(f64::NAN, 0.0);
    assert_eq!(broken.distance(&Four::identity()), f64::INFINITY);
    assert_eq!(Four::identity().phase_to(&broken).1, f64::INFINITY);
}
