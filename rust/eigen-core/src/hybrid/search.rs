//! `Search`: one minimisation, asked and told step by step. It never evaluates anything itself.
//!
//! The same answers give the same questions, bit for bit, on every machine; so does a search that goes on from a
//! checkpoint.
use serde::{Deserialize, Serialize};

use super::method::Machine;
use super::question::{Answer, Question, Step, Verdict, Wants};
use super::record::{Record, failed};
use super::settings::{Settings, invalid};
use crate::error::CoreResult;

/// Where a search stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// A question waits for its answer. A cut one is the last: no more evaluations are allowed.
    Asking {
        question: Question,
        is_cut: bool,
    },
    /// Nothing was evaluated over all samples: the value at the start is wanted, then it is over.
    Closing {
        question: Question,
        verdict: Verdict,
    },
    Ended(Verdict),
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The parameters of the least value (with mini-batches: the last ones).
    pub parameters: Vec<f64>,
    /// The objective there, over all samples.
    pub value: f64,
    /// How it ended.
    pub verdict: Verdict,
}

/// One minimisation under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Search {
    machine: Machine,
    pub(super) record: Record,
    stage: Stage,
}

impl Search {
    /// A search by a method of `METHODS` from `initial`, which is moved inside the bounds.
    pub fn new(method: &str, initial: &[f64], settings: Settings) -> CoreResult<Self> {
        settings.check(initial.len())?;
        if let Some(place) = initial.iter().position(|x| !x.is_finite()) {
            return Err(invalid(format!("the initial parameter {place} is `{}`", initial[place])));
        }
        let mut start = initial.to_vec();
        settings.clip(&mut start);
        let mut search = Search {
            machine: Machine::new(method, &start, &settings)?,
            stage: Stage::Ended(Verdict::failure("")),
            record: Record::new(settings, start),
        };
        if search.record.start.is_empty() {
            search.record.evaluations = 1;
            let verdict = Verdict::success("there are no parameters to vary");
            search.stage = Stage::Closing { question: Question::value(&[]), verdict };
            return Ok(search);
        }
        let step = search.machine.method().begin(&mut search.record)?;
        search.enter(step)?;
        Ok(search)
    }

    /// What it wants to know; nothing when it has ended.
    pub fn question(&self) -> Option<&Question> {
        match &self.stage {
            Stage::Asking { question, .. } | Stage::Closing { question, .. } => Some(question),
            Stage::Ended(_) => None,
        }
    }

    /// Answers the question: a value for each point, and with `Wants::Gradients` the gradients one after the other.
    /// Fails when the numbers do not fit the question or are not finite, and when the objective does not suit the method.
    pub fn tell(&mut self, values: &[f64], slopes: &[f64]) -> CoreResult<()> {
        let answer = Answer { values, slopes };
        let stage = std::mem::replace(&mut self.stage, Stage::Ended(Verdict::failure("the search failed")));
        match stage {
            Stage::Ended(verdict) => {
                self.stage = Stage::Ended(verdict);
                Err(invalid("the search has ended: there is no question to answer".into()))
            }
            Stage::Closing { question, verdict } => {
                self.check(&question, answer)?;
                self.record.learn(&question, answer)?;
                self.stage = Stage::Ended(verdict);
                Ok(())
            }
            Stage::Asking { question, is_cut } => {
                self.check(&question, answer)?;
                self.record.learn(&question, answer)?;
                if is_cut {
                    return self.enter(Step::End(self.exhausted()));
                }
                let step = self.machine.method().go_on(answer, &mut self.record)?;
                self.enter(step)
            }
        }
    }

    fn check(&self, question: &Question, answer: Answer<'_>) -> CoreResult<()> {
        let slopes = if question.wants == Wants::Gradients { question.points.len() } else { 0 };
        if answer.values.len() == question.count && answer.slopes.len() == slopes {
            return Ok(());
        }
        let (given, wanted) = (answer.values.len(), question.count);
        let message = format!("`{given}` values and `{}` derivatives answer", answer.slopes.len());
        Err(invalid(format!("{message} a question for {wanted} and {slopes}")))
    }

    /// Goes to what the method wants, within the evaluations that are allowed.
    fn enter(&mut self, step: Step) -> CoreResult<()> {
        let question = match step {
            Step::Ask(question) => question,
            Step::End(verdict) => {
                self.stage = match self.record.best {
                    Some(_) => Stage::Ended(verdict),
                    None => Stage::Closing { question: Question::value(&self.record.start), verdict },
                };
                return Ok(());
            }
        };
        if let Some(bad) = question.points.iter().find(|x| !x.is_finite()) {
            let iterations = self.record.iterations;
            return Err(failed(format!("after {iterations} iterations a parameter is `{bad}`"))
                .with_hint("smaller steps, or bounds, keep the parameters finite"));
        }
        let (settings, cost) = (&self.record.settings, self.cost(&question));
        let left = settings.max_evaluations.saturating_sub(self.record.evaluations) / cost;
        let allowed = if self.record.evaluations == 0 { left.max(1) } else { left };
        if allowed == 0 {
            return self.enter(Step::End(self.exhausted()));
        }
        let (mut question, width) = (question, self.record.start.len());
        let is_cut = (question.count as u64) > allowed;
        if is_cut {
            question.count = allowed as usize;
            question.points.truncate(question.count * width);
        }
        self.record.evaluations += question.count as u64 * cost;
        self.stage = Stage::Asking { question, is_cut };
        Ok(())
    }

    fn exhausted(&self) -> Verdict {
        let (evaluations, most) = (self.record.evaluations, self.record.settings.max_evaluations);
        Verdict::failure(format!("stopped after {evaluations} evaluations: {most} are allowed"))
    }

    /// The name of the method.
    pub fn method(&self) -> &'static str {
        self.machine.name()
    }

    /// Number of parameters.
    pub fn num_parameters(&self) -> usize {
        self.record.start.len()
    }

    /// Evaluations answered, those of gradients included.
    pub fn evaluations(&self) -> u64 {
        let waiting = match &self.stage {
            Stage::Asking { question, .. } => question.count as u64 * self.cost(question),
            Stage::Closing { .. } | Stage::Ended(_) => 0,
        };
        self.record.evaluations - waiting
    }

    /// Evaluations that one point of a question counts for.
    fn cost(&self, question: &Question) -> u64 {
        if question.wants == Wants::Gradients { self.record.settings.gradient_cost } else { 1 }
    }

    /// Iterations done.
    pub fn iterations(&self) -> u64 {
        self.record.iterations
    }

    /// Values at the ends of the iterations from number `first` on, as far as they are known: a search that was read
    /// may not know those before its checkpoint.
    pub fn history(&self, first: usize) -> &[f64] {
        let known = &self.record.history;
        let unknown = (self.record.iterations as usize).saturating_sub(known.len());
        known.get(first.saturating_sub(unknown)..).unwrap_or(&[])
    }

    /// The best value so far over all samples, and where it is.
    pub fn best(&self) -> Option<(f64, &[f64])> {
        self.record.best.as_ref().map(|(value, point)| (*value, &point[..]))
    }

    /// What it found, when it has ended.
    pub fn outcome(&self) -> Option<Outcome> {
        let (Stage::Ended(verdict), Some((value, point))) = (&self.stage, &self.record.best) else {
            return None;
        };
        Some(Outcome { parameters: point.clone(), value: *value, verdict: verdict.clone() })
    }

    /// Whether a search that was read is one that this program could have written, as far as indices go.
    pub(super) fn is_sound(&mut self) -> bool {
        let n = self.record.start.len();
        let question = match self.question() {
            Some(question) => question.points.len() == question.count * n && question.count > 0,
            None => true,
        };
        let best = self.record.best.as_ref().is_none_or(|(_, point)| point.len() == n);
        let is_sound = question && best && self.record.settings.check(n).is_ok();
        is_sound && (n == 0 || matches!(self.stage, Stage::Ended(_)) || self.machine.method().fits(n))
    }
}
