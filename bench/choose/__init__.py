"""How good the choice of an engine is: its regret over circuits drawn by a generator with a fixed seed."""
