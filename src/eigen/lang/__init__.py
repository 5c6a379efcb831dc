"""Eigen-Lang: program text to `Program`, through the syntax tree only; user code is never executed.

`source.read_source` checks the text, `parse.parse_text` (in a child process of the compiler's) parses it,
`check.check` evaluates it, `diagnostics` says what is wrong. The submodules are the doors: importing the package
alone costs nothing.
"""
