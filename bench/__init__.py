"""Measurements: each module measures one thing, prints a table and leaves its raw numbers as JSON."""
