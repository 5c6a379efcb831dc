"""Engines behind one Protocol: `driver` says what a driver is, `registry` finds and proves them, one file per engine."""
