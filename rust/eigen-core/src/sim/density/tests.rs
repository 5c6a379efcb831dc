//! Density matrices against closed forms.
