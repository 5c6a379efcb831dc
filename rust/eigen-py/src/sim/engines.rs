//! The engines by name, with what may be chosen about each.
use std::sync::Arc;

use eigen_core::choose::Reduced;
use eigen_core::error::{CoreError, ErrorCode};
use eigen_core::noise::Model;
use eigen_core::sim::{
    Density, Engine, Mps, NoiseMethod, Noisy, PauliPropagation, Precision, Sparse, Stabilizer, StateVector,
    TensorNetwork,
};
use pyo3::conversion::FromPyObjectOwned;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::raise;
use crate::noise::PyNoiseModel;

/// The engine of a name. `options` are those of the engine; one that it does not have is refused by name.
pub fn engine(name: &str, options: Option<&Bound<'_, PyDict>>) -> PyResult<Box<dyn Engine>> {
    let options = Options { engine: name, given: options };
    match name {
        "statevector" => {
            options.only(&["noise", "noise_method", "precision"])?;
            let method = options.get::<String>("noise_method")?;
            match options.noise()? {
                None if method.is_some() => {
                    Err(raise(CoreError::new(ErrorCode::SimulationArguments, "`noise_method` needs `noise`")))
                }
                None => {
                    let precision = options.statevector_precision()?;
                    Ok(Box::new(Reduced::new(StateVector { precision })))
                }
                Some(_) if options.statevector_precision()? == Precision::F32 => {
                    let message = "runs with noise are in double precision";
                    let error = CoreError::new(ErrorCode::SimulationArguments, message);
                    Err(raise(error.with_hint("leave out `precision`")))
                }
                Some(noise) => {
                    let method = NoiseMethod::parse(method.as_deref().unwrap_or("auto")).map_err(raise)?;
                    Ok(Box::new(Noisy { noise, method }))
                }
            }
        }
        "density" => {
            options.only(&["noise"])?;
            Ok(Box::new(Density { noise: options.noise()? }))
        }
        "sparse" => options.only(&[]).map(|()| Box::new(Sparse) as Box<dyn Engine>),
        "stabilizer" => {
            options.only(&["noise"])?;
            Ok(Box::new(Stabilizer { noise: options.noise()? }))
        }
        "mps" => options.mps().map(|mps| Box::new(mps) as Box<dyn Engine>),
        "tn" => options.tensor_network().map(|network| Box::new(network) as Box<dyn Engine>),
        "pauli" => {
            options.only(&["noise", "cutoff", "max_weight", "max_terms"])?;
            let default = PauliPropagation::default();
            Ok(Box::new(PauliPropagation {
                noise: options.noise()?,
                cutoff: options.get("cutoff")?.unwrap_or(default.cutoff),
                max_weight: options.get("max_weight")?,
                max_terms: options.get("max_terms")?.unwrap_or(default.max_terms),
            }))
        }
        other => {
            let shown: String = other.chars().take(40).collect();
            let refusal =
                CoreError::new(ErrorCode::SimulationArguments, format!("there is no engine `{shown}`"));
            Err(raise(refusal.with_hint("use statevector, density, stabilizer, sparse, pauli, mps or tn")))
        }
    }
}

/// The options given for an engine.
struct Options<'a, 'py> {
    engine: &'a str,
    given: Option<&'a Bound<'py, PyDict>>,
}

impl<'py> Options<'_, 'py> {
    /// The option `noise`: a model, or its text.
    fn noise(&self) -> PyResult<Option<Arc<Model>>> {
        let Some(value) = self.given.map(|given| given.get_item("noise")).transpose()?.flatten() else {
            return Ok(None);
        };
        if let Ok(model) = value.extract::<PyNoiseModel>() {
            return Ok(Some(model.0));
        }
        let text: String = value.extract()?;
        Model::parse(&text).map(|model| Some(Arc::new(model))).map_err(raise)
    }

    /// Refuses options other than `known`.
    fn only(&self, known: &[&str]) -> PyResult<()> {
        for key in self.given.iter().flat_map(|given| given.keys()) {
            let key: String = key.extract()?;
            if !known.contains(&key.as_str()) {
                let message = format!("the engine {} has no option `{key}`", self.engine);
                return Err(raise(CoreError::new(ErrorCode::SimulationArguments, message)));
            }
        }
        Ok(())
    }

    /// An option, when it is given.
    fn get<T: FromPyObjectOwned<'py>>(&self, key: &str) -> PyResult<Option<T>> {
        let Some(given) = self.given else { return Ok(None) };
        let Some(value) = given.get_item(key)? else { return Ok(None) };
        value.extract().map(Some).map_err(|_| {
            let message = format!("the option `{key}` of the engine {} cannot be `{value}`", self.engine);
            raise(CoreError::new(ErrorCode::SimulationArguments, message))
        })
    }

    fn statevector_precision(&self) -> PyResult<Precision> {
        let name: Option<String> = self.get("precision")?;
        name.as_deref().map(Precision::of_name).transpose().map(Option::unwrap_or_default).map_err(raise)
    }

    fn mps(&self) -> PyResult<Mps> {
        self.only(&["max_bond", "cutoff"])?;
        let usual = Mps::default();
        Ok(Mps {
            max_bond: self.get("max_bond")?.unwrap_or(usual.max_bond),
            cutoff: self.get("cutoff")?.unwrap_or(usual.cutoff),
        })
    }

    fn tensor_network(&self) -> PyResult<TensorNetwork> {
        self.only(&["memory_bytes", "max_operations"])?;
        let usual = TensorNetwork::default();
        Ok(TensorNetwork {
            memory_bytes: self.get("memory_bytes")?.unwrap_or(usual.memory_bytes),
            max_operations: self.get("max_operations")?.unwrap_or(usual.max_operations),
        })
    }
}
