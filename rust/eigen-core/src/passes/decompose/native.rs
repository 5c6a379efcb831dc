//! One matrix in a basis, without a circuit around it.
use super::euler::Euler;
use super::one_qubit::write_angles;
use super::target::Target;
use crate::circuit::Instruction;
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::math::Matrix;

/// Gates of the basis on qubit 0 whose product is the matrix up to a phase.
///
/// Fails when the basis cannot turn a qubit out of the Z axis.
pub(in crate::passes) fn one_qubit_word(basis: &[Opcode], matrix: &Matrix) -> CoreResult<Vec<Instruction>> {
    let mut target = Target::new(1, basis, false);
    write_angles(&mut target, 0, &Euler::of_matrix(matrix))?;
    Ok(target.take())
}
