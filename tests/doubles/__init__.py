"""Engines that exist only to test others: a restricted chip, a metered provider, and drivers that misbehave."""
