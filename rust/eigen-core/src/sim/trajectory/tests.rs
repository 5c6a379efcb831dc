//! Trajectories against closed forms.
