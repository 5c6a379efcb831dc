//! Passes: pure functions from circuit to circuit, one per file.
