"""How good estimates are: times against what was measured, successes against simulated noisy devices."""
