"""Sweeps: one job, one compilation where that can be, and its program run at every point. Pure; results as a table."""
