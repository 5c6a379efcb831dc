"""The table of diagnostic codes: title, explanation, and a program that triggers each one.

docs/language is generated from it, and a test runs every example and expects exactly its code.
"""

from eigen.lang.codes.code import Code
from eigen.lang.codes.program import PROGRAM_CODES
from eigen.lang.codes.quantum import QUANTUM_CODES
from eigen.lang.codes.runtime import RUNTIME_CODES
from eigen.lang.codes.syntax import SYNTAX_CODES
from eigen.lang.codes.values import VALUE_CODES

CODES: dict[str, Code] = {
    code.name: code for code in (*SYNTAX_CODES, *VALUE_CODES, *RUNTIME_CODES, *PROGRAM_CODES, *QUANTUM_CODES)
}

__all__ = ["CODES", "Code"]
