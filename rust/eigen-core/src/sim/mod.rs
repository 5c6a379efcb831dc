//! Simulation engines: state vector first, behind one `Engine` trait.
