"""One adapter for each engine, ours among them, behind the Protocol of bench/sim/peers/protocol.py."""
