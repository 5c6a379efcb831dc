//! One matrix in a basis, without a circuit around it.
use super::euler::Euler;
use super::one_qubit::write_angles;
use super::target::Target;
use crate::circuit::{Circuit, Instruction};
use crate::error::CoreResult;
use crate::gate::Opcode;
use crate::math::Matrix;

/// Gates of the basis on qubit 0 whose product is the matrix up to a phase; `like` is any circuit on one qubit.
///
/// Fails when the basis cannot turn a qubit out of the Z axis.
pub(in crate::passes) fn one_qubit_word(
    like: &Circuit,
    basis: &[Opcode],
    matrix: &Matrix,
) -> CoreResult<Vec<Instruction>> {
    let mut target = Target::new(like, basis, false);
    write_angles(&mut target, 0, &Euler::of_matrix(matrix))?;
    Ok(target.builder.build()?.operations().map(|op| op.to_instruction()).collect())
}
