//! The class `Philox` and `derive_seed`.
use eigen_core::error::{CoreError, ErrorCode};
use eigen_core::rng::{Philox, Step, derive_seed as derive};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::errors::raise;

/// The most numbers one call may draw.
const MAX_DRAWS: usize = 100_000_000;

/// A stream of random numbers, the same on every host.
#[pyclass(name = "Philox", module = "eigen._core")]
pub struct PyPhilox(Philox);

fn checked(n: usize) -> PyResult<usize> {
    if n > MAX_DRAWS {
        Err(raise(CoreError::limit("random numbers of one call", MAX_DRAWS, n)))
    } else {
        Ok(n)
    }
}

#[pymethods]
impl PyPhilox {
    #[new]
    #[pyo3(signature = (seed, stream = 0))]
    fn new(seed: u64, stream: u64) -> Self {
        Self(Philox::new(seed, stream))
    }

    /// Number of 64-bit words drawn so far.
    #[getter]
    fn counter(&self) -> u64 {
        self.0.counter()
    }

    /// Numbers in [0, 1).
    fn uniform(&mut self, n: usize) -> PyResult<Vec<f64>> {
        Ok((0..checked(n)?).map(|_| self.0.uniform()).collect())
    }

    /// Standard normal numbers.
    fn normal(&mut self, n: usize) -> PyResult<Vec<f64>> {
        let mut out = Vec::with_capacity(checked(n)? + 1);
        while out.len() < n {
            let (a, b) = self.0.normal_pair();
            out.extend([a, b]);
        }
        out.truncate(n);
        Ok(out)
    }

    /// Whole numbers in low..high.
    fn integers(&mut self, low: i64, high: i64, n: usize) -> PyResult<Vec<i64>> {
        (0..checked(n)?).map(|_| self.0.integer(low, high).map_err(raise)).collect()
    }

    /// The numbers 0..n in random order.
    fn permutation(&mut self, n: usize) -> PyResult<Vec<usize>> {
        Ok(self.0.permutation(checked(n)?))
    }
}

/// A seed for a purpose, named by a path of texts and whole numbers.
#[pyfunction]
#[pyo3(signature = (seed, *path))]
fn derive_seed(seed: u64, path: &Bound<'_, PyTuple>) -> PyResult<u64> {
    enum Owned {
        Text(String),
        Int(i128),
    }
    let mut owned = Vec::with_capacity(path.len());
    for step in path {
        owned.push(if let Ok(text) = step.extract::<String>() {
            Owned::Text(text)
        } else if let Ok(value) = step.extract::<i128>() {
            Owned::Int(value)
        } else if step.is_instance_of::<pyo3::types::PyInt>() {
            let message = "a whole number in a seed's path has at most 127 bits";
            return Err(raise(CoreError::new(ErrorCode::RandomInvalid, message)));
        } else {
            return Err(PyTypeError::new_err("a step of a seed's path is a text or a whole number"));
        });
    }
    let steps: Vec<Step<'_>> = owned
        .iter()
        .map(|step| match step {
            Owned::Text(text) => Step::Text(text),
            Owned::Int(value) => Step::Int(*value),
        })
        .collect();
    Ok(derive(seed, &steps))
}

/// Adds the class and the function to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyPhilox>()?;
    module.add_function(wrap_pyfunction!(derive_seed, module)?)
}
