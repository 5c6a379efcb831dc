//! The line search of Moré and Thuente (ACM TOMS 20, 286, 1994): a step of sufficient decrease and small slope.
use serde::{Deserialize, Serialize};

/// Share of the first slope by which a step must decrease the value.
const DECREASE: f64 = 1e-3;
/// Share of the first slope to which the slope must fall.
const CURVATURE: f64 = 0.9;
/// Relative width of an interval that is not divided further.
const WIDTH: f64 = 0.1;

/// A step along the line with the value and the slope there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Trial {
    pub step: f64,
    pub value: f64,
    pub slope: f64,
}

/// What follows from a trial.
pub(super) enum Line {
    /// Try this step.
    Try(f64),
    /// The last step is good.
    Found,
    /// No better step can be told apart from the best so far.
    Stuck,
}

/// One search along a line, under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct LineSearch {
    origin: Trial,
    /// The end of the interval with the least value, and the other one.
    best: Trial,
    other: Trial,
    step: f64,
    most: f64,
    low: f64,
    high: f64,
    is_bracketed: bool,
    /// Whether the auxiliary function of the first stage is still used.
    is_first_stage: bool,
    widths: (f64, f64),
}

impl LineSearch {
    /// Begins at a point with this value and (negative) slope; `step` is tried first, none goes beyond `most`.
    pub(super) fn new(value: f64, slope: f64, step: f64, most: f64) -> Self {
        let origin = Trial { step: 0.0, value, slope };
        LineSearch {
            origin,
            best: origin,
            other: origin,
            step,
            most,
            low: 0.0,
            high: step + 4.0 * step,
            is_bracketed: false,
            is_first_stage: true,
            widths: (most, 2.0 * most),
        }
    }

    /// The step to try.
    pub(super) fn step(&self) -> f64 {
        self.step
    }

    /// Takes in what was found at the step.
    pub(super) fn tell(&mut self, value: f64, slope: f64) -> Line {
        let expected = DECREASE * self.origin.slope;
        let bar = self.origin.value + self.step * expected;
        if self.is_first_stage && value <= bar && slope >= 0.0 {
            self.is_first_stage = false;
        }
        if value <= bar && slope.abs() <= CURVATURE * -self.origin.slope {
            return Line::Found;
        }
        let is_narrow = self.is_bracketed && self.high - self.low <= WIDTH * self.high;
        let is_outside = self.is_bracketed && (self.step <= self.low || self.step >= self.high);
        let is_at_most = self.step >= self.most && value <= bar && slope <= expected;
        if is_at_most {
            return Line::Found;
        }
        if is_narrow || is_outside {
            return if value <= bar { Line::Found } else { Line::Stuck };
        }
        self.narrow(Trial { step: self.step, value, slope }, bar, expected);
        Line::Try(self.step)
    }

    fn narrow(&mut self, trial: Trial, bar: f64, expected: f64) {
        if self.is_first_stage && trial.value <= self.best.value && trial.value > bar {
            let tilted =
                |t: Trial| Trial { value: t.value - t.step * expected, slope: t.slope - expected, ..t };
            let upright =
                |t: Trial| Trial { value: t.value + t.step * expected, slope: t.slope + expected, ..t };
            (self.best, self.other) = (tilted(self.best), tilted(self.other));
            self.interpolate(tilted(trial));
            (self.best, self.other) = (upright(self.best), upright(self.other));
        } else {
            self.interpolate(trial);
        }
        if self.is_bracketed {
            let width = (self.other.step - self.best.step).abs();
            if width >= 0.66 * self.widths.1 {
                self.step = self.best.step + 0.5 * (self.other.step - self.best.step);
            }
            self.widths = (width, self.widths.0);
            self.low = self.best.step.min(self.other.step);
            self.high = self.best.step.max(self.other.step);
        } else {
            self.low = self.step + 1.1 * (self.step - self.best.step);
            self.high = self.step + 4.0 * (self.step - self.best.step);
        }
        self.step = self.step.max(0.0).min(self.most);
        if self.is_bracketed
            && (self.step <= self.low || self.step >= self.high || self.high - self.low <= WIDTH * self.high)
        {
            self.step = self.best.step;
        }
    }

    /// The safeguarded step of section 4, and the interval that holds the minimum.
    fn interpolate(&mut self, trial: Trial) {
        let (best, other) = (self.best, self.other);
        let sign = trial.slope * best.slope.signum();
        let next;
        if trial.value > best.value {
            let cubic = cubic_step(best, trial);
            let quadratic = best.step
                + (best.slope / ((best.value - trial.value) / (trial.step - best.step) + best.slope)) / 2.0
                    * (trial.step - best.step);
            let is_nearer = (cubic - best.step).abs() < (quadratic - best.step).abs();
            next = if is_nearer { cubic } else { cubic + (quadratic - cubic) / 2.0 };
            self.is_bracketed = true;
        } else if sign < 0.0 {
            let (cubic, secant) = (cubic_step(trial, best), secant_step(best, trial));
            next = if (cubic - trial.step).abs() > (secant - trial.step).abs() { cubic } else { secant };
            self.is_bracketed = true;
        } else if trial.slope.abs() < best.slope.abs() {
            next = self.step_downhill(trial);
        } else if self.is_bracketed {
            next = cubic_step(trial, other);
        } else {
            next = if trial.step > best.step { self.high } else { self.low };
        }
        if trial.value > best.value {
            self.other = trial;
        } else {
            if sign < 0.0 {
                self.other = best;
            }
            self.best = trial;
        }
        self.step = next;
    }

    /// The third case: the value fell, the slope keeps its sign and becomes smaller.
    fn step_downhill(&self, trial: Trial) -> f64 {
        let (best, other) = (self.best, self.other);
        let cubic = cubic_downhill(best, trial, self.low, self.high);
        let secant = secant_step(best, trial);
        if self.is_bracketed {
            let is_nearer = (cubic - trial.step).abs() < (secant - trial.step).abs();
            let next = if is_nearer { cubic } else { secant };
            let bound = trial.step + 0.66 * (other.step - trial.step);
            return if trial.step > best.step { next.min(bound) } else { next.max(bound) };
        }
        let is_farther = (cubic - trial.step).abs() > (secant - trial.step).abs();
        let next = if is_farther { cubic } else { secant };
        next.min(self.high).max(self.low)
    }
}

/// The minimum of the cubic through both trials.
fn cubic_step(from: Trial, to: Trial) -> f64 {
    let theta = 3.0 * (from.value - to.value) / (to.step - from.step) + from.slope + to.slope;
    let scale = theta.abs().max(from.slope.abs()).max(to.slope.abs());
    let inside = (theta / scale) * (theta / scale) - (from.slope / scale) * (to.slope / scale);
    let root = scale * libm::sqrt(inside.max(0.0));
    let gamma = if to.step < from.step { -root } else { root };
    let ratio = ((gamma - from.slope) + theta) / (((gamma - from.slope) + gamma) + to.slope);
    from.step + ratio * (to.step - from.step)
}

/// The same where the cubic may have no minimum beyond the trial; then the end of the interval.
fn cubic_downhill(best: Trial, trial: Trial, low: f64, high: f64) -> f64 {
    let theta = 3.0 * (best.value - trial.value) / (trial.step - best.step) + best.slope + trial.slope;
    let scale = theta.abs().max(best.slope.abs()).max(trial.slope.abs());
    let inside = (theta / scale) * (theta / scale) - (best.slope / scale) * (trial.slope / scale);
    let root = scale * libm::sqrt(inside.max(0.0));
    let gamma = if trial.step > best.step { -root } else { root };
    let ratio = ((gamma - trial.slope) + theta) / ((gamma + (best.slope - trial.slope)) + gamma);
    if ratio < 0.0 && gamma != 0.0 {
        trial.step + ratio * (best.step - trial.step)
    } else if trial.step > best.step {
        high
    } else {
        low
    }
}

/// Where the slope vanishes on the line through both slopes.
fn secant_step(best: Trial, trial: Trial) -> f64 {
    trial.step + trial.slope / (trial.slope - best.slope) * (best.step - trial.step)
}
