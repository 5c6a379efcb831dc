"""The compiler: source text to `Program`, and circuits to a device's terms. Pure, but for the parser's process."""

from eigen.compiler.compile import Compiled, compile_program

__all__ = ["Compiled", "compile_program"]
