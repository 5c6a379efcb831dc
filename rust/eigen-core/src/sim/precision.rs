//! The precision of a state vector.
use crate::error::{CoreError, CoreResult, ErrorCode};

/// How amplitudes are kept. Probabilities and expectation values are added up in f64 either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Double precision: 16 bytes an amplitude.
    #[default]
    F64,
    /// Single precision: 8 bytes an amplitude, errors around 1e-6; no gradients and no variances.
    F32,
}

impl Precision {
    /// The precision of a name: `f64` or `f32`.
    pub fn of_name(name: &str) -> CoreResult<Self> {
        match name {
            "f64" => Ok(Precision::F64),
            "f32" => Ok(Precision::F32),
            other => {
                let shown: String = other.chars().take(40).collect();
                let message = format!("there is no precision `{shown}`");
                Err(CoreError::new(ErrorCode::SimulationArguments, message).with_hint("use f64 or f32"))
            }
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Precision::F64 => "f64",
            Precision::F32 => "f32",
        }
    }

    /// Bytes of one amplitude.
    pub fn amplitude_bytes(self) -> u64 {
        match self {
            Precision::F64 => 16,
            Precision::F32 => 8,
        }
    }

    /// Refuses what is only there in double precision.
    pub(crate) fn only_double(self, what: &str) -> CoreResult<()> {
        if self == Precision::F64 {
            return Ok(());
        }
        let message = format!("{what} need the precision f64, not `f32`");
        Err(CoreError::new(ErrorCode::Unsupported, message)
            .with_hint("prepare the circuit with precision f64"))
    }
}
