"""Engines behind one Protocol: `driver` says what it is, `registry` finds and proves, one file per engine."""
