"""Devices as compilation sees them: their shapes."""
