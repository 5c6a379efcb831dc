//! `canonical_json`: plain Python values to canonical bytes.
use eigen_core::error::{CoreError, ErrorCode};
use eigen_core::json::{MAX_DEPTH, Writer};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::errors::raise;

fn invalid(message: String) -> PyErr {
    raise(CoreError::new(ErrorCode::JsonInvalid, message))
}

fn write(writer: &mut Writer, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<()> {
    if depth > MAX_DEPTH {
        return Err(raise(CoreError::limit("nesting of JSON", MAX_DEPTH, depth)));
    }
    if let Ok(text) = value.cast::<PyString>() {
        match text.to_str() {
            Ok(text) => writer.text(text),
            Err(_) => return Err(invalid("a text has a lone surrogate".into())),
        }
    } else if let Ok(number) = value.cast::<PyFloat>() {
        let number: f64 = number.extract()?;
        if !number.is_finite() {
            return Err(invalid(format!("`{number}` is not finite")));
        }
        writer.float(number);
    } else if let Ok(truth) = value.cast::<PyBool>() {
        writer.bool(truth.is_true());
    } else if let Ok(number) = value.cast::<PyInt>() {
        match number.extract::<i64>() {
            Ok(small) => writer.int(small),
            Err(_) => writer.raw(number.str()?.to_str()?),
        }
    } else if let Ok(list) = value.cast::<PyList>() {
        writer.array();
        list.iter().try_for_each(|item| write(writer, &item, depth + 1))?;
        writer.end_array();
    } else if let Ok(tuple) = value.cast::<PyTuple>() {
        writer.array();
        tuple.iter().try_for_each(|item| write(writer, &item, depth + 1))?;
        writer.end_array();
    } else if let Ok(dict) = value.cast::<PyDict>() {
        write_dict(writer, dict, depth)?;
    } else if value.is_none() {
        writer.null();
    } else {
        return Err(invalid(format!("a `{}` is no JSON value", value.get_type().name()?)));
    }
    Ok(())
}

fn write_dict(writer: &mut Writer, dict: &Bound<'_, PyDict>, depth: usize) -> PyResult<()> {
    let mut members = Vec::with_capacity(dict.len());
    for (key, value) in dict {
        let Ok(key) = key.extract::<String>() else {
            return Err(invalid(format!("key `{}` is no text", key.repr()?)));
        };
        members.push((key, value));
    }
    members.sort_by(|a, b| a.0.cmp(&b.0));
    writer.object();
    for (key, value) in members {
        writer.key(&key);
        write(writer, &value, depth + 1)?;
    }
    writer.end_object();
    Ok(())
}

/// Sorted keys, no white space, UTF-8, floats as `repr` writes them. NaN and infinities are refused.
#[pyfunction]
fn canonical_json<'py>(py: Python<'py>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let mut writer = Writer::default();
    write(&mut writer, value, 0)?;
    Ok(PyBytes::new(py, &writer.into_bytes()))
}

/// Adds the function to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(canonical_json, module)?)
}
