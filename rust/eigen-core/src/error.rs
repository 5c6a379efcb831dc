//! The one error type of the core and the closed list of its codes.
use std::fmt;

macro_rules! codes {
    ($($variant:ident = $text:literal, $doc:literal;)*) => {
        /// A stable error code. The text form never changes once released.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $(#[doc = $doc] $variant,)* }

        impl ErrorCode {
            /// Every code, in declaration order.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant,)*];

            /// The stable text, such as `EIGEN_GATE_UNKNOWN`.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$variant => $text,)* }
            }

            /// One sentence on what the code means.
            pub fn help(self) -> &'static str {
                match self { $(ErrorCode::$variant => $doc,)* }
            }
        }
    };
}

codes! {
    GateUnknown = "EIGEN_GATE_UNKNOWN", "A gate name is not in the gate table.";
    GateArguments = "EIGEN_GATE_ARGUMENTS", "A gate got the wrong number of qubits or parameters, or an argument of the wrong form.";
    GateNotUnitary = "EIGEN_GATE_NOT_UNITARY", "A matrix given as a gate is not unitary.";
    CircuitInvalid = "EIGEN_CIRCUIT_INVALID", "A circuit breaks a rule: an index out of range, a qubit used twice, an unbalanced block.";
    CircuitNotUnitary = "EIGEN_CIRCUIT_NOT_UNITARY", "An operation that only unitary circuits have was asked of one that measures, resets or branches.";
    ParameterInvalid = "EIGEN_CIRCUIT_PARAMETERS", "A parameter is not finite, unknown, missing or badly named.";
    ConditionInvalid = "EIGEN_CONDITION_INVALID", "A classical condition is malformed.";
    ObservableInvalid = "EIGEN_OBSERVABLE_INVALID", "An observable is malformed or would not be Hermitian.";
    EvolutionInvalid = "EIGEN_EVOLUTION_INVALID", "A time evolution is malformed: a time, a coefficient, a rate or an initial state.";
    AqoInvalid = "EIGEN_AQO_INVALID", "An AQO document does not have the form its version asks for.";
    AqoUnsupported = "EIGEN_AQO_UNSUPPORTED", "A circuit cannot be written in the AQO version asked for.";
    FormatInvalid = "EIGEN_FORMAT_INVALID", "A document is not valid in its format.";
    FormatUnsupported = "EIGEN_FORMAT_UNSUPPORTED", "A format cannot carry a circuit, or a document says what circuits cannot carry.";
    JsonInvalid = "EIGEN_JSON_INVALID", "A text is not the strict JSON that is read here.";
    BasisUnreachable = "EIGEN_COMPILER_UNSUPPORTED", "An operation cannot be written in the gate basis asked for.";
    RandomInvalid = "EIGEN_RANDOM_INVALID", "A random draw was asked for with an impossible range.";
    LimitExceeded = "EIGEN_LIMIT_EXCEEDED", "A counted limit of the core is exceeded.";
    ResourceExhausted = "EIGEN_SIM_MEMORY", "The machine has too little memory for what was asked.";
    SimulationArguments = "EIGEN_SIM_ARGUMENTS", "A simulation was asked for with the wrong parameters, qubits, observable or number of shots.";
    NoiseInvalid = "EIGEN_NOISE_INVALID", "A noise channel is not physical, or a noise model cannot be read.";
    SnapshotInvalid = "EIGEN_SIM_SNAPSHOT", "A snapshot of a simulator's state is damaged, or of another run.";
    LoopBoundReached = "EIGEN_SIM_LOOP_BOUND", "A WHILE wants to go on after the most rounds that it may take.";
    CountsInvalid = "EIGEN_COUNTS_INVALID", "Counts have keys or values that do not fit.";
    Unsupported = "EIGEN_SIM_UNSUPPORTED", "The engine cannot do what was asked of this circuit.";
    ComputationFailed = "EIGEN_SIM_CLASSICAL", "A classical computation of a circuit has no value, such as a division by zero.";
    SearchFailed = "EIGEN_RUN_FAILED", "A search cannot go on: its objective is not finite, or not of the form that its method needs.";
    Internal = "EIGEN_INTERNAL", "A fault of the core itself; please report it.";
}

/// An error of the core: code, message with the offending value in backticks, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreError {
    /// The stable code.
    pub code: ErrorCode,
    /// What is wrong and where.
    pub message: String,
    /// What to do, where there is something to do.
    pub hint: Option<String>,
}

/// Result of a fallible function of the core.
pub type CoreResult<T> = Result<T, CoreError>;

impl CoreError {
    /// An error without a hint.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    /// The same error with a hint.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error, its message preceded by where it happened.
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// The error for a counted limit.
    pub fn limit(what: &str, limit: usize, value: usize) -> Self {
        Self::new(ErrorCode::LimitExceeded, format!("{what}: `{value}` is more than the limit of {limit}"))
    }
}

impl fmt::Display for CoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.code.as_str(), self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CoreError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_well_formed() {
        let mut seen = std::collections::HashSet::new();
        for code in ErrorCode::ALL {
            assert!(code.as_str().starts_with("EIGEN_"));
            assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
            assert!(code.help().ends_with('.'));
        }
    }

    #[test]
    fn display_shows_code_and_hint() {
        let error =
            CoreError::new(ErrorCode::GateUnknown, "no gate `Q`").with_hint("try `X`").at("operation 3");
        assert_eq!(error.to_string(), "error[EIGEN_GATE_UNKNOWN]: operation 3: no gate `Q`\nhint: try `X`");
    }
}
