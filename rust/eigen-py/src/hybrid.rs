//! The class `Search`, and the loop behind `Plan.minimize`. The GIL is taken only for callbacks and pending signals.
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use eigen_core::Observable;
use eigen_core::error::{CoreError, CoreResult, ErrorCode};
use eigen_core::hybrid::{Batches, Energy, Search, Settings, Wants};
use eigen_core::sim::Prepared;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::errors::raise;

/// How often pending signals, such as Ctrl-C, are looked at.
const SIGNALS_EVERY: Duration = Duration::from_millis(50);

/// One minimisation under way, asked and told step by step. While a loop runs it, nobody else can use it.
#[pyclass(name = "Search", module = "eigen._core", frozen)]
pub struct PySearch {
    search: Mutex<Option<Search>>,
    is_cancelled: AtomicBool,
}

impl PySearch {
    fn new(search: Search) -> Self {
        PySearch { search: Mutex::new(Some(search)), is_cancelled: AtomicBool::new(false) }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Search>> {
        self.search.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Search) -> CoreResult<T>) -> PyResult<T> {
        self.lock().as_mut().map_or_else(|| Err(busy()), work).map_err(raise)
    }
}

fn busy() -> CoreError {
    let message = "the search is running in another thread";
    CoreError::new(ErrorCode::SimulationArguments, message)
}

type Bounds = Vec<(Option<f64>, Option<f64>)>;
type Asked<'py> = (&'static str, Bound<'py, PyList>, Option<Vec<usize>>);
type Found = (Vec<f64>, f64, bool, String);

#[pymethods]
impl PySearch {
    #[new]
    #[pyo3(signature = (method, initial, *, max_iter, options, seed = 0, tolerance = None, bounds = None, batches = None,
        max_evaluations = 100_000, gradient_cost = 1, exact = true))]
    #[allow(clippy::too_many_arguments, reason = "keywords of a Python constructor")]
    fn create(
        method: &str,
        initial: Vec<f64>,
        max_iter: u64,
        options: BTreeMap<String, Option<f64>>,
        seed: u64,
        tolerance: Option<f64>,
        bounds: Option<Bounds>,
        batches: Option<(usize, usize, usize)>,
        max_evaluations: u64,
        gradient_cost: u64,
        exact: bool,
    ) -> PyResult<Self> {
        let finite = |bound: Option<f64>, open: f64| bound.filter(|x| *x != open);
        let close = |(low, high)| (finite(low, f64::NEG_INFINITY), finite(high, f64::INFINITY));
        let settings = Settings {
            max_iter,
            seed,
            tolerance,
            bounds: bounds.map(|pairs| pairs.into_iter().map(close).collect()),
            options,
            batches: batches.map(|(count, size, epochs)| Batches { count, size, epochs }),
            max_evaluations,
            gradient_cost,
            is_exact: exact,
        };
        Search::new(method, &initial, settings).map(Self::new).map_err(raise)
    }

    /// The search that `checkpoint` wrote.
    #[staticmethod]
    #[pyo3(signature = (text, earlier = None))]
    fn resume(text: &str, earlier: Option<Vec<f64>>) -> PyResult<Self> {
        Search::resume(text, earlier.as_deref()).map(Self::new).map_err(raise)
    }

    /// The search as JSON, without the values of the first `earlier` iterations.
    #[pyo3(signature = (earlier = 0))]
    fn checkpoint(&self, earlier: usize) -> PyResult<String> {
        self.with(|search| search.checkpoint(earlier))
    }

    /// What it wants to know, or None when it has ended.
    fn question<'py>(&self, py: Python<'py>) -> PyResult<Option<Asked<'py>>> {
        let Some(question) = self.with(|search| Ok(search.question().cloned()))? else { return Ok(None) };
        let wants = match question.wants {
            Wants::Values => "value",
            Wants::Gradients => "gradient",
        };
        let points = PyList::new(py, question.rows().map(<[f64]>::to_vec))?;
        Ok(Some((wants, points, question.batch)))
    }

    /// Answers the question.
    #[pyo3(signature = (values, slopes = Vec::new()))]
    fn tell(&self, values: Vec<f64>, slopes: Vec<Vec<f64>>) -> PyResult<()> {
        self.with(|search| search.tell(&values, &slopes.concat()))
    }

    /// What was found, or None while it goes on: parameters, value, success, message.
    fn outcome(&self) -> PyResult<Option<Found>> {
        let found = self.with(|search| Ok(search.outcome()))?;
        Ok(found.map(|found| (found.parameters, found.value, found.verdict.success, found.verdict.message)))
    }

    /// The best value so far and its parameters.
    fn best(&self) -> PyResult<Option<(f64, Vec<f64>)>> {
        self.with(|search| Ok(search.best().map(|(value, point)| (value, point.to_vec()))))
    }

    /// The values at the ends of the iterations from number `first` on.
    #[pyo3(signature = (first = 0))]
    fn history(&self, first: usize) -> PyResult<Vec<f64>> {
        self.with(|search| Ok(search.history(first).to_vec()))
    }

    /// Makes a loop that runs this search, now or later, stop before its next question.
    fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    #[getter]
    fn method(&self) -> PyResult<&'static str> {
        self.with(|search| Ok(search.method()))
    }

    #[getter]
    fn evaluations(&self) -> PyResult<u64> {
        self.with(|search| Ok(search.evaluations()))
    }

    #[getter]
    fn iterations(&self) -> PyResult<u64> {
        self.with(|search| Ok(search.iterations()))
    }
}

/// How far one call of the loop goes, and whom it tells.
pub struct Limits {
    pub scale: f64,
    pub offset: f64,
    pub evaluations: Option<u64>,
    pub seconds: Option<f64>,
    pub callback: Option<Py<PyAny>>,
    pub every: u64,
}

impl Limits {
    fn check(&self) -> CoreResult<()> {
        let is_time = self.seconds.is_none_or(|seconds| seconds >= 0.0);
        if self.scale.is_finite() && self.offset.is_finite() && is_time && self.every > 0 {
            return Ok(());
        }
        let message = "scale and offset are finite, seconds at least `0`, `every` at least `1`";
        Err(CoreError::new(ErrorCode::SimulationArguments, message))
    }
}

/// Runs a search on a prepared circuit, without the GIL. True when the search has ended.
pub fn minimize(
    prepared: &mut dyn Prepared,
    running: &PySearch,
    observable: &Observable,
    limits: &Limits,
) -> PyResult<bool> {
    limits.check().map_err(raise)?;
    let mut search = running.lock().take().ok_or_else(|| raise(busy()))?;
    let num_parameters = prepared.num_parameters();
    let outcome = if search.num_parameters() == num_parameters {
        Watch::new(&search, running, limits).run(prepared, &mut search, observable)
    } else {
        let message =
            format!("the circuit has {num_parameters} parameters, the search `{}`", search.num_parameters());
        Err(raise(CoreError::new(ErrorCode::ParameterInvalid, message)))
    };
    *running.lock() = Some(search);
    outcome
}

/// What may end a call of the loop before the search ends.
struct Watch<'a> {
    running: &'a PySearch,
    limits: &'a Limits,
    deadline: Option<Instant>,
    most: u64,
    next_told: u64,
    next_signals: Instant,
    raised: Option<PyErr>,
}

impl<'a> Watch<'a> {
    fn new(search: &Search, running: &'a PySearch, limits: &'a Limits) -> Self {
        let now = Instant::now();
        let after =
            |seconds| Duration::try_from_secs_f64(seconds).ok().and_then(|time| now.checked_add(time));
        Watch {
            running,
            limits,
            deadline: limits.seconds.and_then(after),
            most: limits.evaluations.map_or(u64::MAX, |most| search.evaluations().saturating_add(most)),
            next_told: search.iterations() + limits.every,
            next_signals: now + SIGNALS_EVERY,
            raised: None,
        }
    }

    fn run(
        &mut self,
        prepared: &mut dyn Prepared,
        search: &mut Search,
        observable: &Observable,
    ) -> PyResult<bool> {
        let (scale, offset) = (self.limits.scale, self.limits.offset);
        let mut energy = Energy { prepared, observable, scale, offset };
        let ended = energy.minimize(search, |search| Ok(self.goes_on(search))).map_err(raise)?;
        match self.raised.take() {
            Some(error) => Err(error),
            None => Ok(ended),
        }
    }

    fn goes_on(&mut self, search: &Search) -> bool {
        if self.running.is_cancelled.load(Ordering::Relaxed) || search.evaluations() >= self.most {
            return false;
        }
        if search.iterations() >= self.next_told {
            self.next_told = search.iterations() + self.limits.every;
            if !self.call_back(search) {
                return false;
            }
        }
        let now = Instant::now();
        if now >= self.next_signals {
            self.next_signals = now + SIGNALS_EVERY;
            self.raised = Python::attach(|py| py.check_signals()).err();
        }
        self.raised.is_none() && self.deadline.is_none_or(|deadline| now < deadline)
    }

    /// Tells the callback; an answer of False ends the call, as does what it raises.
    fn call_back(&mut self, search: &Search) -> bool {
        let Some(callback) = &self.limits.callback else { return true };
        let value = search.history(0).last().copied().unwrap_or(f64::NAN);
        let told = Python::attach(|py| {
            let answer = callback.bind(py).call1((search.iterations(), search.evaluations(), value))?;
            Ok(answer.is_none() || answer.is_truthy()?)
        });
        told.unwrap_or_else(|error| {
            self.raised = Some(error);
            false
        })
    }
}

/// Reads the keywords of `Plan.minimize`.
pub fn limits(given: Option<&Bound<'_, PyDict>>) -> PyResult<Limits> {
    let mut limits =
        Limits { scale: 1.0, offset: 0.0, evaluations: None, seconds: None, callback: None, every: 1 };
    for (name, value) in given.into_iter().flat_map(|given| given.iter()) {
        match name.extract::<String>()?.as_str() {
            "scale" => limits.scale = value.extract()?,
            "offset" => limits.offset = value.extract()?,
            "evaluations" => limits.evaluations = value.extract()?,
            "seconds" => limits.seconds = value.extract()?,
            "callback" => limits.callback = (!value.is_none()).then(|| value.unbind()),
            "every" => limits.every = value.extract()?,
            other => {
                let message = format!("`minimize` has no option `{other}`");
                return Err(raise(CoreError::new(ErrorCode::SimulationArguments, message)));
            }
        }
    }
    Ok(limits)
}

/// Adds the class to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PySearch>()
}
