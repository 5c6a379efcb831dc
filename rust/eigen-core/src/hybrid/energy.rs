//! The loop itself: a search answered by a prepared circuit, all of it here, until it ends or is told to stop.
use super::question::Wants;
use super::search::Search;
use crate::error::CoreResult;
use crate::observable::Observable;
use crate::sim::Prepared;

/// The objective `scale <observable> + offset` after a circuit.
pub struct Energy<'a> {
    /// The circuit; its parameters are those of the search.
    pub prepared: &'a mut dyn Prepared,
    /// The observable.
    pub observable: &'a Observable,
    /// Factor of the expectation value.
    pub scale: f64,
    /// What is added to it.
    pub offset: f64,
}

impl Energy<'_> {
    /// Answers the questions of a search until it has ended (then true) or `go_on` says no, which is asked before each.
    pub fn minimize(
        &mut self,
        search: &mut Search,
        mut go_on: impl FnMut(&Search) -> CoreResult<bool>,
    ) -> CoreResult<bool> {
        let mut answers = Answers::default();
        loop {
            if search.question().is_none() {
                return Ok(true);
            }
            if !go_on(search)? {
                return Ok(false);
            }
            self.answer(search, &mut answers)?;
            search.tell(&answers.values, &answers.slopes)?;
        }
    }

    fn answer(&mut self, search: &Search, answers: &mut Answers) -> CoreResult<()> {
        let Some(question) = search.question() else { return Ok(()) };
        answers.slopes.clear();
        match (question.wants, question.count) {
            (Wants::Values, 1) => {
                answers.values = self.prepared.expectation(&question.points, &[self.observable])?;
            }
            (Wants::Values, _) => {
                answers.values = self.prepared.expectations(&question.points, self.observable)?;
            }
            (Wants::Gradients, 1) => {
                let (value, slope) = self.prepared.gradient(&question.points, self.observable)?;
                (answers.values, answers.slopes) = (vec![value], slope);
            }
            (Wants::Gradients, _) => {
                (answers.values, answers.slopes) =
                    self.prepared.gradients(&question.points, self.observable)?;
            }
        }
        answers.values.iter_mut().for_each(|value| *value = self.scale * *value + self.offset);
        answers.slopes.iter_mut().for_each(|slope| *slope *= self.scale);
        Ok(())
    }
}

#[derive(Default)]
struct Answers {
    values: Vec<f64>,
    slopes: Vec<f64>,
}
