//! Changes of basis that turn a Pauli axis into the Z axis.
use super::segment::Step;
use super::source::Source;
use super::step::{Controls, Shape};
use crate::math::C64;

/// A step that takes the axis `X` or `Y` of a qubit to Z (`H`, or `H S†`), or back.
pub(crate) fn to_z_axis(target: usize, letter: u8, back: bool) -> Step {
    let h = C64::new(std::f64::consts::FRAC_1_SQRT_2, 0.0);
    let i = C64::new(0.0, std::f64::consts::FRAC_1_SQRT_2);
    let matrix = match (letter, back) {
        (b'Y', false) => vec![h, -i, h, i],
        (b'Y', true) => vec![h, h, i, -i],
        _ => vec![h, h, h, -h],
    };
    Step {
        shape: Shape::Single { target },
        controls: Controls::default(),
        sources: vec![Source::Fixed(matrix)],
    }
}
