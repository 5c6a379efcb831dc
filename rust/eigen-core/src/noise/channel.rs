//! Channels: completely positive, trace-preserving maps on one or two qubits, checked when they are made.
use super::{invalid, operators};
use crate::error::CoreResult;
use crate::math::{C64, Matrix};

/// Tolerance on every entry of `sum K†K - I`, and on a sum of probabilities.
const TOLERANCE: f64 = 1e-9;
/// Kraus operators of one channel: more than 16 are never needed on two qubits.
const MOST_OPERATORS: usize = 64;

/// What happens to one or two qubits besides the gates. Made by its functions only, which check it.
#[derive(Clone, Debug, PartialEq)]
pub enum Channel {
    /// `rho -> sum K rho K†`.
    Kraus {
        /// The operators, all 2x2 or all 4x4.
        operators: Vec<Matrix>,
    },
    /// A Pauli string drawn at random: entry `a + 4 b` is the probability of letter `a` on the first qubit and `b` on
    /// the second, with I, X, Y, Z numbered 0 to 3.
    Pauli {
        /// 4 or 16 probabilities, of the identity too.
        probabilities: Vec<f64>,
    },
    /// With `probability` one of the Pauli strings other than the identity, each alike. (The convention of Stim, Cirq
    /// and Qulacs. The rate at which the state is replaced by the completely mixed one, Qiskit's, is larger by the
    /// factor `4^k / (4^k - 1)`.)
    Depolarizing {
        /// 1 or 2.
        qubits: usize,
        /// Probability of an error.
        probability: f64,
    },
    /// Decay towards the thermal state with the population `excited` of |1>; `gamma` is the share that has decayed.
    AmplitudeDamping {
        /// Share of the population that decays.
        gamma: f64,
        /// Population of |1> in equilibrium.
        excited: f64,
    },
    /// Loss of coherence without decay: the off-diagonal entries are multiplied by `sqrt(1 - lambda)`.
    PhaseDamping {
        /// Between 0 and 1.
        lambda: f64,
    },
    /// Decay and dephasing during a time.
    ThermalRelaxation {
        /// Time constant of the populations.
        t1_ns: f64,
        /// Time constant of the coherences, at most `2 t1_ns`.
        t2_ns: f64,
        /// How long.
        duration_ns: f64,
        /// Population of |1> in equilibrium.
        excited: f64,
    },
    /// The qubit is set to |0> with probability `zero` and to |1> with probability `one`.
    Reset {
        /// Probability of |0>.
        zero: f64,
        /// Probability of |1>.
        one: f64,
    },
}

impl Channel {
    /// A channel from its Kraus operators.
    pub fn kraus(operators: Vec<Matrix>) -> CoreResult<Self> {
        let dim = operators.first().map_or(0, Matrix::dim);
        if (dim != 2 && dim != 4) || operators.iter().any(|operator| operator.dim() != dim) {
            return Err(invalid(format!("Kraus operators are all 2x2 or all 4x4, not `{dim}x{dim}`")));
        }
        if operators.len() > MOST_OPERATORS {
            let count = operators.len();
            return Err(invalid(format!("a channel has at most {MOST_OPERATORS} operators, not `{count}`")));
        }
        if operators.iter().flat_map(Matrix::data).any(|x| !x.re.is_finite() || !x.im.is_finite()) {
            return Err(invalid("an entry of a Kraus operator is not finite"));
        }
        let mut worst = 0.0f64;
        for (row, column) in (0..dim * dim).map(|k| (k / dim, k % dim)) {
            let sum: C64 = operators.iter().map(|k| k.dagger().mul(k).get(row, column)).sum();
            let wanted = if row == column { C64::ONE } else { C64::ZERO };
            worst = worst.max((sum - wanted).norm());
        }
        if worst > TOLERANCE {
            let message = format!("the sum of K†K differs from the identity by `{worst:e}`");
            return Err(invalid(message).with_hint("the operators of a channel preserve the trace"));
        }
        Ok(Channel::Kraus { operators })
    }

    /// A Pauli channel from 4 or 16 probabilities.
    pub fn pauli(probabilities: Vec<f64>) -> CoreResult<Self> {
        if probabilities.len() != 4 && probabilities.len() != 16 {
            let count = probabilities.len();
            return Err(invalid(format!("a Pauli channel has 4 or 16 probabilities, not `{count}`")));
        }
        for &probability in &probabilities {
            share("a Pauli probability", probability)?;
        }
        let sum: f64 = probabilities.iter().sum();
        if (sum - 1.0).abs() > TOLERANCE {
            return Err(invalid(format!("the probabilities of a Pauli channel add up to `{sum}`, not 1")));
        }
        Ok(Channel::Pauli { probabilities })
    }

    /// A Pauli channel from strings other than the identity: `("X", 0.01)`, or `("ZX", 0.01)` for Z on the first and X
    /// on the second qubit.
    pub fn pauli_strings(strings: &[(String, f64)]) -> CoreResult<Self> {
        let width = strings.first().map_or(1, |(letters, _)| letters.len());
        let mut probabilities = vec![0.0; if width == 2 { 16 } else { 4 }];
        for (letters, probability) in strings {
            let codes: Option<Vec<usize>> =
                letters.bytes().map(|l| b"IXYZ".iter().position(|k| *k == l)).collect();
            let codes = codes.filter(|codes| codes.len() == width && matches!(width, 1 | 2));
            let shown: String = letters.chars().take(20).collect();
            let codes =
                codes.ok_or_else(|| invalid(format!("`{shown}` is not {width} letters of I, X, Y and Z")))?;
            let index = codes.iter().rev().fold(0, |index, code| index * 4 + code);
            if index == 0 || probabilities[index] != 0.0 {
                return Err(invalid(format!("the Pauli string `{shown}` is given twice or is the identity")));
            }
            share("a Pauli probability", *probability)?;
            probabilities[index] = *probability;
        }
        let errors: f64 = probabilities.iter().sum();
        if errors > 1.0 + TOLERANCE {
            return Err(invalid(format!(
                "the probabilities of the Pauli strings add up to `{errors}`, above 1"
            )));
        }
        probabilities[0] = (1.0 - errors).max(0.0);
        Self::pauli(probabilities)
    }

    /// Depolarising noise on 1 or 2 qubits.
    pub fn depolarizing(qubits: usize, probability: f64) -> CoreResult<Self> {
        if !matches!(qubits, 1 | 2) {
            return Err(invalid(format!("a depolarizing channel acts on 1 or 2 qubits, not `{qubits}`")));
        }
        share("the probability of depolarizing noise", probability)?;
        Ok(Channel::Depolarizing { qubits, probability })
    }

    /// Amplitude damping; `excited` is 0 for a cold environment.
    pub fn amplitude_damping(gamma: f64, excited: f64) -> CoreResult<Self> {
        share("`gamma` of amplitude damping", gamma)?;
        share("the excited population", excited)?;
        Ok(Channel::AmplitudeDamping { gamma, excited })
    }

    /// Phase damping.
    pub fn phase_damping(lambda: f64) -> CoreResult<Self> {
        share("`lambda` of phase damping", lambda)?;
        Ok(Channel::PhaseDamping { lambda })
    }

    /// Thermal relaxation.
    pub fn thermal_relaxation(t1_ns: f64, t2_ns: f64, duration_ns: f64, excited: f64) -> CoreResult<Self> {
        check_times(t1_ns, t2_ns, excited)?;
        if !(duration_ns.is_finite() && duration_ns >= 0.0) {
            return Err(invalid(format!("a duration is finite and not negative, not `{duration_ns}` ns")));
        }
        Ok(Channel::ThermalRelaxation { t1_ns, t2_ns, duration_ns, excited })
    }

    /// A reset at random.
    pub fn reset(zero: f64, one: f64) -> CoreResult<Self> {
        share("the probability of a reset to |0>", zero)?;
        share("the probability of a reset to |1>", one)?;
        if zero + one > 1.0 + TOLERANCE {
            return Err(invalid(format!("the probabilities of a reset add up to `{}`, above 1", zero + one)));
        }
        Ok(Channel::Reset { zero, one })
    }

    /// 1 or 2.
    pub fn num_qubits(&self) -> usize {
        match self {
            Channel::Kraus { operators } => operators[0].num_qubits().unwrap_or(1),
            // 4^k probabilities on k qubits.
            Channel::Pauli { probabilities } => probabilities.len().ilog2() as usize / 2,
            Channel::Depolarizing { qubits, .. } => *qubits,
            _ => 1,
        }
    }

    /// Whether it changes nothing.
    pub fn is_identity(&self) -> bool {
        self.pauli_probabilities().is_some_and(|probabilities| probabilities[1..].iter().all(|p| *p == 0.0))
    }

    /// Kraus operators, those that vanish left out.
    pub fn operators(&self) -> Vec<Matrix> {
        operators::operators(self)
    }

    /// The matrix of `rho -> sum K rho K†` on vectors with entry `row + 2^k column` for `rho[row, column]`:
    /// `4^k x 4^k`.
    pub fn superoperator(&self) -> Matrix {
        operators::superoperator(&self.operators())
    }

    /// The probabilities of Pauli strings, as in `Channel::Pauli`, when the channel is a mixture of them.
    pub fn pauli_probabilities(&self) -> Option<Vec<f64>> {
        match self {
            Channel::Pauli { probabilities } => Some(probabilities.clone()),
            Channel::Depolarizing { qubits, probability } => {
                let strings = (1usize << (2 * qubits)) - 1;
                let mut out = vec![probability / strings as f64; strings + 1];
                out[0] = 1.0 - probability;
                Some(out)
            }
            Channel::PhaseDamping { lambda } => {
                let flips = (1.0 - (1.0 - lambda).sqrt()) / 2.0;
                Some(vec![1.0 - flips, 0.0, 0.0, flips])
            }
            _ => operators::pauli_mixture(&self.operators()),
        }
    }

    /// The channel as unitary matrices drawn with probabilities, when its operators are multiples of unitaries.
    pub fn unitary_mixture(&self) -> Option<Vec<(f64, Matrix)>> {
        match self.pauli_probabilities() {
            Some(probabilities) => Some(operators::pauli_matrices(&probabilities)),
            None => operators::unitary_mixture(&self.operators()),
        }
    }
}

/// Refuses what is no probability.
pub(super) fn share(what: &str, value: f64) -> CoreResult<()> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(invalid(format!("{what} lies between 0 and 1, not `{value}`")))
}

/// Refuses time constants that no channel has.
pub(super) fn check_times(t1_ns: f64, t2_ns: f64, excited: f64) -> CoreResult<()> {
    for (name, value) in [("t1", t1_ns), ("t2", t2_ns)] {
        if !(value.is_finite() && value > 0.0) {
            return Err(invalid(format!("`{name}` is a positive number of nanoseconds, not `{value}`")));
        }
    }
    if t2_ns > 2.0 * t1_ns {
        return Err(invalid(format!("`t2` is at most twice `t1`: `{t2_ns}` ns is above 2 x {t1_ns} ns")));
    }
    share("the excited population", excited)
}
