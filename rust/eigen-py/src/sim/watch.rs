//! A watch that is an object of Python: see `Watch` in `_core.pyi`.
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use eigen_core::error::{CoreError, CoreResult, ErrorCode};
use eigen_core::sim::{Place, Watch};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// What the object raised, which ends the run and is raised from it.
#[derive(Clone, Default)]
pub struct Raised(Arc<Mutex<Option<PyErr>>>);

impl Raised {
    /// The exception, if there was one.
    pub fn take(&self) -> Option<PyErr> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn keep(&self, error: PyErr) -> CoreError {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        CoreError::new(ErrorCode::Internal, "who looks after the run ended it")
    }
}

/// The object, asked about every `every` seconds.
pub struct PyWatch {
    object: Py<PyAny>,
    every: Duration,
    next: Instant,
    raised: Raised,
}

impl PyWatch {
    /// Reads `every_seconds` of the object.
    pub fn new(object: &Bound<'_, PyAny>, raised: Raised) -> PyResult<Self> {
        let seconds: f64 = object.getattr(intern!(object.py(), "every_seconds"))?.extract()?;
        let every = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        Ok(PyWatch { object: object.clone().unbind(), every, next: Instant::now(), raised })
    }

    fn ask<T>(&self, question: impl FnOnce(Python<'_>, &Bound<'_, PyAny>) -> PyResult<T>) -> CoreResult<T> {
        Python::attach(|py| question(py, self.object.bind(py))).map_err(|error| self.raised.keep(error))
    }
}

impl Watch for PyWatch {
    fn look(&mut self, place: Place) -> CoreResult<bool> {
        let now = Instant::now();
        if now < self.next {
            return Ok(false);
        }
        let Place { done, of, bytes } = place;
        let wanted = self.ask(|py, object| {
            py.check_signals()?;
            object.call_method1(intern!(py, "look"), (done, of, bytes))?.is_truthy()
        });
        self.next = Instant::now().checked_add(self.every).unwrap_or(now);
        wanted
    }

    fn write(&mut self, bytes: &[u8]) -> CoreResult<bool> {
        self.ask(|py, object| {
            object.call_method1(intern!(py, "write"), (PyBytes::new(py, bytes),))?.is_truthy()
        })
    }

    fn keep(&mut self, place: Place) -> CoreResult<()> {
        self.ask(|py, object| {
            object.call_method1(intern!(py, "keep"), (place.done, place.of))?;
            Ok(())
        })
    }

    fn open(&mut self) -> CoreResult<bool> {
        self.ask(|py, object| object.call_method0(intern!(py, "open"))?.is_truthy())
    }

    fn read(&mut self, buffer: &mut [u8]) -> CoreResult<usize> {
        self.ask(|py, object| {
            let read = object.call_method1(intern!(py, "read"), (buffer.len(),))?;
            let bytes: &[u8] = read.extract()?;
            let count = bytes.len().min(buffer.len());
            buffer[..count].copy_from_slice(&bytes[..count]);
            Ok(count)
        })
    }

    fn opened(&mut self, outcome: Result<Place, CoreError>) -> CoreResult<()> {
        self.ask(|py, object| {
            let said = match outcome {
                Ok(place) => (place.done, place.of, None),
                Err(error) => (0, 0, Some(error.message)),
            };
            object.call_method1(intern!(py, "opened"), said)?;
            Ok(())
        })
    }
}
