//! Trajectories: noisy circuits on state vectors. Errors are drawn before anything is simulated, shots with the same
//! errors share one state, and histories that part share what came before; only channels whose probabilities depend on
//! the state are decided on the way. (Patti et al., arXiv:2504.16297; Wang et al., TQSim, arXiv:2203.13892; for the
//! channels that depend on the state, Dalibard, Castin and Mølmer, Phys. Rev. Lett. 68, 580.)
mod dice;
mod history;
mod lower;
mod prepared;
mod readout;
mod spares;
mod walk;

pub(super) use prepared::PreparedTrajectories;
