//! Coefficients: functions of time from a closed family that needs no user code, over the parameters of an evolution.
use crate::error::{CoreError, CoreResult, ErrorCode};
use crate::limits::{MAX_COEFFICIENT_DEPTH, MAX_COEFFICIENT_NUMBERS};
use crate::param::Affine;

/// How a table goes on between its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// `values[k]` from `times[k]` until `times[k + 1]`.
    Step,
    /// The straight line.
    Linear,
}

/// Values at times. Before the first and after the last time the outer values hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Ascending.
    pub times: Vec<f64>,
    /// One for each time.
    pub values: Vec<f64>,
    /// What lies between.
    pub between: Between,
}

/// A real function of time `t`.
#[derive(Clone, Debug, PartialEq)]
pub enum Coefficient {
    /// A number or an affine expression of parameters, the same at all times.
    Constant(Affine),
    /// `cos(omega t + phase)`.
    Cos {
        /// Angular frequency.
        omega: Affine,
        /// Phase at time 0.
        phase: Affine,
    },
    /// `sin(omega t + phase)`.
    Sin {
        /// Angular frequency.
        omega: Affine,
        /// Phase at time 0.
        phase: Affine,
    },
    /// `exp(-(t - center)^2 / (2 width^2))`.
    Gaussian {
        /// Time of the maximum.
        center: Affine,
        /// Standard deviation.
        width: Affine,
    },
    /// `Σ c[k] t^k`.
    Polynomial(Vec<f64>),
    /// A table.
    Table(Table),
    /// The sum of all.
    Sum(Vec<Coefficient>),
    /// The product of all.
    Product(Vec<Coefficient>),
}

impl Coefficient {
    /// A number.
    pub fn number(value: f64) -> Self {
        Self::Constant(Affine::number(value))
    }

    /// Checks numbers, names and sizes.
    pub fn check(&self) -> CoreResult<()> {
        let numbers = self.check_at(0)?;
        if numbers > MAX_COEFFICIENT_NUMBERS {
            return Err(CoreError::limit("numbers of a coefficient", MAX_COEFFICIENT_NUMBERS, numbers));
        }
        Ok(())
    }

    fn check_at(&self, depth: usize) -> CoreResult<usize> {
        if depth > MAX_COEFFICIENT_DEPTH {
            return Err(CoreError::limit("depth of a coefficient", MAX_COEFFICIENT_DEPTH, depth));
        }
        self.affines().into_iter().try_for_each(Affine::check)?;
        match self {
            Self::Polynomial(terms) => {
                if terms.is_empty() || terms.iter().any(|c| !c.is_finite()) {
                    return Err(invalid("a polynomial has one or more finite coefficients"));
                }
                Ok(terms.len())
            }
            Self::Table(table) => table.check(),
            Self::Sum(parts) | Self::Product(parts) => {
                if parts.is_empty() {
                    return Err(invalid("a sum or product of coefficients has one or more parts"));
                }
                parts.iter().try_fold(1usize, |sum, part| Ok(sum.saturating_add(part.check_at(depth + 1)?)))
            }
            _ => Ok(2),
        }
    }

    /// The affine expressions of this node itself.
    fn affines(&self) -> Vec<&Affine> {
        match self {
            Self::Constant(value) => vec![value],
            Self::Cos { omega, phase } | Self::Sin { omega, phase } => vec![omega, phase],
            Self::Gaussian { center, width } => vec![center, width],
            _ => Vec::new(),
        }
    }

    fn parts(&self) -> &[Coefficient] {
        match self {
            Self::Sum(parts) | Self::Product(parts) => parts,
            _ => &[],
        }
    }

    /// Calls `visit` with each name of a parameter.
    pub fn each_symbol(&self, visit: &mut dyn FnMut(&str)) {
        for affine in self.affines() {
            affine.terms.keys().for_each(|name| visit(name));
        }
        self.parts().iter().for_each(|part| part.each_symbol(visit));
    }

    /// The same with every affine expression replaced by what `value` makes of it.
    pub fn map(&self, value: &dyn Fn(&Affine) -> Affine) -> Self {
        match self {
            Self::Constant(affine) => Self::Constant(value(affine)),
            Self::Cos { omega, phase } => Self::Cos { omega: value(omega), phase: value(phase) },
            Self::Sin { omega, phase } => Self::Sin { omega: value(omega), phase: value(phase) },
            Self::Gaussian { center, width } => Self::Gaussian { center: value(center), width: value(width) },
            Self::Sum(parts) => Self::Sum(parts.iter().map(|part| part.map(value)).collect()),
            Self::Product(parts) => Self::Product(parts.iter().map(|part| part.map(value)).collect()),
            Self::Polynomial(_) | Self::Table(_) => self.clone(),
        }
    }

    /// Whether it is the same at all times.
    pub fn is_constant(&self) -> bool {
        match self {
            Self::Constant(_) => true,
            Self::Sum(parts) | Self::Product(parts) => parts.iter().all(Self::is_constant),
            Self::Polynomial(terms) => terms[1..].iter().all(|c| *c == 0.0),
            _ => false,
        }
    }

    /// The value at a time, as an expression of the parameters. Fails where it is not affine in them.
    pub fn affine_at(&self, t: f64) -> CoreResult<Affine> {
        let number = |affine: &Affine| match affine.is_constant() {
            true => Ok(affine.constant),
            false => Err(not_affine(affine)),
        };
        Ok(match self {
            Self::Constant(affine) => affine.clone(),
            Self::Cos { omega, phase } => Affine::number(libm::cos(number(omega)? * t + number(phase)?)),
            Self::Sin { omega, phase } => Affine::number(libm::sin(number(omega)? * t + number(phase)?)),
            Self::Gaussian { center, width } => {
                let z = (t - number(center)?) / number(width)?;
                Affine::number(libm::exp(-0.5 * z * z))
            }
            Self::Polynomial(terms) => Affine::number(terms.iter().rev().fold(0.0, |sum, c| sum * t + c)),
            Self::Table(table) => Affine::number(table.value(t)),
            Self::Sum(parts) => parts.iter().try_fold(Affine::default(), |sum, part| {
                Ok::<_, CoreError>(sum.add_scaled(&part.affine_at(t)?, 1.0))
            })?,
            Self::Product(parts) => parts.iter().try_fold(Affine::number(1.0), |product, part| {
                let factor = part.affine_at(t)?;
                match (factor.is_constant(), product.is_constant()) {
                    (true, _) => Ok(product.scale(factor.constant)),
                    (false, true) => Ok(factor.scale(product.constant)),
                    (false, false) => Err(not_affine(&factor)),
                }
            })?,
        })
    }

    /// The value at a time once no parameter is left in it. Not a number where a parameter is.
    pub fn value(&self, t: f64) -> f64 {
        match self {
            Self::Constant(affine) => affine.constant,
            Self::Sum(parts) => parts.iter().map(|part| part.value(t)).sum(),
            Self::Product(parts) => parts.iter().map(|part| part.value(t)).product(),
            other => other.affine_at(t).map_or(f64::NAN, |affine| affine.constant),
        }
    }

    /// Adds the times at which it is not smooth.
    pub fn add_kinks(&self, times: &mut Vec<f64>) {
        if let Self::Table(table) = self {
            times.extend_from_slice(&table.times);
        }
        self.parts().iter().for_each(|part| part.add_kinks(times));
    }

    /// The shortest time in which it may change by much: a step much longer could pass it by unseen.
    pub fn shortest_scale(&self) -> f64 {
        match self {
            Self::Cos { omega, .. } | Self::Sin { omega, .. } => 1.0 / omega.constant.abs(),
            Self::Gaussian { width, .. } => width.constant.abs(),
            _ => self.parts().iter().map(Self::shortest_scale).fold(f64::INFINITY, f64::min),
        }
    }
}

/// As it is written in JSON.
impl std::fmt::Display for Coefficient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut writer = crate::json::Writer::default();
        super::json::write_coefficient(&mut writer, self);
        f.write_str(&String::from_utf8_lossy(&writer.into_bytes()))
    }
}

impl Table {
    fn check(&self) -> CoreResult<usize> {
        if self.times.is_empty() || self.times.len() != self.values.len() {
            return Err(invalid(format!(
                "a table has one value for each of its times, not `{}`",
                self.values.len()
            )));
        }
        if self.times.iter().chain(&self.values).any(|x| !x.is_finite()) {
            return Err(invalid("the numbers of a table are finite"));
        }
        if let Some(at) = self.times.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(invalid(format!(
                "the times of a table ascend, time {} is `{}`",
                at + 1,
                self.times[at + 1]
            )));
        }
        Ok(2 * self.times.len())
    }

    fn value(&self, t: f64) -> f64 {
        let after = self.times.partition_point(|time| *time <= t);
        if after == 0 || after == self.times.len() {
            return self.values[after.saturating_sub(1)];
        }
        let (k, value) = (after - 1, self.values[after - 1]);
        match self.between {
            Between::Step => value,
            Between::Linear => {
                let part = (t - self.times[k]) / (self.times[after] - self.times[k]);
                value + part * (self.values[after] - value)
            }
        }
    }
}

fn not_affine(affine: &Affine) -> CoreError {
    let message = format!("a coefficient is not affine in its parameters: `{affine}`");
    CoreError::new(ErrorCode::ParameterInvalid, message).with_hint("bind the parameters to numbers first")
}

pub(super) fn invalid(message: impl Into<String>) -> CoreError {
    CoreError::new(ErrorCode::EvolutionInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_their_definitions() {
        let gaussian = Coefficient::Gaussian { center: Affine::number(1.0), width: Affine::number(2.0) };
        let wave = Coefficient::Cos { omega: Affine::number(3.0), phase: Affine::number(0.25) };
        let product = Coefficient::Product(vec![Coefficient::number(2.0), gaussian, wave]);
        let t = 0.7;
        let expected = 2.0 * (-0.3f64 * 0.3 / 8.0).exp() * (3.0f64 * t + 0.25).cos();
        assert!((product.value(t) - expected).abs() < 1e-14);
        assert_eq!(Coefficient::Polynomial(vec![1.0, 0.0, 2.0]).value(3.0), 19.0);
    }

    #[test]
    fn tables_hold_outside_and_join_inside() {
        let table = |between| Table { times: vec![0.0, 1.0, 3.0], values: vec![1.0, 2.0, 6.0], between };
        assert_eq!(
            [-1.0, 0.5, 1.0, 2.9, 9.0].map(|t| table(Between::Step).value(t)),
            [1.0, 1.0, 2.0, 2.0, 6.0]
        );
        assert_eq!([-1.0, 0.5, 2.0, 9.0].map(|t| table(Between::Linear).value(t)), [1.0, 1.5, 4.0, 6.0]);
    }

    #[test]
    fn hostile_coefficients_are_refused() {
        let mut deep = Coefficient::number(1.0);
        for _ in 0..100 {
            deep = Coefficient::Sum(vec![deep]);
        }
        assert!(deep.check().is_err());
        assert!(Coefficient::Polynomial(vec![]).check().is_err());
        assert!(Coefficient::number(f64::NAN).check().is_err());
        let table = Table { times: vec![1.0, 1.0], values: vec![0.0, 0.0], between: Between::Step };
        assert!(Coefficient::Table(table).check().is_err());
    }

    #[test]
    fn parameters_stay_symbolic_where_they_are_affine() {
        let drive = Coefficient::Product(vec![
            Coefficient::Constant(Affine::symbol("a")),
            Coefficient::Polynomial(vec![0.0, 2.0]),
        ]);
        assert_eq!(drive.affine_at(1.5).expect("affine"), Affine::symbol("a").scale(3.0));
        let square = Coefficient::Product(vec![drive.clone(), drive]);
        assert!(square.affine_at(1.0).is_err());
    }
}
