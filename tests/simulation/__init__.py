"""A deterministic simulator of the kernel: one seed is one history, of crashes, delays, late writes and bad clocks.

The `Worker`, `Kernel`, `Lease`, `Submission` and `Journal` are the real ones; what they call is in memory and as
treacherous as the seed says. `PYTHONPATH=tests:. python -m simulation SEED` tells a history step by step.
"""
