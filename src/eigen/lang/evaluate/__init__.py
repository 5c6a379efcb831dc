"""The partial evaluator: the tree compiled to closures, run once, with run-time values written into regions."""
